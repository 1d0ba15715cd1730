//! What the API needs of the program about who is signed in.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use commands::{Done, Request};
use events::{
    AccountId, OrganisationId, Position, SessionId,
    value::{Prose, Text},
};

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

    /// Has something mailed to some of those who are signed in. An error means that nothing was: what fails after the
    /// first mail ends the batch there, and the next one begins with it.
    async fn notice_send(&self, request: &Request, notice: Notice) -> Result<Noticed, Denied>;
}

/// Something to be mailed to those who are signed in, a batch at a time.
#[derive(Clone, Debug)]
pub struct Notice {
    /// To this organisation's members; none: to everybody, which is for operators.
    pub organisation: Option<OrganisationId>,
    /// What it is about.
    pub subject: Text,
    /// What it says.
    pub text: Prose,
    /// The last account of the batch before.
    pub after: Option<AccountId>,
    /// Whether it is sent; else it is only counted to whom.
    pub confirmed: bool,
}

/// What came of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Noticed {
    /// Up to where the log has its mails; none where nothing was to be sent.
    pub position: Option<Position>,
    /// To how many it is sent, or would be.
    pub sent: u32,
    /// How many of those who are signed in have no e-mail address.
    pub skipped: u32,
    /// How many come after this batch.
    pub remaining: u64,
    /// The last account of this batch, where others come after it.
    pub last: Option<AccountId>,
}

/// Whose sessions are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Those of one account.
    Account(AccountId),
    /// Those of all members of an organisation.
    Organisation(OrganisationId),
}
