//! Signing in with a passkey and nothing else.

use chrono::TimeDelta;
use commands::{Command, Request};
use events::{Event, Position, factor, session};
use graphql::port::{PasskeyFor, Second};
use serde_json::Value;

use super::{
    super::world::{WRONG, World, is_credentials},
    ORIGIN, device, is_refused, passkey,
};
use crate::{auth::factors::Purpose, testing::authenticator::Authenticator};

#[tokio::test]
async fn s13_a_passkey_alone_opens_a_session_and_its_challenge_works_once() {
    let mut device = device();
    let (world, session, _) = World::berta_with(&mut device).await;
    let asked = world.asked(PasskeyFor::SignIn).await.unwrap();
    let options: Value = serde_json::from_str(&asked.options).unwrap();
    assert_eq!(options["allowCredentials"], serde_json::json!([]));
    let answer = device.get(&asked.options);
    let signed_in = world.enter(&answer).await.unwrap();
    assert!(world.works(&signed_in).await && world.is_fresh(signed_in.session).await);
    assert_eq!(
        (signed_in.account, signed_in.organisation),
        (session.account, session.organisation)
    );
    let opened = |event: &Event| matches!(event, Event::Session(session::Event::Opened { .. }));
    assert_eq!(world.count(opened).await, 2);
    assert!(is_refused(&world.enter(&answer).await));

    // Of many at once one.
    let answer = world.alone(&mut device).await;
    let tries = futures_util::future::join_all((0..8).map(|_| world.enter(&answer))).await;
    assert_eq!(tries.iter().filter(|one| one.is_ok()).count(), 1);
    assert!(tries.iter().all(|one| one.is_ok() || is_refused(one)));

    // In time.
    let late = world.alone(&mut device).await;
    world.clock.advance(5 * 60);
    assert!(is_refused(&world.enter(&late).await));
    // And not one that was asked for beside a password.
    let attempt = world.first_step("berta").await;
    let beside = world.asked_to_finish(&attempt).await.unwrap();
    assert!(is_refused(&world.enter(&device.get(&beside.options)).await));
    assert!(world.enter(&world.alone(&mut device).await).await.is_ok());
}

#[tokio::test]
async fn a_passkey_alone_is_enough_where_everybody_is_asked_for_a_second_factor() {
    let mut device = device();
    let (world, session, _) = World::berta_with(&mut device).await;
    let everybody = Some(events::value::SecondFactor::Everybody);
    let rules = vec![events::value::PolicyRule::SecondFactor(everybody)];
    let organisation = session.organisation.unwrap();
    world.console(Command::PolicySet { organisation, rules }).await;
    assert!(world.enter(&world.alone(&mut device).await).await.is_ok());
}

#[tokio::test]
async fn s1_every_passkey_that_opens_nothing_is_refused_alike() {
    let mut device = device();
    let (world, session, factor) = World::berta_with(&mut device).await;
    let organisation = session.organisation.unwrap();
    let berta = session.account;
    let closed = async |device: &mut Authenticator| {
        assert!(is_refused(&world.enter(&world.alone(device).await).await));
    };
    // Of nobody; of somebody else; that doesn't say whose it is; altered; nonsense.
    let mut unknown = self::device();
    unknown.user = device.user.clone();
    closed(&mut unknown).await;
    device.user = Some(vec![9; 16]);
    closed(&mut device).await;
    device.user = None;
    closed(&mut device).await;
    device.user = unknown.user;
    let mut altered = world.alone(&mut device).await;
    altered["response"]["signature"] = "MAYCAQECAQE".into();
    assert!(is_refused(&world.enter(&altered).await));
    assert!(is_refused(&world.enter(&Value::Null).await));
    for origin in ["https://evil.example", "http://127.0.0.1:8090"] {
        origin.clone_into(&mut device.origin);
        closed(&mut device).await;
    }
    ORIGIN.clone_into(&mut device.origin);
    // The key is what nobody else has, and so nobody else locks the account.
    assert!(world.enter(&world.alone(&mut device).await).await.is_ok());
    // Outside her hours.
    let sunday = events::value::HourRange { day: chrono::Weekday::Sun, from: 3, until: 4 };
    let never = events::value::WeekHours::parse(&[sunday]).ok();
    world.console(Command::SignInHoursSet { account: berta, hours: never }).await;
    closed(&mut device).await;
    world.console(Command::SignInHoursSet { account: berta, hours: None }).await;
    // Deactivated.
    let reason = None;
    let deactivate = Command::AccountDeactivate { organisation, account: berta, reason };
    world.console(deactivate).await;
    closed(&mut device).await;
    world.console(Command::AccountReactivate { organisation, account: berta }).await;
    assert!(world.enter(&world.alone(&mut device).await).await.is_ok());
    // Removed.
    let anna = world.proven("anna").await;
    let by_anna = Request { organisation: Some(organisation), ..world.by(&anna) };
    Second::factor_remove(&*world.auth, &by_anna, berta, factor).await.unwrap();
    closed(&mut device).await;
    assert!(is_credentials(&world.sign_in("berta", WRONG).await));
}

#[tokio::test]
async fn s13_a_passkey_that_counts_backwards_is_refused_and_history_tells() {
    let mut device = device();
    device.count = Some(7);
    let (world, session, factor) = World::berta_with(&mut device).await;
    assert!(world.enter(&world.alone(&mut device).await).await.is_ok());
    // A copy that was made when it had signed six times, and one that has forgotten to count.
    for count in [Some(6), None] {
        device.count = count;
        assert!(is_refused(&world.enter(&world.alone(&mut device).await).await));
    }
    assert_eq!(world.suspected().await, 2);
    device.count = Some(7);
    let attempt = world.first_step("berta").await;
    let asked = world.asked_to_finish(&attempt).await.unwrap();
    assert!(is_refused(&world.finish(&attempt, passkey(&device.get(&asked.options))).await));
    assert_eq!(world.suspected().await, 3);
    let told = world.store.read_all(Position::START, 10_000).await.unwrap();
    let told = told.iter().rev().find(|stored| *stored.kind == *"factor.suspected.v1").unwrap();
    assert_eq!(told.stream, events::Stream::Factors(session.account));
    // The right one goes on.
    device.count = Some(20);
    assert!(world.enter(&world.alone(&mut device).await).await.is_ok());
    let steps = world.events().await.into_iter().filter_map(|event| match event {
        Event::Factor(factor::Event::Used { factor: it, step }) if it == factor => step,
        _ => None,
    });
    assert_eq!(steps.collect::<Vec<_>>(), [8, 21]);
}

#[tokio::test]
async fn s8_challenges_have_a_bounded_number_of_places_and_the_newest_in_each_counts() {
    let (world, ..) = World::with_members().await;
    let expires_at = world.auth.clock.now() + TimeDelta::minutes(5);
    let keep = async |purpose, challenge| {
        world.auth.keep_challenge(purpose, challenge, expires_at).await.unwrap();
    };
    let redeem =
        async |purpose, challenge: &[u8; 32]| world.auth.redeem(purpose, challenge).await.unwrap();
    // Those who have said no name share what the first two bytes lead to, by chance.
    let (mut one, mut other, mut elsewhere) = ([7; 32], [7; 32], [7; 32]);
    (one[2], other[31], elsewhere[1]) = (1, 2, 3);
    for challenge in [&one, &elsewhere, &other] {
        keep(Purpose::SignIn, challenge).await;
    }
    assert_eq!(world.challenges().await, 2);
    for (challenge, works) in [(&one, false), (&other, true), (&elsewhere, true), (&other, false)] {
        assert_eq!(redeem(Purpose::SignIn, challenge).await, works);
    }
    // An attempt and a session have one place each, whatever is asked there.
    let id = |number| uuid::Uuid::from_u128(number);
    let session = |number| Purpose::StepUp(id(number).into());
    for (purpose, next) in
        [(Purpose::Finish(id(1)), Purpose::Finish(id(2))), (session(1), session(2))]
    {
        keep(next, &one).await;
        keep(purpose, &one).await;
        keep(purpose, &elsewhere).await;
        assert_eq!(world.challenges().await, 2);
        assert!(!redeem(purpose, &one).await && redeem(purpose, &elsewhere).await);
        assert!(redeem(next, &one).await, "another one's place is another one");
    }
}

#[tokio::test]
async fn s8_challenges_that_nobody_answers_are_forgotten() {
    let (world, ..) = World::with_members().await;
    world.asked(PasskeyFor::SignIn).await.unwrap();
    assert_eq!(world.challenges().await, 1);
    world.clock.advance(5 * 60);
    world.auth.tidy().await.unwrap();
    assert_eq!(world.challenges().await, 0);
}
