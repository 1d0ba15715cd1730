//! Activating accounts: links and codes on their way out, and what comes back.
//!
//! A link holds a token of 256 bits, and a code some 38 (S8, S9). The vault has
//! the keyed hash of each. A code stays readable there, encrypted, until its letter was printed. Both expire by themselves,
//! and only those that the account's last event names work.

use chrono::{DateTime, TimeDelta, Utc};
use commands::{
    Command, Done, Failure, Refusal, Request, account::activation::Activation, handle::AccountState,
};
use events::{
    AccountId, ActivationId, LetterId, MailId, OrganisationId,
    value::{EmailAddress, MailKind},
    vault::{Pepper, Token, TokenKind, Vault},
};
use graphql::port::Denied;
use secrecy::SecretString;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{
    Auth, BUSY, closed, code,
    sign_in::anonymously,
    token::{self, Hash, Kind},
    unavailable,
};
use crate::mail::{Addressee, Fields};

/// Something to be sent, before anything of it is kept.
struct Draft {
    addressee: Addressee,
    kind: MailKind,
    command: Command,
    activation: ActivationId,
    letter: Option<LetterId>,
    expires_at: DateTime<Utc>,
}

impl Auth {
    /// Sends somebody what activates a pending account.
    pub(super) async fn send_activation(
        &self,
        request: &Request,
        organisation: OrganisationId,
        account: AccountId,
        by_letter: bool,
    ) -> Result<Done, Denied> {
        let request = &self.with_account(request, account)?;
        let turn = self.turns.take(account).await;
        let _turn = turn.ok_or(BUSY)?;
        let draft = self.draft(request, organisation, account, by_letter).await?;
        let draft = match draft {
            Ok(draft) => draft,
            Err(done) => return Ok(done),
        };
        let before = self.handler.account_state(account).await?.and_then(|state| state.activation);
        let Draft { addressee, kind, command, activation, letter, expires_at } = draft;
        let token = self.keep_token(activation, account, expires_at).await?;
        if let Some(letter) = letter {
            self.keep_code(letter, account, expires_at).await?;
        }
        let link = self.post.link("activate", &token);
        let fields = Fields::new().with_secret("link", &link);
        let order = self.post.order(kind, addressee, &fields, expires_at).await?;
        let command = match command {
            Command::ActivationSend { organisation, by_letter, .. } => Command::ActivationSend {
                organisation,
                account,
                by_letter,
                activation,
                letter,
                expires_at,
                mail: order.clone(),
            },
            other => other,
        };
        let done = self.handler.handle(request, command).await;
        match &done {
            Ok(Done { replayed: false, .. }) => {
                if let Some(before) = before {
                    self.discard(before.id, before.letter).await?;
                }
            }
            Ok(_) | Err(Failure::Refused(_) | Failure::Busy | Failure::Full) => {
                self.post.withdraw(&order).await;
                self.discard(activation, letter).await?;
            }
            // Perhaps the log names them; if not, they expire.
            Err(Failure::Unavailable(_)) => {}
        }
        Ok(done?)
    }

    /// Refuses what can't be sent.
    pub(super) async fn check_activation(
        &self,
        request: &Request,
        organisation: OrganisationId,
        account: AccountId,
        by_letter: bool,
    ) -> Result<(), Denied> {
        let request = &self.with_account(request, account)?;
        self.draft(request, organisation, account, by_letter).await.map(drop)
    }

    /// Activates an account with what was sent.
    pub(super) async fn activate(
        &self,
        request: &Request,
        token: &SecretString,
        code: Option<SecretString>,
        password: SecretString,
    ) -> Result<Done, Denied> {
        let hash = token::hash(self.vault.pepper(), token);
        if let Some(origin) = &request.origin {
            self.limits.count(origin.address, &format!("{hash:?}"))?;
        }
        if token::kind(token) != Some(Kind::Activation) {
            return Err(Denied::Token);
        }
        let kept = self.vault.find_token(&hash).await.map_err(closed)?;
        let kept = kept.filter(|kept| kept.kind == TokenKind::Activation).ok_or(Denied::Token)?;
        let account = kept.account.ok_or(Denied::Token)?;
        // Codes that come at once are tried one after another, so that three wrong ones are three.
        let turn = self.turns.take(account).await;
        let _turn = turn.ok_or(BUSY)?;
        let state = self.handler.account_state(account).await?;
        let policy = self.policy_for(state.as_ref());
        let sent = state.and_then(|state| state.activation);
        let works =
            |sent: &Activation| sent.id.uuid() == kept.id && self.clock.now() < sent.expires_at;
        let sent = sent.filter(works).ok_or(Denied::Token)?;
        // A password that won't do costs no try.
        let credential = self.new_credential();
        let known = self.handler.words_about(account).await?;
        let hashed = self.judge(policy, password, credential, account, known).await?;
        let anonymous = anonymously(request);
        if let Some(letter) = sent.letter {
            let code = code.ok_or(Denied::LinkCode)?;
            if !self.is_code(letter, &code).await? {
                let fail = Command::ActivationFail { account, activation: sent.id };
                self.handler.handle(&anonymous, fail).await?;
                let left = self.handler.account_state(account).await?;
                if left.is_none_or(|state| state.activation.is_none()) {
                    self.discard(sent.id, sent.letter).await?;
                }
                return Err(Denied::LinkCode);
            }
        }
        let activate = Command::Activate { account, activation: sent.id, credential };
        let done = self.keeper.replace(&anonymous, hashed, None, activate).await;
        let done = done.map_err(|failure| match failure {
            Failure::Refused(Refusal::ActivationEnded) => Denied::Token,
            other => other.into(),
        })?;
        self.discard(sent.id, sent.letter).await?;
        Ok(done)
    }

    /// What would be sent, unless it is refused; the inner error is the answer of the same request when it came before.
    async fn draft(
        &self,
        request: &Request,
        organisation: OrganisationId,
        account: AccountId,
        by_letter: bool,
    ) -> Result<Result<Draft, Done>, Denied> {
        let contact = self.handler.contact(account).await?;
        let (contact, language) = contact.ok_or(Refusal::AccountNotFound)?;
        let username = self.handler.username_of(account).await?;
        let username = username.and_then(|name| EmailAddress::parse(&name).ok());
        let to = contact.email.or(username);
        let rules = self.handler.policy_of(organisation).await?.unwrap_or_default();
        let days = self.policy.with(&rules).invitation_days;
        let expires_at = self.clock.now() + TimeDelta::days(days.get().into());
        let kind = if by_letter { MailKind::Activation } else { MailKind::Invitation };
        let activation = ActivationId::new(self.ids.next());
        let letter = by_letter.then(|| LetterId::new(self.ids.next()));
        // Whoever may not send learns nothing of addresses: the rules come first.
        let nobody = || EmailAddress::parse("nobody@example.org").map_err(invalid);
        let mail = commands::mail::Order {
            mail: MailId::new(self.ids.next()),
            account,
            organisation: Some(organisation),
            kind,
            to: to.clone().map_or_else(nobody, Ok)?,
            language,
            expires_at,
        };
        let command = Command::ActivationSend {
            organisation,
            account,
            by_letter,
            activation,
            letter,
            expires_at,
            mail,
        };
        if let Some(done) = self.handler.rehearse(request, command.clone()).await? {
            return Ok(Err(done));
        }
        let to = to.ok_or(Refusal::AddressRequired)?;
        let addressee = Addressee { account, organisation: Some(organisation), to, language };
        Ok(Ok(Draft { addressee, kind, command, activation, letter, expires_at }))
    }

    /// Keeps the hash of a new token for a link, and gives the token.
    async fn keep_token(
        &self,
        activation: ActivationId,
        account: AccountId,
        expires_at: DateTime<Utc>,
    ) -> Result<SecretString, Denied> {
        let (token, hash) = token::generate(self.vault.pepper(), Kind::Activation)
            .map_err(|error| Failure::Unavailable(error.to_string()))?;
        self.keep_hash(TokenKind::Activation, activation.uuid(), account, hash, expires_at).await?;
        Ok(token)
    }

    /// Keeps a new code: its hash until it expires, and itself until its letter was printed.
    async fn keep_code(
        &self,
        letter: LetterId,
        account: AccountId,
        expires_at: DateTime<Utc>,
    ) -> Result<(), Denied> {
        let code = code::POSTED.draw().map_err(|error| Failure::Unavailable(error.to_string()))?;
        let hash = code_hash(self.vault.pepper(), letter, &code);
        self.keep_hash(TokenKind::ActivationCode, letter.uuid(), account, hash, expires_at).await?;
        self.vault.put_parcel(parcel(letter), account, &code, expires_at).await.map_err(closed)
    }

    async fn keep_hash(
        &self,
        kind: TokenKind,
        id: Uuid,
        account: AccountId,
        hash: Hash,
        expires_at: DateTime<Utc>,
    ) -> Result<(), Denied> {
        let now = self.clock.now();
        let token = Token {
            kind,
            id,
            account: Some(account),
            hash,
            created_at: now,
            last_used_at: now,
            expires_at: Some(expires_at),
        };
        self.vault.put_token(token).await.map_err(closed)
    }

    /// Whether this is the code of a letter.
    async fn is_code(&self, letter: LetterId, code: &SecretString) -> Result<bool, Denied> {
        let hash = code_hash(self.vault.pepper(), letter, code);
        let kept = self.vault.find_token(&hash).await.map_err(closed)?;
        let is_it =
            |kept: Token| kept.kind == TokenKind::ActivationCode && kept.id == letter.uuid();
        Ok(kept.is_some_and(is_it))
    }

    /// Drops what works no longer.
    async fn discard(
        &self,
        activation: ActivationId,
        letter: Option<LetterId>,
    ) -> Result<(), Denied> {
        let letter = letter.map(|letter| (TokenKind::ActivationCode, letter.uuid()));
        for (kind, id) in letter.into_iter().chain([(TokenKind::Activation, activation.uuid())]) {
            drop_void(&self.vault, Works::default(), kind, id).await?;
        }
        Ok(())
    }

    /// Drops what activates an account no longer: it has another address or a password by now, or is gone. Of a letter
    /// that was taken from the list, the code goes that could be printed; it works on for whoever has it.
    pub async fn drop_void_activations(&self, account: AccountId) -> Result<(), Failure> {
        // What is on its way in this very moment has no event yet.
        let turn = self.turns.take(account).await;
        let _turn = turn.ok_or(Failure::Busy)?;
        let state = self.handler.account_state(account).await?;
        for token in self.vault.tokens_of(account).await.map_err(unavailable)? {
            drop_void(&self.vault, Works::of(state.as_ref()), token.kind, token.id).await?;
        }
        Ok(())
    }
}

/// What activates an account.
#[derive(Clone, Copy, Default)]
pub(super) struct Works {
    activation: Option<ActivationId>,
    letter: Option<LetterId>,
    /// Whether the letter may still be printed.
    printable: bool,
}

impl Works {
    pub(super) fn of(state: Option<&AccountState>) -> Self {
        let activation = state.filter(|state| !state.deleted).and_then(|state| state.activation);
        activation.map_or_else(Self::default, |it| Self {
            activation: Some(it.id),
            letter: it.letter,
            printable: it.is_listed(),
        })
    }
}

/// Drops a link or a code that isn't among what works, with the parcel of the code; a token of another kind is none of
/// these. Whatever is interrupted here is found again: the token goes last.
pub(super) async fn drop_void(
    vault: &Vault,
    works: Works,
    kind: TokenKind,
    id: Uuid,
) -> Result<(), Failure> {
    let is_void = match kind {
        TokenKind::Activation => works.activation != Some(id.into()),
        TokenKind::ActivationCode => {
            let is_void = works.letter != Some(id.into());
            if is_void || !works.printable {
                vault.delete_parcel(parcel(id.into())).await.map_err(unavailable)?;
            }
            is_void
        }
        _ => return Ok(()),
    };
    if is_void {
        vault.delete_tokens(kind, &[id]).await.map_err(unavailable)?;
    }
    Ok(())
}

/// The parcel in which the vault keeps the code of a letter.
pub(super) const fn parcel(letter: LetterId) -> MailId {
    MailId::new(letter.uuid())
}

fn invalid(invalid: events::value::Invalid) -> Denied {
    Failure::Unavailable(format!("{invalid:?}")).into()
}

/// The keyed hash under which a code is found: of one letter only, and however it is typed.
fn code_hash(pepper: &Pepper, letter: LetterId, code: &SecretString) -> Hash {
    let mut text = Zeroizing::new(letter.uuid().as_bytes().to_vec());
    text.extend_from_slice(&code::POSTED.typed(code));
    pepper.hash("activation.code", &text)
}

#[cfg(test)]
mod tests {
    use events::vault::Vault;

    use super::*;

    #[tokio::test]
    async fn a_code_is_the_same_however_it_is_typed_and_belongs_to_one_letter() {
        let vault = Vault::in_memory().await.unwrap();
        let (one, other) =
            (LetterId::new(uuid::Uuid::from_u128(1)), uuid::Uuid::from_u128(2).into());
        let hash = |letter, code: &str| code_hash(vault.pepper(), letter, &code.into());
        assert_eq!(hash(one, "7KQ4-9MPX"), hash(one, " 7kq4 9mpx"));
        assert_ne!(hash(one, "7KQ49MPX"), hash(other, "7KQ49MPX"));
        assert_ne!(hash(one, "7KQ49MPX"), hash(one, "7KQ49MPZ"));
    }
}
