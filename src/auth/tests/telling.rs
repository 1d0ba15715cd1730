//! Whoever signs in somewhere is told what happens to how they do, at the addresses that they had before.

use commands::{Failure, Request};
use events::{
    AccountId,
    value::{EmailAddress, MailKind, ProfileEntry, ProfileField},
};
use graphql::port::{Denied, Gate, PasswordMail};

use super::{
    second::{is_code, shown},
    world::{PASSWORD, WRONG, World, is_credentials, new},
};

const OLD: &str = "anna@example.org";
const HOME: &str = "anna@thuis.example";
const NEW: &str = "anna@elders.example";

type Told = Vec<(MailKind, String)>;

fn email(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

fn told(of: MailKind, at: &[&str]) -> Told {
    at.iter().map(|to| (of, (*to).to_owned())).collect()
}

impl World {
    /// Anna has an address and one for a forgotten password.
    async fn reached() -> (Self, AccountId) {
        let (world, _, anna, _) = Self::with_members().await;
        world.address(anna, ProfileField::Email, OLD).await;
        world.address(anna, ProfileField::RecoveryEmail, HOME).await;
        (world, anna)
    }

    async fn told(&self) -> Told {
        self.letters().await.into_iter().map(|letter| (letter.kind, letter.to)).collect()
    }

    async fn change(
        &self,
        request: &Request,
        account: AccountId,
        (field, to): (ProfileField, Option<&str>),
    ) -> Result<(), Denied> {
        let changes = vec![(field, to.map(|to| ProfileEntry::Email(email(to))))];
        Gate::profile_update(&*self.auth, request, account, changes).await.map(drop)
    }
}

#[tokio::test]
async fn s11_another_address_that_is_asked_for_is_told_to_the_present_ones_at_once() {
    let (world, anna) = World::reached().await;
    let session = world.sign_in("anna", PASSWORD).await.unwrap();
    world.step_up(&session, PASSWORD, None).await.unwrap();
    world.auth.email_change(&world.by(&session), email(NEW)).await.unwrap();
    let mut expected = told(MailKind::EmailChangeAsked, &[OLD, HOME]);
    expected.extend(told(MailKind::EmailConfirm, &[NEW]));
    assert_eq!(world.told().await, expected);
    let letters = world.letters().await;
    assert_eq!(letters[0].field("email"), NEW);
    assert_eq!(letters[0].field("link"), "", "nothing that a thief could use");
    // And once it is confirmed, the old ones are told again, and the new one.
    world.auth.email_confirm(&world.anonymous(), letters[2].token()).await.unwrap();
    expected.extend(told(MailKind::EmailChanged, &[OLD, HOME, NEW]));
    assert_eq!(world.told().await, expected);
    // Whoever asks for the address that counts asks for nothing.
    world.auth.email_change(&world.by(&session), email(NEW)).await.unwrap();
    assert_eq!(world.told().await, expected);
    assert_eq!(world.handler.contact(anna).await.unwrap().unwrap().0.email, Some(email(NEW)));
}

#[tokio::test]
async fn s11_addresses_that_somebody_else_changes_are_told_to_the_old_ones_and_the_new_one() {
    let (world, _, _, berta) = World::with_members().await;
    let administrator = world.by(&world.sign_in("anna", PASSWORD).await.unwrap());
    for request in [world.as_console(), administrator] {
        world.address(berta, ProfileField::Email, OLD).await;
        world.address(berta, ProfileField::RecoveryEmail, HOME).await;
        let mut expected = world.told().await;
        world.change(&request, berta, (ProfileField::Email, Some(NEW))).await.unwrap();
        expected.extend(told(MailKind::EmailChanged, &[OLD, HOME, NEW]));
        assert_eq!(world.told().await, expected, "{:?}", request.actor);
        let other = (ProfileField::RecoveryEmail, Some("evil@example.net"));
        world.change(&request, berta, other).await.unwrap();
        let readers = [NEW, HOME, "evil@example.net"];
        expected.extend(told(MailKind::RecoveryEmailChanged, &readers));
        assert_eq!(world.told().await, expected, "{:?}", request.actor);
        // What is so already is told to nobody.
        world.change(&request, berta, other).await.unwrap();
        assert_eq!(world.told().await, expected);
        world.change(&request, berta, (ProfileField::RecoveryEmail, None)).await.unwrap();
        expected.extend(told(MailKind::RecoveryEmailChanged, &[NEW, "evil@example.net"]));
        assert_eq!(world.told().await, expected);
        assert_eq!(world.letters().await.last().unwrap().field("email"), "geen");
    }
}

#[tokio::test]
async fn s11_ones_own_recovery_address_is_told_where_it_was_and_where_it_is() {
    let (world, anna) = World::reached().await;
    let session = world.sign_in("anna", PASSWORD).await.unwrap();
    let request = world.by(&session);
    let change = (ProfileField::RecoveryEmail, Some(NEW));
    assert!(world.change(&request, anna, change).await.is_err());
    assert_eq!(world.told().await, [], "what is refused is told to nobody");
    world.step_up(&session, PASSWORD, None).await.unwrap();
    world.change(&request, anna, change).await.unwrap();
    let expected = told(MailKind::RecoveryEmailChanged, &[OLD, HOME, NEW]);
    assert_eq!(world.told().await, expected);
}

#[tokio::test]
async fn ac7_whoever_has_no_password_yet_is_told_of_no_address() {
    let (world, organisation, ..) = World::with_members().await;
    let console = world.as_console();
    let made = world.auth.account_create(&console, new(organisation, "clara"), None).await;
    let clara = made.unwrap().subject.unwrap().into();
    for to in [OLD, NEW] {
        world.change(&console, clara, (ProfileField::Email, Some(to))).await.unwrap();
    }
    assert_eq!(world.told().await, []);
}

#[tokio::test]
async fn s6_nobody_has_addresses_told_to_others_without_end() {
    let (world, anna) = World::reached().await;
    let console = world.as_console();
    let mut changed = 0;
    for number in 0..30 {
        let to = format!("other{number}@example.net");
        match world.change(&console, anna, (ProfileField::Email, Some(&to))).await {
            Ok(()) => changed += 1,
            Err(Denied::TooMany { .. }) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
    assert_eq!(changed, 20);
}

#[tokio::test]
async fn pw3_a_password_that_is_mailed_elsewhere_is_told_at_ones_own_addresses() {
    let (world, anna) = World::reached().await;
    let other = PasswordMail::Other(email("chef@example.net"));
    let mut expected = Told::new();
    for (mail, to, others) in
        [(other, "chef@example.net", &[OLD, HOME][..]), (PasswordMail::Own, OLD, &[HOME])]
    {
        let console = world.as_console();
        world.auth.password_set(&console, anna, None, Some(mail)).await.unwrap();
        expected.extend(told(MailKind::PasswordChanged, others));
        expected.extend(told(MailKind::PasswordChosen, &[to]));
        assert_eq!(world.told().await, expected);
    }
    let letters = world.letters().await;
    let says = |letter: &&super::letters::Letter| !letter.field("password").is_empty();
    assert_eq!(letters.iter().filter(says).count(), 2, "the notices tell no password");
}

#[tokio::test]
async fn pw5_whoever_is_locked_out_is_told_once() {
    let (world, _) = World::reached().await;
    for _ in 0..5 {
        assert!(is_credentials(&world.sign_in("anna", WRONG).await));
    }
    assert_eq!(world.told().await, told(MailKind::AccountLocked, &[OLD, HOME]));
}

#[tokio::test]
async fn pw5_whoever_is_locked_out_by_wrong_second_factors_is_told_once_as_well() {
    let (world, _) = World::reached().await;
    let session = world.sign_in("anna", PASSWORD).await.unwrap();
    world.enrol(&session).await;
    let before = world.told().await;
    let attempt = world.first_step("anna").await;
    let tries = (0..5).map(|_| world.finish(&attempt, shown("12345")));
    let refused = futures_util::future::join_all(tries).await;
    assert_eq!(refused.iter().filter(|outcome| is_code(outcome)).count(), 3);
    let expected = [before, told(MailKind::AccountLocked, &[OLD, HOME])].concat();
    assert_eq!(world.told().await, expected);
}

#[tokio::test]
async fn where_nothing_is_changed_nobody_is_told() {
    let (world, _, anna, berta) = World::with_members().await;
    world.address(anna, ProfileField::Email, OLD).await;
    world.address(berta, ProfileField::Email, NEW).await;
    let taken = world.change(&world.as_console(), anna, (ProfileField::Email, Some(NEW))).await;
    assert!(matches!(taken, Err(Denied::Failed(Failure::Refused(_)))), "{taken:?}");
    assert_eq!(world.told().await, []);
}
