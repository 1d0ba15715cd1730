//! A service key: how a program, such as a dashboard, reaches one organisation.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    OrganisationId,
    value::{Scope, Text},
};

/// What can happen to a service key. Stored for ever: add variants, never change one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A program may reach an organisation. The hash of the key is in the vault.
    Created {
        /// Which organisation.
        organisation: OrganisationId,
        /// What the key is for.
        name: Text,
        /// What it may do.
        scopes: BTreeSet<Scope>,
        /// Until when; none: until it is revoked.
        expires_at: Option<DateTime<Utc>>,
    },
    /// The key works no longer.
    Revoked {
        /// Which organisation it was for.
        organisation: OrganisationId,
    },
}
