use chrono::TimeDelta;
use uuid::Uuid;

use super::*;
use crate::aggregate::given;

fn anna() -> AccountId {
    Uuid::from_u128(1).into()
}
fn haven() -> OrganisationId {
    Uuid::from_u128(2).into()
}
fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}
fn evening() -> DateTime<Utc> {
    noon() + TimeDelta::hours(6)
}
fn order() -> Order {
    Order {
        mail: Uuid::from_u128(3).into(),
        account: anna(),
        organisation: Some(haven()),
        kind: MailKind::PasswordReset,
        to: EmailAddress::parse("anna@example.org").unwrap(),
        language: Language::Nl,
        expires_at: evening(),
    }
}
fn queued() -> Event {
    let Order { account, organisation, kind, to, language, expires_at, .. } = order();
    Event::Queued {
        account,
        organisation,
        kind,
        to: Sealed::new(account, to),
        language,
        expires_at,
    }
}
fn reply() -> Reply {
    Reply::of("451 come again")
}
fn sealed() -> Sealed<Reply> {
    Sealed::new(anna(), reply())
}
fn failed(attempt: u32) -> Event {
    let next_at = noon();
    let (account, organisation, kind) = (anna(), Some(haven()), MailKind::PasswordReset);
    Event::Failed { account, organisation, kind, attempt, reply: Some(sealed()), next_at }
}
fn sent(attempt: u32) -> Event {
    let (account, organisation, kind) = (anna(), Some(haven()), MailKind::PasswordReset);
    Event::Sent { account, organisation, kind, attempt, reply: Some(sealed()) }
}
fn given_up(attempts: u32) -> Event {
    Event::GivenUp {
        account: anna(),
        organisation: Some(haven()),
        kind: MailKind::PasswordReset,
        attempts,
        reason: GivenUpReason::Refused,
        reply: Some(sealed()),
    }
}
fn give_up(tried: bool) -> Command {
    Command::GiveUp { reason: GivenUpReason::Refused, tried, reply: Some(reply()) }
}
fn retry(now: DateTime<Utc>) -> Command {
    Command::Retry { organisation: Some(haven()), now }
}

#[test]
fn tries_are_counted_until_a_server_takes_it() {
    let fail = || Command::Fail { reply: Some(reply()), next_at: noon() };
    let send = || Command::Send { reply: Some(reply()) };
    given::<Mail>([]).when(Command::Queue(order())).then([queued()]);
    given::<Mail>([queued()]).when(fail()).then([failed(1)]);
    given::<Mail>([queued(), failed(1)]).when(fail()).then([failed(2)]);
    given::<Mail>([queued(), failed(1), failed(2)]).when(send()).then([sent(3)]);
    given::<Mail>([queued(), sent(1)]).when(send()).then_nothing();
    given::<Mail>([queued(), sent(1)]).when(fail()).then_nothing();
    given::<Mail>([queued(), sent(1)]).when(give_up(true)).then_nothing();
}

#[test]
fn what_was_given_up_is_tried_again_as_long_as_it_is_of_use() {
    given::<Mail>([queued(), failed(1)]).when(give_up(true)).then([given_up(2)]);
    given::<Mail>([queued(), failed(1)]).when(give_up(false)).then([given_up(1)]);
    let kind = MailKind::PasswordReset;
    let retried = || Event::Retried { account: anna(), organisation: Some(haven()), kind };
    let gone = given::<Mail>([queued(), given_up(1)]);
    gone.when(retry(noon())).then([retried()]);
    gone.when(retry(evening())).then_refused(&Refusal::MailGone);
    given::<Mail>([queued(), given_up(1), retried()])
        .when(Command::Send { reply: Some(reply()) })
        .then([sent(2)]);
    given::<Mail>([queued()]).when(retry(noon())).then_nothing();
    given::<Mail>([queued(), sent(1)]).when(retry(noon())).then_refused(&Refusal::MailSent);
}

#[test]
fn a_mail_of_another_organisation_is_not_found() {
    let elsewhere = || Command::Retry { organisation: None, now: noon() };
    for story in [vec![queued()], vec![queued(), given_up(1)], vec![queued(), sent(1)], vec![]] {
        given::<Mail>(story).when(elsewhere()).then_refused(&Refusal::MailNotFound);
    }
}

#[test]
fn what_nobody_queued_is_not_found_and_nothing_is_queued_twice() {
    let send = || Command::Send { reply: None };
    given::<Mail>([]).when(send()).then_refused(&Refusal::MailNotFound);
    given::<Mail>([queued()]).when(Command::Queue(order())).then_refused(&Refusal::MailNotFound);
}
