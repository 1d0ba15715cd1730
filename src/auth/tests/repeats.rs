//! The same request is the one with the same password, and it is done once.

use commands::{Failure, IdempotencyKey, Refusal, Request};
use graphql::port::{Denied, Gate, WeakPassword};
use secrecy::SecretString;

use super::world::{PASSWORD, World, new};

const NEW: &str = "Merel fluit 8 deuntjes";
const OTHER: &str = "Specht klopt 9 keer";

fn keyed(request: Request) -> Request {
    Request { idempotency_key: Some(IdempotencyKey::parse("again").unwrap()), ..request }
}

fn is_reused<T>(outcome: &Result<T, Denied>) -> bool {
    matches!(outcome, Err(Denied::Failed(Failure::Refused(Refusal::KeyReused))))
}

#[tokio::test]
async fn an_account_is_made_once_and_with_another_password_it_is_another_request() {
    let (world, organisation, ..) = World::with_members().await;
    let create = async |password: Option<&str>| {
        let password = password.map(SecretString::from);
        world
            .auth
            .account_create(&keyed(world.as_console()), new(organisation, "clara"), password)
            .await
    };
    let first = create(Some(PASSWORD)).await.unwrap();
    let again = create(Some(PASSWORD)).await.unwrap();
    assert!(again.replayed && again.subject == first.subject);
    assert!(is_reused(&create(Some(NEW)).await) && is_reused(&create(None).await));
    assert!(world.sign_in("clara", PASSWORD).await.is_ok());
}

#[tokio::test]
async fn a_password_is_set_once_and_a_replay_ends_no_session() {
    let (world, _, _, berta) = World::with_members().await;
    let by = world.by(&world.sign_in("anna", PASSWORD).await.unwrap());
    let set = async |new: &str| {
        world.auth.password_set(&keyed(by.clone()), berta, Some(new.into()), None).await
    };
    set(NEW).await.unwrap();
    world.clock.advance(1);
    let session = world.sign_in("berta", NEW).await.unwrap();
    assert!(set(NEW).await.unwrap().replayed);
    assert!(world.works(&session).await);
    assert!(is_reused(&set(OTHER).await));
    assert!(world.sign_in("berta", NEW).await.is_ok());
}

#[tokio::test]
async fn a_password_change_whose_answer_was_lost_is_answered_again() {
    let (world, _, anna, _) = World::with_members().await;
    let by = world.by(&world.sign_in("anna", PASSWORD).await.unwrap());
    let change = async |new: &str| {
        world.auth.password_change(&keyed(by.clone()), PASSWORD.into(), new.into()).await
    };
    change(NEW).await.unwrap();
    assert!(change(NEW).await.unwrap().replayed);
    assert!(is_reused(&change(OTHER).await));
    let events = world.events().await.into_iter();
    let failed = events::Event::Account(events::account::Event::SignInFailed);
    assert_eq!(events.filter(|event| *event == failed).count(), 0);
    assert!(!world.handler.account_state(anna).await.unwrap().unwrap().locked);
    assert!(world.sign_in("anna", NEW).await.is_ok());
}

#[tokio::test]
async fn s5_no_password_is_made_of_the_own_name_or_the_organisation() {
    let (world, organisation, ..) = World::with_members().await;
    let rita = world.member(organisation, "rita.ruysdael").await;
    let own = world.by(&world.sign_in("rita.ruysdael", PASSWORD).await.unwrap());
    let anna = world.by(&world.sign_in("anna", PASSWORD).await.unwrap());
    for guessable in ["Ruysdael2026", "Bakkerij2026"] {
        let set = world.auth.password_set(&anna, rita, Some(guessable.into()), None).await;
        let change = world.auth.password_change(&own, PASSWORD.into(), guessable.into()).await;
        let new = new(organisation, "ruysdael.piet");
        let create = world.auth.account_create(&anna, new, Some(guessable.into())).await;
        for refused in [set, change, create] {
            let weak = matches!(refused, Err(Denied::Password(WeakPassword::Guessable)));
            assert!(weak, "{guessable}: {refused:?}");
        }
    }
}
