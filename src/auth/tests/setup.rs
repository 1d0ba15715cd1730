//! The first operator.

use commands::{Failure, IdempotencyKey, Refusal, Request};
use events::value::Username;
use graphql::port::{Denied, Gate};
use secrecy::{ExposeSecret, SecretString};

use super::world::{PASSWORD, World, profile};
use crate::auth::token;

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
async fn s8_tokens_of_another_kind_open_nothing() {
    let world = World::new().await;
    let setup = world.first_token().await.unwrap();
    assert!(world.viewer(&setup).await.is_none());
    let (unknown, _) = token::generate(world.auth.vault.pepper(), token::Kind::Session).unwrap();
    assert!(world.viewer(&unknown).await.is_none());
    assert!(matches!(world.setup(&unknown).await, Err(Denied::Token)));
}

#[tokio::test]
async fn a_setup_whose_answer_was_lost_is_answered_again_to_whoever_had_the_token() {
    let world = World::new().await;
    let token = world.first_token().await.unwrap();
    let key = IdempotencyKey::parse("first-start").ok();
    let request = Request { idempotency_key: key, ..world.anonymous() };
    let first = world.setup_by(&request, &token, "operator").await.unwrap();
    let happened = world.events().await.len();

    let again = world.setup_by(&request, &token, "operator").await.unwrap();
    assert!(again.replayed);
    assert_eq!((again.subject, again.position), (first.subject, first.position));
    let other = world.setup_by(&request, &token, "somebody").await;
    let reused = matches!(other, Err(Denied::Failed(Failure::Refused(Refusal::KeyReused))));
    assert!(reused, "{other:?}");
    let (guessed, _) = token::generate(world.auth.vault.pepper(), token::Kind::Setup).unwrap();
    for (request, token) in [(&request, &guessed), (&world.anonymous(), &token)] {
        let late = world.setup_by(request, token, "operator").await;
        assert!(matches!(late, Err(Denied::Token)), "{late:?}");
    }
    assert_eq!(world.events().await.len(), happened);
}
