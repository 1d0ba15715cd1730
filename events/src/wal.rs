//! Checkpoints of an SQLite file: its write-ahead log is copied into it beside the writer.
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

/// When checkpoints are made.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// After about how many written bytes one is due.
    pub due: usize,
    /// Beyond how many pages of write-ahead log the writer copies the rest itself.
    pub pages: u32,
}

/// Makes checkpoints while the writer goes on; its own connection must have `wal_autocheckpoint` off.
#[derive(Debug)]
pub struct Checkpoints {
    bounds: Bounds,
    due: mpsc::Sender<()>,
    /// Pages of write-ahead log after the last checkpoint.
    pages: Arc<AtomicU32>,
    /// About how many bytes were written since.
    written: usize,
    task: JoinHandle<()>,
}

impl Checkpoints {
    /// Starts the task that makes them, over a connection of its own.
    pub async fn start(
        options: &SqliteConnectOptions,
        bounds: Bounds,
    ) -> Result<Self, sqlx::Error> {
        let mut connection = options.clone().pragma("cache_size", "-256").connect().await?;
        // One waiting request is as good as many.
        let (due, mut requests) = mpsc::channel(1);
        let pages = Arc::new(AtomicU32::new(0));
        let left = Arc::clone(&pages);
        let task = tokio::spawn(async move {
            while requests.recv().await.is_some() {
                if let Some(pages) = copy(&mut connection).await {
                    left.store(pages, Ordering::Relaxed);
                }
            }
            let _ = connection.close().await;
        });
        Ok(Self { bounds, due, pages, written: 0, task })
    }

    /// Notes that the writer committed about so many bytes: asks for a checkpoint where one is due, and copies the
    /// rest over the writer's connection where there is too much of it.
    pub async fn wrote(&mut self, bytes: usize, writer: &mut SqliteConnection) {
        self.written += bytes;
        if self.pages.load(Ordering::Relaxed) > self.bounds.pages {
            copy(writer).await;
            self.pages.store(0, Ordering::Relaxed);
            self.written = 0;
        } else if self.written > self.bounds.due && self.due.try_send(()).is_ok() {
            self.written = 0;
        }
    }

    /// Ends the task. To be called before the writer's connection is closed, which then tidies up.
    pub async fn stop(self) {
        drop(self.due);
        let _ = self.task.await;
    }
}

/// Makes one; answers how many pages the write-ahead log holds. A failure is only logged:
/// everything committed is in the write-ahead log, and the next checkpoint takes it along.
async fn copy(connection: &mut SqliteConnection) -> Option<u32> {
    let row = sqlx::query("pragma wal_checkpoint(passive)").fetch_one(connection).await;
    match row.and_then(|row| row.try_get::<i64, _>(1)) {
        Ok(pages) => u32::try_from(pages).ok(),
        Err(error) => {
            tracing::warn!(%error, "a checkpoint failed");
            None
        }
    }
}
