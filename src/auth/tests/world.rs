//! An installation over a log in memory, with people who sign in.

use std::{
    net::IpAddr,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use commands::{Command, Handler, Request};
use events::{
    AccountId, Actor, Event, OrganisationId, Origin, Position, RequestId, codec,
    factor::NotSent,
    store::{EventStore, memory::Memory},
    value::{Language, MemberKind, Plan, Profile, Text, Username},
    vault::Vault,
};
use graphql::{
    client::Client,
    port::{Denied, Gate, NewAccount, SignedIn},
};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Notify;

use crate::auth::{Auth, Edge};
use crate::{
    app::SystemIds,
    config::Config,
    http::port::{Authenticate, Credentials, Viewer},
    reactors::{self, EndSessions},
    sms::{Gateway, Message, Sms},
    testing::FakeClock,
};

pub(super) const PASSWORD: &str = "Kanarie fluit 7 deuntjes";
pub(super) const WRONG: &str = "Kanarie zwijgt 7 deuntjes";

pub(super) struct World {
    pub(super) store: Arc<dyn EventStore>,
    pub(super) clock: Arc<FakeClock>,
    pub(super) handler: Arc<Handler>,
    pub(super) auth: Arc<Auth>,
    pub(super) phones: Arc<Phones>,
}

/// What arrived on telephones: the numbers, and what they were told.
#[derive(Default)]
pub(super) struct Phones {
    pub(super) arrived: Mutex<Vec<(String, String)>>,
    /// Why nothing arrives now.
    pub(super) trouble: Mutex<Option<NotSent>>,
    /// Told that a message is on its way.
    pub(super) called: Notify,
    /// As long as somebody has it, no message arrives.
    pub(super) line: tokio::sync::Mutex<()>,
}

#[async_trait]
impl Gateway for Phones {
    async fn send(&self, message: &Message<'_>) -> Result<(), NotSent> {
        self.called.notify_one();
        let _line = self.line.lock().await;
        if let Some(trouble) = *self.trouble.lock().unwrap() {
            return Err(trouble);
        }
        let (to, text) = (message.to.as_str().to_owned(), message.text.to_string());
        self.arrived.lock().unwrap().push((to, text));
        Ok(())
    }
}

impl World {
    pub(super) async fn new() -> Self {
        Self::configured(&Config::default()).await
    }

    pub(super) async fn configured(config: &Config) -> Self {
        let store: Arc<dyn EventStore> = Arc::new(Memory::new());
        let vault = Arc::new(Vault::in_memory().await.unwrap());
        let (clock, ids) = (Arc::new(FakeClock::new()), Arc::new(SystemIds));
        let handler =
            Arc::new(Handler::new(store.clone(), vault.clone(), clock.clone(), ids.clone()));
        let phones = Arc::new(Phones::default());
        let sms = Sms::new(phones.clone(), None);
        let address = config.address(config.listen);
        let auth = Auth::try_new(config, &address, handler.clone(), vault, clock.clone(), ids, sms);
        Self { store, clock, handler, auth: Arc::new(auth.unwrap()), phones }
    }

    /// With an organisation of two members who can sign in: anna, who manages it, and berta.
    pub(super) async fn with_members() -> (Self, OrganisationId, AccountId, AccountId) {
        let world = Self::new().await;
        let create = Command::OrganisationCreate {
            name: Text::parse("Bakkerij Bakker").unwrap(),
            language: Language::Nl,
            plan: Plan::default(),
        };
        let organisation: OrganisationId = world.console(create).await.into();
        let anna = world.member(organisation, "anna").await;
        let berta = world.member(organisation, "berta").await;
        world.console(Command::OwnerSet { organisation, account: anna }).await;
        world.clock.advance(1);
        (world, organisation, anna, berta)
    }

    pub(super) async fn member(&self, organisation: OrganisationId, name: &str) -> AccountId {
        let request = self.as_console();
        let new = new(organisation, name);
        let made = self.auth.account_create(&request, new, Some(PASSWORD.into()));
        made.await.unwrap().subject.unwrap().into()
    }

    pub(super) fn as_console(&self) -> Request {
        Request::new(Actor::Console, RequestId::new(self.auth.ids.next()))
    }

    pub(super) async fn console(&self, command: Command) -> uuid::Uuid {
        let done = self.handler.handle(&self.as_console(), command).await.unwrap();
        done.subject.unwrap_or_default()
    }

    /// Somebody who has not signed in.
    pub(super) fn anonymous(&self) -> Request {
        let origin = Origin { address: IpAddr::from([192, 0, 2, 1]), agent: None };
        let id = RequestId::new(self.auth.ids.next());
        Request { origin: Some(origin), ..Request::new(Actor::Anonymous, id) }
    }

    pub(super) fn by(&self, signed_in: &SignedIn) -> Request {
        let SignedIn { account, session, organisation, .. } = *signed_in;
        Request { actor: Actor::Account { account, session }, organisation, ..self.anonymous() }
    }

    pub(super) async fn sign_in(&self, name: &str, password: &str) -> Result<SignedIn, Denied> {
        let first = Gate::sign_in(&*self.auth, &self.anonymous(), name, password.into()).await?;
        Ok(first.signed_in().expect("a second factor is asked for"))
    }

    pub(super) async fn viewer(&self, token: &SecretString) -> Option<Arc<dyn Viewer>> {
        let client = Client {
            address: IpAddr::from([192, 0, 2, 1]),
            request_id: "test".to_owned(),
            user_agent: None,
            accept_language: None,
            at_least: None,
        };
        let token = SecretString::from(token.expose_secret());
        let edge = Edge(self.auth.clone());
        edge.authenticate(Credentials::Bearer(token), &client).await.ok()
    }

    pub(super) async fn works(&self, signed_in: &SignedIn) -> bool {
        self.viewer(&signed_in.token).await.is_some()
    }

    pub(super) async fn events(&self) -> Vec<Event> {
        let all = self.store.read_all(Position::START, 10_000).await.unwrap();
        all.iter().map(|stored| codec::decode(&stored.kind, &stored.data).unwrap()).collect()
    }

    /// Lets the reactor see everything that happened.
    pub(super) async fn react(&self) {
        let reactor = EndSessions::new(self.auth.clone());
        reactors::show(&reactor, &self.handler, &*self.store, Position::START).await;
    }

    pub(super) async fn setup(&self, token: &SecretString) -> Result<commands::Done, Denied> {
        self.setup_by(&self.anonymous(), token, "operator").await
    }

    pub(super) async fn setup_by(
        &self,
        request: &Request,
        token: &SecretString,
        name: &str,
    ) -> Result<commands::Done, Denied> {
        let token = SecretString::from(token.expose_secret());
        let (username, profile) = (Username::parse(name).unwrap(), profile(name));
        self.auth.operator_setup(request, token, username, profile, PASSWORD.into()).await
    }

    pub(super) async fn first_token(&self) -> Option<SecretString> {
        self.auth.first_operator(&*self.store).await.unwrap().map(|first| first.token)
    }
}

pub(super) fn profile(name: &str) -> Profile {
    Profile { display_name: Text::parse(name).unwrap(), entries: vec![] }
}

pub(super) fn is_credentials<T>(outcome: &Result<T, Denied>) -> bool {
    matches!(outcome, Err(Denied::Credentials))
}

pub(super) fn ended(events: &[Event]) -> usize {
    events
        .iter()
        .filter(|event| matches!(event, Event::Session(events::session::Event::Ended { .. })))
        .count()
}

pub(super) fn new(organisation: OrganisationId, name: &str) -> NewAccount {
    let username = Username::parse(name).unwrap();
    NewAccount { organisation, username, profile: profile(name), kind: MemberKind::Full }
}
