//! An installation in memory, with people who ask.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex},
    time::Duration,
};

use async_graphql::{Executor, Request, Variables};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use commands::{
    Command, Done, Handler, Refusal,
    testing::{Counter, Ticking},
};
use events::{
    AccountId, Actor, CredentialId, FactorId, OrganisationId, ServiceKeyId, SessionId,
    account::PasswordSetBy,
    factor::FactorKind,
    id::Ids,
    session::EndReason,
    store::{EventStore, memory::Memory},
    value::{
        E164, EmailAddress, Language, MailKind, MemberKind, Policy, Profile, Scope, Text, Username,
    },
    vault::Vault,
};
use futures_util::{StreamExt, stream::BoxStream};
use projections::Views;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    Gate, Schema, Viewer,
    asking::Api,
    client::Client,
    ids::GlobalId,
    port::{
        Denied, Enrolment, FirstFactor, FirstStep, NewAccount, PasskeyAsked, PasskeyFor,
        PasswordMail, Presence, Second, Shown, SignedIn, SteppedUp, WeakPassword, Whose,
    },
};

/// The token of the first operator here.
pub(super) const SETUP: &str = "setup-token";
/// The password of everybody here.
pub(super) const PASSWORD: &str = "Correct horse 9";

/// An installation in memory.
pub(super) struct World {
    pub(super) schema: Schema,
    pub(super) handler: Arc<Handler>,
    pub(super) views: Arc<Views>,
    pub(super) store: Arc<dyn EventStore>,
    gate: Arc<Door>,
    pub(super) ids: Arc<Counter>,
    _folder: TempDir,
}

/// What a browser sends beside the question.
#[derive(Default)]
pub(super) struct Browser {
    pub(super) language: Option<&'static str>,
    pub(super) at_least: Option<u64>,
}

/// Somebody who asks.
#[derive(Clone)]
pub(super) struct Who(pub(super) Arc<Viewer>);

impl World {
    /// Without anybody in it.
    pub(super) async fn empty() -> Self {
        let store: Arc<dyn EventStore> = Arc::new(Memory::new());
        let vault = Arc::new(Vault::in_memory().await.unwrap());
        let (ids, folder) = (Arc::new(Counter::default()), tempfile::tempdir().unwrap());
        let clock = Arc::new(Ticking::default());
        let handler = Handler::new(store.clone(), vault.clone(), clock, ids.clone());
        let handler = Arc::new(handler);
        let views = Views::open(folder.path(), store.clone(), vault).await.unwrap();
        let views = Arc::new(views);
        let gate = Door { handler: handler.clone(), ids: ids.clone(), kept: Mutex::default() };
        let gate = Arc::new(gate);
        let schema = crate::schema(
            handler.clone(),
            views.clone(),
            gate.clone(),
            Arc::new(super::mail::Postman(handler.clone())),
        );
        Self { gate, schema, handler, views, store, ids, _folder: folder }
    }

    /// With an operator, who is given.
    pub(super) async fn new() -> (Self, Who) {
        let world = Self::empty().await;
        let setup = "mutation ($input: OperatorSetupInput!) { operatorSetup(input: $input) { account { username } userErrors { code } } }";
        let input = json!({ "token": SETUP, "username": "root", "password": PASSWORD, "email": "root@example.org" });
        let answer = world.ask(&world.nobody(), setup, json!({ "input": input })).await;
        let done = json!({ "account": { "username": "root" }, "userErrors": [] });
        assert_eq!(answer, json!({ "data": { "operatorSetup": done } }));
        let operator = world.sign_in("root").await;
        (world, operator)
    }

    /// The same, but waiting for read models hardly at all.
    pub(super) fn impatient(mut self) -> Self {
        self.schema = crate::over(self.api(Duration::from_millis(20)));
        self
    }

    /// The same, but for documents of any size.
    pub(super) fn unlimited(mut self) -> Self {
        let api = self.api(Duration::from_secs(5));
        let inner = crate::builder().limit_complexity(usize::MAX).data(Arc::new(api)).finish();
        self.schema = Schema::new(inner);
        self
    }

    fn api(&self, patience: Duration) -> Api {
        let mailing = Arc::new(super::mail::Postman(self.handler.clone()));
        Api::new(self.handler.clone(), self.views.clone(), self.gate.clone(), mailing, patience)
    }

    /// Somebody who has not signed in.
    pub(super) fn nobody(&self) -> Who {
        Who(Arc::new(Viewer::anonymous(self.ids.next().into(), None)))
    }

    /// Somebody who signs in with the password of everybody.
    pub(super) async fn sign_in(&self, username: &str) -> Who {
        let query = "mutation ($input: SignInInput!) { signIn(input: $input) { session { id account { id } organisation { id } } } }";
        let input = json!({ "username": username, "password": PASSWORD });
        let answer = self.ask(&self.nobody(), query, json!({ "input": input })).await;
        let session = &answer["data"]["signIn"]["session"];
        let id = |value: &Value| value.as_str().and_then(GlobalId::parse);
        let Some(GlobalId::Session(session_id)) = id(&session["id"]) else {
            panic!("{username} can't sign in: {answer}")
        };
        let Some(GlobalId::Account(account)) = id(&session["account"]["id"]) else {
            panic!("{username} has no account: {answer}")
        };
        let organisation = match id(&session["organisation"]["id"]) {
            Some(GlobalId::Organisation(organisation)) => Some(organisation),
            _ => None,
        };
        let mut viewer = Viewer::anonymous(self.ids.next().into(), None);
        viewer.actor = Actor::Account { account, session: session_id };
        viewer.organisation = organisation;
        Who(Arc::new(viewer))
    }

    /// A program with a service key.
    pub(super) fn program(
        &self,
        key: ServiceKeyId,
        organisation: OrganisationId,
        scopes: impl IntoIterator<Item = Scope>,
    ) -> Who {
        let mut viewer = Viewer::anonymous(self.ids.next().into(), None);
        viewer.actor = Actor::ServiceKey { key };
        viewer.organisation = Some(organisation);
        viewer.scopes = scopes.into_iter().collect();
        Who(Arc::new(viewer))
    }

    /// What somebody is answered.
    pub(super) async fn ask(&self, who: &Who, query: &str, variables: Value) -> Value {
        let answer = Executor::execute(&self.schema, self.request(who, query, variables)).await;
        serde_json::to_value(answer).unwrap()
    }

    /// What somebody is answered whose browser sends headers.
    pub(super) async fn ask_with(&self, who: &Who, browser: Browser, query: &str) -> Value {
        let client = Client {
            address: [192, 0, 2, 1].into(),
            request_id: "test".to_owned(),
            user_agent: None,
            accept_language: browser.language.map(str::to_owned),
            at_least: browser.at_least,
        };
        let request = self.request(who, query, json!({})).data(Arc::new(client));
        serde_json::to_value(Executor::execute(&self.schema, request).await).unwrap()
    }

    /// What somebody is answered by an operation that goes on.
    pub(super) fn follow(
        &self,
        who: &Who,
        query: &str,
        variables: Value,
    ) -> BoxStream<'static, Value> {
        let request = self.request(who, query, variables);
        let answers = Executor::execute_stream(&self.schema, request, None);
        answers.map(|answer| serde_json::to_value(answer).unwrap()).boxed()
    }

    /// Asks for something that must be done, and gives the payload.
    #[track_caller]
    pub(super) fn must(
        &self,
        who: &Who,
        mutation: &str,
        selection: &str,
        input: Value,
    ) -> impl Future<Output = Value> {
        let caller = std::panic::Location::caller();
        let described = format!("{mutation} {input}");
        let asked = self.mutate(who, mutation, selection, input);
        async move {
            let answer = asked.await;
            assert_eq!(answer["userErrors"], json!([]), "{caller}: {described}: {answer}");
            answer
        }
    }

    /// Asks for something, and gives the payload, or the whole answer where there is none.
    pub(super) async fn mutate(
        &self,
        who: &Who,
        mutation: &str,
        selection: &str,
        input: Value,
    ) -> Value {
        let kind = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
        let query = format!(
            "mutation ($input: {kind}!) {{ it: {mutation}(input: $input) {{ {selection} position userErrors {{ code field message }} }} }}"
        );
        let mut answer = self.ask(who, &query, json!({ "input": input })).await;
        match answer["data"]["it"].take() {
            Value::Null => answer,
            payload => payload,
        }
    }

    /// An organisation with an administrator of the same name, who is given with its global id.
    pub(super) async fn organisation(&self, operator: &Who, name: &str) -> (String, Who) {
        let made = self
            .must(operator, "organisationCreate", "organisation { id }", json!({ "name": name }))
            .await;
        let id = made["organisation"]["id"].as_str().unwrap().to_owned();
        let admin = format!("{}-admin", name.to_lowercase());
        let account = self.account(operator, &id, &admin).await;
        let input = json!({ "account": account, "organisation": id, "administrator": true });
        self.must(operator, "administratorSet", "", input).await;
        (id, self.sign_in(&admin).await)
    }

    /// A full member who can sign in; its global id.
    pub(super) async fn account(&self, who: &Who, organisation: &str, username: &str) -> String {
        let input = json!({
            "organisation": organisation, "username": username, "displayName": username,
            "email": format!("{username}@example.net"), "password": PASSWORD,
        });
        let made = self.must(who, "accountCreate", "account { id }", input).await;
        made["account"]["id"].as_str().unwrap().to_owned()
    }

    fn request(&self, who: &Who, query: &str, variables: Value) -> Request {
        let mut viewer = Viewer::clone(&who.0);
        viewer.request = self.ids.next().into();
        Request::new(query).variables(Variables::from_json(variables)).data(Arc::new(viewer))
    }
}

impl Who {
    /// The same, reading another language.
    pub(super) fn reading(&self, language: Language) -> Self {
        let mut viewer = Viewer::clone(&self.0);
        viewer.language = Some(language);
        Self(Arc::new(viewer))
    }
}

/// A gate that keeps passwords as they are.
struct Door {
    handler: Arc<Handler>,
    ids: Arc<Counter>,
    kept: Mutex<HashMap<CredentialId, String>>,
}

impl Door {
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

/// Second factors are the program's affair: here anything is one, and nobody signs in with one.
#[async_trait]
impl Second for Door {
    async fn sign_in_finish(
        &self,
        _: &commands::Request,
        _: SecretString,
        _: Shown,
    ) -> Result<SignedIn, Denied> {
        Err(Denied::Token)
    }

    async fn sign_in_factor_begin(
        &self,
        _: &commands::Request,
        _: SecretString,
        _: FirstFactor,
    ) -> Result<(AccountId, Enrolment), Denied> {
        Err(Denied::Token)
    }

    async fn sign_in_factor_confirm(
        &self,
        _: &commands::Request,
        _: SecretString,
        _: FactorId,
        _: Option<Text>,
        _: Shown,
    ) -> Result<SignedIn, Denied> {
        Err(Denied::Token)
    }

    async fn step_up_code(&self, _: &commands::Request) -> Result<DateTime<Utc>, Denied> {
        Err(Denied::Failed(commands::Failure::Refused(Refusal::FactorNotFound)))
    }

    async fn factor_begin_by_message(
        &self,
        request: &commands::Request,
        _: E164,
    ) -> Result<Enrolment, Denied> {
        self.factor_begin(request, FactorKind::Sms, "").await
    }

    async fn sign_in_code(
        &self,
        _: &commands::Request,
        _: SecretString,
        _: Option<FactorKind>,
    ) -> Result<DateTime<Utc>, Denied> {
        Err(Denied::Token)
    }

    async fn passkey_begin(
        &self,
        _: &commands::Request,
        _: PasskeyFor,
    ) -> Result<PasskeyAsked, Denied> {
        let expires_at = DateTime::from_timestamp(1_900_000_000, 0).unwrap();
        Ok(PasskeyAsked { options: "{}".to_owned(), expires_at })
    }

    async fn sign_in_with_passkey(
        &self,
        _: &commands::Request,
        _: SecretString,
    ) -> Result<SignedIn, Denied> {
        Err(Denied::Passkey)
    }

    async fn step_up(
        &self,
        request: &commands::Request,
        password: SecretString,
        _: Option<Shown>,
    ) -> Result<SteppedUp, Denied> {
        let Actor::Account { account, session } = request.actor else {
            return Err(Denied::Failed(commands::Failure::Refused(Refusal::NotSignedIn)));
        };
        if !self.fits(account, &password).await? {
            return Err(Denied::Credentials);
        }
        let until = DateTime::from_timestamp(1_900_000_000, 0).unwrap();
        let step_up = Command::StepUp { session, account, proof: None, until, mails: vec![] };
        let done = self.handler.handle(request, step_up).await?;
        let (token, max_age) = ("renewed".into(), Duration::from_hours(12));
        Ok(SteppedUp { done, token, expires_at: until, max_age, until })
    }

    async fn factor_begin(
        &self,
        request: &commands::Request,
        kind: FactorKind,
        _: &str,
    ) -> Result<Enrolment, Denied> {
        let account = request.account().ok_or(Denied::Token)?;
        let factor = self.ids.next().into();
        let confirm =
            Command::FactorConfirm { account, factor, kind, name: None, step: None, mails: vec![] };
        self.handler.rehearse(request, confirm).await?;
        let expires_at = DateTime::from_timestamp(1_900_000_000, 0).unwrap();
        Ok(Enrolment { factor, expires_at, app: None, passkey: None })
    }

    async fn factor_confirm(
        &self,
        request: &commands::Request,
        factor: FactorId,
        name: Option<Text>,
        _: Shown,
    ) -> Result<Done, Denied> {
        let account = request.account().ok_or(Denied::Token)?;
        let kind = FactorKind::Totp;
        let confirm =
            Command::FactorConfirm { account, factor, kind, name, step: None, mails: vec![] };
        Ok(self.handler.handle(request, confirm).await?)
    }

    async fn factor_remove(
        &self,
        request: &commands::Request,
        account: AccountId,
        factor: FactorId,
    ) -> Result<Done, Denied> {
        Ok(self
            .handler
            .handle(request, Command::FactorRemove { account, factor, mails: vec![] })
            .await?)
    }

    async fn recovery_codes_make(
        &self,
        request: &commands::Request,
    ) -> Result<(Done, Vec<SecretString>), Denied> {
        let account = request.account().ok_or(Denied::Token)?;
        let codes = self.ids.next().into();
        let make = Command::RecoveryCodesMake { account, codes, count: 1 };
        Ok((self.handler.handle(request, make).await?, vec!["code".into()]))
    }
}

/// Who is signed in is the program's affair, too.
#[async_trait]
impl Presence for Door {
    async fn session_end(
        &self,
        request: &commands::Request,
        session: SessionId,
    ) -> Result<Done, Denied> {
        let running = self.handler.running_session(session).await?;
        let none = || Denied::Failed(commands::Failure::Refused(Refusal::SessionNotFound));
        let (account, _) = running.ok_or_else(none)?;
        let end = Command::SessionEnd { session, account, reason: EndReason::Ended };
        self.handler.handle(request, end).await.map_err(|_| none())
    }

    async fn sessions_end(
        &self,
        _: &commands::Request,
        _: Whose,
    ) -> Result<(Option<Done>, u32), Denied> {
        Ok((None, 0))
    }

    async fn sessions_used(&self, _: AccountId) -> Result<Vec<(SessionId, DateTime<Utc>)>, Denied> {
        Ok(Vec::new())
    }

    async fn impersonate(
        &self,
        request: &commands::Request,
        account: AccountId,
        reason: Text,
    ) -> Result<SignedIn, Denied> {
        let session = self.ids.next().into();
        let until = DateTime::from_timestamp(1_900_000_000, 0).unwrap();
        let impersonate = Command::Impersonate { session, account, reason, until };
        let done = self.handler.handle(request, impersonate).await?;
        let (organisation, max_age) = (None, Duration::from_mins(30));
        let (position, token) = (done.position, format!("token-{session}").into());
        Ok(SignedIn { position, session, account, organisation, token, expires_at: until, max_age })
    }
}
