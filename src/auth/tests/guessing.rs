//! Whoever holds a session still has to know the password, and doesn't get to guess it.

use commands::{IdempotencyKey, Request};
use events::Version;
use graphql::port::Gate;

use super::world::{PASSWORD, WRONG, World, is_credentials};

const NEW: &str = "Merel fluit 8 deuntjes";

/// Guesses three times, with the same conditions every time, which locks the account.
async fn guessed(conditions: impl Fn(Request) -> Request) {
    let (world, _, anna, _) = World::with_members().await;
    let own = world.sign_in("anna", PASSWORD).await.unwrap();
    for _ in 0..3 {
        let request = conditions(world.by(&own));
        let _ = world.auth.password_change(&request, WRONG.into(), NEW.into()).await;
    }
    let state = world.handler.account_state(anna).await.unwrap().unwrap();
    assert!(state.locked);
    assert!(is_credentials(&world.sign_in("anna", PASSWORD).await));
}

#[tokio::test]
async fn s6_a_wrong_present_password_is_counted() {
    guessed(|request| request).await;
}

#[tokio::test]
async fn s6_an_idempotency_key_keeps_no_wrong_password_from_being_counted() {
    let key = IdempotencyKey::parse("again").unwrap();
    guessed(|request| Request { idempotency_key: Some(key.clone()), ..request }).await;
}

#[tokio::test]
async fn s6_an_expected_version_that_is_right_keeps_no_wrong_password_from_being_counted() {
    // As it is before the first try: the count itself makes it wrong.
    let expected_version = Some(Version(3));
    let (world, _, anna, _) = World::with_members().await;
    let own = world.sign_in("anna", PASSWORD).await.unwrap();
    let request = Request { expected_version, ..world.by(&own) };
    let wrong = world.auth.password_change(&request, WRONG.into(), NEW.into()).await;
    assert!(is_credentials(&wrong), "{wrong:?}");
    let fails = world.events().await.into_iter().filter(|event| {
        matches!(event, events::Event::Account(events::account::Event::SignInFailed))
    });
    assert_eq!(fails.count(), 1);
    let state = world.handler.account_state(anna).await.unwrap().unwrap();
    assert!(!state.locked);
}

#[tokio::test]
async fn s6_an_expected_version_that_is_wrong_tells_nothing_about_the_password() {
    let (world, ..) = World::with_members().await;
    let own = world.sign_in("anna", PASSWORD).await.unwrap();
    let mut answers = Vec::new();
    for password in [WRONG, PASSWORD] {
        let request = Request { expected_version: Some(Version(999)), ..world.by(&own) };
        let refused = world.auth.password_change(&request, password.into(), NEW.into()).await;
        answers.push(format!("{refused:?}"));
    }
    assert_eq!(answers[0], answers[1]);
    assert!(answers[0].contains("Conflict"), "{answers:?}");
    assert!(world.sign_in("anna", PASSWORD).await.is_ok());
}
