//! Mails that tell somebody what happened to how they sign in, and those that carry a password.

use chrono::TimeDelta;
use commands::{Failure, factors::Proof, handle::AccountState, mail::Order};
use events::{
    AccountId, OrganisationId,
    factor::FactorKind,
    value::{EmailAddress, Language, MailKind, ProfileField},
};
use secrecy::SecretString;

use super::{Auth, standing::acted_for_in};
use crate::mail::post::{Addressee, Fields};

/// After this a notice is no news any more.
const NEWS: TimeDelta = TimeDelta::days(3);

/// Somebody, as the post needs to know them.
struct Reader {
    account: AccountId,
    organisation: Option<OrganisationId>,
    language: Language,
    email: Option<EmailAddress>,
    recovery_email: Option<EmailAddress>,
    /// Whether there is a password: nobody else has used the account, and so nobody else has to be told of anything.
    has_password: bool,
}

impl Reader {
    /// The address and the recovery address, each once.
    fn addresses(&self) -> Vec<EmailAddress> {
        let second = self.recovery_email.as_ref().filter(|it| Some(*it) != self.email.as_ref());
        self.email.iter().chain(second).cloned().collect()
    }
}

/// Another address, or none, in one of the fields of a profile that lead to signing in.
#[derive(Clone, Debug)]
pub(super) struct AnotherAddress {
    /// The e-mail address, or that for a forgotten password.
    pub(super) field: ProfileField,
    /// What it becomes.
    pub(super) new: Option<EmailAddress>,
}

/// What happened to how somebody shows, beside the password, who they are.
#[derive(Clone, Copy)]
pub(super) enum FactorChange {
    Added(FactorKind),
    Removed(FactorKind),
    RecoveryCodeUsed,
}

impl FactorChange {
    /// As the mail's template goes on after a colon.
    fn words(self, language: Language) -> String {
        match (self, language) {
            (Self::Added(kind), Language::Nl) => format!("toegevoegd: {}", kind.name(language)),
            (Self::Added(kind), Language::De) => format!("hinzugefügt: {}", kind.name(language)),
            (Self::Added(kind), Language::En) => format!("added: {}", kind.name(language)),
            (Self::Removed(kind), Language::Nl) => format!("verwijderd: {}", kind.name(language)),
            (Self::Removed(kind), Language::De) => format!("entfernt: {}", kind.name(language)),
            (Self::Removed(kind), Language::En) => format!("removed: {}", kind.name(language)),
            (Self::RecoveryCodeUsed, Language::Nl) => "er is een herstelcode gebruikt".to_owned(),
            (Self::RecoveryCodeUsed, Language::De) => {
                "ein Wiederherstellungscode wurde benutzt".to_owned()
            }
            (Self::RecoveryCodeUsed, Language::En) => "a recovery code was used".to_owned(),
        }
    }
}

impl Auth {
    /// Tells, at the address and the recovery address, that there is another password; but for the address that gets the
    /// password itself.
    pub(super) async fn tell_of_password(
        &self,
        account: AccountId,
        but: Option<&EmailAddress>,
    ) -> Result<Vec<Order>, Failure> {
        self.tell(account, MailKind::PasswordChanged, but, |_| Fields::new()).await
    }

    /// Tells, at the address and the recovery address, that the account is locked.
    pub(super) async fn tell_of_lock(&self, account: AccountId) -> Result<Vec<Order>, Failure> {
        self.tell(account, MailKind::AccountLocked, None, |_| Fields::new()).await
    }

    /// Tells, at the address and the recovery address, that somebody who is signed in asked for another address, as long
    /// as that can be ended: whoever stole the session reads the mail of the new one.
    pub(super) async fn tell_of_wish(
        &self,
        account: AccountId,
        wanted: &EmailAddress,
    ) -> Result<Vec<Order>, Failure> {
        let fields = |_| Fields::new().with("email", wanted.as_str());
        self.tell(account, MailKind::EmailChangeAsked, None, fields).await
    }

    /// Tells, at the address and the recovery address, that a second factor was added or removed, or a recovery code used.
    pub(super) async fn tell_of_factor(
        &self,
        account: AccountId,
        change: FactorChange,
    ) -> Result<Vec<Order>, Failure> {
        let fields = |language| Fields::new().with("factor", &change.words(language));
        self.tell(account, MailKind::FactorChanged, None, fields).await
    }

    /// Tells that a recovery code was used, where it is what showed who somebody is.
    pub(super) async fn tell_of_proof(
        &self,
        account: AccountId,
        proof: Option<Proof>,
    ) -> Result<Vec<Order>, Failure> {
        match proof {
            Some(Proof::RecoveryCode { .. }) => {
                self.tell_of_factor(account, FactorChange::RecoveryCodeUsed).await
            }
            Some(Proof::Factor { .. }) | None => Ok(Vec::new()),
        }
    }

    /// Tells, at the old addresses and the new ones, which ones count from now on. Nobody who has no password yet is told
    /// (AC7).
    pub(super) async fn tell_of_addresses(
        &self,
        account: AccountId,
        changes: &[AnotherAddress],
    ) -> Result<Vec<Order>, Failure> {
        let reader = self.reader(account).await?.filter(|reader| reader.has_password);
        let Some(reader) = reader else { return Ok(Vec::new()) };
        let mut addresses = reader.addresses();
        let mut told_of = Vec::new();
        for AnotherAddress { field, new } in changes {
            let (kind, old) = match field {
                ProfileField::RecoveryEmail => {
                    (MailKind::RecoveryEmailChanged, &reader.recovery_email)
                }
                _ => (MailKind::EmailChanged, &reader.email),
            };
            if old != new {
                told_of.push((kind, new));
                addresses.extend(new.clone().filter(|new| !addresses.contains(new)));
            }
        }
        let mut orders = Vec::new();
        for (kind, new) in told_of {
            let none = match reader.language {
                Language::Nl => "geen",
                Language::De => "keine",
                Language::En => "none",
            };
            let fields = Fields::new().with("email", new.as_ref().map_or(none, |new| new.as_str()));
            for to in &addresses {
                orders.push(self.letter(&reader, to.clone(), kind, &fields).await?);
            }
        }
        Ok(orders)
    }

    /// Has a password mailed that an administrator chose: to the account's address, or to another one. None where there
    /// is no address.
    pub(super) async fn mail_password(
        &self,
        account: AccountId,
        username: &str,
        password: &SecretString,
        to: Option<EmailAddress>,
    ) -> Result<Option<Order>, Failure> {
        let Some(reader) = self.reader(account).await? else { return Ok(None) };
        let Some(to) = to.or_else(|| reader.email.clone()) else { return Ok(None) };
        let fields = Fields::new().with("username", username).with_secret("password", password);
        Ok(Some(self.letter(&reader, to, MailKind::PasswordChosen, &fields).await?))
    }

    /// Drops what mails would have said that aren't sent.
    pub(super) async fn withdraw(&self, orders: &[Order]) {
        for order in orders {
            self.post.withdraw(order).await;
        }
    }

    async fn tell(
        &self,
        account: AccountId,
        kind: MailKind,
        but: Option<&EmailAddress>,
        fields: impl Fn(Language) -> Fields,
    ) -> Result<Vec<Order>, Failure> {
        let Some(reader) = self.reader(account).await? else { return Ok(Vec::new()) };
        let mut orders = Vec::new();
        for to in reader.addresses().into_iter().filter(|to| Some(to) != but) {
            orders.push(self.letter(&reader, to, kind, &fields(reader.language)).await?);
        }
        Ok(orders)
    }

    async fn letter(
        &self,
        reader: &Reader,
        to: EmailAddress,
        kind: MailKind,
        fields: &Fields,
    ) -> Result<Order, Failure> {
        let Reader { account, organisation, language, .. } = *reader;
        let addressee = Addressee { account, organisation, to, language };
        self.post.order(kind, addressee, fields, self.clock.now() + NEWS).await
    }

    async fn reader(&self, account: AccountId) -> Result<Option<Reader>, Failure> {
        let Some((contact, language)) = self.handler.contact(account).await? else {
            return Ok(None);
        };
        let state = self.handler.account_state(account).await?;
        let has_password = state.as_ref().is_some_and(|state| state.credential.is_some());
        // A lock is one of the things that are told.
        let unlocked = state.map(|state| AccountState { locked: false, ..state });
        let organisation = unlocked.and_then(|state| acted_for_in(&state).ok()).flatten();
        let (email, recovery_email) = (contact.email, contact.recovery_email);
        Ok(Some(Reader { account, organisation, language, email, recovery_email, has_password }))
    }
}
