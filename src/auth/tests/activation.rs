//! Activating accounts: the link goes by mail, the code in a letter (AC2 to AC4, S8, S9, S28).

use commands::{Command, Failure, Refusal, Request};
use events::{
    AccountId, Event, LetterId, MailId, OrganisationId, Position, Stream, account, mail,
    value::{EmailAddress, MailKind, ProfileEntry, ProfileField},
};
use graphql::port::{Denied, Gate, WeakPassword};
use projections::directory::Document;
use secrecy::{ExposeSecret, SecretString};

use super::world::{PASSWORD, World, is_credentials, new};
use crate::auth::activation::parcel;

/// An organisation that anna manages, with a pending account.
async fn pending(name: &str) -> (World, OrganisationId, AccountId, Request) {
    let (world, organisation, ..) = World::with_members().await;
    let anna = world.sign_in("anna", PASSWORD).await.unwrap();
    let request = world.by(&anna);
    let account = join(&world, organisation, &request, name).await;
    (world, organisation, account, request)
}

async fn join(
    world: &World,
    organisation: OrganisationId,
    request: &Request,
    name: &str,
) -> AccountId {
    let mut new = new(organisation, name);
    let address = EmailAddress::parse(&format!("{name}@bakker.example")).unwrap();
    new.profile.entries.push((ProfileField::Email, ProfileEntry::Email(address)));
    let made = world.auth.account_create(request, new, None).await.unwrap();
    made.subject.unwrap().into()
}

/// What somebody got: the token of the link, and the code and the document of a letter.
struct Got {
    kind: MailKind,
    token: SecretString,
    code: Option<SecretString>,
    document: Option<Document>,
}

impl World {
    /// What was sent last.
    async fn got(&self) -> Got {
        let all = self.store.read_all(Position::START, 10_000).await.unwrap();
        let events = self.events().await;
        let mut last = None;
        let mut document = None;
        for (stored, event) in all.iter().zip(events) {
            match (stored.stream, event) {
                (Stream::Mail(id), Event::Mail(mail::Event::Queued { kind, .. })) => {
                    last = Some((id, kind));
                }
                (
                    Stream::Account(account),
                    Event::Account(account::Event::ActivationSent {
                        letter,
                        organisation,
                        expires_at,
                        ..
                    }),
                ) => {
                    document = letter.map(|id| Document {
                        id,
                        organisation,
                        account,
                        created_at: stored.at,
                        downloaded_at: None,
                        expires_at,
                    });
                }
                _ => {}
            }
        }
        let (mail, kind) = last.unwrap();
        let link = self.parcel(mail).await.unwrap();
        let token = link.split('#').nth(1).unwrap().trim_end_matches(['"', '}']);
        let code = match &document {
            Some(document) => self.parcel(parcel(document.id)).await.map(SecretString::from),
            None => None,
        };
        Got { kind, token: token.into(), code, document }
    }

    async fn parcel(&self, id: MailId) -> Option<String> {
        let parcel = self.auth.vault.parcel(id).await.unwrap();
        parcel.map(|text| text.expose_secret().to_owned())
    }

    async fn activated_with(
        &self,
        token: &SecretString,
        code: Option<&str>,
        password: &str,
    ) -> Result<(), Denied> {
        let (request, code) = (self.anonymous(), code.map(SecretString::from));
        Gate::activate(&*self.auth, &request, token.clone(), code, password.into()).await.map(drop)
    }
}

const NEW: &str = "Merel fluit 8 deuntjes";

fn is_token<T>(outcome: &Result<T, Denied>) -> bool {
    matches!(outcome, Err(Denied::Token))
}
fn is_code<T>(outcome: &Result<T, Denied>) -> bool {
    matches!(outcome, Err(Denied::LinkCode))
}

#[tokio::test]
async fn ac3_link_and_code_and_a_password_of_ones_own_activate_an_account() {
    let (world, organisation, clara, anna) = pending("clara").await;
    assert!(is_credentials(&world.sign_in("clara", PASSWORD).await), "AC2: it is pending");
    world.auth.activation_send(&anna, organisation, clara, true).await.unwrap();
    let got = world.got().await;
    assert_eq!(got.kind, MailKind::Activation);
    let code = got.code.as_ref().map(|code| code.expose_secret().to_owned()).unwrap();
    // The link alone is not enough, and that costs no try; nor does a password that won't do.
    assert!(is_code(&world.activated_with(&got.token, None, NEW).await));
    let weak = world.activated_with(&got.token, Some(&code), "kort").await;
    assert!(matches!(weak, Err(Denied::Password(WeakPassword::TooShort { .. }))), "{weak:?}");
    let typed = format!("{}-{}", code[..4].to_lowercase(), &code[4..]);
    world.activated_with(&got.token, Some(&typed), NEW).await.unwrap();
    // S8: once. Nobody was signed in by it, and now one can sign in.
    assert!(is_token(&world.activated_with(&got.token, Some(&code), NEW).await));
    let sessions = world.auth.vault.tokens_of(clara).await.unwrap();
    assert!(sessions.is_empty(), "neither a session nor a token is left: {sessions:?}");
    assert!(world.sign_in("clara", NEW).await.is_ok());
    assert_eq!(world.parcel(parcel(got.document.unwrap().id)).await, None);
}

#[tokio::test]
async fn ac4_an_invitation_by_mail_needs_no_letter() {
    let (world, organisation, clara, anna) = pending("clara").await;
    world.auth.activation_send(&anna, organisation, clara, false).await.unwrap();
    let got = world.got().await;
    assert_eq!(got.kind, MailKind::Invitation);
    assert!(got.document.is_none());
    world.activated_with(&got.token, None, NEW).await.unwrap();
    assert!(world.sign_in("clara", NEW).await.is_ok());
    let again = world.auth.activation_send(&anna, organisation, clara, false).await;
    assert!(matches!(again, Err(Denied::Failed(Failure::Refused(Refusal::AlreadyActivated)))));
}

#[tokio::test]
async fn s8_a_newer_link_ends_the_one_before_and_time_ends_each() {
    let (world, organisation, clara, anna) = pending("clara").await;
    world.auth.activation_send(&anna, organisation, clara, false).await.unwrap();
    let first = world.got().await;
    world.auth.activation_send(&anna, organisation, clara, false).await.unwrap();
    let second = world.got().await;
    assert!(is_token(&world.activated_with(&first.token, None, NEW).await));
    // Altered in one letter, or for something else.
    let altered: String = second.token.expose_secret().chars().rev().collect();
    for token in [altered, "stl_".to_owned(), second.token.expose_secret().replace("stl_", "sts_")]
    {
        assert!(is_token(&world.activated_with(&token.into(), None, NEW).await));
    }
    let week = 7 * 86_400;
    world.clock.advance(week - 60);
    world.auth.activation_check(&anna, organisation, clara, false).await.unwrap();
    world.clock.advance(61);
    assert!(is_token(&world.activated_with(&second.token, None, NEW).await));
}

#[tokio::test]
async fn the_code_of_one_letter_is_none_for_the_link_of_another() {
    let (world, organisation, clara, anna) = pending("clara").await;
    let dirk = join(&world, organisation, &anna, "dirk").await;
    world.auth.activation_send(&anna, organisation, clara, true).await.unwrap();
    let for_clara = world.got().await;
    world.auth.activation_send(&anna, organisation, dirk, true).await.unwrap();
    let for_dirk = world.got().await;
    let code = |got: &Got| got.code.as_ref().map(|code| code.expose_secret().to_owned());
    let crossed = world.activated_with(&for_dirk.token, code(&for_clara).as_deref(), NEW).await;
    assert!(is_code(&crossed));
    world.activated_with(&for_dirk.token, code(&for_dirk).as_deref(), NEW).await.unwrap();
    world.activated_with(&for_clara.token, code(&for_clara).as_deref(), NEW).await.unwrap();
}

#[tokio::test]
async fn s9_three_wrong_codes_end_a_link_also_when_they_come_at_once() {
    let (world, organisation, clara, anna) = pending("clara").await;
    world.auth.activation_send(&anna, organisation, clara, true).await.unwrap();
    let got = world.got().await;
    let tries = (0..12).map(|_| world.activated_with(&got.token, Some("2222-2222"), NEW));
    let outcomes = futures_util::future::join_all(tries).await;
    assert_eq!(outcomes.iter().filter(|outcome| is_code(outcome)).count(), 3, "{outcomes:?}");
    let code = got.code.as_ref().map(|code| code.expose_secret().to_owned());
    assert!(is_token(&world.activated_with(&got.token, code.as_deref(), NEW).await));
    let events = world.events().await;
    let count = |wanted: fn(&account::Event) -> bool| {
        events
            .iter()
            .filter(|event| matches!(event, Event::Account(event) if wanted(event)))
            .count()
    };
    assert_eq!(count(|event| matches!(event, account::Event::ActivationCodeFailed { .. })), 3);
    assert_eq!(count(|event| matches!(event, account::Event::ActivationVoided { .. })), 1);
}

#[tokio::test]
async fn a_password_from_an_administrator_or_another_address_ends_what_was_sent() {
    let (world, organisation, clara, anna) = pending("clara").await;
    world.auth.activation_send(&anna, organisation, clara, false).await.unwrap();
    let before = world.got().await;
    let address = EmailAddress::parse("clara@elders.example").unwrap();
    let changes = vec![(ProfileField::Email, Some(ProfileEntry::Email(address)))];
    world.console(Command::ProfileUpdate { account: clara, changes, mails: vec![] }).await;
    assert!(is_token(&world.activated_with(&before.token, None, NEW).await));
    world.auth.activation_send(&anna, organisation, clara, false).await.unwrap();
    let before = world.got().await;
    world.auth.password_set(&anna, clara, Some(PASSWORD.into()), None).await.unwrap();
    assert!(is_token(&world.activated_with(&before.token, None, NEW).await));
    assert!(world.sign_in("clara", PASSWORD).await.is_ok());
}

#[tokio::test]
async fn a_letter_is_for_those_who_manage_its_organisation_and_goes_a_day_after_it_was_printed() {
    let (world, organisation, clara, anna) = pending("clara").await;
    world.auth.activation_send(&anna, organisation, clara, true).await.unwrap();
    let document = world.got().await.document.unwrap();
    let berta = world.by(&world.sign_in("berta", PASSWORD).await.unwrap());
    for (who, request) in [
        ("a member", berta),
        ("nobody", world.anonymous()),
        ("the console", world.as_console()),
        ("somebody in her name", Request { on_behalf_of: anna.account(), ..anna.clone() }),
        ("an administrator elsewhere", Request { organisation: None, ..anna.clone() }),
    ] {
        let got = world.auth.print_letter(&request, &document).await.unwrap();
        assert!(got.is_none(), "{who} got the letter");
    }
    let pdf = world.auth.print_letter(&anna, &document).await.unwrap().unwrap().into_bytes();
    assert!(pdf.starts_with(b"%PDF-"));
    let fetched = account::Event::LetterDownloaded { letter: document.id, organisation };
    assert!(world.events().await.contains(&fetched.into()), "it stands in the history");
    // Once more, should the printer have jammed; a day later it is kept no longer.
    let again = Document { downloaded_at: Some(document.created_at), ..document.clone() };
    let same = world.auth.print_letter(&anna, &again).await.unwrap().unwrap().into_bytes();
    assert!(pdf == same);
    world.clock.advance(86_401);
    world.auth.tidy().await.unwrap();
    let anna = world.by(&world.sign_in("anna", PASSWORD).await.unwrap());
    assert!(world.auth.print_letter(&anna, &again).await.unwrap().is_none());
    let strange = Document { id: LetterId::new(uuid::Uuid::from_u128(7)), ..document };
    assert!(world.auth.print_letter(&anna, &strange).await.unwrap().is_none());
}

#[tokio::test]
async fn s8_the_vault_keeps_hashes_and_the_log_neither_link_nor_code() {
    let (world, organisation, clara, anna) = pending("clara").await;
    world.auth.activation_send(&anna, organisation, clara, true).await.unwrap();
    let got = world.got().await;
    let code = got.code.unwrap();
    for stored in world.store.read_all(Position::START, 10_000).await.unwrap() {
        for secret in [got.token.expose_secret(), code.expose_secret()] {
            assert!(!stored.data.contains(secret) && !stored.cause.contains(secret));
        }
    }
    let kept = format!("{:?}", world.auth.vault.tokens_of(clara).await.unwrap());
    assert!(!kept.contains(got.token.expose_secret()) && !kept.contains(code.expose_secret()));
}

/// What the vault still has of an activation: tokens, and whether the code can be read.
async fn left(world: &World, account: AccountId, got: &Got) -> (usize, bool) {
    let tokens = world.auth.vault.tokens_of(account).await.unwrap();
    let letter = got.document.as_ref().unwrap().id;
    (tokens.len(), world.parcel(parcel(letter)).await.is_some())
}

/// Lets the reactor see what happened; or the sweep, should the reactor never have seen it.
async fn drop_void(world: &World, swept: bool) {
    if swept {
        world.auth.tidy().await.unwrap();
    } else {
        world.react().await;
    }
}

#[tokio::test]
async fn s8_of_what_activates_an_account_no_longer_nothing_stays() {
    for swept in [false, true] {
        for how in ["address", "password", "deleted"] {
            let (world, organisation, clara, anna) = pending("clara").await;
            world.auth.activation_send(&anna, organisation, clara, true).await.unwrap();
            let got = world.got().await;
            assert_eq!(left(&world, clara, &got).await, (2, true));
            match how {
                "address" => {
                    world.address(clara, ProfileField::Email, "clara@elders.example").await;
                }
                "password" => {
                    let new = Some(PASSWORD.into());
                    world.auth.password_set(&anna, clara, new, None).await.unwrap();
                }
                _ => {
                    let delete = Command::AccountDelete { organisation, account: clara };
                    world.console(delete).await;
                }
            }
            drop_void(&world, swept).await;
            assert_eq!(left(&world, clara, &got).await, (0, false), "{how}, swept: {swept}");
        }
    }
}

#[tokio::test]
async fn the_code_of_a_letter_that_was_removed_is_read_by_nobody_and_works_for_whoever_has_it() {
    for swept in [false, true] {
        let (world, organisation, clara, anna) = pending("clara").await;
        world.auth.activation_send(&anna, organisation, clara, true).await.unwrap();
        let got = world.got().await;
        let letter = got.document.as_ref().unwrap().id;
        world.react().await;
        world.auth.tidy().await.unwrap();
        assert_eq!(left(&world, clara, &got).await, (2, true), "it works");
        world.console(Command::LetterRemove { organisation, account: clara, letter }).await;
        drop_void(&world, swept).await;
        assert_eq!(left(&world, clara, &got).await, (2, false), "swept: {swept}");
        let code = got.code.as_ref().unwrap().expose_secret();
        world.activated_with(&got.token, Some(code), NEW).await.unwrap();
    }
}
