//! Signing in, as seen from the gate, over a log in memory.

use std::{net::IpAddr, sync::Arc};

use commands::{Command, Handler, Request};
use events::{
    AccountId, Actor, Event, OrganisationId, Origin, Position, Recorded, RequestId, account, codec,
    id::Clock,
    store::{EventStore, memory::Memory},
    value::{Language, MemberKind, Plan, Profile, Scope, Text, Username},
    vault::Vault,
};
use graphql::{
    client::Client,
    port::{Denied, Gate, SignedIn},
};
use secrecy::{ExposeSecret, SecretString};

use super::{Auth, Edge};
use crate::{
    app::SystemIds,
    config::Config,
    http::port::{Authenticate, Credentials, Viewer},
    reactors::{EndSessions, Reactor},
    testing::FakeClock,
};

const PASSWORD: &str = "Kanarie fluit 7 deuntjes";
const WRONG: &str = "Kanarie zwijgt 7 deuntjes";

struct World {
    store: Arc<dyn EventStore>,
    clock: Arc<FakeClock>,
    handler: Arc<Handler>,
    auth: Arc<Auth>,
}

impl World {
    async fn new() -> Self {
        let store: Arc<dyn EventStore> = Arc::new(Memory::new());
        let vault = Arc::new(Vault::in_memory().await.unwrap());
        let (clock, ids) = (Arc::new(FakeClock::new()), Arc::new(SystemIds));
        let handler =
            Arc::new(Handler::new(store.clone(), vault.clone(), clock.clone(), ids.clone()));
        let auth = Auth::try_new(&Config::default(), handler.clone(), vault, clock.clone(), ids);
        Self { store, clock, handler, auth: Arc::new(auth.unwrap()) }
    }

    /// With an organisation of two members who can sign in: anna, who manages it, and berta.
    async fn with_members() -> (Self, OrganisationId, AccountId, AccountId) {
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

    async fn member(&self, organisation: OrganisationId, name: &str) -> AccountId {
        let kept = self.auth.keep_password(&self.as_console(), PASSWORD.into(), &[]).await;
        let create = Command::AccountCreate {
            organisation,
            username: Username::parse(name).unwrap(),
            profile: profile(name),
            kind: MemberKind::Full,
            credential: Some(kept.unwrap()),
        };
        self.console(create).await.into()
    }

    fn as_console(&self) -> Request {
        Request::new(Actor::Console, RequestId::new(self.auth.ids.next()))
    }

    async fn console(&self, command: Command) -> uuid::Uuid {
        let done = self.handler.handle(&self.as_console(), command).await.unwrap();
        done.subject.unwrap_or_default()
    }

    /// Somebody who has not signed in.
    fn anonymous(&self) -> Request {
        let origin = Origin { address: IpAddr::from([192, 0, 2, 1]), agent: None };
        let id = RequestId::new(self.auth.ids.next());
        Request { origin: Some(origin), ..Request::new(Actor::Anonymous, id) }
    }

    fn by(&self, signed_in: &SignedIn) -> Request {
        let SignedIn { account, session, organisation, .. } = *signed_in;
        Request { actor: Actor::Account { account, session }, organisation, ..self.anonymous() }
    }

    async fn sign_in(&self, name: &str, password: &str) -> Result<SignedIn, Denied> {
        Gate::sign_in(&*self.auth, &self.anonymous(), name, password.into()).await
    }

    async fn viewer(&self, token: &SecretString) -> Option<Arc<dyn Viewer>> {
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

    async fn works(&self, signed_in: &SignedIn) -> bool {
        self.viewer(&signed_in.token).await.is_some()
    }

    async fn events(&self) -> Vec<Event> {
        let all = self.store.read_all(Position::START, 10_000).await.unwrap();
        all.iter().map(|stored| codec::decode(&stored.kind, &stored.data).unwrap()).collect()
    }

    /// Lets the reactor see everything that happened.
    async fn react(&self) {
        let reactor = EndSessions::new(self.auth.clone());
        for stored in self.store.read_all(Position::START, 10_000).await.unwrap() {
            if reactor.cares(&stored.kind) {
                let recorded = Recorded {
                    position: stored.position,
                    stream: stored.stream,
                    version: stored.version,
                    id: stored.id,
                    at: stored.at,
                    cause: Arc::new(serde_json::from_str(&stored.cause).unwrap()),
                    event: codec::decode(&stored.kind, &stored.data).unwrap(),
                };
                reactor.react(&recorded).await.unwrap();
            }
        }
    }

    async fn setup(&self, token: &SecretString) -> Result<commands::Done, Denied> {
        let token = SecretString::from(token.expose_secret());
        let username = Username::parse("operator").unwrap();
        let profile = profile("operator");
        self.auth.operator_setup(&self.anonymous(), token, username, profile, PASSWORD.into()).await
    }

    async fn first_token(&self) -> Option<SecretString> {
        self.auth.first_operator(&*self.store).await.unwrap().map(|first| first.token)
    }
}

fn profile(name: &str) -> Profile {
    Profile { display_name: Text::parse(name).unwrap(), entries: vec![] }
}

fn is_credentials<T>(outcome: &Result<T, Denied>) -> bool {
    matches!(outcome, Err(Denied::Credentials))
}

#[tokio::test]
async fn s7_the_first_operator_needs_the_token_of_the_console_and_nobody_else_becomes_one() {
    let world = World::new().await;
    let token = world.first_token().await.unwrap();
    assert!(matches!(world.setup(&"sto_guessed".into()).await, Err(Denied::Token)));
    world.setup(&token).await.unwrap();
    assert!(world.sign_in("operator", PASSWORD).await.is_ok());
    assert!(world.first_token().await.is_none());
}

#[tokio::test]
async fn s8_the_first_token_works_once() {
    let world = World::new().await;
    let token = world.first_token().await.unwrap();
    world.setup(&token).await.unwrap();
    assert!(matches!(world.setup(&token).await, Err(Denied::Token)));
}

#[tokio::test]
async fn s8_a_newer_token_voids_the_one_before_and_each_expires() {
    let world = World::new().await;
    let old = world.first_token().await.unwrap();
    let new = world.first_token().await.unwrap();
    assert!(matches!(world.setup(&old).await, Err(Denied::Token)));
    world.clock.advance(24 * 60 * 60);
    assert!(matches!(world.setup(&new).await, Err(Denied::Token)));
    let newest = world.first_token().await.unwrap();
    assert!(world.setup(&newest).await.is_ok());
}

#[tokio::test]
async fn s8_a_password_that_is_too_weak_leaves_the_token_usable() {
    let world = World::new().await;
    let token = world.first_token().await.unwrap();
    let again = SecretString::from(token.expose_secret());
    let name = Username::parse("operator").unwrap();
    let weak = "Operator2026!".into();
    let refused =
        world.auth.operator_setup(&world.anonymous(), again, name, profile("operator"), weak).await;
    assert!(matches!(refused, Err(Denied::Password(_))));
    assert!(world.setup(&token).await.is_ok());
}

#[tokio::test]
async fn s1_whoever_may_not_sign_in_gets_one_and_the_same_answer() {
    let (world, organisation, anna, berta) = World::with_members().await;
    assert!(world.sign_in("anna", PASSWORD).await.is_ok());
    assert!(is_credentials(&world.sign_in("nobody", PASSWORD).await));
    assert!(is_credentials(&world.sign_in("", "").await));
    assert!(is_credentials(&world.sign_in("anna", WRONG).await));
    let deactivate = Command::AccountDeactivate { organisation, account: berta, reason: None };
    world.console(deactivate).await;
    assert!(is_credentials(&world.sign_in("berta", PASSWORD).await));
    world.console(Command::AccountDelete { organisation, account: berta }).await;
    assert!(is_credentials(&world.sign_in("berta", PASSWORD).await));
    assert!(world.sign_in("ANNA", PASSWORD).await.is_ok_and(|session| session.account == anna));
}

#[tokio::test]
async fn s6_three_wrong_passwords_lock_and_then_the_right_one_is_not_evaluated() {
    let (world, _, anna, _) = World::with_members().await;
    for _ in 0..3 {
        assert!(is_credentials(&world.sign_in("anna", WRONG).await));
    }
    assert!(is_credentials(&world.sign_in("anna", PASSWORD).await));
    world.console(Command::AccountUnlock { account: anna }).await;
    assert!(world.sign_in("anna", PASSWORD).await.is_ok());
}

#[tokio::test]
async fn s6_a_right_password_ends_the_count() {
    let (world, ..) = World::with_members().await;
    for _ in 0..3 {
        assert!(is_credentials(&world.sign_in("anna", WRONG).await));
        assert!(is_credentials(&world.sign_in("anna", WRONG).await));
        assert!(world.sign_in("anna", PASSWORD).await.is_ok());
    }
}

#[tokio::test]
async fn s6_of_twenty_tries_at_once_three_are_evaluated() {
    let (world, ..) = World::with_members().await;
    let tries = (0..20).map(|_| world.sign_in("anna", WRONG));
    let refused = futures_util::future::join_all(tries).await;
    assert!(refused.iter().all(Result::is_err));
    let events = world.events().await;
    let count = |wanted: &account::Event| {
        events.iter().filter(|event| matches!(event, Event::Account(e) if e == wanted)).count()
    };
    assert_eq!(count(&account::Event::Locked), 1);
    assert!(count(&account::Event::SignInFailed) <= 3);
    assert!(is_credentials(&world.sign_in("anna", PASSWORD).await));
}

#[tokio::test]
async fn s14_signing_in_over_a_session_gives_a_new_one_and_ends_the_old_one() {
    let (world, ..) = World::with_members().await;
    let old = world.sign_in("anna", PASSWORD).await.unwrap();
    let new = Gate::sign_in(&*world.auth, &world.by(&old), "anna", PASSWORD.into()).await.unwrap();
    assert_ne!(old.token.expose_secret(), new.token.expose_secret());
    assert!(!world.works(&old).await);
    assert!(world.works(&new).await);
}

#[tokio::test]
async fn s14_signing_out_ends_the_session_and_no_other() {
    let (world, ..) = World::with_members().await;
    let one = world.sign_in("anna", PASSWORD).await.unwrap();
    let other = world.sign_in("anna", PASSWORD).await.unwrap();
    world.auth.sign_out(&world.by(&one)).await.unwrap();
    assert!(!world.works(&one).await);
    assert!(world.works(&other).await);
}

#[tokio::test]
async fn s15_whoever_is_barred_loses_access_at_once_and_open_streams_too() {
    let (world, organisation, _, berta) = World::with_members().await;
    let session = world.sign_in("berta", PASSWORD).await.unwrap();
    let stream = world.viewer(&session.token).await.unwrap();
    assert!(stream.still_valid().await);
    let deactivate = Command::AccountDeactivate { organisation, account: berta, reason: None };
    world.console(deactivate).await;
    assert!(!world.works(&session).await);
    assert!(!stream.still_valid().await);
    // And the reactor ends the session for good: being let in again doesn't bring it back.
    world.react().await;
    world.console(Command::AccountReactivate { organisation, account: berta }).await;
    assert!(!world.works(&session).await);
    assert!(world.sign_in("berta", PASSWORD).await.is_ok());
}

#[tokio::test]
async fn s15_an_idle_session_is_ended_by_an_event() {
    let (world, ..) = World::with_members().await;
    let session = world.sign_in("anna", PASSWORD).await.unwrap();
    world.clock.advance(2 * 60 * 60);
    assert!(!world.works(&session).await);
    world.auth.tidy().await.unwrap();
    assert_eq!(ended(&world.events().await), 1);
}

#[tokio::test]
async fn changing_the_password_ends_the_other_sessions_and_keeps_the_one_that_did() {
    let (world, ..) = World::with_members().await;
    let own = world.sign_in("anna", PASSWORD).await.unwrap();
    let other = world.sign_in("anna", PASSWORD).await.unwrap();
    let (request, new) = (world.by(&own), "Merel fluit 8 deuntjes");
    let wrong = world.auth.password_change(&request, WRONG.into(), new.into()).await;
    assert!(is_credentials(&wrong));
    world.auth.password_change(&request, PASSWORD.into(), new.into()).await.unwrap();
    assert!(world.works(&own).await);
    assert!(!world.works(&other).await);
    assert!(is_credentials(&world.sign_in("anna", PASSWORD).await));
    // The reactor comes later, and ends nothing that began with the new password.
    world.clock.advance(1);
    let after = world.sign_in("anna", new).await.unwrap();
    world.react().await;
    assert!(world.works(&own).await && world.works(&after).await);
}

#[tokio::test]
async fn an_administrator_sets_another_password_and_that_ends_all_sessions() {
    let (world, _, anna, berta) = World::with_members().await;
    let administrator = world.sign_in("anna", PASSWORD).await.unwrap();
    let session = world.sign_in("berta", PASSWORD).await.unwrap();
    let (request, new) = (world.by(&administrator), "Merel fluit 8 deuntjes");
    world.auth.password_set(&request, berta, new.into()).await.unwrap();
    assert!(!world.works(&session).await);
    assert!(world.sign_in("berta", new).await.is_ok());
    let own = world.auth.password_set(&request, anna, new.into()).await;
    assert!(matches!(own, Err(Denied::Failed(_))));
    let other = world.by(&world.sign_in("berta", new).await.unwrap());
    let refused = world.auth.password_set(&other, anna, "Specht klopt 9 keer".into()).await;
    assert!(matches!(refused, Err(Denied::Failed(_))));
    assert!(world.sign_in("anna", PASSWORD).await.is_ok());
}

#[tokio::test]
async fn s2_a_weak_hash_is_replaced_at_sign_in_and_no_session_ends() {
    let (world, _, anna, _) = World::with_members().await;
    let weak = argon2::Argon2::new(
        argon2::Algorithm::Argon2id,
        argon2::Version::V0x13,
        argon2::Params::new(64, 1, 1, None).unwrap(),
    );
    let hash = argon2::PasswordHasher::hash_password(&weak, PASSWORD.as_bytes()).unwrap();
    let state = world.handler.account_state(anna).await.unwrap().unwrap();
    let credential = state.credential.unwrap();
    world.auth.vault.put_credential(credential, anna, hash.to_string().into()).await.unwrap();
    let session = world.sign_in("anna", PASSWORD).await.unwrap();
    let state = world.handler.account_state(anna).await.unwrap().unwrap();
    let stored = world.auth.vault.credential(state.credential.unwrap()).await.unwrap().unwrap();
    assert!(stored.expose_secret().contains("m=19456,t=2,p=1"));
    assert!(world.auth.vault.credential(credential).await.unwrap().is_none());
    world.react().await;
    assert!(world.works(&session).await);
}

#[tokio::test]
async fn a_service_key_works_within_its_organisation_until_it_is_revoked_or_expires() {
    let (world, organisation, ..) = World::with_members().await;
    let administrator = world.by(&world.sign_in("anna", PASSWORD).await.unwrap());
    let create = async |expires_at| {
        let (name, scopes) = (Text::parse("dashboard").unwrap(), [Scope::AccountsRead].into());
        let made =
            world.auth.service_key_create(&administrator, organisation, name, scopes, expires_at);
        made.await.unwrap()
    };
    let (done, token) = create(None).await;
    assert!(token.expose_secret().starts_with("stk_"));
    let stream = world.viewer(&token).await.unwrap();
    assert!(stream.is_signed_in() && stream.still_valid().await);
    let key = done.subject.unwrap().into();
    world.console(Command::ServiceKeyRevoke { organisation, key }).await;
    assert!(world.viewer(&token).await.is_none());
    assert!(!stream.still_valid().await);

    let (_, token) = create(Some(world.clock.now() + chrono::TimeDelta::hours(1))).await;
    assert!(world.viewer(&token).await.is_some());
    world.clock.advance(60 * 60);
    assert!(world.viewer(&token).await.is_none());
}

#[tokio::test]
async fn s6_somebody_without_a_session_makes_no_hash_and_changes_no_password() {
    let (world, _, anna, _) = World::with_members().await;
    let request = world.anonymous();
    assert!(world.auth.keep_password(&request, PASSWORD.into(), &[]).await.is_err());
    assert!(world.auth.password_set(&request, anna, WRONG.into()).await.is_err());
    assert!(world.auth.password_change(&request, PASSWORD.into(), WRONG.into()).await.is_err());
    assert!(world.auth.sign_out(&request).await.is_err());
}

#[tokio::test]
async fn s8_tokens_of_another_kind_open_nothing() {
    let world = World::new().await;
    let setup = world.first_token().await.unwrap();
    assert!(world.viewer(&setup).await.is_none());
    let (unknown, _) =
        super::token::generate(world.auth.vault.pepper(), super::token::Kind::Session).unwrap();
    assert!(world.viewer(&unknown).await.is_none());
    assert!(matches!(world.setup(&unknown).await, Err(Denied::Token)));
}

fn ended(events: &[Event]) -> usize {
    events
        .iter()
        .filter(|event| matches!(event, Event::Session(events::session::Event::Ended { .. })))
        .count()
}
