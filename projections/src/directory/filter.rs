//! Which accounts a list shows, and in which order.

use chrono::{DateTime, Utc};
use events::{OrganisationId, value::ServiceKind};

use super::{AccountStatus, MemberType};
use crate::Direction;

/// Which accounts a list shows.
///
/// Texts are compared without case and accents. An absent text is the empty one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountFilter {
    /// Those that fit all; with none, all accounts.
    And(Vec<Self>),
    /// Those that fit any; with none, no account.
    Or(Vec<Self>),
    /// Those that don't fit.
    Not(Box<Self>),
    /// By a text.
    Text(TextField, Comparator),
    /// By status, as it is in what may be seen.
    Status(Vec<AccountStatus>),
    /// By type; over several organisations: the greatest.
    Type(Vec<MemberType>),
    /// Those for whom a service is switched on.
    Service(ServiceKind),
    /// Whether they are locked.
    Locked(bool),
    /// Whether they are an administrator or owner.
    Administrator(bool),
    /// By a moment.
    Moment(MomentField, Since),
    /// Those that are members of an organisation.
    Organisation(OrganisationId),
}

impl AccountFilter {
    /// All accounts.
    pub const ALL: Self = Self::And(Vec::new());
}

/// A text of an account that can be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TextField {
    /// The name that lists show.
    DisplayName,
    /// The name to sign in with.
    Username,
    /// First name.
    FirstName,
    /// Last name.
    LastName,
    /// The primary e-mail address.
    Email,
    /// What the person does.
    Position,
    /// Where the person works.
    Location,
}

/// A moment of an account that can be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MomentField {
    /// When the last thing that activates it was sent.
    ActivationSentAt,
    /// When it was activated.
    ActivatedAt,
}

/// How a moment is compared, to the microsecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// Is this or a later one.
    At(DateTime<Utc>),
    /// Is an earlier one.
    Before(DateTime<Utc>),
    /// Whether there is one.
    Ever(bool),
}

/// How a text is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Comparator {
    /// Is this.
    Equals(String),
    /// Is not this.
    NotEquals(String),
    /// Has this in it.
    Contains(String),
    /// Hasn't this in it.
    NotContains(String),
    /// Begins with this.
    StartsWith(String),
    /// Ends with this.
    EndsWith(String),
    /// Is one of these.
    In(Vec<String>),
}

/// By what a list is sorted; rows that are equal in it are sorted by the order of their creation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum AccountSort {
    /// The name that lists show.
    #[default]
    DisplayName,
    /// The name to sign in with.
    Username,
    /// First name.
    FirstName,
    /// Last name.
    LastName,
    /// The primary e-mail address.
    Email,
    /// What the person does.
    Position,
    /// Where the person works.
    Location,
    /// Reader, full member, administrator, owner.
    Type,
    /// Active, pending, deactivated, locked.
    Status,
    /// The order of their creation.
    CreatedAt,
    /// When the last thing that activates it was sent; where none was, before all others.
    ActivationSentAt,
    /// When it was activated; where it wasn't, before all others.
    ActivatedAt,
}

/// The order of a list; deleted accounts come last in either direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccountOrder {
    /// By what.
    pub by: AccountSort,
    /// Which way.
    pub direction: Direction,
}
