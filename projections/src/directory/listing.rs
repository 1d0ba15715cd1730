//! The columns by which lists are filtered and sorted, made from what is known of an account.

use chrono::{DateTime, Utc};
use events::value::{ProfileEntry, ProfileField};

use super::{
    AccountStatus, MemberType, Membership,
    dossier::{Dossier, Member},
};
use crate::{fold::fold, writes::Cell};

/// The columns of all rows of an account.
#[derive(Debug, PartialEq)]
pub(super) struct Listings {
    /// In the list of all accounts.
    pub(super) account: Listing,
    /// In the list of each organisation, in the order of the dossier.
    pub(super) members: Vec<Listing>,
    /// The services that are switched on in each, as in its column.
    pub(super) services: Vec<String>,
    /// What is equal in all of them.
    pub(super) texts: Texts,
}

/// The columns of one row.
#[derive(Debug, PartialEq)]
pub(super) struct Listing {
    pub(super) rank: u8,
    status: u8,
    member_type: u8,
    locked: bool,
    administrator: bool,
    sent: i64,
    activated: i64,
    operator: bool,
}

/// The texts of an account, folded.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Texts {
    display_name: String,
    username: String,
    first_name: String,
    last_name: String,
    email: String,
    job: String,
    location: String,
}

impl Listing {
    /// Its columns but the last, which only accounts have.
    pub(super) fn cells(&self) -> [Cell; 7] {
        [
            self.rank.into(),
            self.status.into(),
            self.member_type.into(),
            self.locked.into(),
            self.administrator.into(),
            self.sent.into(),
            self.activated.into(),
        ]
    }
}

impl Texts {
    /// The columns.
    pub(super) fn cells(&self) -> [Cell; 7] {
        [
            &self.display_name,
            &self.username,
            &self.first_name,
            &self.last_name,
            &self.email,
            &self.job,
            &self.location,
        ]
        .map(|text| text.as_str().into())
    }
}

impl Listings {
    pub(super) fn of(dossier: &Dossier) -> Self {
        let person = &dossier.person.account;
        let text = |field| person.profile.get(&field).map(entry_text).map(fold).unwrap_or_default();
        let texts = Texts {
            display_name: text(ProfileField::DisplayName),
            username: person.username.as_ref().map(|name| fold(name.as_str())).unwrap_or_default(),
            first_name: text(ProfileField::FirstName),
            last_name: text(ProfileField::LastName),
            email: text(ProfileField::Email),
            job: text(ProfileField::Position),
            location: text(ProfileField::Location),
        };
        let listing = |rank, members: &[&Membership], operator| {
            let member_type = members.iter().map(|membership| membership.member_type).max();
            Listing {
                rank,
                status: status_code(person.status_among(members.iter().copied())),
                member_type: member_type.map_or(0, type_code),
                locked: person.locked_at.is_some(),
                administrator: member_type >= Some(MemberType::Administrator),
                sent: moment_code(person.activation_sent_at),
                activated: moment_code(person.activated_at),
                operator,
            }
        };
        let all: Vec<_> = dossier.listed_members().map(|member| &member.membership).collect();
        Self {
            account: listing(dossier.rank() as u8, &all, person.operator),
            members: dossier
                .members
                .iter()
                .map(|member| listing(dossier.rank_of(member) as u8, &[&member.membership], false))
                .collect(),
            services: dossier.members.iter().map(|it| services(std::iter::once(it))).collect(),
            texts,
        }
    }
}

/// The keys of the services that are switched on for these members, each between spaces.
pub(super) fn services<'m>(members: impl Iterator<Item = &'m Member>) -> String {
    let mut keys: Vec<_> = members
        .flat_map(|member| &member.membership.services)
        .filter(|(_, switch)| switch.access)
        .map(|(service, _)| service.as_str())
        .collect();
    keys.sort_unstable();
    keys.dedup();
    if keys.is_empty() { String::new() } else { format!(" {} ", keys.join(" ")) }
}

/// The keys in one text of services that aren't in another.
pub(super) fn services_beyond<'s>(text: &'s str, other: &str) -> impl Iterator<Item = &'s str> {
    text.split_whitespace().filter(|key| other.split_whitespace().all(|it| it != *key))
}

/// How a status stands in its column: in the order in which lists show it.
pub(super) const fn status_code(status: AccountStatus) -> u8 {
    match status {
        AccountStatus::Active => 0,
        AccountStatus::Pending => 1,
        AccountStatus::Deactivated => 2,
        AccountStatus::Locked => 3,
        AccountStatus::Deleted => 4,
    }
}

/// How a moment stands in its column, in microseconds since 1970: never is before all others.
pub(super) fn moment_code(moment: Option<DateTime<Utc>>) -> i64 {
    moment.map_or(0, |moment| moment.timestamp_micros())
}

/// How a type stands in its column: the greater, the more one may.
pub(super) const fn type_code(member_type: MemberType) -> u8 {
    match member_type {
        MemberType::Reader => 1,
        MemberType::Full => 2,
        MemberType::Administrator => 3,
        MemberType::Owner => 4,
    }
}

fn entry_text(entry: &ProfileEntry) -> &str {
    match entry {
        ProfileEntry::Text(text) => text.as_str(),
        ProfileEntry::Email(address) => address.as_str(),
        ProfileEntry::Phone(number) => number.as_str(),
        ProfileEntry::TimeZone(zone) => zone.as_str(),
        ProfileEntry::Language(_) | ProfileEntry::Date(_) => "",
    }
}
