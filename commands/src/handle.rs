//! The only I/O of this crate: access → read → decide → seal → append.

use std::sync::Arc;

use uuid::Uuid;

use events::{
    AccountId, CredentialId, OrganisationId, Position, ServiceKeyId, Version,
    id::{Clock, Ids},
    store::{EventStore, StoreError},
    value::{MemberKind, Username},
    vault::Vault,
};

use crate::{Command, Refusal, Request, Standing};

/// Handles commands, and answers from the write side's own state who may do what.
pub struct Handler {
    store: Arc<dyn EventStore>,
    vault: Arc<Vault>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
}

/// What a command did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Done {
    /// Read models that have reached this position show it.
    pub position: Position,
    /// What came to be or was changed.
    pub subject: Option<Uuid>,
    /// `true` when the same request had been done before, so that nothing was done now.
    pub replayed: bool,
    /// The version of the stream that guards the command (see [`Command::guard`]), for `expectedVersion`.
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
    /// The hash to compare a password with; none while the account is pending.
    pub credential: Option<CredentialId>,
    /// Too many wrong passwords: none is evaluated.
    pub locked: bool,
    /// May run the installation.
    pub operator: bool,
    /// The account is gone.
    pub deleted: bool,
    /// Where it works after signing in.
    pub default_organisation: Option<OrganisationId>,
    /// Its memberships.
    pub memberships: Vec<MembershipState>,
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
}

/// What the edge must know about a service key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceKeyState {
    /// Which organisation it reaches.
    pub organisation: OrganisationId,
    /// What it may do.
    pub scopes: std::collections::BTreeSet<events::value::Scope>,
    /// Until when.
    pub expires_at: Option<chrono::DateTime<chrono::Utc>>,
    /// It works no longer.
    pub revoked: bool,
}

impl Handler {
    /// A handler over a log. One per process and log: it holds the folded state.
    pub fn new(
        store: Arc<dyn EventStore>,
        vault: Arc<Vault>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
    ) -> Self {
        Self { store, vault, clock, ids }
    }

    /// Does what is asked, or says why not. When this returns, what was done survives a crash.
    pub async fn handle(
        &self,
        _request: &Request,
        _command: impl Into<Command> + Send,
    ) -> Result<Done, Failure> {
        let _ = (&self.store, &self.vault, &self.clock, &self.ids);
        std::future::ready(Err(Failure::Unavailable("not built yet".to_owned()))).await
    }

    /// What the asker of a request may do in an organisation; `None` for the installation.
    pub async fn standing(
        &self,
        _request: &Request,
        _organisation: Option<OrganisationId>,
    ) -> Result<Standing, Failure> {
        std::future::ready(Err(Failure::Unavailable("not built yet".to_owned()))).await
    }

    /// An account as the write side knows it now; none if there never was such an account. Microseconds once cached.
    pub async fn account_state(
        &self,
        _account: AccountId,
    ) -> Result<Option<AccountState>, Failure> {
        std::future::ready(Err(Failure::Unavailable("not built yet".to_owned()))).await
    }

    /// A service key as the write side knows it now; none if there never was such a key.
    pub async fn service_key_state(
        &self,
        _key: ServiceKeyId,
    ) -> Result<Option<ServiceKeyState>, Failure> {
        std::future::ready(Err(Failure::Unavailable("not built yet".to_owned()))).await
    }

    /// The account that has (or had, when it is deleted) a username.
    pub async fn account_of(&self, _username: &Username) -> Result<Option<AccountId>, Failure> {
        std::future::ready(Err(Failure::Unavailable("not built yet".to_owned()))).await
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
