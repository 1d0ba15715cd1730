//! The log in one SQLite file: the embedded default.
//!
//! One task writes (`writer`). It takes all requests that wait, decides about each on its
//! own (`group`), and makes what is admitted durable in one transaction (`engine`): one
//! flush to the disk for all that wait. Reads have connections of their own and see every
//! commit; followers are served from memory while they keep up (`live`).

mod engine;
mod error;
mod group;
mod lookup;
mod open;
mod rows;
mod writer;

#[cfg(test)]
mod tests;

use std::{path::Path, sync::Arc};

use async_trait::async_trait;
use sqlx::SqlitePool;
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use self::{
    engine::Engine,
    writer::{Request, Writer},
};
use super::{
    AppendError, Appended, BEGINNING, Batch, Claim, EventStore, Pages, Receipt, StoreError, Stored,
    Subscription,
    live::{Live, Publisher, live},
};
use crate::{
    Position, Stream, Version,
    loader::{Closed, Loader},
    wal::Checkpoints,
};

/// A log in one file.
///
/// When it is dropped, what waits is still appended, and then the file is closed;
/// [`close`](Self::close) tells when that is done.
pub struct Sqlite {
    access: Access,
    pool: SqlitePool,
    beginnings: Loader<Stream, Arc<[Stored]>, StoreError>,
    live: Live,
}

/// What the log can be used for.
enum Access {
    /// Requests go to the writer.
    Write(mpsc::Sender<Request>),
    /// Nobody writes here; the end of the log that followers watch stays where it was.
    Read(#[expect(dead_code, reason = "kept so that followers wait")] Publisher),
}

/// How a log is opened.
#[derive(Clone, Debug)]
pub struct Options {
    /// How many requests may wait; more are refused with [`StoreError::Busy`].
    pub queue: usize,
    /// The size that the file may have, in pages of 4 KiB; beyond it, appends are refused
    /// with [`StoreError::Full`].
    pub max_pages: Option<u32>,
}

impl Default for Options {
    fn default() -> Self {
        Self { queue: 1024, max_pages: None }
    }
}

impl Sqlite {
    /// Opens the log for writing, makes it where there is none, and lifts an older format.
    /// The file `lock` beside it keeps other processes from writing: [`StoreError::InUse`].
    pub async fn open(path: &Path, options: Options) -> Result<Self, StoreError> {
        let lock = open::lock(path)?;
        let connect = open::writing(path, &options);
        open::migrate(&connect).await?;
        let engine = Engine::open(connect.clone()).await?;
        let checkpoints = Checkpoints::start(&connect, writer::CHECKPOINTS).await?;
        let pool = open::readers(path).await?;
        let (publisher, live) = live(engine.head());
        let (sender, requests) = mpsc::channel(options.queue.max(1));
        tokio::spawn(Writer { requests, engine, publisher, checkpoints, lock }.run());
        let beginnings = beginnings(&pool);
        Ok(Self { access: Access::Write(sender), pool, beginnings, live })
    }

    /// Opens the log for reading, beside a process that may be writing. [`head`](EventStore::head)
    /// stays where it was then, and a subscription ends its replay there.
    pub async fn open_read_only(path: &Path) -> Result<Self, StoreError> {
        let pool = open::readers(path).await?;
        open::refuse_newer(&mut *pool.acquire().await?).await?;
        let (publisher, live) = live(rows::head(&pool).await?);
        let beginnings = beginnings(&pool);
        Ok(Self { access: Access::Read(publisher), pool, beginnings, live })
    }

    /// Finishes what waits and closes the file; later requests are refused.
    pub async fn close(&self) {
        if let Access::Write(requests) = &self.access {
            let (done, closed) = oneshot::channel();
            if requests.send(Request::Close(done)).await.is_ok() {
                let _ = closed.await;
            }
        }
        self.pool.close().await;
    }
}

#[async_trait]
impl EventStore for Sqlite {
    async fn append(&self, batch: Batch) -> Result<Appended, AppendError> {
        let Access::Write(requests) = &self.access else {
            return Err(StoreError::ReadOnly.into());
        };
        let (answer, answered) = oneshot::channel();
        requests.try_send(Request::Append(Box::new(batch), answer)).map_err(
            |error| match error {
                mpsc::error::TrySendError::Full(_) => StoreError::Busy,
                mpsc::error::TrySendError::Closed(_) => StoreError::Closed,
            },
        )?;
        answered.await.unwrap_or_else(|_| Err(StoreError::Closed.into()))
    }

    async fn read(
        &self,
        stream: Stream,
        after: Version,
        limit: u32,
    ) -> Result<Vec<Stored>, StoreError> {
        rows::read(&self.pool, stream, after, limit).await
    }

    async fn beginnings(&self, streams: &[Stream]) -> Result<Vec<Arc<[Stored]>>, StoreError> {
        let found = self.beginnings.get_many(streams.to_vec()).await?;
        Ok(found.into_iter().map(Option::unwrap_or_default).collect())
    }

    async fn read_all(&self, after: Position, limit: u32) -> Result<Vec<Stored>, StoreError> {
        rows::read_all(&self.pool, after, limit).await
    }

    fn subscribe(&self, after: Position) -> Subscription {
        Subscription::new(Follower { pool: self.pool.clone(), live: self.live.clone(), after })
    }

    fn head(&self) -> Position {
        self.live.head()
    }

    async fn owner_of(&self, claim: Claim) -> Result<Option<Uuid>, StoreError> {
        rows::owner_of(&self.pool, claim).await
    }

    async fn receipt(&self, key: [u8; 32]) -> Result<Option<(Receipt, Position)>, StoreError> {
        let kept = rows::receipt(&self.pool, key).await?;
        Ok(kept.map(|kept| (kept.receipt, kept.position)))
    }

    fn is_exclusive(&self) -> bool {
        // The lock keeps other writers out.
        true
    }
}

/// Reads the beginnings of streams, those that are asked for at the same time together.
fn beginnings(pool: &SqlitePool) -> Loader<Stream, Arc<[Stored]>, StoreError> {
    let pool = pool.clone();
    Loader::new(move |streams| {
        let pool = pool.clone();
        async move { rows::read_beginnings(&pool, &streams, BEGINNING).await }
    })
}

impl From<Closed> for StoreError {
    fn from(_: Closed) -> Self {
        Self::Closed
    }
}

/// Follows the log: from memory while it keeps up, else from the file.
struct Follower {
    pool: SqlitePool,
    live: Live,
    after: Position,
}

#[async_trait]
impl Pages for Follower {
    async fn next(&mut self, limit: u32) -> Result<Vec<Arc<Stored>>, StoreError> {
        let head = self.live.beyond(self.after).await.ok_or(StoreError::Closed)?;
        let page = if let Some(page) = self.live.page(self.after, limit.max(1) as usize) {
            page
        } else {
            // Not beyond the head: what is shown has been published.
            let left = u32::try_from(head.0 - self.after.0).unwrap_or(u32::MAX);
            let page = rows::read_all(&self.pool, self.after, limit.clamp(1, left)).await?;
            page.into_iter().map(Arc::new).collect()
        };
        self.after = page.last().map_or(self.after, |event| event.position);
        Ok(page)
    }
}
