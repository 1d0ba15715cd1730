//! Codes by text message: confirming a number, and showing that one has it.

use commands::Refusal;
use events::{
    Event, Position,
    factor::{self, FactorKind, NotSent},
    value::E164,
};
use graphql::port::{Attempt, Denied, Enrolment, Gate, Second, SignedIn};
use secrecy::ExposeSecret;

use super::{
    second::{copied, is_code, refusal, shown},
    world::{PASSWORD, World},
};

const NUMBER: &str = "+31612345678";

impl World {
    /// The code in the newest message to a number.
    fn texted(&self, number: &str) -> Option<String> {
        let arrived = self.phones.arrived.lock().unwrap();
        let (_, text) = arrived.iter().rev().find(|(to, _)| to == number)?;
        Some(text.split(' ').next()?.to_owned())
    }

    async fn begin_number(&self, who: &SignedIn, number: &str) -> Result<Enrolment, Denied> {
        let number = E164::parse(number).unwrap();
        Second::factor_begin_by_message(&*self.auth, &self.by(who), number).await
    }

    async fn confirm_number(
        &self,
        who: &SignedIn,
        begun: &Enrolment,
        code: &str,
    ) -> Result<commands::Done, Denied> {
        let request = self.by(who);
        Second::factor_confirm(&*self.auth, &request, begun.factor, None, shown(code)).await
    }

    /// Somebody who has signed in confirms a number.
    async fn with_number(&self, who: &SignedIn) -> Enrolment {
        self.step_up(who, PASSWORD, None).await.unwrap();
        let begun = self.begin_number(who, NUMBER).await.unwrap();
        let code = self.texted(NUMBER).unwrap();
        self.confirm_number(who, &begun, &code).await.unwrap();
        begun
    }

    async fn send(&self, attempt: &Attempt) -> Result<(), Denied> {
        let token = copied(&attempt.token);
        Second::sign_in_code(&*self.auth, &self.anonymous(), token, None).await.map(drop)
    }
}

#[tokio::test]
async fn s9_a_number_counts_once_its_owner_has_typed_the_code_that_was_sent_there() {
    let (world, ..) = World::with_members().await;
    let session = world.sign_in("anna", PASSWORD).await.unwrap();
    assert_eq!(refusal(world.begin_number(&session, NUMBER).await), Refusal::StepUpRequired);
    assert!(world.texted(NUMBER).is_none(), "nobody is disturbed for what couldn't count");
    world.step_up(&session, PASSWORD, None).await.unwrap();
    let begun = world.begin_number(&session, NUMBER).await.unwrap();
    let code = world.texted(NUMBER).unwrap();
    assert!(code.len() == 8 && code.chars().all(|c| c.is_ascii_digit()));
    assert!(world.sign_in("anna", PASSWORD).await.is_ok(), "nothing is asked for yet");
    // Five tries, and not even the right one after that.
    for _ in 0..5 {
        assert!(is_code(&world.confirm_number(&session, &begun, "00000000").await));
    }
    assert!(is_code(&world.confirm_number(&session, &begun, &code).await));
    let again = world.begin_number(&session, NUMBER).await.unwrap();
    // A code belongs to what it was sent for.
    assert!(is_code(&world.confirm_number(&session, &again, &code).await));
    let newer = world.texted(NUMBER).unwrap();
    world.confirm_number(&session, &again, &newer).await.unwrap();
    let attempt = world.first_step("anna").await;
    assert_eq!(attempt.kinds, [FactorKind::Sms]);
    let named = |event: &Event| {
        matches!(
            event,
            Event::Factor(factor::Event::Added { kind: FactorKind::Sms, name: Some(_), .. })
        )
    };
    assert_eq!(world.count(named).await, 1, "it is called by the end of its number");
}

#[tokio::test]
async fn s9_a_code_that_was_sent_ends_its_attempt_once_and_no_other_one() {
    let (world, ..) = World::with_members().await;
    let session = world.sign_in("anna", PASSWORD).await.unwrap();
    world.with_number(&session).await;
    let confirmed = world.texted(NUMBER).unwrap();
    let attempt = world.first_step("anna").await;
    assert_eq!(world.texted(NUMBER).unwrap(), confirmed, "nothing is sent before it is asked for");
    assert!(is_code(&world.finish(&attempt, shown(confirmed)).await));
    world.send(&attempt).await.unwrap();
    let first = world.texted(NUMBER).unwrap();
    world.send(&attempt).await.unwrap();
    let second = world.texted(NUMBER).unwrap();
    assert!(is_code(&world.finish(&attempt, shown(first)).await), "the newer one ends it");
    let other = world.first_step("anna").await;
    assert!(is_code(&world.finish(&other, shown(second)).await), "it belongs to its attempt");
}

#[tokio::test]
async fn s9_a_code_works_once_and_for_as_long_as_its_attempt() {
    let (world, _, anna, _) = World::with_members().await;
    let session = world.sign_in("anna", PASSWORD).await.unwrap();
    world.with_number(&session).await;
    let attempt = world.first_step("anna").await;
    world.send(&attempt).await.unwrap();
    let code = world.texted(NUMBER).unwrap();
    let signed_in = world.finish(&attempt, shown(code.clone())).await.unwrap();
    assert!(world.works(&signed_in).await && signed_in.account == anna);
    let next = world.first_step("anna").await;
    assert!(is_code(&world.finish(&next, shown(code)).await));
    world.send(&next).await.unwrap();
    let late = world.texted(NUMBER).unwrap();
    world.clock.advance(10 * 60);
    assert!(world.finish(&next, shown(late)).await.is_err());
    let used = |event: &Event| matches!(event, Event::Factor(factor::Event::Used { .. }));
    assert_eq!(world.count(used).await, 1);
}

#[tokio::test]
async fn s9_messages_are_bounded_for_an_attempt_an_account_and_a_number() {
    let (world, ..) = World::with_members().await;
    let session = world.sign_in("anna", PASSWORD).await.unwrap();
    world.with_number(&session).await;
    let mut sent = 1;
    // The attempt's own bound is three; the account's is six an hour.
    for most in [3, 2, 0] {
        let attempt = world.first_step("anna").await;
        let mut got = 0;
        while world.send(&attempt).await.is_ok() {
            got += 1;
        }
        assert!(matches!(world.send(&attempt).await, Err(Denied::TooMany { .. })));
        assert_eq!(got, most);
        sent += got;
    }
    assert_eq!(world.phones.arrived.lock().unwrap().len(), sent);
}

#[tokio::test]
async fn s9_a_code_that_is_not_sent_leaves_the_one_before() {
    let (world, ..) = World::with_members().await;
    let session = world.sign_in("anna", PASSWORD).await.unwrap();
    world.with_number(&session).await;
    let first = world.first_step("anna").await;
    while world.send(&first).await.is_ok() {}
    let last = world.first_step("anna").await;
    while world.send(&last).await.is_ok() {}
    // Two were left of the account's six, so that this attempt's own bound wasn't reached.
    let code = world.texted(NUMBER).unwrap();
    world.finish(&last, shown(code)).await.unwrap();
}

#[tokio::test]
async fn s9_what_others_say_is_their_number_keeps_no_code_from_its_owner() {
    let (world, ..) = World::with_members().await;
    let session = world.sign_in("anna", PASSWORD).await.unwrap();
    world.with_number(&session).await;
    let berta = world.sign_in("berta", PASSWORD).await.unwrap();
    world.step_up(&berta, PASSWORD, None).await.unwrap();
    let mut got = 0;
    while world.begin_number(&berta, NUMBER).await.is_ok() {
        got += 1;
    }
    assert!(matches!(world.begin_number(&berta, NUMBER).await, Err(Denied::TooMany { .. })));
    assert_eq!(got, 5, "with anna's own, six an hour to a number that isn't confirmed");
    let attempt = world.first_step("anna").await;
    world.send(&attempt).await.unwrap();
    let code = world.texted(NUMBER).unwrap();
    world.finish(&attempt, shown(code)).await.unwrap();
}

#[tokio::test]
async fn whoever_shares_a_turn_does_not_wait_for_a_gateway_that_hangs() {
    let (world, ..) = World::with_members().await;
    let session = world.sign_in("anna", PASSWORD).await.unwrap();
    world.with_number(&session).await;
    let attempt = world.first_step("anna").await;
    world.phones.called.notified().await;
    let line = world.phones.line.lock().await;
    let others = async {
        world.phones.called.notified().await;
        // Takes anna's turn, too: it would be told that others are busy.
        world.first_step("anna").await;
        drop(line);
    };
    let (sent, ()) = tokio::join!(world.send(&attempt), others);
    sent.unwrap();
}

#[tokio::test]
async fn s13_stepping_up_asks_for_a_code_that_was_sent_to_this_session() {
    let (world, ..) = World::with_members().await;
    let session = world.sign_in("anna", PASSWORD).await.unwrap();
    world.with_number(&session).await;
    let request = world.by(&session);
    let change = || {
        Gate::password_change(
            &*world.auth,
            &request,
            PASSWORD.into(),
            "Zwaluw 9 vliegt laag".into(),
        )
    };
    world.clock.advance(15 * 60);
    assert_eq!(refusal(change().await), Refusal::StepUpRequired);
    assert!(is_code(&world.step_up(&session, PASSWORD, None).await));
    Second::step_up_code(&*world.auth, &request).await.unwrap();
    let code = world.texted(NUMBER).unwrap();
    // Not the wrong one, and not in another session.
    assert!(is_code(&world.step_up(&session, PASSWORD, Some("00000000".to_owned())).await));
    let attempt = world.first_step("anna").await;
    world.send(&attempt).await.unwrap();
    let other = world.texted(NUMBER).unwrap();
    let elsewhere = world.finish(&attempt, shown(other)).await.unwrap();
    assert!(is_code(&world.step_up(&elsewhere, PASSWORD, Some(code.clone())).await));
    world.step_up(&session, PASSWORD, Some(code.clone())).await.unwrap();
    change().await.unwrap();
    // It works once.
    let again = world.step_up(&session, "Zwaluw 9 vliegt laag", Some(code)).await;
    assert!(is_code(&again));
}

#[tokio::test]
async fn a_gateway_out_of_order_is_told_and_noted_and_leaves_nothing_behind() {
    let (world, ..) = World::with_members().await;
    let session = world.sign_in("anna", PASSWORD).await.unwrap();
    world.step_up(&session, PASSWORD, None).await.unwrap();
    *world.phones.trouble.lock().unwrap() = Some(NotSent::Unreachable);
    let begun = world.begin_number(&session, NUMBER).await;
    assert_eq!(refusal(begun), Refusal::MessageNotSent);
    let kind = events::vault::SecretKind::Factor;
    let kept = world.auth.vault.secrets_after(kind, uuid::Uuid::nil(), 10).await.unwrap();
    assert!(kept.is_empty());
    let noted = |event: &Event| {
        let reason = NotSent::Unreachable;
        matches!(event, Event::Factor(factor::Event::CodeNotSent { reason: told, .. }) if *told == reason)
    };
    assert_eq!(world.count(noted).await, 1);
    *world.phones.trouble.lock().unwrap() = None;
    world.with_number(&session).await;
}

#[tokio::test]
async fn s27_neither_the_log_nor_what_is_kept_holds_a_code_or_the_number() {
    let (world, _, anna, _) = World::with_members().await;
    let session = world.sign_in("anna", PASSWORD).await.unwrap();
    let begun = world.with_number(&session).await;
    let attempt = world.first_step("anna").await;
    world.send(&attempt).await.unwrap();
    let codes: Vec<_> =
        world.phones.arrived.lock().unwrap().iter().map(|(_, text)| text[..8].to_owned()).collect();
    let log = world.store.read_all(Position::START, 10_000).await.unwrap();
    let texts = log.iter().map(|stored| format!("{stored:?}{}", stored.data));
    let text = texts.collect::<Vec<_>>().join("\n");
    assert!(text.contains("factor.code_sent"));
    for canary in codes.iter().map(String::as_str).chain(["612345678"]) {
        assert!(!text.contains(canary), "{canary}");
    }
    // Sealed under its owner's key; opened, it holds the number and no code any more.
    let kind = events::vault::SecretKind::Factor;
    let kept = world.auth.vault.secret(kind, begun.factor.uuid(), anna).await.unwrap().unwrap();
    let kept = String::from_utf8(kept.to_vec()).unwrap();
    assert!(kept.contains(NUMBER) && kept.contains("\"sent\":null"), "{kept}");
    assert!(!attempt.token.expose_secret().is_empty());
}
