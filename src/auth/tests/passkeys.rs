//! Passkeys: set up, beside a password, instead of one, and to prove anew who is signed in.

use commands::Refusal;
use events::{
    AccountId, Event, FactorId, account, factor,
    factor::FactorKind,
    vault::{SecretKind, TokenKind},
};
use graphql::port::{
    Attempt, Denied, PasskeyAsked, PasskeyFor, Second, Shown, SignedIn, SteppedUp,
};
use serde_json::Value;
use uuid::Uuid;

use super::{
    second::{copied, refusal},
    world::{PASSWORD, World},
};
use crate::testing::authenticator::{Authenticator, PRESENT};

mod alone;

/// Where the program is by default.
const ORIGIN: &str = "http://localhost:8090";

fn device() -> Authenticator {
    Authenticator::new(ORIGIN)
}

fn passkey(answer: &Value) -> Shown {
    Shown::Passkey(answer.to_string().into())
}

fn is_refused<T>(outcome: &Result<T, Denied>) -> bool {
    matches!(outcome, Err(Denied::Passkey))
}

impl World {
    async fn proven(&self, name: &str) -> SignedIn {
        let session = self.sign_in(name, PASSWORD).await.unwrap();
        let proven = Second::step_up(&*self.auth, &self.by(&session), PASSWORD.into(), None).await;
        SignedIn { token: proven.unwrap().token, ..session }
    }

    async fn begin(&self, who: &SignedIn) -> (FactorId, String) {
        let (request, kind) = (self.by(who), FactorKind::Passkey);
        let begun = Second::factor_begin(&*self.auth, &request, kind, "anna").await.unwrap();
        (begun.factor, begun.passkey.unwrap())
    }

    async fn confirm(
        &self,
        who: &SignedIn,
        factor: FactorId,
        answer: &Value,
    ) -> Result<commands::Done, Denied> {
        let request = self.by(who);
        Second::factor_confirm(&*self.auth, &request, factor, None, passkey(answer)).await
    }

    /// Somebody who has signed in sets a passkey up on a device.
    async fn enrol_passkey(&self, who: &SignedIn, device: &mut Authenticator) -> FactorId {
        let (factor, options) = self.begin(who).await;
        self.confirm(who, factor, &device.create(&options)).await.unwrap();
        factor
    }

    /// Berta, with a passkey.
    async fn berta_with(device: &mut Authenticator) -> (Self, SignedIn, FactorId) {
        let (world, ..) = Self::with_members().await;
        let session = world.proven("berta").await;
        let factor = world.enrol_passkey(&session, device).await;
        (world, session, factor)
    }

    async fn asked(&self, what_for: PasskeyFor) -> Result<PasskeyAsked, Denied> {
        Second::passkey_begin(&*self.auth, &self.anonymous(), what_for).await
    }

    /// What a device gives whoever signs in with nothing else.
    async fn alone(&self, device: &mut Authenticator) -> Value {
        device.get(&self.asked(PasskeyFor::SignIn).await.unwrap().options)
    }

    async fn enter(&self, answer: &Value) -> Result<SignedIn, Denied> {
        let passkey = answer.to_string().into();
        Second::sign_in_with_passkey(&*self.auth, &self.anonymous(), passkey).await
    }

    async fn asked_to_finish(&self, attempt: &Attempt) -> Result<PasskeyAsked, Denied> {
        self.asked(PasskeyFor::Attempt(copied(&attempt.token))).await
    }

    async fn asked_to_step_up(&self, who: &SignedIn) -> Result<PasskeyAsked, Denied> {
        Second::passkey_begin(&*self.auth, &self.by(who), PasskeyFor::StepUp).await
    }

    async fn step_up_with(&self, who: &SignedIn, answer: &Value) -> Result<SteppedUp, Denied> {
        let shown = Some(passkey(answer));
        Second::step_up(&*self.auth, &self.by(who), PASSWORD.into(), shown).await
    }

    async fn suspected(&self) -> usize {
        self.count(|event| matches!(event, Event::Factor(factor::Event::Suspected { .. }))).await
    }

    async fn challenges(&self) -> usize {
        let (kind, vault) = (TokenKind::PasskeyChallenge, &self.auth.vault);
        vault.tokens_after(kind, Uuid::nil(), 1_000).await.unwrap().len()
    }
}

#[tokio::test]
async fn s13_a_passkey_is_set_up_by_making_it_once_in_time_and_by_whoever_began() {
    let (world, ..) = World::with_members().await;
    let session = world.sign_in("berta", PASSWORD).await.unwrap();
    let begun =
        Second::factor_begin(&*world.auth, &world.by(&session), FactorKind::Passkey, "berta").await;
    assert_eq!(refusal(begun), Refusal::StepUpRequired);

    let (berta, anna) = (world.proven("berta").await, world.proven("anna").await);
    let (factor, options) = world.begin(&berta).await;
    let asked: Value = serde_json::from_str(&options).unwrap();
    assert_eq!(asked["rp"]["id"], "localhost");
    assert_eq!(asked["rp"]["name"], "Bakkerij Bakker");
    assert_eq!(asked["authenticatorSelection"]["userVerification"], "required");
    let mut device = device();
    let made = device.create(&options);
    assert_eq!(device.user.as_deref(), Some(&berta.account.uuid().as_bytes()[..]));
    assert_eq!(refusal(world.confirm(&anna, factor, &made).await), Refusal::FactorNotFound);
    world.confirm(&berta, factor, &made).await.unwrap();
    // The same is so already; another one in its place is not.
    world.confirm(&berta, factor, &made).await.unwrap();
    assert!(is_refused(&world.confirm(&berta, factor, &self::device().create(&options)).await));
    let added = |event: &Event| matches!(event, Event::Factor(factor::Event::Added { .. }));
    assert_eq!(world.count(added).await, 1);

    // It isn't made twice on one device, and nobody else's.
    let (_, again) = world.begin(&berta).await;
    let again: Value = serde_json::from_str(&again).unwrap();
    assert_eq!(again["excludeCredentials"][0]["id"], device.id());
    let (other, options) = world.begin(&anna).await;
    assert!(is_refused(&world.confirm(&anna, other, &device.create(&options)).await));
}

#[tokio::test]
async fn s13_of_two_accounts_that_show_the_same_passkey_at_once_one_has_it() {
    let (world, ..) = World::with_members().await;
    let (anna, berta) = (world.proven("anna").await, world.proven("berta").await);
    let ((hers, hers_asked), (his, his_asked)) =
        (world.begin(&anna).await, world.begin(&berta).await);
    let mut device = device();
    let (by_anna, by_berta) = (device.create(&hers_asked), device.create(&his_asked));
    let outcomes =
        tokio::join!(world.confirm(&anna, hers, &by_anna), world.confirm(&berta, his, &by_berta));
    let (first, other) = match &outcomes {
        (Ok(_), other) => (anna, other),
        (other, Ok(_)) => (berta, other),
        neither => panic!("{neither:?}"),
    };
    assert!(is_refused(other), "both have it");
    device.user = Some(first.account.uuid().as_bytes().to_vec());
    let entered = world.enter(&world.alone(&mut device).await).await.unwrap();
    assert_eq!(entered.account, first.account);
}

#[tokio::test]
async fn s13_what_was_made_for_another_question_or_too_late_is_no_passkey() {
    let (world, ..) = World::with_members().await;
    let berta = world.proven("berta").await;
    let (first, first_options) = world.begin(&berta).await;
    let (second, second_options) = world.begin(&berta).await;
    assert!(is_refused(&world.confirm(&berta, first, &device().create(&second_options)).await));
    // A try that failed has used its challenge up.
    let mut elsewhere = Authenticator::new("https://evil.example");
    assert!(is_refused(&world.confirm(&berta, second, &elsewhere.create(&second_options)).await));
    assert!(is_refused(&world.confirm(&berta, second, &device().create(&second_options)).await));
    world.clock.advance(15 * 60);
    let late = world.confirm(&berta, first, &device().create(&first_options)).await;
    assert!(is_refused(&late));
    assert!(world.sign_in("berta", PASSWORD).await.is_ok(), "nothing is asked for");
}

#[tokio::test]
async fn s13_a_passkey_ends_the_sign_in_and_its_challenge_works_once() {
    let mut device = device();
    let (world, session, factor) = World::berta_with(&mut device).await;
    let attempt = world.first_step("berta").await;
    assert_eq!(attempt.kinds, [FactorKind::Passkey]);
    let asked = world.asked_to_finish(&attempt).await.unwrap();
    assert!(asked.options.contains(&device.id()));
    let answer = device.get(&asked.options);
    let signed_in = world.finish(&attempt, passkey(&answer)).await.unwrap();
    assert!(world.works(&signed_in).await && signed_in.account == session.account);
    let used = |event: &Event| matches!(event, Event::Factor(factor::Event::Used { factor: it, .. }) if *it == factor);
    assert_eq!(world.count(used).await, 1);

    // Neither for the next attempt, nor one that was asked for elsewhere, nor one that came before the newest.
    let attempt = world.first_step("berta").await;
    assert!(is_refused(&world.finish(&attempt, passkey(&answer)).await));
    let alone = world.alone(&mut device).await;
    assert!(is_refused(&world.finish(&attempt, passkey(&alone)).await));
    let before = world.challenges().await;
    let older = world.asked_to_finish(&attempt).await.unwrap();
    let newer = world.asked_to_finish(&attempt).await.unwrap();
    assert_eq!(world.challenges().await, before + 1, "an attempt has one challenge");
    let newer = passkey(&device.get(&newer.options));
    assert!(world.finish(&attempt, newer).await.is_ok());
    let attempt = world.first_step("berta").await;
    let older = passkey(&device.get(&older.options));
    assert!(is_refused(&world.finish(&attempt, older).await));
}

#[tokio::test]
async fn s13_a_passkey_must_be_asked_for_within_the_attempt_and_be_shown_by_its_owner() {
    let mut bertas = device();
    let (world, session, _) = World::berta_with(&mut bertas).await;
    let anna = world.proven("anna").await;
    let mut annas = device();
    world.enrol_passkey(&anna, &mut annas).await;
    let attempt = world.first_step("berta").await;
    let asked = world.asked_to_finish(&attempt).await.unwrap();
    assert!(!asked.options.contains(&annas.id()));
    assert!(is_refused(&world.finish(&attempt, passkey(&annas.get(&asked.options))).await));
    // Her credential, said to be his.
    annas.user = Some(session.account.uuid().as_bytes().to_vec());
    let asked = world.asked_to_finish(&attempt).await.unwrap();
    assert!(is_refused(&world.finish(&attempt, passkey(&annas.get(&asked.options))).await));
    // Another device's flags: somebody was there, and may have been anybody.
    bertas.flags = PRESENT;
    let asked = world.asked_to_finish(&attempt).await.unwrap();
    let unverified = passkey(&bertas.get(&asked.options));
    assert!(is_refused(&world.finish(&attempt, unverified).await));
    // Each has counted like a wrong code.
    let failed = |event: &Event| *event == Event::Account(account::Event::SecondFactorFailed);
    let locked = |event: &Event| *event == Event::Account(account::Event::Locked);
    assert_eq!((world.count(failed).await, world.count(locked).await), (3, 1));
    let none = Attempt { token: "sta_no".into(), kinds: vec![], ..attempt };
    assert!(matches!(world.asked_to_finish(&none).await, Err(Denied::Token)));
}

#[tokio::test]
async fn s13_nobody_is_asked_for_a_passkey_who_has_none() {
    let (world, ..) = World::with_members().await;
    let berta = world.proven("berta").await;
    // Without any to choose from a browser would offer all.
    assert!(is_refused(&world.asked_to_step_up(&berta).await));
}

#[tokio::test]
async fn s13_a_passkey_proves_anew_who_is_signed_in() {
    let mut device = device();
    let (world, session, _) = World::berta_with(&mut device).await;
    world.clock.advance(15 * 60);
    let without = Second::step_up(&*world.auth, &world.by(&session), PASSWORD.into(), None).await;
    assert!(matches!(without, Err(Denied::Code)));
    let asked = world.asked_to_step_up(&session).await.unwrap();
    let answer = device.get(&asked.options);
    let proven = world.step_up_with(&session, &answer).await.unwrap();
    assert!(world.viewer(&session.token).await.is_none(), "there is another token");
    assert!(world.viewer(&proven.token).await.is_some());
    let session = SignedIn { token: proven.token, ..session };
    assert!(is_refused(&world.step_up_with(&session, &answer).await));
    // It is this session's challenge, and nobody signs in with it.
    let other = world.enter(&world.alone(&mut device).await).await.unwrap();
    let asked = world.asked_to_step_up(&session).await.unwrap();
    assert!(is_refused(&world.step_up_with(&other, &device.get(&asked.options)).await));
    assert!(is_refused(&world.enter(&device.get(&asked.options)).await));
}

#[tokio::test]
async fn what_a_removed_passkey_knew_is_forgotten_and_so_is_that_of_an_erased_person() {
    let mut device = device();
    let (world, session, factor) = World::berta_with(&mut device).await;
    let left = async |world: &World, account: AccountId| {
        let vault = &world.auth.vault;
        let secrets = vault.secrets_after(SecretKind::Factor, Uuid::nil(), 100).await.unwrap();
        let passkeys = vault.tokens_after(TokenKind::Passkey, Uuid::nil(), 100).await.unwrap();
        (secrets.iter().filter(|(_, of)| *of == account).count(), passkeys.len())
    };
    assert_eq!(left(&world, session.account).await, (1, 1));
    Second::factor_remove(&*world.auth, &world.by(&session), session.account, factor)
        .await
        .unwrap();
    assert_eq!(left(&world, session.account).await, (0, 0));
    world.enrol_passkey(&session, &mut device).await;
    world.auth.vault.destroy_key(session.account).await.unwrap();
    assert_eq!(left(&world, session.account).await, (0, 0));
}
