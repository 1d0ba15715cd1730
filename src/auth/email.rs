//! Other addresses. One's own e-mail address (AC11) is asked for after proving anew who one is (S13), told to the present
//! one, and confirmed by whoever reads the mail of the new one. What administrators change counts at once, and is told to
//! the old addresses and the new ones.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use commands::{Command, Done, Failure, Refusal, Request, account::email::LIFETIME, mail::Order};
use events::{
    AccountId, LinkId,
    value::{EmailAddress, MailKind, ProfileEntry, ProfileField},
    vault::TokenKind,
};
use graphql::port::Denied;
use secrecy::SecretString;

use super::{
    Auth, BUSY,
    factors::oneself,
    gate::refused,
    reset::void,
    sign_in::anonymously,
    telling::AnotherAddress,
    token::{self, Kind},
};
use crate::mail::post::{Addressee, Fields};

impl Auth {
    /// Asks for another address of one's own.
    pub(super) async fn change_email(
        &self,
        request: &Request,
        email: EmailAddress,
    ) -> Result<Done, Denied> {
        let (account, _) = oneself(request)?;
        self.count(request, account)?;
        let turn = self.turns.take(account).await;
        let _turn = turn.ok_or(BUSY)?;
        let change =
            |link, mails| Command::EmailChange { account, email: email.clone(), link, mails };
        let nowhere = LinkId::new(self.ids.next());
        if let Some(done) = self.handler.rehearse(request, change(nowhere, vec![])).await? {
            return Ok(done);
        }
        let Some((contact, language)) = self.handler.contact(account).await? else {
            return Err(refused(Refusal::AccountNotFound));
        };
        if contact.email.as_ref() == Some(&email) {
            // Takes an earlier wish back; there is nothing to confirm.
            return Ok(self.handler.handle(request, change(nowhere, vec![])).await?);
        }
        self.mails.count(account, email.key())?;
        let organisation = request.organisation;
        let addressee = Addressee { account, organisation, to: email.clone(), language };
        let mut mails = self.tell_of_wish(account, &email).await?;
        let (link, order) = self.order_confirmation(addressee).await?;
        mails.push(order);
        let done = self.handler.handle(request, change(link, mails.clone())).await;
        self.unless_queued(&done, link, &mails).await;
        Ok(done?)
    }

    /// Changes fields of a profile. Whose addresses change is told so.
    pub(super) async fn update_profile(
        &self,
        request: &Request,
        account: AccountId,
        changes: Vec<(ProfileField, Option<ProfileEntry>)>,
    ) -> Result<Done, Denied> {
        let addresses: Vec<_> = changes.iter().filter_map(another_address).collect();
        let update = |mails| Command::ProfileUpdate { account, changes: changes.clone(), mails };
        if addresses.is_empty() {
            return Ok(self.handler.handle(request, update(vec![])).await?);
        }
        let turn = self.turns.take(account).await;
        let _turn = turn.ok_or(BUSY)?;
        if let Some(done) = self.handler.rehearse(request, update(vec![])).await? {
            return Ok(done);
        }
        let mails = self.tell_of_addresses(account, &addresses).await?;
        // Whoever changes addresses to and fro has each of them told, and nobody has confirmed the new ones.
        let told = addresses.iter().filter(|_| !mails.is_empty());
        let mut new = told.filter_map(|change| change.new.as_ref());
        if let Err(too_many) = new.try_for_each(|new| self.mails.count(account, new.key())) {
            self.withdraw(&mails).await;
            return Err(too_many.into());
        }
        let done = self.handler.handle(request, update(mails.clone())).await;
        if !is_queued(&done) {
            self.withdraw(&mails).await;
        }
        Ok(done?)
    }

    /// A link that confirms an address, and the mail that brings it there.
    pub(super) async fn order_confirmation(
        &self,
        addressee: Addressee,
    ) -> Result<(LinkId, Order), Failure> {
        let (token, link) = self.new_link(Kind::EmailConfirm, addressee.account, LIFETIME).await?;
        let fields = Fields::new().with_secret("link", &self.post.link("email-confirm", &token));
        let until = self.clock.now() + LIFETIME;
        let order = self.post.order(MailKind::EmailConfirm, addressee, &fields, until).await?;
        Ok((link, order))
    }

    /// Forgets link and mails where the command that was to queue them wasn't done.
    pub(super) async fn unless_queued(
        &self,
        done: &Result<Done, Failure>,
        link: LinkId,
        mails: &[Order],
    ) {
        if !is_queued(done) {
            self.withdraw(mails).await;
            self.drop_link(TokenKind::EmailConfirm, link).await;
        }
    }

    /// Makes an address count, for whoever has the link.
    pub(super) async fn confirm_email(
        &self,
        request: &Request,
        token: SecretString,
    ) -> Result<Done, Denied> {
        if let Some(origin) = &request.origin {
            self.limits
                .count(origin.address, &BASE64.encode(token::hash(self.vault.pepper(), &token)))?;
        }
        let request = &anonymously(request);
        let hash = token::hash(self.vault.pepper(), &token);
        let found = self.link(Kind::EmailConfirm, &token, &hash).await?;
        let (link, account) = found.ok_or(Denied::Token)?;
        let new = self.pending_email(account, link).await?.ok_or(Denied::Token)?;
        let change = AnotherAddress { field: ProfileField::Email, new: Some(new) };
        let mails = self.tell_of_addresses(account, &[change]).await?;
        let confirm = Command::EmailConfirm { account, link, mails: mails.clone() };
        let done = self.handler.handle(request, confirm).await;
        if done.is_err() {
            self.withdraw(&mails).await;
        }
        let done = done.map_err(void)?;
        self.drop_link(TokenKind::EmailConfirm, link).await;
        Ok(done)
    }

    /// The address that a link confirms.
    async fn pending_email(
        &self,
        account: AccountId,
        link: LinkId,
    ) -> Result<Option<EmailAddress>, Denied> {
        Ok(self.handler.pending_email(account, link).await?)
    }
}

/// Whether what a command was to have mailed is mailed. Where nobody knows whether the log has it, it expires by itself.
pub(super) const fn is_queued(done: &Result<Done, Failure>) -> bool {
    matches!(done, Ok(Done { replayed: false, .. }) | Err(Failure::Unavailable(_)))
}

/// The address that a change of a profile is about.
fn another_address(
    (field, value): &(ProfileField, Option<ProfileEntry>),
) -> Option<AnotherAddress> {
    let new = match (field, value) {
        (ProfileField::Email | ProfileField::RecoveryEmail, Some(ProfileEntry::Email(new))) => {
            Some(new.clone())
        }
        (ProfileField::Email | ProfileField::RecoveryEmail, None) => None,
        _ => return None,
    };
    Some(AnotherAddress { field: *field, new })
}
