use uuid::Uuid;

use super::*;
use crate::{aggregate::given, testing::email};

fn anna() -> AccountId {
    Uuid::from_u128(1).into()
}
fn ben() -> AccountId {
    Uuid::from_u128(2).into()
}
fn crm() -> ServiceKind {
    ServiceKind::parse("crm").unwrap()
}
fn granted() -> Event {
    Event::ServiceAccessGranted { service: crm() }
}
fn revoked() -> Event {
    Event::ServiceAccessRevoked { service: crm() }
}
fn administers() -> Event {
    Event::ServiceAdministratorGranted { service: crm() }
}
fn dismissed() -> Event {
    Event::ServiceAdministratorRevoked { service: crm() }
}
fn access(on: bool) -> Command {
    Command::SetServiceAccess { service: crm(), on }
}
fn administrator(on: bool) -> Command {
    Command::SetServiceAdministrator { service: crm(), on }
}
fn info() -> EmailAddress {
    email("Info@haven.example")
}
fn sealed(address: EmailAddress) -> Sealed<EmailAddress> {
    Sealed::new(anna(), address)
}
fn added() -> Event {
    Event::AliasAdded { address: sealed(info()) }
}

#[test]
fn a_service_is_switched_on_and_off() {
    given::<Membership>([]).when(access(true)).then([granted()]);
    given::<Membership>([granted()]).when(access(true)).then_nothing();
    given::<Membership>([granted()]).when(access(false)).then([revoked()]);
    given::<Membership>([]).when(access(false)).then_nothing();
}

#[test]
fn whoever_manages_a_service_has_it() {
    given::<Membership>([]).when(administrator(true)).then([granted(), administers()]);
    given::<Membership>([granted()]).when(administrator(true)).then([administers()]);
    given::<Membership>([granted(), administers()]).when(administrator(true)).then_nothing();
}

#[test]
fn whoever_loses_a_service_no_longer_manages_it() {
    given::<Membership>([granted(), administers()])
        .when(access(false))
        .then([dismissed(), revoked()]);
    given::<Membership>([granted(), administers()]).when(administrator(false)).then([dismissed()]);
    given::<Membership>([granted()]).when(administrator(false)).then_nothing();
}

#[test]
fn an_alias_is_added_once_whatever_its_case() {
    let add = |address| Command::AddAlias { account: anna(), address };
    given::<Membership>([]).when(add(info())).then([added()]);
    given::<Membership>([added()]).when(add(email("info@haven.example"))).then_nothing();
}

#[test]
fn an_alias_is_removed_and_free_again() {
    let remove = || Command::RemoveAlias { account: anna(), address: info() };
    let removed = Event::AliasRemoved { address: sealed(info()) };
    given::<Membership>([added()]).when(remove()).then([removed.clone()]);
    given::<Membership>([]).when(remove()).then_nothing();
    let names = Membership::default().evolve(&added()).names(&removed);
    assert_eq!(names, [NameChange::Release(Name::Address(info()))]);
}

#[test]
fn the_end_frees_all_aliases_and_leaves_nothing_on() {
    given::<Membership>([added(), granted()]).when(Command::End).then([Event::Ended]);
    let names = Membership::default().evolve(&added()).names(&Event::Ended);
    assert_eq!(names, [NameChange::Release(Name::Address(info()))]);
    given::<Membership>([granted(), Event::Ended]).when(access(true)).then([granted()]);
}

#[test]
fn another_member_may_send_on_behalf_but_not_oneself() {
    let set = |delegate, on| Command::SetSendOnBehalf { account: anna(), delegate, on };
    let may = Event::SendOnBehalfGranted { delegate: ben() };
    given::<Membership>([]).when(set(ben(), true)).then([may.clone()]);
    given::<Membership>([may.clone()]).when(set(ben(), true)).then_nothing();
    given::<Membership>([may])
        .when(set(ben(), false))
        .then([Event::SendOnBehalfRevoked { delegate: ben() }]);
    given::<Membership>([]).when(set(ben(), false)).then_nothing();
    given::<Membership>([]).when(set(anna(), true)).then_refused(&Refusal::DelegateIsOneself);
}

#[test]
fn a_mailbox_is_hidden_and_shared_only_when_somebody_says_so() {
    let hidden = Event::MailboxHiddenSet { hidden: true };
    given::<Membership>([]).when(Command::SetHidden { hidden: false }).then_nothing();
    given::<Membership>([]).when(Command::SetHidden { hidden: true }).then([hidden.clone()]);
    given::<Membership>([hidden]).when(Command::SetHidden { hidden: true }).then_nothing();
    let shared = Event::MailboxSharedSet { shared: true };
    given::<Membership>([]).when(Command::SetShared { shared: false }).then_nothing();
    given::<Membership>([]).when(Command::SetShared { shared: true }).then([shared]);
}

#[test]
fn blind_copies_go_where_somebody_says() {
    let set = |address| Command::SetAlwaysBcc { account: anna(), address };
    let told = |address: Option<EmailAddress>| Event::AlwaysBccSet { address: address.map(sealed) };
    given::<Membership>([]).when(set(Some(info()))).then([told(Some(info()))]);
    given::<Membership>([told(Some(info()))]).when(set(Some(info()))).then_nothing();
    given::<Membership>([told(Some(info()))]).when(set(None)).then([told(None)]);
    given::<Membership>([]).when(set(None)).then_nothing();
}

#[test]
fn a_mailbox_has_so_many_aliases_and_no_more() {
    let alias = |n: usize| email(&format!("a{n}@haven.example"));
    let add = |n| Command::AddAlias { account: anna(), address: alias(n) };
    let most = Few::Aliases.most();
    let full =
        given::<Membership>((0..most).map(|n| Event::AliasAdded { address: sealed(alias(n)) }));
    full.when(add(0)).then_nothing();
    full.when(add(most)).then_refused(&Refusal::LimitReached { what: Few::Aliases, most });
    let removed = Event::AliasRemoved { address: sealed(alias(0)) };
    let fewer = (0..most).map(|n| Event::AliasAdded { address: sealed(alias(n)) });
    given::<Membership>(fewer.chain([removed]))
        .when(add(most))
        .then([Event::AliasAdded { address: sealed(alias(most)) }]);
}

#[test]
fn a_member_has_so_many_delegates_and_no_more() {
    let delegate = |n: usize| AccountId::from(Uuid::from_u128(100 + n as u128));
    let most = Few::Delegates.most();
    let granted = (0..most).map(|n| Event::SendOnBehalfGranted { delegate: delegate(n) });
    let set = |n| Command::SetSendOnBehalf { account: anna(), delegate: delegate(n), on: true };
    let full = given::<Membership>(granted);
    full.when(set(0)).then_nothing();
    full.when(set(most)).then_refused(&Refusal::LimitReached { what: Few::Delegates, most });
}
