//! Passwords that change, and keys of programs.

use commands::{Command, IdempotencyKey, Request};
use events::{
    id::Clock,
    value::{Scope, Text},
};
use graphql::port::{Denied, Gate};
use secrecy::ExposeSecret;

use super::world::{PASSWORD, WRONG, World, is_credentials};

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
    world.auth.password_set(&request, berta, Some(new.into()), None).await.unwrap();
    assert!(!world.works(&session).await);
    assert!(world.sign_in("berta", new).await.is_ok());
    let own = world.auth.password_set(&request, anna, Some(new.into()), None).await;
    assert!(matches!(own, Err(Denied::Failed(_))));
    let other = world.by(&world.sign_in("berta", new).await.unwrap());
    let refused =
        world.auth.password_set(&other, anna, Some("Specht klopt 9 keer".into()), None).await;
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
async fn a_service_key_that_is_asked_for_again_has_another_token_and_no_two() {
    let (world, organisation, ..) = World::with_members().await;
    let by = world.by(&world.sign_in("anna", PASSWORD).await.unwrap());
    let request = Request { idempotency_key: IdempotencyKey::parse("k").ok(), ..by };
    let create = async || {
        let (name, scopes) = (Text::parse("dashboard").unwrap(), [Scope::AccountsRead].into());
        let made = world.auth.service_key_create(&request, organisation, name, scopes, None);
        made.await.unwrap()
    };
    let (first, lost) = create().await;
    assert!(world.viewer(&lost).await.is_some());
    let (again, token) = create().await;
    assert_eq!(first.subject, again.subject);
    assert!(world.viewer(&token).await.is_some());
    assert!(world.viewer(&lost).await.is_none());
}
