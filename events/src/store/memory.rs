//! The log in memory, for tests: the same rules as every engine, and nothing that survives.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use tokio::sync::watch;
use uuid::Uuid;

use super::{
    AppendError, Appended, Batch, Claim, EventStore, Pages, Receipt, StoreError, Stored,
    Subscription,
    admission::{Admission, Register},
};
use crate::{Position, Stream, Version};

/// A log that lives as long as this value and its clones. It keeps all that was ever
/// appended, receipts included, and is therefore for tests only.
#[derive(Clone, Debug)]
pub struct Memory {
    log: Arc<Mutex<Log>>,
    head: watch::Sender<Position>,
}

#[derive(Debug, Default)]
struct Log {
    register: Register,
    events: Vec<Arc<Stored>>,
    streams: HashMap<Stream, Vec<Arc<Stored>>>,
}

impl Memory {
    /// An empty log.
    pub fn new() -> Self {
        Self { log: Arc::default(), head: watch::Sender::new(Position::START) }
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl EventStore for Memory {
    async fn append(&self, batch: Batch) -> Result<Appended, AppendError> {
        let mut log = self.log();
        let before = match log.register.admit(&batch)? {
            Admission::Replayed(appended) => return Ok(appended),
            Admission::After(before) => before,
        };
        for event in batch.stored(before) {
            log.streams.entry(event.stream).or_default().push(Arc::clone(&event));
            log.events.push(event);
        }
        let position = log.register.head;
        // Under the lock, so that the head never steps back.
        self.head.send_replace(position);
        Ok(Appended { position, replayed: None })
    }

    async fn read(
        &self,
        stream: Stream,
        after: Version,
        limit: u32,
    ) -> Result<Vec<Stored>, StoreError> {
        let log = self.log();
        let events = log.streams.get(&stream).map_or(&[][..], Vec::as_slice);
        Ok(page(events, after.0, limit).map(|event| Stored::clone(event)).collect())
    }

    async fn read_all(&self, after: Position, limit: u32) -> Result<Vec<Stored>, StoreError> {
        Ok(page(&self.log().events, after.0, limit).map(|event| Stored::clone(event)).collect())
    }

    fn subscribe(&self, after: Position) -> Subscription {
        Subscription::new(Follower { store: self.clone(), head: self.head.subscribe(), after })
    }

    fn head(&self) -> Position {
        *self.head.borrow()
    }

    async fn owner_of(&self, claim: Claim) -> Result<Option<Uuid>, StoreError> {
        Ok(self.log().register.owners.get(&claim).copied().flatten())
    }

    async fn receipt(&self, key: [u8; 32]) -> Result<Option<(Receipt, Position)>, StoreError> {
        Ok(self.log().register.receipts.get(&key).map(|kept| (kept.receipt, kept.position)))
    }

    fn is_exclusive(&self) -> bool {
        true
    }
}

/// Up to `limit` events that come after the first `after` ones.
fn page(events: &[Arc<Stored>], after: u64, limit: u32) -> impl Iterator<Item = &Arc<Stored>> {
    let skipped = usize::try_from(after).unwrap_or(usize::MAX);
    events.get(skipped..).unwrap_or_default().iter().take(limit as usize)
}

/// Reads on from where it is, whenever the head moves.
struct Follower {
    store: Memory,
    head: watch::Receiver<Position>,
    after: Position,
}

#[async_trait]
impl Pages for Follower {
    async fn next(&mut self, limit: u32) -> Result<Vec<Arc<Stored>>, StoreError> {
        let after = self.after;
        self.head.wait_for(|head| *head > after).await.map_err(|_| StoreError::Closed)?;
        let events: Vec<_> =
            page(&self.store.log().events, after.0, limit.max(1)).map(Arc::clone).collect();
        self.after = events.last().map_or(after, |event| event.position);
        Ok(events)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::conformance;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn the_log_in_memory_keeps_the_rules() {
        conformance::run(|| async { Arc::new(Memory::new()) as Arc<dyn EventStore> }).await;
    }
}
