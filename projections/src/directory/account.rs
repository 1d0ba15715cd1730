//! An account, with its memberships.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use events::{
    AccountId, OrganisationId, Version,
    value::{EmailAddress, ProfileEntry, ProfileField, ServiceKind, Username, WeekHours},
};
use serde::{Deserialize, Serialize};

use super::Factor;

/// One account, with its memberships.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// The version of its stream, for `expectedVersion`.
    pub version: Version,
    /// The name to sign in with; none when it was erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<Username>,
    /// What is known of the person, the display name included; empty when it was erased.
    pub profile: BTreeMap<ProfileField, ProfileEntry>,
    /// The e-mail address that waits to be confirmed; until then the one before counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email_pending: Option<EmailAddress>,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// Since when it has a password; none: nobody can sign in to it yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_since: Option<DateTime<Utc>>,
    /// Since when no password is evaluated, if so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locked_at: Option<DateTime<Utc>>,
    /// When the means to activate it were last sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activation_sent_at: Option<DateTime<Utc>>,
    /// When the person activated it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activated_at: Option<DateTime<Utc>>,
    /// When it was deleted, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<DateTime<Utc>>,
    /// When somebody last signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_in_at: Option<DateTime<Utc>>,
    /// The organisation that it works in when it signs in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_organisation: Option<OrganisationId>,
    /// Whether it may run the installation.
    pub operator: bool,
    /// When it may be signed in to; none: when its organisations say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign_in_hours: Option<WeekHours>,
    /// Its second factors, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub factors: Vec<Factor>,
    /// How many recovery codes are left.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub recovery_codes: u32,
    /// Its memberships that the caller may see, oldest first. Those that ended are left out,
    /// but those that ended with the account itself stay.
    #[serde(skip)]
    pub memberships: Vec<Membership>,
}

/// What an account is in an organisation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Membership {
    /// Which organisation.
    pub organisation: OrganisationId,
    /// The version of the membership's stream, for `expectedVersion`.
    pub version: Version,
    /// Reader, full member, administrator or owner.
    pub member_type: MemberType,
    /// Since when.
    pub joined_at: DateTime<Utc>,
    /// Since when the member can't sign in here, if so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deactivated_at: Option<DateTime<Utc>>,
    /// Why, in the administrator's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deactivation_reason: Option<String>,
    /// What is switched on; whether it can be used depends on the organisation and the type too.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub services: BTreeMap<ServiceKind, ServiceAccess>,
    /// The member's mailbox.
    pub mailbox: Mailbox,
}

/// What a member may do with a service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceAccess {
    /// Whether it is switched on.
    pub access: bool,
    /// Whether the member is an administrator inside it.
    pub administrator: bool,
}

/// A member's mailbox.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Mailbox {
    /// Further addresses that it receives mail for, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<EmailAddress>,
    /// Who may send mail in the member's name, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub send_on_behalf: Vec<AccountId>,
    /// Whether the common address book leaves it out.
    pub hidden: bool,
    /// Whether it is a shared one, without sign-in of its own.
    pub shared: bool,
    /// The address that gets a blind copy of all that is sent from it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub always_bcc: Option<EmailAddress>,
}

/// What a member is, from the least to the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MemberType {
    /// A read-only member or guest.
    Reader,
    /// Uses the services that are on for them.
    Full,
    /// Manages the organisation.
    Administrator,
    /// The one administrator who can hand over the organisation.
    Owner,
}

/// Whether one can sign in to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountStatus {
    /// One can sign in.
    Active,
    /// It has no password yet, or another e-mail address waits to be confirmed.
    Pending,
    /// Barred until it is reactivated.
    Deactivated,
    /// Too many wrong passwords in a row.
    Locked,
    /// Gone.
    Deleted,
}

impl Account {
    /// The name that lists show; none when it was erased.
    pub fn display_name(&self) -> Option<&str> {
        match self.profile.get(&ProfileField::DisplayName) {
            Some(ProfileEntry::Text(text)) => Some(text.as_str()),
            _ => None,
        }
    }

    /// Its primary e-mail address, if it has one.
    pub fn email(&self) -> Option<&str> {
        match self.profile.get(&ProfileField::Email) {
            Some(ProfileEntry::Email(address)) => Some(address.as_str()),
            _ => None,
        }
    }

    /// What it is in an organisation, if it may be seen and is anything there.
    pub fn membership(&self, organisation: OrganisationId) -> Option<&Membership> {
        self.memberships.iter().find(|membership| membership.organisation == organisation)
    }

    /// Whether one can sign in to it: deactivated where all memberships that may be seen are.
    pub fn status(&self) -> AccountStatus {
        self.status_among(&self.memberships)
    }

    /// Whether one can sign in to it with these memberships.
    pub(super) fn status_among<'m>(
        &self,
        memberships: impl IntoIterator<Item = &'m Membership>,
    ) -> AccountStatus {
        let mut memberships = memberships.into_iter().peekable();
        let barred = memberships.peek().is_some()
            && memberships.all(|membership| membership.deactivated_at.is_some());
        if self.deleted_at.is_some() {
            AccountStatus::Deleted
        } else if barred {
            AccountStatus::Deactivated
        } else if self.locked_at.is_some() {
            AccountStatus::Locked
        } else if self.password_since.is_none() || self.email_pending.is_some() {
            AccountStatus::Pending
        } else {
            AccountStatus::Active
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
const fn is_zero(number: &u32) -> bool {
    *number == 0
}
