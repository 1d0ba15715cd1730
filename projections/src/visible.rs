//! What a caller may see.

use events::{AccountId, OrganisationId};

/// What a caller may see. Whoever decides on access makes it; every query asks for it and shows nothing beyond it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Visible {
    /// The whole installation: an operator.
    Everything,
    /// One organisation with its members, and of them nothing that concerns other organisations:
    /// an administrator, a service key.
    Organisation(OrganisationId),
    /// One account in all of its organisations: a member without further rights.
    Account(AccountId),
}
