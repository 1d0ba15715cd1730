//! What the handler answers.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use events::{
    CredentialId, OrganisationId, Position, Version,
    store::StoreError,
    value::{MemberKind, PolicyRules, Scope, TimeZone, WeekHours},
    vault::VaultError,
};

use crate::{Refusal, account::activation::Activation};

/// What a command did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Done {
    /// Read models that have reached this position show it.
    pub position: Position,
    /// What came to be or was changed.
    pub subject: Option<Uuid>,
    /// `true` when the same request had been done before, so that nothing was done now.
    pub replayed: bool,
    /// The version of the stream that guards the command (see [`Command::guard`](crate::Command::guard)), for `expectedVersion`.
    pub version: Version,
}

/// Why a command was not done. Nothing has changed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A rule says no.
    #[error("refused: {}", .0.code())]
    Refused(Refusal),
    /// The log has too much to do: come again later.
    #[error("the log is busy")]
    Busy,
    /// No space is left for the log; reading goes on.
    #[error("no space is left for the log")]
    Full,
    /// The log or the vault can't be reached or read. The cause is for the log file only.
    #[error("the log is unavailable: {0}")]
    Unavailable(String),
}

/// What the edge must know about an account to sign it in, from the write side's state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountState {
    /// The hash to compare a password with; none while the account is pending. That of a deleted account is to be
    /// dropped.
    pub credential: Option<CredentialId>,
    /// Too many wrong passwords: none is evaluated.
    pub locked: bool,
    /// Wrong passwords in a row, while it isn't locked.
    pub failures: u32,
    /// May run the installation.
    pub operator: bool,
    /// The account is gone.
    pub deleted: bool,
    /// What was sent last to activate it, as long as that works.
    pub activation: Option<Activation>,
    /// Where it works after signing in.
    pub default_organisation: Option<OrganisationId>,
    /// When it may be signed in to; none: when its organisations say.
    pub sign_in_hours: Option<WeekHours>,
    /// Where its clock is.
    pub time_zone: Option<TimeZone>,
    /// Its memberships.
    pub memberships: Vec<MembershipState>,
}

impl AccountState {
    pub(super) const fn deleted(credential: Option<CredentialId>) -> Self {
        Self {
            credential,
            locked: false,
            failures: 0,
            operator: false,
            deleted: true,
            activation: None,
            default_organisation: None,
            sign_in_hours: None,
            time_zone: None,
            memberships: Vec::new(),
        }
    }
}

/// What an account is in one organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MembershipState {
    /// Which organisation.
    pub organisation: OrganisationId,
    /// Which seat it takes.
    pub kind: MemberKind,
    /// May manage the organisation.
    pub administrator: bool,
    /// Owns it.
    pub owner: bool,
    /// Neither the member nor the organisation is deactivated.
    pub active: bool,
    /// What the organisation has set about signing in.
    pub rules: PolicyRules,
}

/// What the edge must know about a service key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceKeyState {
    /// Which organisation it reaches.
    pub organisation: OrganisationId,
    /// What it may do.
    pub scopes: BTreeSet<Scope>,
    /// Until when.
    pub expires_at: Option<DateTime<Utc>>,
    /// It works no longer.
    pub revoked: bool,
}

impl From<VaultError> for Failure {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::Busy => Self::Busy,
            VaultError::Full => Self::Full,
            VaultError::Erased(_) => Self::Refused(Refusal::AccountNotFound),
            other => Self::Unavailable(other.to_string()),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy => Self::Busy,
            StoreError::Full => Self::Full,
            other => Self::Unavailable(other.to_string()),
        }
    }
}
