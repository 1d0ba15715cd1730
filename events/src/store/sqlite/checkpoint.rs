//! Checkpoints: copying the write-ahead log into the file, beside the writer.
//!
//! A checkpoint that runs beside the writer holds up nobody, but never quite reaches the end
//! while there is load; then the writer copies the short rest itself, so that the write-ahead
//! log starts over and stays small.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use sqlx::{ConnectOptions, Connection, Row, SqliteConnection, sqlite::SqliteConnectOptions};
use tokio::{sync::mpsc, task::JoinHandle};

use super::engine::Engine;
use crate::store::{StoreError, Stored};

/// After about how many bytes a checkpoint is due.
const DUE_BYTES: usize = 4 << 20;
/// Beyond how many pages of write-ahead log the writer copies the rest itself: 16 MiB.
const MAX_PAGES: u32 = 4096;
/// What a group writes besides its events: inner pages and indexes, about.
const GROUP_BYTES: usize = 16 << 10;
/// What an event writes besides its texts, about: the page of its stream in the index.
const EVENT_BYTES: usize = 4 << 10;

/// The writer's side.
pub(super) struct Checkpoints {
    due: mpsc::Sender<()>,
    /// Pages of write-ahead log after the last checkpoint.
    pages: Arc<AtomicU32>,
    written: usize,
    task: JoinHandle<()>,
}

impl Checkpoints {
    /// Starts the task that makes them.
    pub(super) async fn start(options: &SqliteConnectOptions) -> Result<Self, StoreError> {
        let mut connection = options.clone().pragma("cache_size", "-256").connect().await?;
        // One waiting request is as good as many.
        let (due, mut requests) = mpsc::channel(1);
        let pages = Arc::new(AtomicU32::new(0));
        let left = Arc::clone(&pages);
        let task = tokio::spawn(async move {
            while requests.recv().await.is_some() {
                if let Some(pages) = run(&mut connection).await {
                    left.store(pages, Ordering::Relaxed);
                }
            }
            let _ = connection.close().await;
        });
        Ok(Self { due, pages, written: 0, task })
    }

    /// Counts what a group wrote, and asks for a checkpoint where one is due.
    pub(super) async fn after(&mut self, events: &[Arc<Stored>], engine: &mut Engine) {
        let bytes = |event: &Arc<Stored>| event.data.len() + event.cause.len() + EVENT_BYTES;
        self.written += GROUP_BYTES + events.iter().map(bytes).sum::<usize>();
        if self.pages.load(Ordering::Relaxed) > MAX_PAGES {
            engine.checkpoint().await;
            self.pages.store(0, Ordering::Relaxed);
            self.written = 0;
        } else if self.written > DUE_BYTES && self.due.try_send(()).is_ok() {
            self.written = 0;
        }
    }

    /// Ends the task.
    pub(super) async fn stop(self) {
        drop(self.due);
        let _ = self.task.await;
    }
}

/// Makes one; answers how many pages the write-ahead log holds. A failure is only logged:
/// everything committed is in the write-ahead log, and the next checkpoint takes it along.
pub(super) async fn run(connection: &mut SqliteConnection) -> Option<u32> {
    let row = sqlx::query("pragma wal_checkpoint(passive)").fetch_one(connection).await;
    match row.and_then(|row| row.try_get::<i64, _>(1)) {
        Ok(pages) => u32::try_from(pages).ok(),
        Err(error) => {
            tracing::warn!(%error, "a checkpoint of the log failed");
            None
        }
    }
}
