//! Second factors: two steps to sign in, and proving anew who is signed in.

use commands::{Command, Failure, Refusal, Request};
use events::{
    AccountId, Event, Origin, account, factor,
    factor::FactorKind,
    value::{ProfileEntry, ProfileField},
};
use graphql::port::{
    Attempt, Denied, Enrolment, FirstFactor, FirstStep, Gate, Second, Shown, SignedIn, SteppedUp,
};
use secrecy::{ExposeSecret, SecretString};

use super::world::{PASSWORD, WRONG, World, is_credentials};
use crate::auth::factors::tests::code_at;

pub(super) fn shown(code: impl Into<String>) -> Shown {
    Shown::Code(SecretString::from(code.into()))
}

pub(super) fn is_code<T>(outcome: &Result<T, Denied>) -> bool {
    matches!(outcome, Err(Denied::Code))
}

pub(super) fn is_token<T>(outcome: &Result<T, Denied>) -> bool {
    matches!(outcome, Err(Denied::Token))
}

pub(super) fn refusal<T>(outcome: Result<T, Denied>) -> Refusal {
    match outcome {
        Err(Denied::Failed(Failure::Refused(refusal))) => refusal,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("it was done"),
    }
}

pub(super) fn copied(token: &SecretString) -> SecretString {
    token.expose_secret().into()
}

impl World {
    pub(super) async fn step_up(
        &self,
        who: &SignedIn,
        password: &str,
        code: Option<String>,
    ) -> Result<SteppedUp, Denied> {
        let shown = code.map(shown);
        Second::step_up(&*self.auth, &self.by(who), password.into(), shown).await
    }

    /// Somebody who has signed in sets up an app; what it knows.
    pub(super) async fn enrol(&self, who: &SignedIn) -> Enrolment {
        self.step_up(who, PASSWORD, None).await.unwrap();
        let (request, kind) = (self.by(who), FactorKind::Totp);
        let begun = Second::factor_begin(&*self.auth, &request, kind, "anna").await.unwrap();
        let code = shown(self.code(&begun));
        let confirmed =
            Second::factor_confirm(&*self.auth, &request, begun.factor, None, code).await;
        confirmed.unwrap();
        // The step that confirmed it is used up.
        self.clock.advance(30);
        begun
    }

    /// What the app shows now.
    fn code(&self, app: &Enrolment) -> String {
        let secret = &app.app.as_ref().unwrap().secret;
        code_at(secret.expose_secret(), events::id::Clock::now(&*self.clock))
    }

    pub(super) async fn first_step(&self, name: &str) -> Attempt {
        let first = Gate::sign_in(&*self.auth, &self.anonymous(), name, PASSWORD.into()).await;
        match first.unwrap() {
            FirstStep::Attempt(attempt) => attempt,
            FirstStep::SignedIn(_) => panic!("no second factor was asked for"),
        }
    }

    pub(super) async fn finish(&self, attempt: &Attempt, shown: Shown) -> Result<SignedIn, Denied> {
        self.finish_as(&self.anonymous(), attempt, shown).await
    }

    async fn finish_as(
        &self,
        request: &Request,
        attempt: &Attempt,
        shown: Shown,
    ) -> Result<SignedIn, Denied> {
        Second::sign_in_finish(&*self.auth, request, copied(&attempt.token), shown).await
    }

    pub(super) async fn count(&self, wanted: impl Fn(&Event) -> bool) -> usize {
        self.events().await.iter().filter(|event| wanted(event)).count()
    }
}

#[tokio::test]
async fn s13_a_code_of_the_app_ends_the_sign_in_and_works_once() {
    let (world, _, anna, _) = World::with_members().await;
    let session = world.sign_in("anna", PASSWORD).await.unwrap();
    let app = world.enrol(&session).await;
    let code = world.code(&app);
    let attempt = world.first_step("anna").await;
    assert_eq!(
        (attempt.kinds.as_slice(), attempt.recovery_codes),
        (&[FactorKind::Totp][..], false)
    );
    let signed_in = world.finish(&attempt, shown(code.clone())).await.unwrap();
    assert!(world.works(&signed_in).await && signed_in.account == anna);
    assert!(world.is_fresh(signed_in.session).await);
    // The attempt has ended, and the code is used up.
    assert!(is_token(&world.finish(&attempt, shown(code.clone())).await));
    let next = world.first_step("anna").await;
    assert!(is_code(&world.finish(&next, shown(code)).await));
    world.clock.advance(30);
    assert!(world.finish(&next, shown(world.code(&app))).await.is_ok());
    let used = |event: &Event| matches!(event, Event::Factor(factor::Event::Used { .. }));
    assert_eq!(world.count(used).await, 2);
}

#[tokio::test]
async fn s9_an_attempt_ends_after_ten_minutes_elsewhere_and_with_the_next_one() {
    let (world, ..) = World::with_members().await;
    let session = world.sign_in("anna", PASSWORD).await.unwrap();
    let app = world.enrol(&session).await;
    let attempt = world.first_step("anna").await;
    let origin = Origin { address: [198, 51, 100, 7].into(), agent: None };
    let elsewhere = Request { origin: Some(origin), ..world.anonymous() };
    assert!(is_token(&world.finish_as(&elsewhere, &attempt, shown(world.code(&app))).await));
    let newer = world.first_step("anna").await;
    assert!(is_token(&world.finish(&attempt, shown(world.code(&app))).await));
    world.clock.advance(10 * 60);
    assert!(is_token(&world.finish(&newer, shown(world.code(&app))).await));
    let none = Attempt { token: "sta_no".into(), kinds: vec![], ..newer };
    assert!(is_token(&world.finish(&none, shown("000000")).await));
    assert!(is_token(&world.finish(&Attempt { token: session.token, ..none }, shown("1")).await));
}

#[tokio::test]
async fn s9_an_attempt_of_whoever_knew_the_password_before_ends_with_it() {
    let (world, ..) = World::with_members().await;
    let session = world.sign_in("anna", PASSWORD).await.unwrap();
    let app = world.enrol(&session).await;
    let attempt = world.first_step("anna").await;
    let other = "Zeepaard danst 9 rondjes";
    world
        .auth
        .password_set(&world.as_console(), session.account, Some(other.into()), None)
        .await
        .unwrap();
    assert!(is_token(&world.finish(&attempt, shown(world.code(&app))).await));
}

#[tokio::test]
async fn s6_wrong_codes_count_like_wrong_passwords_and_lock_the_account() {
    let (world, ..) = World::with_members().await;
    let session = world.sign_in("anna", PASSWORD).await.unwrap();
    let app = world.enrol(&session).await;
    let attempt = world.first_step("anna").await;
    for _ in 0..3 {
        assert!(is_code(&world.finish(&attempt, shown("12345")).await));
    }
    // Not even the right one, and the password says the same as any other.
    assert!(is_token(&world.finish(&attempt, shown(world.code(&app))).await));
    let again = Gate::sign_in(&*world.auth, &world.anonymous(), "anna", PASSWORD.into()).await;
    assert!(is_credentials(&again));
    let failed = |event: &Event| *event == Event::Account(account::Event::SecondFactorFailed);
    let locked = |event: &Event| *event == Event::Account(account::Event::Locked);
    assert_eq!((world.count(failed).await, world.count(locked).await), (3, 1));
}

#[tokio::test]
async fn s9_of_many_tries_at_once_on_one_attempt_three_are_evaluated() {
    let (world, ..) = World::with_members().await;
    let session = world.sign_in("anna", PASSWORD).await.unwrap();
    world.enrol(&session).await;
    let attempt = world.first_step("anna").await;
    let tries = (0..8).map(|_| world.finish(&attempt, shown("12345")));
    let refused = futures_util::future::join_all(tries).await;
    assert!(refused.iter().all(Result::is_err));
    let failed = |event: &Event| *event == Event::Account(account::Event::SecondFactorFailed);
    assert_eq!(world.count(failed).await, 3);
}

#[tokio::test]
async fn s9_a_recovery_code_signs_in_once() {
    let (world, ..) = World::with_members().await;
    let session = world.sign_in("anna", PASSWORD).await.unwrap();
    world.enrol(&session).await;
    let made = Second::recovery_codes_make(&*world.auth, &world.by(&session)).await;
    let (_, codes) = made.unwrap();
    assert_eq!(codes.len(), 10);
    let recovery = |code: &SecretString| Shown::RecoveryCode(code.expose_secret().into());
    let attempt = world.first_step("anna").await;
    assert!(attempt.recovery_codes);
    // However it is typed.
    let typed = codes[3].expose_secret().to_uppercase().replace('-', " ");
    let typed = Shown::RecoveryCode(typed.into());
    assert!(world.finish(&attempt, typed).await.is_ok());
    let again = world.first_step("anna").await;
    assert!(is_code(&world.finish(&again, recovery(&codes[3])).await));
    assert!(world.finish(&again, recovery(&codes[4])).await.is_ok());
    // New ones end the old ones.
    let made = Second::recovery_codes_make(&*world.auth, &world.by(&session)).await;
    let (_, newer) = made.unwrap();
    let attempt = world.first_step("anna").await;
    assert!(is_code(&world.finish(&attempt, recovery(&codes[5])).await));
    assert!(world.finish(&attempt, recovery(&newer[5])).await.is_ok());
}

#[tokio::test]
async fn s1_the_first_step_says_nothing_new_to_whoever_doesnt_know_the_password() {
    let (world, ..) = World::with_members().await;
    let session = world.sign_in("anna", PASSWORD).await.unwrap();
    world.enrol(&session).await;
    assert!(is_credentials(&world.sign_in("anna", WRONG).await));
    assert!(is_credentials(&world.sign_in("nobody", WRONG).await));
}

#[tokio::test]
async fn s14_stepping_up_gives_a_new_token_and_the_old_one_is_dead_at_once() {
    let (world, ..) = World::with_members().await;
    let session = world.sign_in("anna", PASSWORD).await.unwrap();
    let stream = world.viewer(&session.token).await.unwrap();
    assert!(stream.still_valid().await);
    assert!(is_credentials(&world.step_up(&session, WRONG, None).await));
    assert!(world.works(&session).await, "a refused step changes nothing");
    let proven = world.step_up(&session, PASSWORD, None).await.unwrap();
    assert!(world.viewer(&session.token).await.is_none());
    assert!(!stream.still_valid().await);
    assert!(world.viewer(&proven.token).await.is_some());
    assert_eq!(proven.expires_at, session.expires_at, "no session lives longer by it");
}

#[tokio::test]
async fn s13_what_changes_how_one_signs_in_or_is_reached_asks_for_proof_for_a_time() {
    let (world, _, anna, _) = World::with_members().await;
    let session = world.sign_in("anna", PASSWORD).await.unwrap();
    let request = world.by(&session);
    let email = |field| {
        let address = events::value::EmailAddress::parse("anna@bakker.example").unwrap();
        let changes = vec![(field, Some(ProfileEntry::Email(address)))];
        Command::ProfileUpdate { account: anna, changes, mails: vec![] }
    };
    let change = async |field| world.handler.handle(&request, email(field)).await.err();
    let asked = |failure: Option<Failure>| {
        matches!(failure, Some(Failure::Refused(Refusal::StepUpRequired)))
    };
    assert!(asked(change(ProfileField::RecoveryEmail).await));
    // Nobody proves anything for what is refused anyway: this one is changed by confirming it.
    let address = change(ProfileField::Email).await;
    assert!(matches!(address, Some(Failure::Refused(Refusal::ConfirmationNeeded))));
    let begun = Second::factor_begin(&*world.auth, &request, FactorKind::Totp, "anna").await;
    assert_eq!(refusal(begun), Refusal::StepUpRequired);
    let made = Second::recovery_codes_make(&*world.auth, &request).await;
    assert_eq!(refusal(made), Refusal::StepUpRequired);
    world.step_up(&session, PASSWORD, None).await.unwrap();
    assert!(change(ProfileField::RecoveryEmail).await.is_none());
    world.clock.advance(15 * 60);
    assert!(asked(change(ProfileField::RecoveryEmail).await));
}

#[tokio::test]
async fn s13_with_a_factor_stepping_up_asks_for_it_and_so_does_another_password() {
    let (world, ..) = World::with_members().await;
    let session = world.sign_in("anna", PASSWORD).await.unwrap();
    let app = world.enrol(&session).await;
    world.clock.advance(15 * 60);
    let request = world.by(&session);
    let change = || Gate::password_change(&*world.auth, &request, PASSWORD.into(), WRONG.into());
    assert_eq!(refusal(change().await), Refusal::StepUpRequired);
    assert!(is_code(&world.step_up(&session, PASSWORD, None).await));
    assert!(is_code(&world.step_up(&session, PASSWORD, Some("123".to_owned())).await));
    world.step_up(&session, PASSWORD, Some(world.code(&app))).await.unwrap();
    change().await.unwrap();
}

#[tokio::test]
async fn a_lost_factor_is_removed_by_an_administrator_and_what_it_knew_is_forgotten() {
    let (world, organisation, anna, _) = World::with_members().await;
    let berta = world.sign_in("berta", PASSWORD).await.unwrap();
    let app = world.enrol(&berta).await;
    let admin = world.sign_in("anna", PASSWORD).await.unwrap();
    let by_admin = Request { organisation: Some(organisation), ..world.by(&admin) };
    let removed = Second::factor_remove(&*world.auth, &by_admin, berta.account, app.factor).await;
    removed.unwrap();
    assert!(world.sign_in("berta", PASSWORD).await.is_ok());
    assert!(kept(&world, berta.account).await.is_empty());
    let nobody: AccountId = anna;
    let again = Second::factor_remove(&*world.auth, &by_admin, nobody, app.factor).await;
    assert!(matches!(refusal(again), Refusal::FactorNotFound | Refusal::StepUpRequired));
}

#[tokio::test]
async fn s13_a_factor_counts_only_after_its_owner_has_shown_it_and_in_time() {
    let (world, ..) = World::with_members().await;
    let session = world.sign_in("anna", PASSWORD).await.unwrap();
    world.step_up(&session, PASSWORD, None).await.unwrap();
    let (request, kind) = (world.by(&session), FactorKind::Totp);
    let begun = Second::factor_begin(&*world.auth, &request, kind, "anna").await.unwrap();
    let confirm = |code: String| {
        Second::factor_confirm(&*world.auth, &request, begun.factor, None, shown(code))
    };
    assert!(is_code(&confirm("000".to_owned()).await));
    assert!(world.sign_in("anna", PASSWORD).await.is_ok(), "nothing is asked for yet");
    let other = world.by(&world.sign_in("berta", PASSWORD).await.unwrap());
    let stolen =
        Second::factor_confirm(&*world.auth, &other, begun.factor, None, shown(world.code(&begun)));
    assert_eq!(refusal(stolen.await), Refusal::FactorNotFound);
    world.clock.advance(15 * 60);
    world.auth.tidy().await.unwrap();
    assert_eq!(refusal(confirm(world.code(&begun)).await), Refusal::FactorNotFound);
}

/// Which secrets of factors the vault has of somebody.
async fn kept(world: &World, account: AccountId) -> Vec<uuid::Uuid> {
    let kind = events::vault::SecretKind::Factor;
    let all = world.auth.vault.secrets_after(kind, uuid::Uuid::nil(), 100).await.unwrap();
    all.into_iter().filter(|(_, of)| *of == account).map(|(id, _)| id).collect()
}

impl World {
    /// What all mails say in a field that have it, oldest first.
    async fn mailed(&self, field: &str) -> Vec<String> {
        let all = self.store.read_all(events::Position::START, 10_000).await.unwrap();
        let mut said = Vec::new();
        for stored in all.iter().filter(|stored| stored.kind.starts_with("mail.queued")) {
            let events::Stream::Mail(mail) = stored.stream else { continue };
            let Some(parcel) = self.auth.vault.parcel(mail).await.unwrap() else { continue };
            let fields: serde_json::Value = serde_json::from_str(parcel.expose_secret()).unwrap();
            said.extend(fields[field].as_str().map(str::to_owned));
        }
        said
    }

    /// The code in the newest mail.
    async fn mailed_code(&self) -> Option<String> {
        let all = self.store.read_all(events::Position::START, 10_000).await.unwrap();
        let queued = all.iter().rev().find(|stored| stored.kind.starts_with("mail.queued"))?;
        let events::Stream::Mail(mail) = queued.stream else { return None };
        let parcel = self.auth.vault.parcel(mail).await.unwrap()?;
        let fields: serde_json::Value = serde_json::from_str(parcel.expose_secret()).unwrap();
        Some(fields["code"].as_str()?.to_owned())
    }

    /// An account with an address, whose organisation asks everybody for a second factor.
    async fn asked_for_a_factor(&self, organisation: events::OrganisationId, account: AccountId) {
        let address = events::value::EmailAddress::parse("berta@bakker.example").unwrap();
        let changes = vec![(ProfileField::Email, Some(ProfileEntry::Email(address)))];
        self.console(Command::ProfileUpdate { account, changes, mails: vec![] }).await;
        let everybody = Some(events::value::SecondFactor::Everybody);
        let rules = vec![events::value::PolicyRule::SecondFactor(everybody)];
        self.console(Command::PolicySet { organisation, rules }).await;
    }
}

#[tokio::test]
async fn s9_a_policy_asks_everybody_and_who_has_set_up_nothing_gets_a_code_by_mail() {
    let (world, organisation, _, berta) = World::with_members().await;
    world.asked_for_a_factor(organisation, berta).await;
    let attempt = world.first_step("berta").await;
    assert_eq!(attempt.kinds, [FactorKind::Mail]);
    // Nothing is sent before somebody asks for it.
    assert_eq!(world.mailed_code().await, None);
    assert!(is_code(&world.finish(&attempt, shown("12345678")).await));
    let request = world.anonymous();
    let send = || Second::sign_in_code(&*world.auth, &request, copied(&attempt.token), None);
    assert_eq!(send().await.unwrap(), attempt.expires_at);
    let first = world.mailed_code().await.unwrap();
    send().await.unwrap();
    let second = world.mailed_code().await.unwrap();
    assert_eq!((first.len(), second.len()), (8, 8));
    // The newer one ends the older one.
    assert!(is_code(&world.finish(&attempt, shown(first)).await));
    send().await.unwrap();
    assert!(matches!(send().await, Err(Denied::TooMany { .. })), "three are sent at most");
    let third = world.mailed_code().await.unwrap();
    assert!(world.finish(&attempt, shown(third.clone())).await.unwrap().account == berta);
    // And it belongs to its attempt.
    let next = world.first_step("berta").await;
    assert!(is_code(&world.finish(&next, shown(third)).await));
}

#[tokio::test]
async fn s9_a_code_by_mail_is_a_factor_of_its_own_once_its_owner_has_typed_one() {
    let (world, organisation, _, berta) = World::with_members().await;
    world.asked_for_a_factor(organisation, berta).await;
    let none = Some(events::value::SecondFactor::Nobody);
    let rules = vec![events::value::PolicyRule::SecondFactor(none)];
    world.console(Command::PolicySet { organisation, rules }).await;
    let session = world.sign_in("berta", PASSWORD).await.unwrap();
    world.step_up(&session, PASSWORD, None).await.unwrap();
    let (request, kind) = (world.by(&session), FactorKind::Mail);
    let begun = Second::factor_begin(&*world.auth, &request, kind, "berta").await.unwrap();
    assert!(begun.app.is_none());
    let confirm = |code: String| {
        Second::factor_confirm(&*world.auth, &request, begun.factor, None, shown(code))
    };
    assert!(is_code(&confirm("1".to_owned()).await));
    confirm(world.mailed_code().await.unwrap()).await.unwrap();
    let attempt = world.first_step("berta").await;
    assert_eq!(attempt.kinds, [FactorKind::Mail]);
    let token = copied(&attempt.token);
    Second::sign_in_code(&*world.auth, &world.anonymous(), token, None).await.unwrap();
    let code = world.mailed_code().await.unwrap();
    assert!(world.finish(&attempt, shown(code)).await.is_ok());
    let used = |event: &Event| matches!(event, Event::Factor(factor::Event::Used { .. }));
    assert_eq!(world.count(used).await, 1);
}

#[tokio::test]
async fn who_must_show_a_factor_and_has_neither_one_nor_an_address_sets_one_up_on_the_way_in() {
    let (world, organisation, _, berta) = World::with_members().await;
    let everybody = Some(events::value::SecondFactor::Everybody);
    let rules = vec![events::value::PolicyRule::SecondFactor(everybody)];
    world.console(Command::PolicySet { organisation, rules }).await;
    let attempt = world.first_step("berta").await;
    assert!(attempt.kinds.is_empty() && attempt.may_enrol);
    let request = world.anonymous();
    let begin =
        |token| Second::sign_in_factor_begin(&*world.auth, &request, token, FirstFactor::App);
    let (whose, app) = begin(copied(&attempt.token)).await.unwrap();
    assert_eq!(whose, berta);
    let told = app.app.as_ref().unwrap().uri.expose_secret();
    assert!(told.contains(":berta?"), "{told}");
    let confirm = |token, code: String| {
        let name = None;
        Second::sign_in_factor_confirm(&*world.auth, &request, token, app.factor, name, shown(code))
    };
    assert!(is_code(&confirm(copied(&attempt.token), "000000".to_owned()).await));
    let signed_in = confirm(copied(&attempt.token), world.code(&app)).await.unwrap();
    assert!(world.works(&signed_in).await && signed_in.account == berta);
    // From now on it is asked for, and nobody adds another one with the password alone.
    let next = world.first_step("berta").await;
    assert_eq!((next.kinds.as_slice(), next.may_enrol), (&[FactorKind::Totp][..], false));
    assert_eq!(refusal(begin(copied(&next.token)).await), Refusal::Forbidden);
    assert!(is_token(&begin(copied(&attempt.token)).await), "the attempt has ended");
    world.clock.advance(30);
    assert!(world.finish(&next, shown(world.code(&app))).await.is_ok());
}

#[tokio::test]
async fn s13_who_has_an_address_proves_to_read_it_and_sets_up_nothing_on_the_way_in() {
    let (world, organisation, _, berta) = World::with_members().await;
    world.asked_for_a_factor(organisation, berta).await;
    let attempt = world.first_step("berta").await;
    assert!(!attempt.may_enrol);
    let (request, token) = (world.anonymous(), copied(&attempt.token));
    let begun = Second::sign_in_factor_begin(&*world.auth, &request, token, FirstFactor::App).await;
    assert_eq!(refusal(begun), Refusal::Forbidden);
}

#[tokio::test]
async fn a_factor_by_mail_needs_an_address_and_says_so() {
    let (world, ..) = World::with_members().await;
    let session = world.sign_in("anna", PASSWORD).await.unwrap();
    world.step_up(&session, PASSWORD, None).await.unwrap();
    let begun = Second::factor_begin(&*world.auth, &world.by(&session), FactorKind::Mail, "").await;
    assert_eq!(refusal(begun), Refusal::AddressRequired);
}

#[tokio::test]
async fn whoever_has_an_address_is_told_of_factors_that_come_and_go_and_of_recovery_codes() {
    let (world, _, _, berta) = World::with_members().await;
    let address = events::value::EmailAddress::parse("berta@bakker.example").unwrap();
    let changes = vec![(ProfileField::Email, Some(ProfileEntry::Email(address)))];
    world.console(Command::ProfileUpdate { account: berta, changes, mails: vec![] }).await;
    let told = async || world.mailed("factor").await;
    let session = world.sign_in("berta", PASSWORD).await.unwrap();
    let app = world.enrol(&session).await;
    assert_eq!(told().await, ["toegevoegd: codes van een app"]);
    let made = Second::recovery_codes_make(&*world.auth, &world.by(&session)).await;
    let (_, codes) = made.unwrap();
    let attempt = world.first_step("berta").await;
    let recovery = Shown::RecoveryCode(copied(&codes[0]));
    let again = world.finish(&attempt, recovery).await.unwrap();
    assert_eq!(told().await.last().unwrap(), "er is een herstelcode gebruikt");
    world.step_up(&again, PASSWORD, Some(world.code(&app))).await.unwrap();
    let request = world.by(&again);
    Second::factor_remove(&*world.auth, &request, berta, app.factor).await.unwrap();
    assert_eq!(told().await.last().unwrap(), "verwijderd: codes van een app");
    // What was refused is told nobody.
    let removed = Second::factor_remove(&*world.auth, &request, berta, app.factor).await;
    assert_eq!(refusal(removed), Refusal::FactorNotFound);
    assert_eq!(told().await.len(), 3);
}
