mod administrators;
mod members;
mod settings;

use events::{
    AccountId,
    organisation::Event,
    value::{Domain, Language, MemberKind, MinLength, Plan, PolicyRule, ServiceKind, Text},
};
use uuid::Uuid;

use super::{Command, Organisation};
use crate::{
    Refusal,
    aggregate::{Given, given},
};

fn anna() -> AccountId {
    Uuid::from_u128(1).into()
}
fn ben() -> AccountId {
    Uuid::from_u128(2).into()
}
fn cor() -> AccountId {
    Uuid::from_u128(3).into()
}
fn name(text: &str) -> Text {
    Text::parse(text).unwrap()
}
fn created_with(plan: Plan) -> Event {
    Event::Created { name: name("Havenbedrijf"), language: Language::Nl, plan }
}
fn created() -> Event {
    created_with(Plan::default())
}
fn joined(account: AccountId) -> Event {
    Event::MemberJoined { account, kind: MemberKind::Full }
}
fn reader(account: AccountId) -> Event {
    Event::MemberJoined { account, kind: MemberKind::Reader }
}
fn granted(account: AccountId) -> Event {
    Event::AdministratorGranted { account }
}
fn revoked(account: AccountId) -> Event {
    Event::AdministratorRevoked { account }
}
fn deactivated(account: AccountId) -> Event {
    Event::MemberDeactivated { account, reason: None }
}
fn owner(account: AccountId) -> Event {
    Event::OwnerSet { account }
}

/// An organisation to which this has happened.
fn after(events: impl IntoIterator<Item = Event>) -> Given<Organisation> {
    given(std::iter::once(created()).chain(events))
}
