//! What the API needs of the program about who is signed in.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use commands::{Done, Request};
use events::{AccountId, OrganisationId, SessionId, value::Text};

use super::{Denied, SignedIn};

/// Who is signed in: sessions are ended from elsewhere, and operators act for somebody.
#[async_trait]
pub trait Presence: Send + Sync + 'static {
    /// Ends a session at once, one's own or one that the asker manages.
    async fn session_end(&self, request: &Request, session: SessionId) -> Result<Done, Denied>;

    /// Ends sessions at once, all but the asker's present one, and tells how many.
    async fn sessions_end(
        &self,
        request: &Request,
        whose: Whose,
    ) -> Result<(Option<Done>, u32), Denied>;

    /// When the running sessions of an account were used last, to a minute.
    async fn sessions_used(
        &self,
        account: AccountId,
    ) -> Result<Vec<(SessionId, DateTime<Utc>)>, Denied>;

    /// Opens a session in which the operator who asks acts for somebody, for half an hour.
    async fn impersonate(
        &self,
        request: &Request,
        account: AccountId,
        reason: Text,
    ) -> Result<SignedIn, Denied>;
}

/// Whose sessions are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Those of one account.
    Account(AccountId),
    /// Those of all members of an organisation.
    Organisation(OrganisationId),
}
