//! Who is signed in: sessions end from elsewhere, and operators act for somebody.

use commands::{Command, Failure, Refusal, Request};
use events::{
    Actor, Event, Position, SessionId,
    account::PasswordSetBy,
    codec,
    factor::FactorKind,
    session,
    value::{ProfileEntry, ProfileField, Text},
};
use graphql::port::{Denied, Gate, Presence, Second, SignedIn, Whose};

use super::world::{PASSWORD, World, ended};

fn refusal<T>(outcome: Result<T, Denied>) -> Refusal {
    match outcome {
        Err(Denied::Failed(Failure::Refused(refusal))) => refusal,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("it was done"),
    }
}

fn text(text: &str) -> Text {
    Text::parse(text).unwrap()
}

impl World {
    /// An operator who has signed in.
    async fn operator(&self) -> SignedIn {
        let token = self.first_token().await.unwrap();
        self.setup(&token).await.unwrap();
        self.clock.advance(1);
        self.sign_in("operator", PASSWORD).await.unwrap()
    }

    /// The request of a session in which an operator acts for somebody.
    pub(super) fn acting(&self, operator: &SignedIn, acted: &SignedIn) -> Request {
        let actor = Actor::Account { account: operator.account, session: acted.session };
        Request {
            actor,
            on_behalf_of: Some(acted.account),
            organisation: acted.organisation,
            ..self.anonymous()
        }
    }
}

#[tokio::test]
async fn s15_a_session_is_ended_from_elsewhere_by_its_owner_and_by_who_manages_the_account() {
    let (world, organisation, anna, _) = World::with_members().await;
    let admin = world.sign_in("anna", PASSWORD).await.unwrap();
    let (one, other) = (
        world.sign_in("berta", PASSWORD).await.unwrap(),
        world.sign_in("berta", PASSWORD).await.unwrap(),
    );
    let by_berta = world.by(&one);
    let strange = Presence::session_end(&*world.auth, &by_berta, admin.session).await;
    assert_eq!(refusal(strange), Refusal::SessionNotFound);
    let none = SessionId::new(world.auth.ids.next());
    let unknown = Presence::session_end(&*world.auth, &by_berta, none).await;
    assert_eq!(refusal(unknown), Refusal::SessionNotFound);
    // Nor whether somebody is signed in.
    let absent = Whose::Account(world.member(organisation, "dirk").await);
    let absent = Presence::sessions_end(&*world.auth, &by_berta, absent).await;
    assert_eq!(refusal(absent), Refusal::Forbidden);
    Presence::session_end(&*world.auth, &by_berta, other.session).await.unwrap();
    assert!(world.works(&one).await && !world.works(&other).await);
    Presence::session_end(&*world.auth, &world.by(&admin), one.session).await.unwrap();
    assert!(!world.works(&one).await && world.works(&admin).await);
    let reasons = world.events().await.into_iter().filter_map(|event| match event {
        Event::Session(session::Event::Ended { reason, account }) if account != anna => {
            Some(reason)
        }
        _ => None,
    });
    assert_eq!(reasons.collect::<Vec<_>>(), [session::EndReason::Ended; 2]);
}

#[tokio::test]
async fn s15_all_sessions_of_an_account_or_organisation_end_but_for_the_one_that_asks() {
    let (world, organisation, anna, _) = World::with_members().await;
    let admin = world.sign_in("anna", PASSWORD).await.unwrap();
    let elsewhere = world.sign_in("anna", PASSWORD).await.unwrap();
    let berta = world.sign_in("berta", PASSWORD).await.unwrap();
    let by_berta = world.by(&berta);
    let all = Whose::Organisation(organisation);
    let strange = Presence::sessions_end(&*world.auth, &by_berta, all).await;
    assert_eq!(refusal(strange), Refusal::Forbidden);
    let by_anna = world.by(&admin);
    let own = Presence::sessions_end(&*world.auth, &by_anna, Whose::Account(anna)).await;
    assert_eq!(own.unwrap().1, 1);
    assert!(world.works(&admin).await && !world.works(&elsewhere).await);
    let (_, count) = Presence::sessions_end(&*world.auth, &by_anna, all).await.unwrap();
    assert_eq!(count, 1);
    assert!(world.works(&admin).await && !world.works(&berta).await);
    assert_eq!(ended(&world.events().await), 2);
}

#[tokio::test]
async fn s20_whoever_acts_for_somebody_gives_a_reason_for_half_an_hour_and_both_stand_in_the_log() {
    let (world, _, _, berta) = World::with_members().await;
    let operator = world.operator().await;
    let by_operator = world.by(&operator);
    let member = world.by(&world.sign_in("anna", PASSWORD).await.unwrap());
    let not_staff = Presence::impersonate(&*world.auth, &member, berta, text("curious")).await;
    assert_eq!(refusal(not_staff), Refusal::Forbidden);
    let acted = Presence::impersonate(&*world.auth, &by_operator, berta, text("import")).await;
    let acted = acted.unwrap();
    let stream = world.viewer(&acted.token).await.unwrap();
    assert!(stream.still_valid().await);
    let request = world.acting(&operator, &acted);
    let value = Some(ProfileEntry::Text(text("Bakker")));
    let changes = vec![(ProfileField::Position, value)];
    let update = Command::ProfileUpdate { account: berta, changes, mails: vec![] };
    let before = world.store.head();
    world.handler.handle(&request, update).await.unwrap();
    let stored = world.store.read_all(before, 10).await.unwrap();
    let cause: events::Cause = serde_json::from_str(&stored[0].cause).unwrap();
    assert_eq!(cause.actor, request.actor);
    assert_eq!(cause.on_behalf_of, Some(berta));
    // Nobody acts for somebody while acting for somebody, nor for an operator.
    let again = Presence::impersonate(&*world.auth, &request, berta, text("more")).await;
    assert_eq!(refusal(again), Refusal::Impersonating);
    let self_ = operator.account;
    let own = Presence::impersonate(&*world.auth, &by_operator, self_, text("me")).await;
    assert_eq!(refusal(own), Refusal::OperatorNotActedFor);
    world.clock.advance(30 * 60);
    assert!(!stream.still_valid().await && !world.works(&acted).await);
    world.auth.tidy().await.unwrap();
    let all = world.store.read_all(Position::START, 10_000).await.unwrap();
    let last = all.iter().rev().find(|stored| stored.kind.starts_with("session.ended")).unwrap();
    let Event::Session(session::Event::Ended { account, .. }) =
        codec::decode(&last.kind, &last.data).unwrap()
    else {
        panic!("{}", last.kind)
    };
    assert_eq!(account, berta);
}

#[tokio::test]
async fn s20_whoever_acts_for_somebody_changes_nothing_about_how_they_sign_in() {
    let (world, _, _, berta) = World::with_members().await;
    let operator = world.operator().await;
    let by_operator = world.by(&operator);
    let acted = Presence::impersonate(&*world.auth, &by_operator, berta, text("import")).await;
    let request = world.acting(&operator, &acted.unwrap());
    let auth = &*world.auth;
    let change = Gate::password_change(auth, &request, PASSWORD.into(), "Een ander 9".into()).await;
    assert_eq!(refusal(change), Refusal::Impersonating);
    let begun = Second::factor_begin(auth, &request, FactorKind::Totp, "berta").await;
    assert_eq!(refusal(begun), Refusal::Impersonating);
    let codes = Second::recovery_codes_make(auth, &request).await;
    assert_eq!(refusal(codes), Refusal::Impersonating);
    let proved = Second::step_up(auth, &request, PASSWORD.into(), None).await;
    assert_eq!(refusal(proved), Refusal::Impersonating);
    let email = events::value::EmailAddress::parse("b@bakker.example").unwrap();
    let credential = auth.ids.next().into();
    for command in [
        Command::ProfileUpdate {
            account: berta,
            changes: vec![(ProfileField::Email, Some(ProfileEntry::Email(email)))],
            mails: vec![],
        },
        Command::PasswordSet {
            account: berta,
            credential,
            by: PasswordSetBy::Administrator,
            mails: vec![],
        },
    ] {
        let failure = world.handler.handle(&request, command).await.unwrap_err();
        assert!(matches!(failure, Failure::Refused(Refusal::Impersonating)));
    }
}

#[tokio::test]
async fn s20_acting_ends_with_the_operators_right_and_works_for_pending_accounts() {
    let (world, organisation, ..) = World::with_members().await;
    let operator = world.operator().await;
    let by_operator = world.by(&operator);
    let new = super::world::new(organisation, "clara");
    let made = Gate::account_create(&*world.auth, &world.as_console(), new, None).await;
    let clara = made.unwrap().subject.unwrap().into();
    let acted = Presence::impersonate(&*world.auth, &by_operator, clara, text("set-up")).await;
    let acted = acted.unwrap();
    assert!(world.works(&acted).await);
    let second = world.member(organisation, "dora").await;
    world.console(Command::OperatorAppoint { account: second }).await;
    let dora = world.sign_in("dora", PASSWORD).await.unwrap();
    let acted = Presence::impersonate(&*world.auth, &world.by(&dora), clara, text("help")).await;
    let acted = acted.unwrap();
    assert!(world.works(&acted).await);
    world.console(Command::OperatorDismiss { account: second }).await;
    assert!(!world.works(&acted).await);
    // And with what the operator is signed in with.
    let gone = world.sign_in("operator", PASSWORD).await.unwrap();
    let acted = Presence::impersonate(&*world.auth, &world.by(&gone), clara, text("call")).await;
    let acted = acted.unwrap();
    let all = Whose::Account(operator.account);
    Presence::sessions_end(&*world.auth, &world.as_console(), all).await.unwrap();
    assert!(!world.works(&acted).await);
    let operator = world.sign_in("operator", PASSWORD).await.unwrap();
    let by_operator = world.by(&operator);
    // Whoever acts signs out as the one they act for, and both are told.
    let again = Presence::impersonate(&*world.auth, &by_operator, clara, text("again")).await;
    let again = again.unwrap();
    Gate::sign_out(&*world.auth, &world.acting(&operator, &again)).await.unwrap();
    assert!(!world.works(&again).await);
    assert!(world.works(&operator).await);
}
