//! A gate without hashing, sessions and clocks: what the program does at its edge, as far as the API shows it.

mod factors;

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use commands::{Command, Done, Handler, Refusal, testing::Counter};
use events::{
    AccountId, Actor, CredentialId, OrganisationId,
    account::PasswordSetBy,
    id::Ids,
    session::EndReason,
    value::{
        EmailAddress, Language, MailKind, MemberKind, Policy, Profile, ProfileEntry, ProfileField,
        Scope, Text, Username,
    },
};
use secrecy::{ExposeSecret, SecretString};

use super::{PASSWORD, SETUP};
use crate::{
    Gate,
    port::{Denied, FirstStep, NewAccount, PasswordMail, SignedIn, WeakPassword},
};

/// A gate that keeps passwords as they are.
pub(super) struct Door {
    handler: Arc<Handler>,
    ids: Arc<Counter>,
    kept: Mutex<HashMap<CredentialId, String>>,
}

impl Door {
    pub(super) fn new(handler: Arc<Handler>, ids: Arc<Counter>) -> Self {
        Self { handler, ids, kept: Mutex::default() }
    }

    fn keep(&self, password: &SecretString) -> Result<CredentialId, Denied> {
        let password = password.expose_secret();
        if password.len() < 8 {
            return Err(Denied::Password(WeakPassword::TooShort { min: 8 }));
        }
        let id = self.ids.next().into();
        self.kept.lock().unwrap().insert(id, password.to_owned());
        Ok(id)
    }

    /// Sends a mail to nobody in particular.
    fn activation(
        &self,
        organisation: OrganisationId,
        account: AccountId,
        by_letter: bool,
    ) -> Command {
        let expires_at = DateTime::from_timestamp(1_900_000_000, 0).unwrap();
        let mail = commands::mail::Order {
            mail: self.ids.next().into(),
            account,
            organisation: Some(organisation),
            kind: MailKind::Invitation,
            to: EmailAddress::parse("somebody@example.org").unwrap(),
            language: Language::En,
            expires_at,
        };
        Command::ActivationSend {
            organisation,
            account,
            by_letter,
            activation: self.ids.next().into(),
            letter: by_letter.then(|| self.ids.next().into()),
            expires_at,
            mail,
        }
    }

    async fn fits(&self, account: AccountId, password: &SecretString) -> Result<bool, Denied> {
        let state = self.handler.account_state(account).await?;
        let credential = state.and_then(|state| state.credential);
        let kept = self.kept.lock().unwrap();
        let kept = credential.and_then(|credential| kept.get(&credential));
        Ok(kept.is_some_and(|kept| kept == password.expose_secret()))
    }
}

#[async_trait]
impl Gate for Door {
    fn policy(&self) -> Policy {
        Policy::default()
    }

    async fn operator_setup(
        &self,
        request: &commands::Request,
        token: SecretString,
        username: Username,
        profile: Profile,
        password: SecretString,
    ) -> Result<Done, Denied> {
        if token.expose_secret() != SETUP {
            return Err(Denied::Token);
        }
        let credential = self.keep(&password)?;
        let request = commands::Request { actor: Actor::Console, ..request.clone() };
        let setup = Command::OperatorSetup { username, profile, credential };
        Ok(self.handler.handle(&request, setup).await?)
    }

    async fn sign_in(
        &self,
        request: &commands::Request,
        username: &str,
        password: SecretString,
    ) -> Result<FirstStep, Denied> {
        let username = Username::parse(username).map_err(|_| Denied::Credentials)?;
        let account = self.handler.account_of(&username).await?.ok_or(Denied::Credentials)?;
        let request = commands::Request { actor: Actor::Anonymous, ..request.clone() };
        if !self.fits(account, &password).await? {
            let failed = Command::SignInFail { account, threshold: 3, mails: vec![] };
            self.handler.handle(&request, failed).await?;
            return Err(Denied::Credentials);
        }
        let state = self.handler.account_state(account).await?.ok_or(Denied::Credentials)?;
        let session = self.ids.next().into();
        let done = self
            .handler
            .handle(&request, Command::SignIn { session, account, proof: None, mails: vec![] })
            .await?;
        Ok(FirstStep::SignedIn(Box::new(SignedIn {
            position: done.position,
            session,
            account,
            organisation: state.default_organisation,
            token: format!("token-{session}").into(),
            expires_at: DateTime::from_timestamp(1_900_000_000, 0).unwrap(),
            max_age: Duration::from_hours(12),
        })))
    }

    async fn activation_send(
        &self,
        request: &commands::Request,
        organisation: OrganisationId,
        account: AccountId,
        by_letter: bool,
    ) -> Result<Done, Denied> {
        let send = self.activation(organisation, account, by_letter);
        Ok(self.handler.handle(request, send).await?)
    }

    async fn activation_check(
        &self,
        request: &commands::Request,
        organisation: OrganisationId,
        account: AccountId,
        by_letter: bool,
    ) -> Result<(), Denied> {
        let send = self.activation(organisation, account, by_letter);
        Ok(self.handler.rehearse(request, send).await.map(drop)?)
    }

    async fn activate(
        &self,
        _: &commands::Request,
        _: SecretString,
        _: Option<SecretString>,
        _: SecretString,
    ) -> Result<Done, Denied> {
        Err(Denied::Token)
    }

    async fn invitation_link_create(
        &self,
        request: &commands::Request,
        organisation: OrganisationId,
        kind: MemberKind,
        expires_at: Option<DateTime<Utc>>,
        uses: Option<u32>,
    ) -> Result<(Done, SecretString), Denied> {
        let link = self.ids.next().into();
        let expires_at = expires_at.unwrap_or(DateTime::from_timestamp(1_900_000_000, 0).unwrap());
        let create = Command::InvitationLinkCreate { link, organisation, kind, expires_at, uses };
        Ok((self.handler.handle(request, create).await?, format!("link-{link}").into()))
    }

    async fn invitation_accept(
        &self,
        _: &commands::Request,
        _: SecretString,
        _: Username,
        _: Profile,
        _: SecretString,
    ) -> Result<Done, Denied> {
        Err(Denied::Token)
    }

    fn letter_subject(&self, _: Language) -> &'static str {
        "Activation details"
    }

    async fn sign_out(&self, request: &commands::Request) -> Result<Done, Denied> {
        let Actor::Account { session, .. } = request.actor else {
            return Err(Denied::Failed(commands::Failure::Refused(Refusal::NotSignedIn)));
        };
        let end = Command::SessionEnd {
            session,
            account: request.account().unwrap(),
            reason: EndReason::SignedOut,
        };
        Ok(self.handler.handle(request, end).await?)
    }

    async fn password_change(
        &self,
        request: &commands::Request,
        current: SecretString,
        new: SecretString,
    ) -> Result<Done, Denied> {
        let account = request.account().unwrap();
        if !self.fits(account, &current).await? {
            return Err(Denied::Credentials);
        }
        let (credential, by) = (self.keep(&new)?, PasswordSetBy::Owner);
        let set = Command::PasswordSet { account, credential, by, mails: vec![] };
        Ok(self.handler.handle(request, set).await?)
    }

    async fn password_set(
        &self,
        request: &commands::Request,
        account: AccountId,
        new: Option<SecretString>,
        _: Option<PasswordMail>,
    ) -> Result<Done, Denied> {
        let new = new.unwrap_or_else(|| PASSWORD.into());
        let (credential, by) = (self.keep(&new)?, PasswordSetBy::Administrator);
        let set = Command::PasswordSet { account, credential, by, mails: vec![] };
        Ok(self.handler.handle(request, set).await?)
    }

    async fn password_reset_request(&self, _: &commands::Request, _: &str) -> Result<(), Denied> {
        Ok(())
    }

    async fn password_reset(
        &self,
        _: &commands::Request,
        _: SecretString,
        _: &str,
        _: SecretString,
    ) -> Result<Done, Denied> {
        Err(Denied::Token)
    }

    async fn profile_update(
        &self,
        request: &commands::Request,
        account: AccountId,
        changes: Vec<(ProfileField, Option<ProfileEntry>)>,
    ) -> Result<Done, Denied> {
        let update = Command::ProfileUpdate { account, changes, mails: vec![] };
        Ok(self.handler.handle(request, update).await?)
    }

    async fn email_change(
        &self,
        request: &commands::Request,
        email: EmailAddress,
    ) -> Result<Done, Denied> {
        let account = request.account().unwrap();
        let change =
            Command::EmailChange { account, email, link: self.ids.next().into(), mails: vec![] };
        Ok(self.handler.handle(request, change).await?)
    }

    async fn email_confirm(&self, _: &commands::Request, _: SecretString) -> Result<Done, Denied> {
        Err(Denied::Token)
    }

    async fn account_create(
        &self,
        request: &commands::Request,
        NewAccount { organisation, username, profile, kind }: NewAccount,
        password: Option<SecretString>,
    ) -> Result<Done, Denied> {
        let credential = password.map(|password| self.keep(&password)).transpose()?;
        let create = Command::AccountCreate { organisation, username, profile, kind, credential };
        Ok(self.handler.handle(request, create).await?)
    }

    async fn service_key_create(
        &self,
        request: &commands::Request,
        organisation: OrganisationId,
        name: Text,
        scopes: BTreeSet<Scope>,
        expires_at: Option<DateTime<Utc>>,
    ) -> Result<(Done, SecretString), Denied> {
        let key = self.ids.next().into();
        let create = Command::ServiceKeyCreate { key, organisation, name, scopes, expires_at };
        let done = self.handler.handle(request, create).await?;
        Ok((done, format!("key-{key}").into()))
    }
}
