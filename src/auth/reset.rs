//! A forgotten password (PW2): a link and a code are mailed, and with both another password is chosen, once.
//!
//! Asking is answered before anything is looked up. What is asked waits in a bounded queue that a task works off, so
//! neither the answer nor its time tells whether anybody has the name (S10).

use async_trait::async_trait;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use commands::{
    Command, Done, Failure, Refusal, Request, account::reset::LIFETIME, handle::AccountState,
};
use events::{
    AccountId, LinkId,
    value::{EmailAddress, MailKind, Username},
    vault::{Token, TokenKind},
};
use graphql::port::Denied;
use projections::Views;
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;
use tokio::sync::{Mutex, mpsc};

use super::{
    Auth, BUSY, closed, code,
    sign_in::anonymously,
    standing::works_in,
    token::{self, Hash, Kind},
    watch::Why,
};
use crate::mail::post::{Addressee, Fields};

/// Wishes that wait; whoever asks beyond is told to come again.
const WAITING: usize = 1_024;
/// Accounts with one address that are mailed.
const NAMESAKES: u32 = 5;
/// Wishes for another password, on their way to be looked at.
pub(super) struct Wishes {
    sender: mpsc::Sender<Wish>,
    waiting: Mutex<mpsc::Receiver<Wish>>,
}

struct Wish {
    request: Request,
    called: Called,
}

/// What somebody typed to say who they are.
enum Called {
    /// A username, which may look like an address.
    Name(Username),
    /// An address that is no username.
    Address(EmailAddress),
}

impl Called {
    fn parse(text: &str) -> Option<Self> {
        let name = Username::parse(text).ok().map(Self::Name);
        name.or_else(|| EmailAddress::parse(text).ok().map(Self::Address))
    }

    /// As which limits count it.
    fn skeleton(&self) -> String {
        match self {
            Self::Name(name) => name.skeleton(),
            Self::Address(address) => address.key(),
        }
    }

    /// The address that it is, or looks like.
    fn address(&self) -> Option<EmailAddress> {
        match self {
            Self::Name(name) => EmailAddress::parse(name.as_str()).ok(),
            Self::Address(address) => Some(address.clone()),
        }
    }
}

/// Knows whose an e-mail address is.
#[async_trait]
pub trait Addresses: Send + Sync {
    /// The accounts with this address, at most so many.
    async fn accounts_with(
        &self,
        email: &EmailAddress,
        most: u32,
    ) -> Result<Vec<AccountId>, Failure>;
}

#[async_trait]
impl Addresses for Views {
    async fn accounts_with(
        &self,
        email: &EmailAddress,
        most: u32,
    ) -> Result<Vec<AccountId>, Failure> {
        let found = self.directory().accounts_by_email(email, most).await;
        found.map_err(|error| Failure::Unavailable(error.to_string()))
    }
}

impl Wishes {
    pub(super) fn new() -> Self {
        let (sender, waiting) = mpsc::channel(WAITING);
        Self { sender, waiting: Mutex::new(waiting) }
    }
}

impl Auth {
    /// Notes that somebody wants another password.
    pub(super) fn wish_for_password(
        &self,
        request: &Request,
        username: &str,
    ) -> Result<(), Denied> {
        let called = Called::parse(username);
        if let Some(origin) = &request.origin {
            let name = called.as_ref().map_or_else(|| username.to_lowercase(), Called::skeleton);
            self.limits.count(origin.address, &format!("reset {name}")).inspect_err(|_| {
                self.watch.refused(Why::TooMany, Some(origin));
            })?;
        }
        match called {
            Some(called) => {
                let wish = Wish { request: anonymously(request), called };
                self.wishes.sender.try_send(wish).map_err(|_| BUSY)
            }
            None => Ok(()),
        }
    }

    /// Mails what was wished for, as it comes. Never ends by itself.
    pub async fn grant_wishes(&self, addresses: &dyn Addresses) {
        let mut waiting = self.wishes.waiting.lock().await;
        while let Some(wish) = waiting.recv().await {
            self.grant(wish, addresses).await;
        }
    }

    /// Mails what was wished for until now.
    #[cfg(test)]
    pub(super) async fn grant_what_waits(&self, addresses: &dyn Addresses) {
        let mut waiting = self.wishes.waiting.lock().await;
        while let Ok(wish) = waiting.try_recv() {
            self.grant(wish, addresses).await;
        }
    }

    async fn grant(&self, Wish { request, called }: Wish, addresses: &dyn Addresses) {
        let told = async {
            for account in self.who_is(&called, addresses).await? {
                self.mail_reset(&request, account).await?;
            }
            Ok::<_, Failure>(())
        };
        if let Err(failure) = told.await {
            tracing::error!(%failure, "the mail for a forgotten password could not be ordered");
        }
    }

    /// Whose name it is, and whose address: nobody who takes a name that looks like somebody's address keeps them from
    /// it. Each of several gets a mail of its own, which says which it is for.
    async fn who_is(
        &self,
        called: &Called,
        addresses: &dyn Addresses,
    ) -> Result<Vec<AccountId>, Failure> {
        let mut found = match called {
            Called::Name(name) => self.handler.account_of(name).await?.into_iter().collect(),
            Called::Address(_) => vec![],
        };
        if let Some(address) = called.address() {
            let others = addresses.accounts_with(&address, NAMESAKES).await?;
            found.extend(
                others.into_iter().filter(|other| found.first() != Some(other)).collect::<Vec<_>>(),
            );
        }
        Ok(found)
    }

    async fn mail_reset(&self, request: &Request, account: AccountId) -> Result<(), Failure> {
        let Some(state) = self.handler.account_state(account).await? else { return Ok(()) };
        // A lock is what a reset is good for; whoever is barred otherwise could do nothing with a password.
        let unlocked = AccountState { locked: false, ..state };
        let Ok(organisation) = works_in(&unlocked) else { return Ok(()) };
        let Some((contact, language)) = self.handler.contact(account).await? else { return Ok(()) };
        let Some(to) = contact.recovery_email.or(contact.email) else { return Ok(()) };
        let (token, link) = self.new_link(Kind::PasswordReset, account, LIFETIME).await?;
        let fields = Fields::new()
            .with_secret("link", &self.post.link("password-reset", &token))
            .with_secret("code", &self.code_of(&token));
        let addressee = Addressee { account, organisation, to, language };
        let until = self.clock.now() + LIFETIME;
        let order = self.post.order(MailKind::PasswordReset, addressee, &fields, until).await?;
        let asked =
            Command::PasswordResetRequest { account, reset: link, mails: vec![order.clone()] };
        match self.handler.handle(request, asked).await {
            // Asked for too often: nothing was queued.
            Ok(_) if self.handler.mail_state(order.mail).await?.is_none() => {}
            Err(Failure::Refused(_) | Failure::Busy | Failure::Full) => {}
            // Where nobody knows whether the log has it, both expire.
            done => return done.map(drop),
        }
        self.post.withdraw(&order).await;
        self.drop_link(TokenKind::PasswordReset, link).await;
        Ok(())
    }

    /// Replaces a password, for whoever has the link and the code.
    pub(super) async fn reset_password(
        &self,
        request: &Request,
        token: SecretString,
        code: &str,
        new: SecretString,
    ) -> Result<Done, Denied> {
        let hash = token::hash(self.vault.pepper(), &token);
        if let Some(origin) = &request.origin {
            self.limits.count(origin.address, &BASE64.encode(hash))?;
        }
        let request = &anonymously(request);
        let found = self.link(Kind::PasswordReset, &token, &hash).await?;
        let (reset, account) = found.ok_or(Denied::Token)?;
        let turn = self.turns.take(account).await;
        let _turn = turn.ok_or(BUSY)?;
        let credential = self.new_credential();
        let command = |mails| Command::PasswordReset { account, reset, credential, mails };
        if !self.is_code_of(&token, code) {
            let failed = Command::PasswordResetFail { account, reset };
            self.handler.handle(request, failed).await.map_err(void)?;
            self.watch.refused(Why::Wrong, request.origin.as_ref());
            return Err(Denied::LinkCode);
        }
        // Nothing is hashed for a link that works no longer, and a weak password uses none up.
        self.handler.rehearse(request, command(vec![])).await.map_err(void)?;
        let state = self.handler.account_state(account).await?;
        let policy = self.policy_for(state.as_ref());
        let old = state.and_then(|state| state.credential);
        let words = self.handler.words_about(account).await?;
        let hashed = self.judge(policy, new, credential, account, words).await?;
        let mails = self.tell_of_password(account, None).await?;
        let done = self.replace(request, hashed, old, command(mails.clone()), &mails).await;
        let done = done.map_err(void)?;
        self.drop_link(TokenKind::PasswordReset, reset).await;
        self.end_others(account, None).await?;
        Ok(done)
    }

    /// A new link that works once: its token, and under which id the vault keeps the hash.
    pub(super) async fn new_link(
        &self,
        kind: Kind,
        account: AccountId,
        lifetime: chrono::TimeDelta,
    ) -> Result<(SecretString, LinkId), Failure> {
        let (token, hash) = token::generate(self.vault.pepper(), kind)
            .map_err(|error| Failure::Unavailable(error.to_string()))?;
        let (id, now) = (self.ids.next(), self.clock.now());
        let kept = Token {
            kind: kept_as(kind),
            id,
            account: Some(account),
            hash,
            created_at: now,
            last_used_at: now,
            expires_at: Some(now + lifetime),
        };
        self.vault.put_token(kept).await.map_err(super::unavailable)?;
        Ok((token, id.into()))
    }

    /// The link of a token, and whose it is; none where the vault has no such link.
    pub(super) async fn link(
        &self,
        kind: Kind,
        token: &SecretString,
        hash: &Hash,
    ) -> Result<Option<(LinkId, AccountId)>, Denied> {
        if token::kind(token) != Some(kind) {
            return Ok(None);
        }
        let kept = self.vault.find_token(hash).await.map_err(closed)?;
        let kept = kept.filter(|kept| kept.kind == kept_as(kind));
        Ok(kept.and_then(|kept| Some((kept.id.into(), kept.account?))))
    }

    /// What was used goes. Should that fail, the account knows that it was used.
    pub(super) async fn drop_link(&self, kind: TokenKind, link: LinkId) {
        if let Err(error) = self.vault.delete_tokens(kind, &[link.uuid()]).await {
            tracing::warn!(%error, "a link that was used stays in the vault until it ends");
        }
    }

    /// The code that goes with a link: nobody can work it out without the installation's pepper, and nothing has to be
    /// kept for it.
    fn code_of(&self, token: &SecretString) -> SecretString {
        let hash = self.vault.pepper().hash("reset.code", token.expose_secret().as_bytes());
        code::BESIDE_LINK.of(&hash)
    }

    /// Compares in constant time. Case, blanks and hyphens don't count.
    fn is_code_of(&self, token: &SecretString, code: &str) -> bool {
        let typed = |code: &SecretString| code::BESIDE_LINK.typed(code);
        let (right, given) = (typed(&self.code_of(token)), typed(&code.into()));
        given.as_slice().ct_eq(right.as_slice()).into()
    }
}

const fn kept_as(kind: Kind) -> TokenKind {
    match kind {
        Kind::Session => TokenKind::Session,
        Kind::ServiceKey => TokenKind::ServiceKey,
        Kind::Setup => TokenKind::OperatorSetup,
        Kind::PasswordReset => TokenKind::PasswordReset,
        Kind::EmailConfirm => TokenKind::EmailConfirm,
        Kind::Attempt => TokenKind::SignInAttempt,
        Kind::Activation => TokenKind::Activation,
        Kind::Invitation => TokenKind::InvitationLink,
    }
}

/// A link that works no longer is answered like one that never was.
pub(super) fn void(failure: Failure) -> Denied {
    match failure {
        Failure::Refused(Refusal::LinkVoid | Refusal::AccountNotFound) => Denied::Token,
        other => other.into(),
    }
}
