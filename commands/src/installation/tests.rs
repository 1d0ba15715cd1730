use events::{
    AccountId,
    installation::Event,
    value::{ServiceKind, Text},
};
use uuid::Uuid;

use super::{Command, Installation};
use crate::{Refusal, aggregate::given, system_message::Draft};

fn anna() -> AccountId {
    Uuid::from_u128(1).into()
}
fn ben() -> AccountId {
    Uuid::from_u128(2).into()
}
fn initialised() -> Event {
    Event::Initialised { operator: anna() }
}
fn appointed() -> Event {
    Event::OperatorAppointed { account: ben() }
}
fn wiki() -> (ServiceKind, Text) {
    (ServiceKind::parse("wiki").unwrap(), Text::parse("Wiki").unwrap())
}
fn registered() -> Event {
    let (service, name) = wiki();
    Event::ServiceRegistered { service, name }
}
fn register(service: &str) -> Command {
    Command::Register { service: ServiceKind::parse(service).unwrap(), name: wiki().1 }
}

#[test]
fn an_installation_gets_its_first_operator_once() {
    let initialise = |operator| Command::Initialise { operator };
    given::<Installation>([]).when(initialise(anna())).then([initialised()]);
    given::<Installation>([initialised()])
        .when(initialise(ben()))
        .then_refused(&Refusal::AlreadySetUp);
}

#[test]
fn before_that_nothing_else_can_be_asked() {
    let fresh = given::<Installation>([]);
    fresh.when(Command::Appoint { account: ben() }).then_refused(&Refusal::NotSetUp);
    fresh.when(Command::Dismiss { account: ben() }).then_refused(&Refusal::NotSetUp);
    fresh.when(register("wiki")).then_refused(&Refusal::NotSetUp);
}

#[test]
fn operators_come_and_go() {
    let appoint = || Command::Appoint { account: ben() };
    let dismiss = || Command::Dismiss { account: ben() };
    given::<Installation>([initialised()]).when(appoint()).then([appointed()]);
    given::<Installation>([initialised(), appointed()]).when(appoint()).then_nothing();
    let dismissed = Event::OperatorDismissed { account: ben() };
    given::<Installation>([initialised(), appointed()]).when(dismiss()).then([dismissed.clone()]);
    given::<Installation>([initialised(), appointed(), dismissed]).when(dismiss()).then_nothing();
}

#[test]
fn the_first_operator_stays() {
    given::<Installation>([initialised(), appointed()])
        .when(Command::Dismiss { account: anna() })
        .then_refused(&Refusal::FirstOperator);
}

#[test]
fn a_service_is_registered_once_and_never_over_a_built_in_one() {
    given::<Installation>([initialised()]).when(register("wiki")).then([registered()]);
    let with_wiki = given::<Installation>([initialised(), registered()]);
    with_wiki.when(register("wiki")).then_refused(&Refusal::ServiceExists);
    with_wiki.when(register("mail")).then_refused(&Refusal::ServiceExists);
}

#[test]
fn whoever_is_signed_in_is_told_something() {
    let now = chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    let hour = now + chrono::TimeDelta::hours(1);
    let (message, text) = (Uuid::from_u128(7).into(), Text::parse("Onderhoud").unwrap());
    let told = Event::SystemMessageSent { message, text: text.clone(), valid_until: hour };
    let send = |until| Command::SendMessage(Draft { message, text: text.clone(), until, now });
    given::<Installation>([initialised()]).when(send(None)).then([told]);
    given::<Installation>([initialised()])
        .when(send(Some(now)))
        .then_refused(&Refusal::ExpiryPassed);
    given::<Installation>([]).when(send(None)).then_refused(&Refusal::NotSetUp);
}
