//! An installation in memory, with people who ask.

mod door;

use std::{sync::Arc, time::Duration};

use async_graphql::{Executor, Request, Variables};
use commands::{
    Handler,
    testing::{Counter, Ticking},
};
use events::{
    Actor, OrganisationId, ServiceKeyId,
    id::Ids,
    store::{EventStore, memory::Memory},
    value::{Language, Scope},
    vault::Vault,
};
use futures_util::{StreamExt, stream::BoxStream};
use projections::Views;
use serde_json::{Value, json};
use tempfile::TempDir;

use self::door::Door;
use crate::{Schema, Viewer, asking::Api, client::Client, ids::GlobalId};

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
        let gate = Door::new(handler.clone(), ids.clone());
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
