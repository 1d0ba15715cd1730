//! What the API asks for: signing in and out, passwords, keys.

use std::collections::BTreeSet;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use commands::{Command, Done, Failure, Refusal, Request, handle::AccountState};
use events::{
    AccountId, Actor, OrganisationId, ServiceKeyId,
    session::EndReason,
    value::{
        EmailAddress, Language, MemberKind, Policy, Profile, ProfileEntry, ProfileField, Scope,
        Text, Username,
    },
    vault::{Token, TokenKind},
};
use graphql::port::{Denied, FirstStep, Gate, NewAccount, PasswordMail};
use secrecy::SecretString;

use super::{
    Auth, closed, hours, policy,
    token::{self, Kind},
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
            ..self.with_token(&self.with_secret(request, &[&password]), &token)?
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
        self.change_password(request, current, new).await
    }

    async fn password_set(
        &self,
        request: &Request,
        account: AccountId,
        new: Option<SecretString>,
        mail: Option<PasswordMail>,
    ) -> Result<Done, Denied> {
        self.set_password(request, account, new, mail).await
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
    /// Whether this is an hour in which an account may be used.
    pub(super) fn within_hours(&self, state: &AccountState) -> bool {
        hours::may_now(&self.policy, state, self.clock.now())
    }

    /// What holds for an account, where there is one.
    pub(super) fn policy_for(&self, state: Option<&AccountState>) -> Policy {
        state.map_or(self.policy, |state| policy::of_account(&self.policy, state))
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

pub(super) const fn refused(refusal: Refusal) -> Denied {
    Denied::Failed(Failure::Refused(refusal))
}
