//! Forgotten passwords, passwords that are mailed, other addresses: what is mailed works once, for the right one, in time.

use async_trait::async_trait;
use commands::Command;
use events::{
    AccountId, Event, Stream, account,
    value::{EmailAddress, MailKind, ProfileField},
};
use graphql::port::{Denied, Gate, PasswordMail};
use secrecy::{ExposeSecret, SecretString};

use super::super::reset::Addresses;
use super::letters::Letter;
use super::world::{PASSWORD, WRONG, World, ended, is_credentials};

const NEW: &str = "Zeepaard danst 9 rondjes";

/// Whoever has an address by now.
#[async_trait]
impl Addresses for World {
    async fn accounts_with(
        &self,
        email: &EmailAddress,
        most: u32,
    ) -> Result<Vec<AccountId>, commands::Failure> {
        let mut found = Vec::new();
        for stored in self.store.read_all(events::Position::START, 10_000).await.unwrap() {
            let Stream::Account(account) = stored.stream else { continue };
            let contact = self.auth.handler.contact(account).await?;
            let has = contact.and_then(|(contact, _)| contact.email);
            if has.is_some_and(|has| has.key() == email.key()) && !found.contains(&account) {
                found.push(account);
            }
        }
        found.truncate(most as usize);
        Ok(found)
    }
}

impl World {
    async fn wish(&self, username: &str) {
        let request = self.anonymous();
        Gate::password_reset_request(&*self.auth, &request, username).await.unwrap();
        self.auth.grant_what_waits(self).await;
    }

    /// The newest link and code.
    async fn link(&self) -> (SecretString, String) {
        let letters = self.letters().await;
        let newest = letters.iter().rev().find(|letter| letter.kind == MailKind::PasswordReset);
        let newest = newest.unwrap();
        (newest.token(), newest.field("code"))
    }

    async fn reset(&self, token: &SecretString, code: &str) -> Result<commands::Done, Denied> {
        let token = SecretString::from(token.expose_secret());
        self.auth.password_reset(&self.anonymous(), token, code, NEW.into()).await
    }
}

fn is_void<T>(outcome: &Result<T, Denied>) -> bool {
    matches!(outcome, Err(Denied::Token))
}

fn is_wrong_code<T>(outcome: &Result<T, Denied>) -> bool {
    matches!(outcome, Err(Denied::LinkCode))
}

async fn with_anna() -> (World, AccountId) {
    let (world, _, anna, _) = World::with_members().await;
    world.address(anna, ProfileField::Email, "anna@example.org").await;
    (world, anna)
}

#[tokio::test]
async fn pw2_a_link_and_a_code_give_another_password_and_the_old_one_works_until_then() {
    let (world, anna) = with_anna().await;
    let session = world.sign_in("anna", PASSWORD).await.unwrap();
    world.wish("Anna").await;
    assert!(world.sign_in("anna", PASSWORD).await.is_ok());
    let (token, code) = world.link().await;
    let lower = code.to_lowercase().replace('-', " ");
    world.reset(&token, &lower).await.unwrap();
    assert!(is_credentials(&world.sign_in("anna", PASSWORD).await));
    assert!(world.sign_in("anna", NEW).await.is_ok_and(|session| session.account == anna));
    assert!(!world.works(&session).await, "S11: other sessions end");
    assert_eq!(ended(&world.events().await), 2);
}

#[tokio::test]
async fn pw2_the_recovery_address_comes_before_the_address_and_both_are_told() {
    let (world, anna) = with_anna().await;
    world.address(anna, ProfileField::RecoveryEmail, "anna@thuis.example").await;
    world.wish("anna").await;
    let (token, code) = world.link().await;
    world.reset(&token, &code).await.unwrap();
    let letters = world.letters().await;
    let to: Vec<_> = letters.iter().map(|letter| (letter.kind, letter.to.as_str())).collect();
    assert_eq!(
        to,
        [
            (MailKind::PasswordReset, "anna@thuis.example"),
            (MailKind::PasswordChanged, "anna@example.org"),
            (MailKind::PasswordChanged, "anna@thuis.example"),
        ]
    );
}

#[tokio::test]
async fn s8_a_link_works_once_and_not_after_a_newer_one_a_change_or_half_an_hour() {
    let (world, anna) = with_anna().await;
    world.wish("anna").await;
    let (used, code) = world.link().await;
    world.reset(&used, &code).await.unwrap();
    assert!(is_void(&world.reset(&used, &code).await), "twice");
    world.wish("anna").await;
    let (older, older_code) = world.link().await;
    world.wish("anna").await;
    let (newer, newer_code) = world.link().await;
    assert!(is_void(&world.reset(&older, &older_code).await), "replaced by a newer one");
    let request = world.as_console();
    world.auth.password_set(&request, anna, Some(PASSWORD.into()), None).await.unwrap();
    assert!(is_void(&world.reset(&newer, &newer_code).await), "after a change");
    world.wish("anna").await;
    let (late, late_code) = world.link().await;
    world.clock.advance(30 * 60);
    assert!(is_void(&world.reset(&late, &late_code).await), "expired");
    assert!(world.sign_in("anna", PASSWORD).await.is_ok());
}

#[tokio::test]
async fn s8_an_altered_link_and_the_code_of_another_account_open_nothing() {
    let (world, _) = with_anna().await;
    let berta = events::value::Username::parse("berta").unwrap();
    let berta = world.handler.account_of(&berta).await.unwrap().unwrap();
    world.address(berta, ProfileField::Email, "berta@example.org").await;
    world.wish("berta").await;
    let (bertas, bertas_code) = world.link().await;
    world.wish("anna").await;
    let (annas, annas_code) = world.link().await;
    let mut altered = annas.expose_secret().to_owned();
    let last = if altered.pop() == Some('A') { 'B' } else { 'A' };
    altered.push(last);
    assert!(is_void(&world.reset(&altered.into(), &annas_code).await));
    assert!(is_wrong_code(&world.reset(&annas, &bertas_code).await));
    assert!(is_wrong_code(&world.reset(&bertas, &annas_code).await));
    let session = world.sign_in("anna", PASSWORD).await.unwrap();
    assert!(is_void(&world.reset(&session.token, &annas_code).await), "a token of another kind");
    world.reset(&annas, &annas_code).await.unwrap();
    assert!(world.sign_in("berta", PASSWORD).await.is_ok());
}

#[tokio::test]
async fn s9_three_wrong_codes_end_a_link_also_in_parallel_and_a_code_has_40_bits() {
    let (world, _) = with_anna().await;
    world.wish("anna").await;
    let (token, code) = world.link().await;
    let letters = code.chars().filter(char::is_ascii_alphanumeric).count();
    assert_eq!((letters, code.len()), (8, 9));
    let tries = (0..20).map(|_| world.reset(&token, "AAAA-AAAA"));
    let outcomes = futures_util::future::join_all(tries).await;
    assert_eq!(outcomes.iter().filter(|outcome| is_wrong_code(outcome)).count(), 3);
    assert_eq!(outcomes.iter().filter(|outcome| is_void(outcome)).count(), 17);
    assert!(is_void(&world.reset(&token, &code).await));
    let events = world.events().await;
    let failed = |event: &&Event| {
        matches!(event, Event::Account(account::Event::PasswordResetFailed { .. }))
    };
    assert_eq!(events.iter().filter(failed).count(), 3);
}

#[tokio::test]
async fn s10_asking_is_answered_alike_changes_nothing_and_has_an_effect_five_times_an_hour() {
    let (world, _) = with_anna().await;
    let before = world.events().await.len();
    for name in ["nobody", "anna", "", "berta"] {
        let request = world.anonymous();
        assert!(Gate::password_reset_request(&*world.auth, &request, name).await.is_ok());
        assert_eq!(world.events().await.len(), before, "nothing is looked up before the answer");
    }
    world.auth.grant_what_waits(&world).await;
    // Berta has no address, and nobody is nobody.
    assert_eq!(world.letters().await.len(), 1);
    for _ in 0..9 {
        world.wish("anna").await;
    }
    assert_eq!(world.letters().await.len(), 5);
    // The newest that was mailed still works.
    let (token, code) = world.link().await;
    world.reset(&token, &code).await.unwrap();
    world.clock.advance(60 * 60);
    world.wish("anna").await;
    let asked = |letter: &&Letter| letter.kind == MailKind::PasswordReset;
    assert_eq!(world.letters().await.iter().filter(asked).count(), 6);
}

#[tokio::test]
async fn s11_a_reset_unlocks_and_signs_nobody_in_and_a_weak_password_uses_no_link_up() {
    let (world, _) = with_anna().await;
    for _ in 0..3 {
        assert!(is_credentials(&world.sign_in("anna", WRONG).await));
    }
    world.wish("anna").await;
    let (token, code) = world.link().await;
    let again = SecretString::from(token.expose_secret());
    let request = world.anonymous();
    let weak = world.auth.password_reset(&request, again, &code, "Anna2026!".into()).await;
    assert!(matches!(weak, Err(Denied::Password(_))));
    let opened = |events: &[Event]| {
        let is_opened =
            |event: &&Event| matches!(event, Event::Session(events::session::Event::Opened { .. }));
        events.iter().filter(is_opened).count()
    };
    let sessions = opened(&world.events().await);
    world.reset(&token, &code).await.unwrap();
    assert_eq!(opened(&world.events().await), sessions);
    assert!(world.sign_in("anna", NEW).await.is_ok());
}

#[tokio::test]
async fn s8_an_address_that_was_asked_for_doesnt_count_once_the_password_is_another() {
    for by_reset in [true, false] {
        let (world, anna) = with_anna().await;
        let session = world.sign_in("anna", PASSWORD).await.unwrap();
        world.step_up(&session, PASSWORD, None).await.unwrap();
        let evil = EmailAddress::parse("evil@example.net").unwrap();
        world.auth.email_change(&world.by(&session), evil).await.unwrap();
        let asked = world.letters().await.pop().unwrap();
        assert_eq!((asked.kind, &*asked.to), (MailKind::EmailConfirm, "evil@example.net"));
        if by_reset {
            world.wish("anna").await;
            let (token, code) = world.link().await;
            world.reset(&token, &code).await.unwrap();
        } else {
            let console = world.as_console();
            world.auth.password_set(&console, anna, Some(NEW.into()), None).await.unwrap();
        }
        let confirmed = world.auth.email_confirm(&world.anonymous(), asked.token()).await;
        assert!(is_void(&confirmed), "{by_reset}");
    }
}

#[tokio::test]
async fn s6_nobody_has_mails_sent_to_others_without_end() {
    let (world, _) = with_anna().await;
    let session = world.sign_in("anna", PASSWORD).await.unwrap();
    world.step_up(&session, PASSWORD, None).await.unwrap();
    let mut sent = 0;
    for number in 0..30 {
        let other = EmailAddress::parse(&format!("other{number}@example.net")).unwrap();
        match world.auth.email_change(&world.by(&session), other).await {
            Ok(_) => sent += 1,
            Err(Denied::TooMany { .. }) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
    // Each with a notice to the address that counts.
    assert_eq!((sent, world.letters().await.len()), (20, 40));
}

#[tokio::test]
async fn s10_whoever_has_an_address_is_reached_by_it_though_a_name_looks_like_it() {
    let (world, organisation, anna, _) = World::with_members().await;
    world.address(anna, ProfileField::Email, "anna@example.org").await;
    let shadow = Command::AccountCreate {
        organisation,
        username: events::value::Username::parse("anna@example.org").unwrap(),
        profile: events::value::Profile {
            display_name: events::value::Text::parse("Not Anna").unwrap(),
            entries: vec![],
        },
        kind: events::value::MemberKind::Full,
        credential: None,
    };
    world.console(shadow).await;
    world.wish("anna@example.org").await;
    world.wish("nobody@example.org").await;
    let letters = world.letters().await;
    assert_eq!(letters.len(), 1);
    assert_eq!((letters[0].kind, &*letters[0].to), (MailKind::PasswordReset, "anna@example.org"));
}

#[tokio::test]
async fn s12_links_lead_to_the_configured_address() {
    let (world, _) = with_anna().await;
    world.wish("anna").await;
    let letters = world.letters().await;
    let link = letters[0].field("link");
    assert!(link.starts_with("http://127.0.0.1:8090/password-reset#str_"), "{link}");
}

#[tokio::test]
async fn pw3_a_password_is_made_up_and_mailed_to_the_address_or_another_one() {
    let (world, anna) = with_anna().await;
    let session = world.sign_in("anna", PASSWORD).await.unwrap();
    let other = PasswordMail::Other(EmailAddress::parse("chef@example.net").unwrap());
    for (mail, to) in [(PasswordMail::Own, "anna@example.org"), (other, "chef@example.net")] {
        let console = world.as_console();
        world.auth.password_set(&console, anna, None, Some(mail)).await.unwrap();
        let letters = world.letters().await;
        let letter = letters.last().unwrap();
        assert_eq!((letter.kind, letter.to.as_str()), (MailKind::PasswordChosen, to));
        assert_eq!(letter.field("username"), "anna");
        assert!(world.sign_in("anna", &letter.field("password")).await.is_ok());
    }
    assert!(!world.works(&session).await);
    let (world, _, anna, _) = World::with_members().await;
    let console = world.as_console();
    let nowhere = world.auth.password_set(&console, anna, None, Some(PasswordMail::Own)).await;
    assert!(matches!(nowhere, Err(Denied::NoAddress)));
    assert!(world.sign_in("anna", PASSWORD).await.is_ok());
}

#[tokio::test]
async fn s6_of_a_thousand_wrong_passwords_at_once_three_are_counted_and_the_log_grows_no_more() {
    let (world, _) = with_anna().await;
    let before = world.events().await.len();
    let tries = (0..1_000).map(|_| world.sign_in("anna", WRONG));
    let refused = futures_util::future::join_all(tries).await;
    assert!(refused.iter().all(Result::is_err));
    let events = world.events().await;
    let count = |wanted: &account::Event| {
        events.iter().filter(|event| matches!(event, Event::Account(e) if e == wanted)).count()
    };
    assert_eq!(count(&account::Event::SignInFailed), 3);
    assert_eq!(count(&account::Event::Locked), 1);
    // Three tries, one lock, one mail that tells of it.
    assert_eq!(events.len() - before, 5);
    assert!(is_credentials(&world.sign_in("anna", PASSWORD).await));
    assert_eq!(world.events().await.len() - before, 5);
}
