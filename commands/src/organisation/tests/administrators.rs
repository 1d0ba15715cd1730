//! The last administrator, the owner, and one's own switch.

use super::*;

fn set(account: AccountId, on: bool) -> Command {
    Command::SetAdministrator { account, on, by: Some(cor()) }
}

#[test]
fn a_full_member_becomes_an_administrator_and_back() {
    after([joined(anna()), joined(ben()), granted(ben())])
        .when(set(anna(), true))
        .then([granted(anna())]);
    after([joined(anna()), joined(ben()), granted(anna()), granted(ben())])
        .when(set(anna(), false))
        .then([revoked(anna())]);
}

#[test]
fn a_switch_that_is_so_already_changes_nothing() {
    after([joined(anna()), granted(anna())]).when(set(anna(), true)).then_nothing();
    after([joined(anna())]).when(set(anna(), false)).then_nothing();
}

#[test]
fn the_last_administrator_can_not_lose_it() {
    let alone = after([joined(anna()), granted(anna()), joined(ben())]);
    alone.when(set(anna(), false)).then_refused(&Refusal::LastAdministrator);
    alone
        .when(Command::DeactivateMember { account: anna(), reason: None })
        .then_refused(&Refusal::LastAdministrator);
    alone.when(Command::RemoveMember { account: anna() }).then_refused(&Refusal::LastAdministrator);
}

#[test]
fn an_administrator_who_is_deactivated_does_not_count() {
    let events =
        [joined(anna()), granted(anna()), joined(ben()), granted(ben()), deactivated(ben())];
    after(events.clone()).when(set(anna(), false)).then_refused(&Refusal::LastAdministrator);
    after(events)
        .when(Command::RemoveMember { account: ben() })
        .then([Event::MemberRemoved { account: ben() }]);
}

#[test]
fn nobody_turns_their_own_switch() {
    let own = |account, on| Command::SetAdministrator { account, on, by: Some(account) };
    let both = after([joined(anna()), granted(anna()), joined(ben()), granted(ben())]);
    both.when(own(anna(), false)).then_refused(&Refusal::OwnSwitch);
    after([joined(anna())]).when(own(anna(), true)).then_refused(&Refusal::OwnSwitch);
}

#[test]
fn a_reader_never_manages_anything() {
    after([reader(anna())]).when(set(anna(), true)).then_refused(&Refusal::ReaderCantManage);
    after([reader(anna())])
        .when(Command::SetOwner { account: anna() })
        .then_refused(&Refusal::ReaderCantManage);
}

#[test]
fn a_deactivated_member_does_not_become_an_administrator_or_owner() {
    let barred = after([joined(anna()), deactivated(anna())]);
    barred.when(set(anna(), true)).then_refused(&Refusal::MemberDeactivated);
    barred.when(Command::SetOwner { account: anna() }).then_refused(&Refusal::MemberDeactivated);
}

#[test]
fn an_owner_is_an_administrator_too() {
    let own = || Command::SetOwner { account: anna() };
    after([joined(anna())]).when(own()).then([granted(anna()), owner(anna())]);
    after([joined(anna()), granted(anna())]).when(own()).then([owner(anna())]);
    after([joined(anna()), granted(anna()), owner(anna())]).when(own()).then_nothing();
}

#[test]
fn the_owner_can_not_be_demoted_deactivated_or_removed() {
    let owned =
        after([joined(anna()), granted(anna()), owner(anna()), joined(ben()), granted(ben())]);
    owned.when(set(anna(), false)).then_refused(&Refusal::OwnerStays);
    owned
        .when(Command::DeactivateMember { account: anna(), reason: None })
        .then_refused(&Refusal::OwnerStays);
    owned.when(Command::RemoveMember { account: anna() }).then_refused(&Refusal::OwnerStays);
}

#[test]
fn a_former_owner_stays_an_administrator_who_can_be_demoted() {
    after([
        joined(anna()),
        granted(anna()),
        owner(anna()),
        joined(ben()),
        granted(ben()),
        owner(ben()),
    ])
    .when(set(anna(), false))
    .then([revoked(anna())]);
}

#[test]
fn somebody_who_is_no_member_is_not_found() {
    after([]).when(set(anna(), true)).then_refused(&Refusal::MemberNotFound);
    after([]).when(Command::SetOwner { account: anna() }).then_refused(&Refusal::MemberNotFound);
}
