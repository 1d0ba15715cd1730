use events::value::{Language, Text};
use uuid::Uuid;

use super::*;
use crate::{
    aggregate::{Given, given},
    testing::{email, profile, text, username},
};

fn anna() -> AccountId {
    Uuid::from_u128(1).into()
}
fn haven() -> OrganisationId {
    Uuid::from_u128(11).into()
}
fn werf() -> OrganisationId {
    Uuid::from_u128(12).into()
}
fn credential(number: u128) -> CredentialId {
    Uuid::from_u128(number).into()
}
fn created() -> Event {
    let profile = profile("Anna", Some("anna@haven.example"));
    Event::Created {
        username: Sealed::new(anna(), username("anna")),
        profile: Sealed::new(anna(), profile),
    }
}
fn joined(organisation: OrganisationId) -> Event {
    Event::Joined { organisation }
}
fn password(number: u128) -> Event {
    Event::PasswordSet { credential: credential(number), by: PasswordSetBy::Owner }
}
fn set_password(number: u128) -> Command {
    Command::SetPassword { credential: credential(number), by: PasswordSetBy::Owner }
}
fn fail() -> Command {
    Command::FailSignIn { threshold: 3 }
}
fn changed(field: ProfileField, value: Option<ProfileEntry>) -> Event {
    Event::ProfileChanged { field, value: Sealed::new(anna(), value) }
}
fn update(changes: impl IntoIterator<Item = (ProfileField, Option<ProfileEntry>)>) -> Command {
    Command::UpdateProfile { account: anna(), changes: changes.into_iter().collect() }
}
fn entry(words: &str) -> ProfileEntry {
    ProfileEntry::Text(text(words))
}

/// An account to which this has happened.
fn after(events: impl IntoIterator<Item = Event>) -> Given<Account> {
    given(std::iter::once(created()).chain(events))
}

/// The names that an event takes and frees.
fn names(events: &[Event], next: &Event) -> Vec<NameChange> {
    events.iter().fold(Account::default(), Account::evolve).names(next)
}

fn address(address: &str) -> Name {
    Name::Address(email(address))
}

#[test]
fn an_account_comes_to_be_with_its_name_and_address() {
    let profile = profile("Anna", Some("anna@haven.example"));
    let create = Command::Create { account: anna(), username: username("anna"), profile };
    given::<Account>([]).when(create).then([created()]);
    let takes = [Name::Username(username("anna")), address("anna@haven.example")];
    assert_eq!(names(&[], &created()), takes.map(NameChange::Take));
}

#[test]
fn a_new_profile_holds_what_fits_and_each_field_once() {
    let create = |entries| {
        let profile = Profile { display_name: text("Anna"), entries };
        given::<Account>([]).when(Command::Create {
            account: anna(),
            username: username("anna"),
            profile,
        })
    };
    let phone = (ProfileField::Phone, ProfileEntry::Language(Language::Nl));
    create(vec![phone]).then_refused(&Refusal::WrongKindOfValue { field: ProfileField::Phone });
    let position = || (ProfileField::Position, ProfileEntry::Text(text("Schipper")));
    create(vec![position(), position()])
        .then_refused(&Refusal::WrongKindOfValue { field: ProfileField::Position });
}

#[test]
fn fields_are_set_and_emptied_one_by_one() {
    after([])
        .when(update([(ProfileField::FirstName, Some(entry("Anna"))), (ProfileField::Email, None)]))
        .then([
            changed(ProfileField::FirstName, Some(entry("Anna"))),
            changed(ProfileField::Email, None),
        ]);
}

#[test]
fn a_field_that_is_so_already_is_not_told() {
    after([changed(ProfileField::FirstName, Some(entry("Anna")))])
        .when(update([
            (ProfileField::FirstName, Some(entry("Anna"))),
            (ProfileField::LastName, None),
        ]))
        .then_nothing();
}

#[test]
fn one_bad_value_saves_nothing() {
    let bad = (ProfileField::BirthDate, Some(entry("gisteren")));
    after([])
        .when(update([(ProfileField::FirstName, Some(entry("Anna"))), bad]))
        .then_refused(&Refusal::WrongKindOfValue { field: ProfileField::BirthDate });
}

#[test]
fn the_display_name_is_never_empty() {
    after([])
        .when(update([(ProfileField::DisplayName, None)]))
        .then_refused(&Refusal::DisplayNameRequired);
}

#[test]
fn a_new_address_frees_the_old_one() {
    let new = ProfileEntry::Email(email("anna@werf.example"));
    let changes = names(&[created()], &changed(ProfileField::Email, Some(new)));
    let (old, new) = (address("anna@haven.example"), address("anna@werf.example"));
    assert_eq!(changes, [NameChange::Release(old), NameChange::Take(new)]);
}

#[test]
fn a_deleted_account_frees_its_address_and_never_its_username() {
    let events = [created(), joined(haven())];
    let freed = names(&events, &Event::Deleted);
    assert_eq!(freed, [NameChange::Release(address("anna@haven.example"))]);
}

#[test]
fn with_its_last_membership_an_account_goes() {
    let leave = |organisation| Command::Leave { organisation };
    let left = |organisation| Event::Left { organisation };
    after([joined(haven()), joined(werf())]).when(leave(haven())).then([left(haven())]);
    after([joined(haven())]).when(leave(haven())).then([left(haven()), Event::Deleted]);
    after([joined(haven())]).when(leave(werf())).then_nothing();
}

#[test]
fn d7_a_deleted_account_still_tells_which_password_hash_is_to_go() {
    let credential = CredentialId::new(Uuid::from_u128(7));
    let set = Event::PasswordSet { credential, by: PasswordSetBy::Administrator };
    for more in [vec![], vec![Event::SignInFailed, Event::Locked]] {
        let events = [created(), set.clone()].into_iter().chain(more).chain([Event::Deleted]);
        let account = events.fold(Account::default(), |account, event| account.evolve(&event));
        assert_eq!(account.credential(), Some(credential));
    }
}

#[test]
fn a_deleted_account_is_not_found() {
    let gone = after([joined(haven()), Event::Left { organisation: haven() }, Event::Deleted]);
    gone.when(set_password(1)).then_refused(&Refusal::AccountNotFound);
    gone.when(Command::Join { organisation: haven() }).then_refused(&Refusal::AccountNotFound);
    gone.when(Command::SignIn).then_refused(&Refusal::AccountNotFound);
    given::<Account>([]).when(Command::Unlock).then_refused(&Refusal::AccountNotFound);
}

#[test]
fn it_works_where_it_joined_first_until_it_chooses() {
    let set = |organisation| Command::SetDefaultOrganisation { organisation };
    let chosen = Event::DefaultOrganisationSet { organisation: werf() };
    after([joined(haven()), joined(werf())]).when(set(haven())).then_nothing();
    after([joined(haven()), joined(werf())]).when(set(werf())).then([chosen.clone()]);
    after([joined(haven()), joined(werf()), chosen.clone()]).when(set(werf())).then_nothing();
    after([joined(haven())]).when(set(werf())).then_refused(&Refusal::MemberNotFound);
    after([joined(haven()), joined(werf()), chosen, Event::Left { organisation: werf() }])
        .when(set(haven()))
        .then_nothing();
}

#[test]
fn the_third_wrong_password_in_a_row_locks() {
    let failed = || Event::SignInFailed;
    after([password(1)]).when(fail()).then([failed()]);
    after([password(1), failed()]).when(fail()).then([failed()]);
    after([password(1), failed(), failed()]).when(fail()).then([failed(), Event::Locked]);
}

#[test]
fn a_locked_account_counts_nothing_any_more() {
    let locked =
        [password(1), Event::SignInFailed, Event::SignInFailed, Event::SignInFailed, Event::Locked];
    after(locked.clone()).when(fail()).then_nothing();
    after(locked).when(Command::SignIn).then_refused(&Refusal::AccountLocked);
}

#[test]
fn an_account_without_a_password_is_pending() {
    after([]).when(Command::SignIn).then_refused(&Refusal::AccountPending);
    after([]).when(fail()).then_nothing();
}

#[test]
fn a_right_password_forgets_the_wrong_ones() {
    after([password(1)]).when(Command::SignIn).then_nothing();
    after([password(1), Event::SignInFailed])
        .when(Command::SignIn)
        .then([Event::SignInFailuresCleared]);
    after([password(1), Event::SignInFailed, Event::SignInFailed, Event::SignInFailuresCleared])
        .when(fail())
        .then([Event::SignInFailed]);
}

#[test]
fn unlocking_begins_the_count_anew() {
    let locked = [password(1), Event::SignInFailed, Event::Locked];
    after(locked.clone()).when(Command::Unlock).then([Event::Unlocked]);
    after(locked.into_iter().chain([Event::Unlocked])).when(fail()).then([Event::SignInFailed]);
    after([password(1)]).when(Command::Unlock).then_nothing();
}

#[test]
fn a_new_password_unlocks() {
    after([password(1), Event::SignInFailed, Event::Locked])
        .when(set_password(2))
        .then([password(2), Event::Unlocked]);
    after([password(1)]).when(set_password(2)).then([password(2)]);
}

#[test]
fn erased_data_reads_as_if_it_were_not_there() {
    let erased = Event::Created {
        username: Sealed::Erased { subject: anna() },
        profile: Sealed::Erased { subject: anna() },
    };
    let name: Text = text("Anna");
    given::<Account>([erased])
        .when(update([(ProfileField::DisplayName, Some(ProfileEntry::Text(name.clone())))]))
        .then([changed(ProfileField::DisplayName, Some(ProfileEntry::Text(name)))]);
}
