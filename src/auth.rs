//! Who is asking: passwords, sessions and keys.
//!
//! ```text
//!  password ─▶ limits ─▶ turn ─▶ state on the write side ─▶ hashing ─▶ SignIn ─▶ token
//!  token ───▶ sessions (cache ─▶ vault) ─▶ state on the write side ─▶ viewer
//! ```
//!
//! | room | what it holds |
//! |---|---|
//! | `gate` | what the API asks for: signing in and out, passwords, keys |
//! | `change`, `repeats` | one password in the place of another; what makes a repeated request the same one |
//! | `second`, `presence` | what it asks for second factors, and about who is signed in |
//! | `notice` | what is mailed to those who are signed in |
//! | `edge` | from the token of a request to who is asking |
//! | `sign_in`, `attempt` | the password, and what may be asked for beside it |
//! | `code` | codes that people type |
//! | `passkey` | what may be shown instead of it |
//! | `factors` | second factors: setting them up, and looking at what somebody shows |
//! | `step_up` | proving anew who is signed in |
//! | `activation`, `letter` | links and codes that activate accounts, and the letters that tell codes |
//! | `invitation` | links by which people join an organisation |
//! | `setup` | the one-time token of the first operator |
//! | `reset`, `email` | forgotten passwords, and other e-mail addresses: links that work once |
//! | `telling` | mails that tell somebody what happened to how they sign in |
//! | `passcode` | codes that are sent to somebody and typed within minutes |
//! | `sessions`, `standing`, `hours` | who is signed in, where they work, and when they may |
//! | `turns` | one after the other, where tries are counted |
//! | `keeper`, `sweep` | secrets on their way into the vault, and those that nothing refers to |
//! | `watch` | refused sign-ins are counted and told |
//! | [`hashing`] | argon2id, as many at a time as there are cores |
//! | [`password`] | which passwords are good enough |
//! | [`policy`] | which rules hold for an account |
//! | [`limits`] | how often one may try |
//! | [`token`] | opaque tokens |

mod activation;
mod change;
mod edge;
mod gate;
mod invitation;
mod notice;
mod presence;
mod second;

mod attempt;
mod code;
mod factors;
mod hours;
mod letter;
mod passcode;
mod passkey;
mod sign_in;
mod step_up;

mod email;
mod keeper;
mod repeats;
mod reset;
mod sessions;
mod setup;
mod standing;
mod sweep;
mod telling;
mod turns;
mod watch;

pub mod hashing;
pub mod limits;
pub mod password;
pub mod policy;
pub mod token;

use std::{
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use chrono::{DateTime, Utc};
use commands::{Failure, Handler, Request};
use events::{
    AccountId, Actor, CredentialId, RequestId, ServiceKeyId, SessionId,
    id::{Clock, Ids},
    session::EndReason,
    value::Policy,
    vault::{TokenKind, Vault, VaultError},
};
use graphql::port::Denied;
use quick_cache::sync::Cache;

use self::{
    factors::RelyingParty,
    hashing::{HashError, Hashing},
    keeper::Keeper,
    limits::{Limits, MessageLimits},
    reset::Wishes,
    sessions::{OpenError, Sessions},
    standing::{works_in, works_without},
    sweep::Sweep,
    turns::Turns,
    watch::Watch,
};
use crate::{
    config::{Config, WebOrigin},
    mail::post::Post,
    sms::Sms,
};

pub use {edge::Edge, setup::FirstOperator, standing::Bar};

/// Everything about who is asking. One per process.
pub struct Auth {
    handler: Arc<Handler>,
    vault: Arc<Vault>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    /// What the installation says; organisations may say otherwise.
    policy: Policy,
    hashing: Hashing,
    limits: Limits,
    turns: Turns,
    /// Of those who show the same new passkey. Whoever takes one here has that of an account already.
    credentials: Turns,
    sessions: Sessions,
    /// Tokens of service keys that were looked up; whether a key still works is looked up every time.
    keys: Cache<token::Hash, ServiceKeyId>,
    /// Counts replacements of such tokens, so that what was read from the vault before one isn't kept after it.
    replacements: AtomicU64,
    keeper: Keeper,
    sweep: Sweep,
    watch: Watch,
    post: Post,
    sms: Sms,
    messages: MessageLimits,
    mails: MessageLimits,
    wishes: Wishes,
    /// None where the address is none that passkeys can be made for.
    party: Option<RelyingParty>,
}

/// Service keys in memory, about 100 bytes each.
const KEYS: usize = 4_096;

/// Accounts that are looked at together.
const HOLDERS: u32 = 256;

impl Auth {
    /// Puts it together; opens nothing. Links lead to `address`, and passkeys are made for it.
    pub fn try_new(
        config: &Config,
        address: &WebOrigin,
        handler: Arc<Handler>,
        vault: Arc<Vault>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
        sms: Sms,
    ) -> Result<Self, HashError> {
        let policy = policy::of_installation(config);
        Ok(Self {
            policy,
            hashing: Hashing::try_new(&config.passwords)?,
            limits: Limits::new(&config.sign_in),
            turns: Turns::new(),
            credentials: Turns::new(),
            sessions: Sessions::new(vault.clone(), clock.clone(), policy.session_idle),
            keys: Cache::new(KEYS),
            replacements: AtomicU64::new(0),
            keeper: Keeper::new(handler.clone(), vault.clone()),
            sweep: Sweep::new(handler.clone(), vault.clone(), clock.clone()),
            watch: Watch::default(),
            post: Post::new(vault.clone(), ids.clone(), address.as_str()),
            sms,
            messages: MessageLimits::texts(config.sms.per_hour.get()),
            mails: MessageLimits::mails(),
            wishes: Wishes::new(),
            party: RelyingParty::of(address, &config.http.origins),
            handler,
            vault,
            clock,
            ids,
        })
    }

    /// Ends sessions of an account: their tokens are worthless when this returns. What has ended already stays so.
    pub async fn end_sessions(
        &self,
        request: &Request,
        account: AccountId,
        sessions: &[SessionId],
        reason: EndReason,
    ) -> Result<(), Failure> {
        // The event comes first: whatever happens before the token is dropped, the reactor drops it. The other way
        // round nobody would find the session again, and it would stand there as running for ever.
        let (mut ended, mut outcome) = (Vec::with_capacity(sessions.len()), Ok(()));
        for session in sessions {
            let end = commands::Command::SessionEnd { session: *session, account, reason };
            match self.handler.handle(request, end).await {
                Ok(_) | Err(Failure::Refused(commands::Refusal::SessionNotFound)) => {
                    ended.push(*session);
                }
                Err(failure) => {
                    outcome = Err(failure);
                    break;
                }
            }
        }
        self.sessions.forget(&ended).await.map_err(unavailable)?;
        outcome
    }

    /// Ends the sessions of an account that began until `until`, but for one.
    pub async fn end_sessions_of(
        &self,
        request: &Request,
        account: AccountId,
        until: DateTime<Utc>,
        but: Option<SessionId>,
        reason: EndReason,
    ) -> Result<(), Failure> {
        let sessions = self.sessions.of(account).await.map_err(unavailable)?;
        let ending = sessions.into_iter().filter(|(id, began)| *began <= until && Some(*id) != but);
        let ending: Vec<_> = ending.map(|(id, _)| id).collect();
        self.end_sessions(request, account, &ending, reason).await
    }

    /// Ends the sessions of an account that nobody may sign in to now; the password of a deleted one goes too.
    pub async fn end_if_barred(
        &self,
        request: &Request,
        account: AccountId,
    ) -> Result<(), Failure> {
        let state = self.handler.account_state(account).await?;
        if let Some(state) = &state
            && works_in(state).is_ok()
        {
            return Ok(());
        }
        if let Some(credential) = state.filter(|state| state.deleted).and_then(|s| s.credential) {
            self.vault.delete_credential(credential).await.map_err(unavailable)?;
        }
        let now = self.clock.now();
        self.end_sessions_of(request, account, now, None, EndReason::Barred).await
    }

    /// Ends the sessions of everybody who may not sign in now.
    ///
    /// Goes through those who are signed in, who are fewer than the members of a large organisation.
    pub async fn end_all_barred(&self, request: &Request) -> Result<(), Failure> {
        let mut after = None;
        loop {
            let signed_in = self.vault.token_holders(after, HOLDERS).await.map_err(unavailable)?;
            let Some(last) = signed_in.last() else { return Ok(()) };
            after = Some(*last);
            for account in signed_in {
                self.end_if_barred(request, account).await?;
            }
        }
    }

    /// Ends the sessions of everybody who may not be signed in at this hour, and those that are over by the rules of their
    /// owner's organisations, which are stricter. Whoever acts for somebody keeps no hours.
    async fn end_outside_rules(&self) -> Result<(), Failure> {
        let mut after = None;
        loop {
            let signed_in = self.vault.token_holders(after, HOLDERS).await.map_err(unavailable)?;
            let Some(last) = signed_in.last() else { return Ok(()) };
            after = Some(*last);
            for account in signed_in {
                let Some(state) = self.handler.account_state(account).await? else { continue };
                let Policy { session_idle: idle, session_lifetime: lifetime, .. } =
                    self.policy_for(Some(&state));
                let (sessions, reason) = if !self.within_hours(&state) {
                    (self.sessions.of_owner(account).await, EndReason::OutsideHours)
                } else if idle < self.policy.session_idle || lifetime < self.policy.session_lifetime
                {
                    (self.sessions.over(account, idle, lifetime).await, EndReason::Expired)
                } else {
                    continue;
                };
                let sessions = sessions.map_err(unavailable)?;
                self.end_sessions(&self.own_request(), account, &sessions, reason).await?;
            }
        }
    }

    /// Ends the sessions of an account that was barred at a moment, which may be over: what began before doesn't live
    /// again because somebody lets the account in again. It goes on where there was another way in.
    pub async fn end_barred(
        &self,
        request: &Request,
        account: AccountId,
        bar: Bar,
        at: DateTime<Utc>,
    ) -> Result<(), Failure> {
        self.end_if_barred(request, account).await?;
        let Some(state) = self.handler.account_state(account).await? else { return Ok(()) };
        if works_without(state, bar).is_ok() {
            return Ok(());
        }
        self.end_sessions_of(request, account, at, None, EndReason::Barred).await
    }

    /// A session ended: its token goes, should it still be there.
    pub async fn session_ended(&self, session: SessionId) -> Result<(), Failure> {
        self.sessions.forget(&[session]).await.map_err(unavailable)
    }

    /// A service key was revoked: its token goes.
    pub async fn service_key_revoked(&self, key: ServiceKeyId) -> Result<(), Failure> {
        let gone = self.vault.delete_tokens(TokenKind::ServiceKey, &[key.uuid()]).await;
        gone.map_err(unavailable)
    }

    /// Does what is due now and then: writes down when sessions were used, ends those that are over, drops what no longer
    /// counts, and sweeps up what nothing refers to.
    pub async fn tidy(&self) -> Result<(), Failure> {
        self.sessions.save().await.map_err(unavailable)?;
        for (session, account) in self.sessions.expired().await.map_err(unavailable)? {
            let request = self.own_request();
            self.end_sessions(&request, account, &[session], EndReason::Expired).await?;
        }
        // Time passes without an event.
        self.end_outside_rules().await?;
        self.vault.delete_expired(self.clock.now()).await.map_err(unavailable)?;
        self.sweep.go().await
    }

    /// A request of the product itself.
    pub fn own_request(&self) -> Request {
        Request::new(Actor::System, RequestId::new(self.ids.next()))
    }

    fn new_credential(&self) -> CredentialId {
        self.ids.next().into()
    }
}

/// Too many wait for the same thing.
const BUSY: Denied = Denied::TooMany { retry_after: Duration::from_secs(1) };

fn unavailable(error: VaultError) -> Failure {
    match error {
        VaultError::Busy => Failure::Busy,
        VaultError::Full => Failure::Full,
        other => Failure::Unavailable(other.to_string()),
    }
}

fn closed(error: VaultError) -> Denied {
    Denied::Failed(unavailable(error))
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Vault(error) => unavailable(error),
            OpenError::NoRandomness(error) => Self::Unavailable(error.to_string()),
        }
    }
}

impl From<HashError> for Denied {
    fn from(error: HashError) -> Self {
        match error {
            HashError::Busy => BUSY,
            HashError::Weak(weak) => Self::Password(weak),
            other => Self::Failed(Failure::Unavailable(other.to_string())),
        }
    }
}

impl From<limits::TooMany> for Denied {
    fn from(limits::TooMany { retry_after }: limits::TooMany) -> Self {
        Self::TooMany { retry_after }
    }
}

#[cfg(test)]
mod tests;
