//! How sessions begin and end.

use commands::Command;
use graphql::port::Gate;
use secrecy::ExposeSecret;

use super::world::{PASSWORD, WRONG, World, ended, is_credentials};

#[tokio::test]
async fn s14_signing_in_over_a_session_gives_a_new_one_and_ends_the_old_one() {
    let (world, ..) = World::with_members().await;
    let old = world.sign_in("anna", PASSWORD).await.unwrap();
    let new = Gate::sign_in(&*world.auth, &world.by(&old), "anna", PASSWORD.into()).await;
    let new = new.unwrap().signed_in().unwrap();
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
async fn s15_every_way_to_be_barred_ends_access_at_once() {
    for way in 0..3 {
        let (world, organisation, _, berta) = World::with_members().await;
        let session = world.sign_in("berta", PASSWORD).await.unwrap();
        let stream = world.viewer(&session.token).await.unwrap();
        assert!(stream.still_valid().await);
        match way {
            0 => {
                for _ in 0..3 {
                    assert!(is_credentials(&world.sign_in("berta", WRONG).await));
                }
            }
            1 => {
                let delete = Command::AccountDelete { organisation, account: berta };
                world.console(delete).await;
            }
            _ => {
                world.console(Command::OrganisationDeactivate { organisation }).await;
            }
        }
        assert!(!world.works(&session).await, "{way}");
        assert!(!stream.still_valid().await, "{way}");
    }
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
async fn s15_outside_their_hours_nobody_gets_in_and_whoever_is_in_goes_out() {
    use events::value::{HourRange, WeekHours};
    let (world, _, anna, berta) = World::with_members().await;
    // It is Friday, nine in the morning in Amsterdam.
    let hours = |from, until| {
        WeekHours::parse(&[HourRange { day: chrono::Weekday::Fri, from, until }]).ok()
    };
    for account in [anna, berta] {
        world.console(Command::SignInHoursSet { account, hours: hours(8, 10) }).await;
    }
    let admin = world.sign_in("anna", PASSWORD).await.unwrap();
    let session = world.sign_in("berta", PASSWORD).await.unwrap();
    let stream = world.viewer(&session.token).await.unwrap();
    world.clock.advance(3_590);
    assert!(world.works(&session).await && stream.still_valid().await);
    assert!(world.works(&admin).await);
    world.clock.advance(10);
    assert!(!world.works(&session).await && !stream.still_valid().await);
    assert!(is_credentials(&world.sign_in("berta", PASSWORD).await));
    // Administrators are exempt, and the end is an event.
    assert!(world.works(&admin).await);
    world.auth.tidy().await.unwrap();
    assert_eq!(ended(&world.events().await), 1);
    world.console(Command::SignInHoursSet { account: berta, hours: None }).await;
    assert!(!world.works(&session).await);
    assert!(world.sign_in("berta", PASSWORD).await.is_ok());
}
