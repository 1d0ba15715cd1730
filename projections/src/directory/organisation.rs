//! An organisation, without its members.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use events::{
    AccountId, OrganisationId, Version,
    value::{Domain, Language, Plan, ServiceKind},
};
use serde::{Deserialize, Serialize};

/// One organisation, without its members.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Organisation {
    /// Its id.
    pub id: OrganisationId,
    /// The version of its stream, for `expectedVersion`.
    pub version: Version,
    /// Its name.
    pub name: String,
    /// The language of mails and letters where a person has chosen none.
    pub language: Language,
    /// Its seats.
    pub plan: Plan,
    /// How many seats are taken.
    pub seats_used: Seats,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// Since when none of its members can sign in through it, if so.
    pub deactivated_at: Option<DateTime<Utc>>,
    /// The domains on which it receives mail.
    pub domains: BTreeSet<Domain>,
    /// The services that its members may be given.
    pub services: BTreeSet<ServiceKind>,
    /// Its owner, once it has one.
    pub owner: Option<AccountId>,
}

/// How many seats are taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seats {
    /// By full members, administrators and the owner included.
    pub full: u32,
    /// By readers.
    pub readers: u32,
}
