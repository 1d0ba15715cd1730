//! What the API asks for: signing in and out, passwords, keys.

use std::{collections::BTreeSet, fmt::Write};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use commands::{
    Command, Done, Failure, IdempotencyKey, Refusal, Request, handle::AccountState, mail::Order,
};
use events::{
    AccountId, Actor, CredentialId, OrganisationId, ServiceKeyId, SessionId,
    account::PasswordSetBy,
    session::EndReason,
    value::{
        EmailAddress, Language, MemberKind, Policy, Profile, ProfileEntry, ProfileField, Scope,
        Text, Username,
    },
    vault::{Token, TokenKind},
};
use graphql::port::{Denied, FirstStep, Gate, NewAccount, PasswordMail};
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::{
    Auth, BUSY, closed,
    email::is_queued,
    hashing::Verdict,
    hours,
    keeper::Hashed,
    password, policy,
    token::{self, Kind},
    watch::Why,
};

#[async_trait]
impl Gate for Auth {
    fn policy(&self) -> Policy {
        self.policy
    }

    async fn operator_setup(
        &self,
        request: &Request,
        token: SecretString,
        username: Username,
        profile: Profile,
        password: SecretString,
    ) -> Result<Done, Denied> {
        if let Some(origin) = &request.origin {
            self.limits.count(origin.address, &username.skeleton())?;
        }
        let (credential, account) = (self.new_credential(), self.ids.next().into());
        let words = words(&username, &profile);
        let command = Command::OperatorSetup { username, profile, credential };
        // Whoever has read the token from the console is at the console.
        let request = Request {
            actor: Actor::Console,
            idempotency_key: self.key_with_token(request, &token)?,
            ..self.with_secret(request, &[&password])
        };
        let Some(setup) = self.setup_token(&token).await? else {
            // It was used by this very request, perhaps, whose answer was lost.
            return self.handler.answered(&request, &command).await?.ok_or(Denied::Token);
        };
        let hashed = self.judge(self.policy, password, credential, account, words).await?;
        let done = self.keeper.create(&request, hashed, command).await?;
        self.vault.delete_tokens(TokenKind::OperatorSetup, &[setup]).await.map_err(closed)?;
        Ok(done)
    }

    async fn sign_in(
        &self,
        request: &Request,
        username: &str,
        password: SecretString,
    ) -> Result<FirstStep, Denied> {
        Self::sign_in(self, request, username, password).await
    }

    async fn sign_out(&self, request: &Request) -> Result<Done, Denied> {
        let (Actor::Account { session, .. }, Some(account)) = (request.actor, request.account())
        else {
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
        let request = &self.with_secret(request, &[&current, &new]);
        let (credential, by) = (self.new_credential(), PasswordSetBy::Owner);
        let set = |mails| Command::PasswordSet { account, credential, by, mails };
        // What is refused, or was done before, doesn't depend on the password that is given as the present one.
        if let Some(done) = self.handler.rehearse(request, set(vec![])).await? {
            return Ok(done);
        }
        let (policy, old) = self.prove(request, account, &current).await?;
        let words = self.handler.words_about(account).await?;
        let hashed = self.judge(policy, new, credential, account, words).await?;
        let mails = self.tell_of_password(account, None).await?;
        let done = self.replace(request, hashed, old, set(mails.clone()), &mails).await?;
        if !done.replayed {
            self.end_others(account, Some(session)).await?;
        }
        Ok(done)
    }

    async fn password_set(
        &self,
        request: &Request,
        account: AccountId,
        new: Option<SecretString>,
        mail: Option<PasswordMail>,
    ) -> Result<Done, Denied> {
        // One's own password is changed by whoever knows it, not by whoever holds the session.
        if request.account() == Some(account) {
            return Err(refused(Refusal::Forbidden));
        }
        self.may_hash(request)?;
        // No session may begin with the old password while it is being replaced.
        let turn = self.turns.take(account).await;
        let _turn = turn.ok_or(BUSY)?;
        let state = self.handler.account_state(account).await?;
        let policy = self.policy_for(state.as_ref());
        let to = match &mail {
            Some(PasswordMail::Other(to)) => to.as_str(),
            Some(PasswordMail::Own) | None => "",
        };
        let request = &match &new {
            Some(new) => self.with_secret(request, &[new, &to.into()]),
            None => request.clone(),
        };
        let (credential, by) = (self.new_credential(), PasswordSetBy::Administrator);
        let set = |mails| Command::PasswordSet { account, credential, by, mails };
        if let Some(done) = self.handler.rehearse(request, set(vec![])).await? {
            return Ok(done);
        }
        let new = match new {
            Some(new) => new,
            None => password::generate(&policy)
                .map_err(|error| Failure::Unavailable(error.to_string()))?,
        };
        let old = state.and_then(|state| state.credential);
        let words = self.handler.words_about(account).await?;
        let hashed = self.judge(policy, new.clone(), credential, account, words).await?;
        let mails = match mail {
            Some(mail) => {
                let to = match mail {
                    PasswordMail::Own => None,
                    PasswordMail::Other(to) => Some(to),
                };
                let username = self.handler.username_of(account).await?.unwrap_or_default();
                let order = self.mail_password(account, &username, &new, to).await?;
                let order = order.ok_or(Denied::NoAddress)?;
                // It may go to somebody else's address: its owner is told at their own.
                let mut mails = self.tell_of_password(account, Some(&order.to)).await?;
                mails.push(order);
                mails
            }
            None => self.tell_of_password(account, None).await?,
        };
        let done = self.replace(request, hashed, old, set(mails.clone()), &mails).await?;
        if !done.replayed {
            self.end_others(account, None).await?;
        }
        Ok(done)
    }

    async fn password_reset_request(
        &self,
        request: &Request,
        username: &str,
    ) -> Result<(), Denied> {
        self.wish_for_password(request, username)
    }

    async fn password_reset(
        &self,
        request: &Request,
        token: SecretString,
        code: &str,
        new: SecretString,
    ) -> Result<Done, Denied> {
        self.reset_password(request, token, code, new).await
    }

    async fn profile_update(
        &self,
        request: &Request,
        account: AccountId,
        changes: Vec<(ProfileField, Option<ProfileEntry>)>,
    ) -> Result<Done, Denied> {
        self.update_profile(request, account, changes).await
    }

    async fn email_change(&self, request: &Request, email: EmailAddress) -> Result<Done, Denied> {
        self.change_email(request, email).await
    }

    async fn email_confirm(&self, request: &Request, token: SecretString) -> Result<Done, Denied> {
        self.confirm_email(request, token).await
    }

    async fn account_create(
        &self,
        request: &Request,
        new: NewAccount,
        password: Option<SecretString>,
    ) -> Result<Done, Denied> {
        let NewAccount { organisation, username, profile, kind } = new;
        let mut context = words(&username, &profile);
        let id = self.new_credential();
        let credential = password.is_some().then_some(id);
        let create = Command::AccountCreate { organisation, username, profile, kind, credential };
        let Some(password) = password else {
            return Ok(self.handler.handle(request, create).await?);
        };
        self.may_hash(request)?;
        let request = &self.with_secret(request, &[&password]);
        // Nothing is hashed for whoever may not, nor for what won't be done.
        if let Some(done) = self.handler.rehearse(request, create.clone()).await? {
            return Ok(done);
        }
        context.extend(self.handler.organisation_name(organisation).await?);
        let rules = self.handler.policy_of(organisation).await?.unwrap_or_default();
        let hashed = self
            .judge(self.policy.with(&rules), password, id, self.ids.next().into(), context)
            .await?;
        Ok(self.keeper.create(request, hashed, create).await?)
    }

    async fn activation_send(
        &self,
        request: &Request,
        organisation: OrganisationId,
        account: AccountId,
        by_letter: bool,
    ) -> Result<Done, Denied> {
        self.send_activation(request, organisation, account, by_letter).await
    }

    async fn activation_check(
        &self,
        request: &Request,
        organisation: OrganisationId,
        account: AccountId,
        by_letter: bool,
    ) -> Result<(), Denied> {
        self.check_activation(request, organisation, account, by_letter).await
    }

    async fn activate(
        &self,
        request: &Request,
        token: SecretString,
        code: Option<SecretString>,
        password: SecretString,
    ) -> Result<Done, Denied> {
        Self::activate(self, request, &token, code, password).await
    }

    async fn invitation_link_create(
        &self,
        request: &Request,
        organisation: OrganisationId,
        kind: MemberKind,
        expires_at: Option<DateTime<Utc>>,
        uses: Option<u32>,
    ) -> Result<(Done, SecretString), Denied> {
        self.make_link(request, organisation, kind, expires_at, uses).await
    }

    async fn invitation_accept(
        &self,
        request: &Request,
        token: SecretString,
        username: Username,
        profile: Profile,
        password: SecretString,
    ) -> Result<Done, Denied> {
        self.join_by_link(request, &token, username, profile, password).await
    }

    fn letter_subject(&self, language: Language) -> &'static str {
        crate::letters::Activation::subject(language)
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
        let token_kept = Token {
            kind: TokenKind::ServiceKey,
            id: key.uuid(),
            account: None,
            hash,
            created_at: now,
            last_used_at: now,
            expires_at,
        };
        let done = self.keeper.service_key(request, token_kept, create).await?;
        if let (true, Some(first)) = (done.replayed, done.subject) {
            self.forget_key(first.into());
        }
        Ok((done, token))
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

    /// Whether this is an hour in which an account may be used.
    pub(super) fn within_hours(&self, state: &AccountState) -> bool {
        hours::may_now(&self.policy, state, self.clock.now())
    }

    /// What holds for an account, where there is one.
    pub(super) fn policy_for(&self, state: Option<&AccountState>) -> Policy {
        state.map_or(self.policy, |state| policy::of_account(&self.policy, state))
    }

    /// Makes sure that somebody knows the present password of an account; a wrong one counts. What holds for the account
    /// then, and where the vault has the hash.
    pub(super) async fn prove(
        &self,
        request: &Request,
        account: AccountId,
        current: &SecretString,
    ) -> Result<(Policy, Option<CredentialId>), Denied> {
        let state = self.handler.account_state(account).await?;
        let policy = self.policy_for(state.as_ref());
        let evaluated = |state: &AccountState| !state.locked && !state.deleted;
        let old = state.filter(evaluated).and_then(|state| state.credential);
        let stored = match old {
            Some(old) => self.vault.credential(old).await.map_err(closed)?,
            None => None,
        };
        let normal = password::normal(current).ok();
        let stored = normal.as_ref().and(stored);
        if self.hashing.verify(normal.unwrap_or_default(), stored).await? == Verdict::Wrong {
            self.watch.refused(Why::Wrong, request.origin.as_ref());
            self.count_failure(request, Some(account)).await;
            return Err(Denied::Credentials);
        }
        Ok((policy, old))
    }

    /// Puts a password in the place of another one; where that isn't done, what `mails` would have said is dropped.
    pub(super) async fn replace(
        &self,
        request: &Request,
        hashed: Hashed,
        old: Option<CredentialId>,
        command: Command,
        mails: &[Order],
    ) -> Result<Done, Failure> {
        let done = self.keeper.replace(request, hashed, old, command).await;
        if !is_queued(&done) {
            self.withdraw(mails).await;
        }
        done
    }

    /// Judges and hashes a new password. `context` are words that don't make it stronger.
    pub(super) async fn judge(
        &self,
        policy: Policy,
        password: SecretString,
        id: CredentialId,
        account: AccountId,
        context: Vec<String>,
    ) -> Result<Hashed, Denied> {
        let hash = self.hashing.hash_new(policy, password, context).await?;
        Ok(Hashed { id, account, hash })
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

    /// The request with these passwords: with others it is another one. What can't be a password is none.
    pub(super) fn with_secret(&self, request: &Request, passwords: &[&SecretString]) -> Request {
        let mut text = Zeroizing::new(Vec::new());
        for password in passwords {
            let normal = password::normal(password).unwrap_or_default();
            text.extend_from_slice(normal.expose_secret().as_bytes());
            // Stands in no password.
            text.push(0);
        }
        let secret = self.vault.pepper().hash("idempotency.password", &text);
        Request { secret: Some(secret), ..request.clone() }
    }

    /// The password changed: sessions that began with the one before are over.
    pub(super) async fn end_others(
        &self,
        account: AccountId,
        but: Option<SessionId>,
    ) -> Result<(), Denied> {
        let (request, now) = (self.own_request(), self.clock.now());
        let reason = EndReason::PasswordChanged;
        Ok(self.end_sessions_of(&request, account, now, but, reason).await?)
    }
}

/// Words about somebody that don't make a password stronger.
pub(super) fn words(username: &Username, profile: &Profile) -> Vec<String> {
    let entries = profile.entries.iter().filter_map(|(_, entry)| match entry {
        ProfileEntry::Text(text) => Some(text.as_str()),
        ProfileEntry::Email(address) => Some(address.as_str()),
        _ => None,
    });
    let names = [username.as_str(), profile.display_name.as_str()];
    names.into_iter().chain(entries).map(str::to_owned).collect()
}

pub(super) fn refused(refusal: Refusal) -> Denied {
    Denied::Failed(Failure::Refused(refusal))
}
