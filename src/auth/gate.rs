//! What the API asks for: signing in and out, passwords, keys.

use std::{collections::BTreeSet, fmt::Write};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use commands::{Command, Done, Failure, IdempotencyKey, Refusal, Request};
use events::{
    AccountId, Actor, CredentialId, OrganisationId, ServiceKeyId, SessionId,
    account::PasswordSetBy,
    session::EndReason,
    value::{Profile, ProfileEntry, Scope, Text, Username},
    vault::{Token, TokenKind},
};
use graphql::port::{Denied, Gate, SignedIn};
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use super::{
    Auth, BUSY, closed,
    hashing::Verdict,
    password,
    token::{self, Kind},
};

/// Of whom a credential is that is kept before its account exists. The event that names it is what counts.
const NOBODY_YET: AccountId = AccountId::new(Uuid::nil());

#[async_trait]
impl Gate for Auth {
    async fn operator_setup(
        &self,
        request: &Request,
        token: SecretString,
        username: Username,
        profile: Profile,
        password: SecretString,
    ) -> Result<Done, Denied> {
        if let Some(origin) = &request.origin {
            self.limits.count(origin.address, username.as_str())?;
        }
        // Whoever has read the token from the console is at the console.
        let request = Request {
            actor: Actor::Console,
            idempotency_key: self.key_with_token(request, &token)?,
            ..request.clone()
        };
        let credential = self.new_credential();
        let words = words(&username, &profile);
        let command = Command::OperatorSetup { username, profile, credential };
        let Some(setup) = self.setup_token(&token).await? else {
            // It was used by this very request, perhaps, whose answer was lost.
            return self.handler.answered(&request, &command).await?.ok_or(Denied::Token);
        };
        self.keep(credential, password, words).await?;
        let done = self.with_credential(&request, credential, command).await?;
        self.vault.delete_tokens(TokenKind::OperatorSetup, &[setup]).await.map_err(closed)?;
        Ok(done)
    }

    async fn sign_in(
        &self,
        request: &Request,
        username: &str,
        password: SecretString,
    ) -> Result<SignedIn, Denied> {
        Self::sign_in(self, request, username, password).await
    }

    async fn sign_out(&self, request: &Request) -> Result<Done, Denied> {
        let Actor::Account { account, session } = request.actor else {
            return Err(refused(Refusal::NotSignedIn));
        };
        let end = Command::SessionEnd { session, account, reason: EndReason::SignedOut };
        let done = self.handler.handle(request, end).await?;
        self.sessions.forget(&[session]).await.map_err(closed)?;
        Ok(done)
    }

    async fn password_change(
        &self,
        request: &Request,
        current: SecretString,
        new: SecretString,
    ) -> Result<Done, Denied> {
        let Actor::Account { account, session } = request.actor else {
            return Err(refused(Refusal::NotSignedIn));
        };
        if request.on_behalf_of.is_some() {
            return Err(refused(Refusal::Impersonating));
        }
        if let Some(origin) = &request.origin {
            self.limits.count(origin.address, &account.to_string())?;
        }
        let turn = self.turns.take(account).await;
        let _turn = turn.ok_or(BUSY)?;
        let state = self.handler.account_state(account).await?;
        let credential = state.filter(|state| !state.locked).and_then(|state| state.credential);
        let stored = match credential {
            Some(credential) => self.vault.credential(credential).await.map_err(closed)?,
            None => None,
        };
        let normal = password::normal(&current).ok();
        let stored = normal.as_ref().and(stored);
        if self.hashing.verify(normal.unwrap_or_default(), stored).await? == Verdict::Wrong {
            let anonymous = Request { actor: Actor::Anonymous, ..request.clone() };
            self.count_failure(&anonymous, Some(account)).await;
            return Err(Denied::Credentials);
        }
        let hash = self.hashing.hash_new(&self.policy, new, Vec::new()).await?;
        let by = PasswordSetBy::Owner;
        let done = self.replace_password(request, account, credential, hash, by).await?;
        self.end_others(account, Some(session)).await?;
        Ok(done)
    }

    async fn password_set(
        &self,
        request: &Request,
        account: AccountId,
        new: SecretString,
    ) -> Result<Done, Denied> {
        // One's own password is changed by whoever knows it, not by whoever holds the session.
        if request.account() == Some(account) {
            return Err(refused(Refusal::Forbidden));
        }
        self.may_hash(request)?;
        // No session may begin with the old password while it is being replaced.
        let turn = self.turns.take(account).await;
        let _turn = turn.ok_or(BUSY)?;
        let old = self.handler.account_state(account).await?.and_then(|state| state.credential);
        let hash = self.hashing.hash_new(&self.policy, new, Vec::new()).await?;
        let by = PasswordSetBy::Administrator;
        let done = self.replace_password(request, account, old, hash, by).await?;
        self.end_others(account, None).await?;
        Ok(done)
    }

    async fn keep_password(
        &self,
        request: &Request,
        password: SecretString,
        context: &[&str],
    ) -> Result<CredentialId, Denied> {
        self.may_hash(request)?;
        let credential = self.new_credential();
        let context = context.iter().map(|&word| word.to_owned()).collect();
        self.keep(credential, password, context).await?;
        Ok(credential)
    }

    async fn service_key_create(
        &self,
        request: &Request,
        organisation: OrganisationId,
        name: Text,
        scopes: BTreeSet<Scope>,
        expires_at: Option<DateTime<Utc>>,
    ) -> Result<(Done, SecretString), Denied> {
        let key = ServiceKeyId::new(self.ids.next());
        let create = Command::ServiceKeyCreate { key, organisation, name, scopes, expires_at };
        let (token, hash) = token::generate(self.vault.pepper(), Kind::ServiceKey)
            .map_err(|error| Failure::Unavailable(error.to_string()))?;
        let now = self.clock.now();
        let kept = |id: Uuid| Token {
            kind: TokenKind::ServiceKey,
            id,
            account: None,
            hash,
            created_at: now,
            last_used_at: now,
            expires_at,
        };
        self.vault.put_token(kept(key.uuid())).await.map_err(closed)?;
        let done = self.handler.handle(request, create).await;
        match &done {
            Ok(Done { replayed: false, .. }) => {}
            // The request came before, and its answer was lost with the token that nobody can show
            // again: the key that it made gets this one.
            Ok(Done { subject: Some(first), .. }) => {
                self.vault
                    .delete_tokens(TokenKind::ServiceKey, &[key.uuid()])
                    .await
                    .map_err(closed)?;
                self.vault.put_token(kept(*first)).await.map_err(closed)?;
                self.keys.retain(|_, known| known.uuid() != *first);
            }
            Ok(Done { subject: None, .. }) | Err(_) => {
                self.vault
                    .delete_tokens(TokenKind::ServiceKey, &[key.uuid()])
                    .await
                    .map_err(closed)?;
            }
        }
        Ok((done?, token))
    }
}

impl Auth {
    /// Hashing is dear: only for those who have signed in, and not without bound.
    fn may_hash(&self, request: &Request) -> Result<(), Denied> {
        if request.actor == Actor::Anonymous {
            return Err(refused(Refusal::NotSignedIn));
        }
        let who = match request.actor {
            Actor::Account { account, .. } => account.to_string(),
            Actor::ServiceKey { key } => key.to_string(),
            Actor::Console | Actor::System | Actor::Anonymous => String::new(),
        };
        match &request.origin {
            Some(origin) => Ok(self.limits.count(origin.address, &who)?),
            None => Ok(()),
        }
    }

    /// Judges and hashes a new password, and keeps the hash until an event names it.
    async fn keep(
        &self,
        credential: CredentialId,
        password: SecretString,
        context: Vec<String>,
    ) -> Result<(), Denied> {
        let hash = self.hashing.hash_new(&self.policy, password, context).await?;
        self.vault.put_credential(credential, NOBODY_YET, hash).await.map_err(closed)
    }

    /// The idempotency key of the set-up, which is nobody's: only whoever had the token finds the answer again.
    fn key_with_token(
        &self,
        request: &Request,
        token: &SecretString,
    ) -> Result<Option<IdempotencyKey>, Denied> {
        let Some(key) = &request.idempotency_key else { return Ok(None) };
        let both = format!("{} {}", token.expose_secret(), key.as_str());
        let hash = self.vault.pepper().hash("idempotency.setup", both.as_bytes());
        let text = hash.iter().fold(String::with_capacity(64), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        });
        let bound = IdempotencyKey::parse(&text);
        Ok(Some(bound.map_err(|invalid| Failure::Unavailable(format!("{invalid:?}")))?))
    }

    /// Does what names a new credential; the credential goes where nothing came of it.
    async fn with_credential(
        &self,
        request: &Request,
        credential: CredentialId,
        command: Command,
    ) -> Result<Done, Denied> {
        let done = self.handler.handle(request, command).await;
        if !matches!(done, Ok(Done { replayed: false, .. })) {
            self.vault.delete_credential(credential).await.map_err(closed)?;
        }
        Ok(done?)
    }

    /// Puts another hash in the place of an account's password: vault, event, and then the old hash goes.
    pub(super) async fn replace_password(
        &self,
        request: &Request,
        account: AccountId,
        old: Option<CredentialId>,
        hash: SecretString,
        by: PasswordSetBy,
    ) -> Result<Done, Denied> {
        let credential = self.new_credential();
        self.vault.put_credential(credential, account, hash).await.map_err(closed)?;
        let set = Command::PasswordSet { account, credential, by };
        let done = self.with_credential(request, credential, set).await?;
        if let Some(old) = old.filter(|_| !done.replayed) {
            self.vault.delete_credential(old).await.map_err(closed)?;
        }
        Ok(done)
    }

    /// The password changed: sessions that began with the one before are over.
    async fn end_others(&self, account: AccountId, but: Option<SessionId>) -> Result<(), Denied> {
        let (request, now) = (self.own_request(), self.clock.now());
        let reason = EndReason::PasswordChanged;
        Ok(self.end_sessions_of(&request, account, now, but, reason).await?)
    }
}

/// Words about the first operator that don't make a password stronger.
fn words(username: &Username, profile: &Profile) -> Vec<String> {
    let entries = profile.entries.iter().filter_map(|(_, entry)| match entry {
        ProfileEntry::Text(text) => Some(text.as_str()),
        ProfileEntry::Email(address) => Some(address.as_str()),
        _ => None,
    });
    let names = [username.as_str(), profile.display_name.as_str()];
    names.into_iter().chain(entries).map(str::to_owned).collect()
}

fn refused(refusal: Refusal) -> Denied {
    Denied::Failed(Failure::Refused(refusal))
}
