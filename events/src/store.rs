//! The log: an append-only sequence of events in one total order, without gaps.
//!
//! [`EventStore`] is a port; the engines behind it are [`memory`] and [`sqlite`].
//! One conformance suite runs against all of them.

mod admission;
mod live;
pub mod memory;
pub mod sqlite;

#[cfg(test)]
mod conformance;

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::{EventId, Position, Stream, Version};

/// The log, whatever engine keeps it.
#[async_trait]
pub trait EventStore: Send + Sync {
    /// Appends a batch: all of it or nothing. When this returns, the events survive a crash.
    async fn append(&self, batch: Batch) -> Result<Appended, AppendError>;

    /// Up to `limit` events of one stream that come after `after`, oldest first.
    async fn read(
        &self,
        stream: Stream,
        after: Version,
        limit: u32,
    ) -> Result<Vec<Stored>, StoreError>;

    /// Up to [`BEGINNING`] first events of each of these few streams, in the order in which they are named.
    /// Calls that come at the same time may share a read.
    async fn beginnings(&self, streams: &[Stream]) -> Result<Vec<Arc<[Stored]>>, StoreError> {
        let mut beginnings = Vec::with_capacity(streams.len());
        for stream in streams {
            beginnings.push(self.read(*stream, Version::NONE, BEGINNING).await?.into());
        }
        Ok(beginnings)
    }

    /// Up to `limit` events of the whole log that come after `after`, oldest first.
    async fn read_all(&self, after: Position, limit: u32) -> Result<Vec<Stored>, StoreError>;

    /// All events after `after`: first those that are there, then, without gap or
    /// duplicate, those that come. A slow reader never holds up a writer.
    fn subscribe(&self, after: Position) -> Subscription;

    /// The position of the newest event; [`Position::START`] in an empty log.
    fn head(&self) -> Position;

    /// Who holds a claim, if anybody does.
    async fn owner_of(&self, claim: Claim) -> Result<Option<Uuid>, StoreError>;

    /// The receipt that was kept under a key, with the position that its request was answered with:
    /// a repeated request is recognised before anything is decided anew.
    async fn receipt(&self, key: [u8; 32]) -> Result<Option<(Receipt, Position)>, StoreError>;

    /// Whether nobody else can append to this log while this value lives. Only then may a batch be
    /// decided on what an earlier one, still on its way, is going to append.
    fn is_exclusive(&self) -> bool {
        false
    }
}

/// How many events the beginning of a stream has at most.
pub const BEGINNING: u32 = 64;

/// What is appended together, by one request.
#[derive(Clone, Debug)]
pub struct Batch {
    /// To which streams, in the order in which an engine without transactions writes them.
    pub writes: Vec<Write>,
    /// Which names are taken and released with them.
    pub claims: Vec<ClaimChange>,
    /// What makes the request repeatable.
    pub receipt: Option<Receipt>,
    /// When, for all of its events.
    pub at: DateTime<Utc>,
    /// The [`Cause`](crate::Cause) of all of its events, as JSON.
    pub cause: Arc<str>,
}

/// Events for one stream.
#[derive(Clone, Debug)]
pub struct Write {
    /// Which stream. A batch names a stream once.
    pub stream: Stream,
    /// The version that the stream must have.
    pub expected: Version,
    /// What is appended; may be empty, to guard the version of a stream that only was read.
    pub events: Vec<NewEvent>,
}

/// An event on its way into the log, already coded and sealed.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// Its identity.
    pub id: EventId,
    /// Its stored name, see [`codec`](crate::codec).
    pub kind: Arc<str>,
    /// Its data, as JSON.
    pub data: Box<str>,
}

/// A name that only one owner can have, as a keyed hash of its normalised form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Claim {
    /// What kind of name.
    pub kind: ClaimKind,
    /// HMAC-SHA-256 of the name under the installation's pepper.
    pub hash: [u8; 32],
}

/// The kinds of names that are unique in the installation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClaimKind {
    /// A username; never released.
    Username,
    /// An e-mail address: primary or alias.
    Address,
    /// A mail domain.
    Domain,
    /// A thing of which there is one, such as the first operator.
    Singleton,
}

/// What a batch does to a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClaimChange {
    /// The owner takes it; refused when anybody has it, the owner included.
    Take(Claim, Uuid),
    /// The owner gives it back; nothing happens when somebody else has it.
    Release(Claim, Uuid),
}

/// Makes a request repeatable: kept with its events, and found again when it comes a second time,
/// for [`RECEIPT_RETENTION`] at least.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Hash of who asked and the key that they gave.
    pub key: [u8; 32],
    /// Hash of what was asked.
    pub fingerprint: [u8; 32],
    /// What the request made or changed.
    pub subject: Option<Uuid>,
}

/// How long a receipt is found again, by the time of the batches. Engines forget older ones
/// little by little, as new ones come.
pub const RECEIPT_RETENTION: TimeDelta = TimeDelta::hours(24);

/// What an append did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appended {
    /// The position of the batch's last event, or of the log's newest event where the batch had none.
    pub position: Position,
    /// `Some` when a batch with the same receipt had been appended before: nothing was
    /// appended now, and `position` and this subject are those of the first time.
    pub replayed: Option<Option<Uuid>>,
}

/// An event as the store gives it back, still coded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its place in the log.
    pub position: Position,
    /// Its stream.
    pub stream: Stream,
    /// Its place in the stream.
    pub version: Version,
    /// Its identity.
    pub id: EventId,
    /// When it was appended.
    pub at: DateTime<Utc>,
    /// Its stored name.
    pub kind: Arc<str>,
    /// Its data, as JSON.
    pub data: Arc<str>,
    /// Its [`Cause`](crate::Cause), as JSON.
    pub cause: Arc<str>,
}

/// Why nothing was appended.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// A stream is not at the version that was expected: reload, decide again.
    #[error("stream {stream} is at version {actual}, expected {expected}")]
    Conflict {
        /// Which stream.
        stream: Stream,
        /// What the batch expected.
        expected: Version,
        /// What the store has.
        actual: Version,
    },
    /// Somebody has the name.
    #[error("a name of kind {kind:?} is taken", kind = .claim.kind)]
    ClaimTaken {
        /// Which claim.
        claim: Claim,
        /// Who has it.
        owner: Uuid,
    },
    /// The same receipt key came with another request.
    #[error("this idempotency key was used for another request")]
    KeyReused,
    /// The store can't take it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why the log can't be read or written now.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// More requests wait than the queue holds: come again later.
    #[error("the log is busy")]
    Busy,
    /// No space is left for the log; reads go on.
    #[error("no space is left for the log")]
    Full,
    /// The log was written by a newer release.
    #[error(
        "the log has format {found}, and this release knows formats up to {known}: use the newer release"
    )]
    NewerFormat {
        /// The format that was found.
        found: i64,
        /// The newest format that this release knows.
        known: i64,
    },
    /// What was read is not what was ever written.
    #[error("the log is damaged: {0}")]
    Damaged(String),
    /// The engine failed.
    #[error("the log's engine failed: {0}")]
    Engine(Arc<dyn std::error::Error + Send + Sync>),
    /// Another process has the log open for writing.
    #[error("the log is in use by another process")]
    InUse,
    /// The log was opened for reading only.
    #[error("the log was opened for reading only")]
    ReadOnly,
    /// The store was closed.
    #[error("the log is closed")]
    Closed,
}

/// The events of the log, page by page, first those that are there, then those that come.
pub struct Subscription {
    pages: Box<dyn Pages>,
}

/// How an engine feeds a [`Subscription`].
#[async_trait]
pub trait Pages: Send {
    /// The next events, in order, at least one and at most `limit`; waits where there is none yet.
    async fn next(&mut self, limit: u32) -> Result<Vec<Arc<Stored>>, StoreError>;
}

impl Subscription {
    /// A subscription that an engine feeds.
    pub fn new(pages: impl Pages + 'static) -> Self {
        Self { pages: Box::new(pages) }
    }

    /// The next events, in order, at least one and at most `limit`; waits where there is none yet.
    /// Dropping the wait loses nothing.
    pub async fn next(&mut self, limit: u32) -> Result<Vec<Arc<Stored>>, StoreError> {
        self.pages.next(limit).await
    }
}
