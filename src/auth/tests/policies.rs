//! What organisations say about signing in holds, of several the strictest.

use commands::Command;
use events::{
    OrganisationId,
    value::{Language, LockAfter, MemberKind, MinLength, Plan, PolicyRule, SessionMinutes, Text},
};
use graphql::port::{Denied, Gate, Presence, WeakPassword};

use super::world::{PASSWORD, WRONG, World, ended, is_credentials};

impl World {
    async fn rule(&self, organisation: OrganisationId, rule: PolicyRule) {
        self.console(Command::PolicySet { organisation, rules: vec![rule] }).await;
    }

    async fn organisation(&self) -> OrganisationId {
        let name = Text::parse("Slagerij Slager").unwrap();
        let (language, plan) = (Language::Nl, Plan::default());
        self.console(Command::OrganisationCreate { name, language, plan }).await.into()
    }
}

#[tokio::test]
async fn s6_after_how_many_wrong_passwords_an_account_is_locked_is_a_policy() {
    let (world, organisation, anna, _) = World::with_members().await;
    world.rule(organisation, PolicyRule::LockAfter(LockAfter::parse(5).ok())).await;
    for _ in 0..4 {
        assert!(is_credentials(&world.sign_in("anna", WRONG).await));
    }
    assert!(world.sign_in("anna", PASSWORD).await.is_ok());
    let stricter = world.organisation().await;
    let kind = MemberKind::Full;
    world.console(Command::MemberAdd { organisation: stricter, account: anna, kind }).await;
    world.rule(stricter, PolicyRule::LockAfter(LockAfter::parse(2).ok())).await;
    for _ in 0..2 {
        assert!(is_credentials(&world.sign_in("anna", WRONG).await));
    }
    assert!(is_credentials(&world.sign_in("anna", PASSWORD).await));
}

#[tokio::test]
async fn s4_how_long_a_password_must_be_is_a_policy() {
    let (world, organisation, anna, _) = World::with_members().await;
    let session = world.sign_in("anna", PASSWORD).await.unwrap();
    let (request, new) = (world.by(&session), "Kanarie zwijgt 7 deuntjes lang");
    world.rule(organisation, PolicyRule::MinLength(MinLength::parse(40).ok())).await;
    let change = || world.auth.password_change(&request, PASSWORD.into(), new.into());
    let too_short =
        |denied: &Denied| matches!(denied, Denied::Password(WeakPassword::TooShort { min: 40 }));
    assert!(too_short(&change().await.unwrap_err()));
    let set = world.auth.password_set(&world.as_console(), anna, Some(new.into()), None).await;
    assert!(too_short(&set.unwrap_err()));
    world.rule(organisation, PolicyRule::MinLength(None)).await;
    assert!(change().await.is_ok());
}

#[tokio::test]
async fn s15_how_long_a_session_may_idle_and_last_is_a_policy() {
    let (world, organisation, ..) = World::with_members().await;
    let minutes = |minutes| SessionMinutes::parse(minutes).ok();
    world.rule(organisation, PolicyRule::SessionIdle(minutes(10))).await;
    world.rule(organisation, PolicyRule::SessionLifetime(minutes(30))).await;
    let idle = world.sign_in("anna", PASSWORD).await.unwrap();
    assert_eq!(idle.max_age.as_secs(), 30 * 60);
    world.clock.advance(10 * 60);
    assert!(!world.works(&idle).await);
    let used = world.sign_in("anna", PASSWORD).await.unwrap();
    for _ in 0..29 {
        world.clock.advance(60);
        assert!(world.works(&used).await);
    }
    world.clock.advance(60);
    assert!(!world.works(&used).await);
}

#[tokio::test]
async fn s15_a_shorter_limit_holds_for_sessions_that_run_already() {
    let (world, organisation, ..) = World::with_members().await;
    let session = world.sign_in("anna", PASSWORD).await.unwrap();
    world.clock.advance(45 * 60);
    assert!(world.works(&session).await);
    let limit = SessionMinutes::parse(30).ok();
    world.rule(organisation, PolicyRule::SessionLifetime(limit)).await;
    assert!(!world.works(&session).await);
    world.rule(organisation, PolicyRule::SessionLifetime(SessionMinutes::parse(600).ok())).await;
    assert!(world.works(&session).await);
}

#[tokio::test]
async fn s15_a_session_that_is_over_by_an_organisations_rules_is_ended_by_an_event_soon() {
    let (world, organisation, _, berta) = World::with_members().await;
    let minutes = |minutes| SessionMinutes::parse(minutes).ok();
    world.rule(organisation, PolicyRule::SessionIdle(minutes(10))).await;
    let idle = world.sign_in("anna", PASSWORD).await.unwrap();
    let used = world.sign_in("berta", PASSWORD).await.unwrap();
    for _ in 0..11 {
        world.clock.advance(60);
        assert!(world.works(&used).await);
        world.auth.tidy().await.unwrap();
    }
    assert_eq!(ended(&world.events().await), 1);
    assert!(!world.works(&idle).await && world.works(&used).await);
    // Nobody is shown as signed in who isn't.
    let sessions = world.auth.sessions_used(idle.account).await.unwrap();
    assert!(sessions.is_empty(), "{sessions:?}");
    assert_eq!(world.auth.sessions_used(berta).await.unwrap().len(), 1);
    world.rule(organisation, PolicyRule::SessionLifetime(minutes(12))).await;
    world.clock.advance(60);
    world.auth.tidy().await.unwrap();
    assert_eq!(ended(&world.events().await), 2);
}
