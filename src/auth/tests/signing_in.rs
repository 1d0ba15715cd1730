//! Who may sign in, and how often one may try.

use commands::Command;
use events::{Event, account};
use graphql::port::Gate;

use super::world::{PASSWORD, WRONG, World, is_credentials, new};

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
async fn s6_somebody_without_a_session_makes_no_hash_and_changes_no_password() {
    let (world, organisation, anna, _) = World::with_members().await;
    let (request, new) = (world.anonymous(), new(organisation, "clara"));
    assert!(world.auth.account_create(&request, new, Some(PASSWORD.into())).await.is_err());
    assert!(world.auth.password_set(&request, anna, Some(WRONG.into()), None).await.is_err());
    assert!(world.auth.password_change(&request, PASSWORD.into(), WRONG.into()).await.is_err());
    assert!(world.auth.sign_out(&request).await.is_err());
}
