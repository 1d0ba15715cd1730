//! What happened: who changed what, when, from where, before and after.

mod entry;

use chrono::{DateTime, Utc};
use events::{AccountId, Actor, OrganisationId, Position};

pub use entry::{Entry, FieldChange, Value};

use crate::{Page, PageRequest, QueryError, Visible, directory::Account};

/// Reads what happened. Cheap to clone.
#[derive(Clone, Debug)]
pub struct History {}

/// Whose history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// Everything that may be seen.
    All,
    /// All that happened to an account, in all of its memberships that may be seen.
    Account(AccountId),
    /// All that happened to an organisation and in it.
    Organisation(OrganisationId),
}

/// Which part of a history.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HistoryFilter {
    /// Only these stored kinds without version, for instance `account.created`; empty: all kinds.
    pub kinds: Vec<String>,
    /// Only what this actor did. The session of an account doesn't count.
    pub actor: Option<Actor>,
    /// Only from this moment.
    pub from: Option<DateTime<Utc>>,
    /// Only before this moment.
    pub until: Option<DateTime<Utc>>,
}

/// A point in the past.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AsOf {
    /// After the event at this position.
    Position(Position),
    /// After all events up to this moment.
    Moment(DateTime<Utc>),
}

impl History {
    /// A page of a history, newest first.
    pub async fn page(
        &self,
        visible: Visible,
        subject: Subject,
        filter: &HistoryFilter,
        page: &PageRequest,
    ) -> Result<Page<Entry>, QueryError> {
        let _ = (visible, subject, filter, page);
        Err(QueryError::BadCursor)
    }

    /// The event at a position, if it may be seen.
    pub async fn at(
        &self,
        visible: Visible,
        position: Position,
    ) -> Result<Option<Entry>, QueryError> {
        let _ = (visible, position);
        Ok(None)
    }

    /// Events after a position, oldest first, at most `limit`, that may be seen; with the position up to which was
    /// looked, from which the next call goes on.
    pub async fn after(
        &self,
        visible: Visible,
        subject: Subject,
        position: Position,
        limit: u32,
    ) -> Result<(Vec<Entry>, Position), QueryError> {
        let _ = (visible, subject, limit);
        Ok((Vec::new(), position))
    }

    /// How many entries a history has.
    pub async fn count(
        &self,
        visible: Visible,
        subject: Subject,
        filter: &HistoryFilter,
    ) -> Result<u64, QueryError> {
        let _ = (visible, subject, filter);
        Ok(0)
    }

    /// An account as it was; none if it wasn't there yet, or may not be seen.
    pub async fn account_as_of(
        &self,
        visible: Visible,
        id: AccountId,
        as_of: AsOf,
    ) -> Result<Option<Account>, QueryError> {
        let _ = (visible, id, as_of);
        Ok(None)
    }

    /// What differs in an account between two points in the past.
    pub async fn account_difference(
        &self,
        visible: Visible,
        id: AccountId,
        from: AsOf,
        to: AsOf,
    ) -> Result<Vec<FieldChange>, QueryError> {
        let _ = (visible, id, from, to);
        Ok(Vec::new())
    }
}
