//! The state of one stream: what is in the log, and what is still on its way there.
//!
//! A command decides on the newest state, which may rest on batches that are not in the log yet. That is
//! safe because of three rules:
//!
//! 1. Every batch names the version of every stream that it was decided on and that was ahead of the log, so
//!    that it fails when what it rests on fails.
//! 2. After a failure nothing is decided on the stream until all batches that name it are answered. What was
//!    ahead is then forgotten, so that no batch can meet, under the version it expects, another state than it was
//!    decided on.
//! 3. An answer that appends nothing waits until what it rests on is in the log.
//!
//! Rule 2 reaches as far as this process, so only a log that nobody else writes to
//! ([`EventStore::is_exclusive`](events::store::EventStore::is_exclusive)) is decided ahead of.

use std::{
    collections::VecDeque,
    pin::pin,
    sync::{
        Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
};

use events::{Stream, Version};
use tokio::sync::{Notify, Semaphore, SemaphorePermit};

use crate::state::State;

/// How many batches may be on their way into an exclusive log for one stream.
pub(super) const DEPTH: u32 = 256;

/// The place of one stream in the cache.
pub(super) struct Slot {
    pub(super) stream: Stream,
    inner: RwLock<Inner>,
    /// Batches without an answer that name the stream. Changes to zero only under the write lock.
    in_flight: AtomicU32,
    settled: Notify,
    /// One for each batch that may be on its way, for those who wait in turn.
    permits: Semaphore,
    /// What the cache was told that the state weighs.
    pub(super) weighed: AtomicU64,
}

/// What is known of a stream.
#[derive(Clone, Debug)]
pub(super) struct Inner {
    durable: State,
    version: Version,
    /// The states after batches that are on their way, oldest first.
    ahead: VecDeque<(Version, State)>,
    /// A batch failed, and others that may rest on it have no answer yet.
    broken: bool,
    /// The log has, or may have, more than is known here.
    stale: bool,
    /// Counts how often what was ahead had to be forgotten.
    epoch: u64,
}

/// A version of a state, in the succession of states that it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) version: Version,
    epoch: u64,
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It is in the log.
    Landed,
    /// It is not in the log.
    Failed,
    /// It is not in the log, or nobody knows; what is known of the stream may be too old.
    Doubtful,
}

impl Inner {
    /// The state that a command decides on.
    pub(super) fn newest(&self) -> &State {
        self.ahead.back().map_or(&self.durable, |(_, state)| state)
    }

    /// Its version.
    pub(super) fn newest_version(&self) -> Version {
        self.ahead.back().map_or(self.version, |(version, _)| *version)
    }

    /// Its version, to wait for.
    pub(super) fn seen(&self) -> Seen {
        Seen { version: self.newest_version(), epoch: self.epoch }
    }

    /// The state that is in the log.
    pub(super) const fn durable(&self) -> &State {
        &self.durable
    }

    /// Its version.
    pub(super) const fn durable_version(&self) -> Version {
        self.version
    }

    /// Whether something is on its way into the log.
    pub(super) fn is_ahead(&self) -> bool {
        !self.ahead.is_empty()
    }

    /// Whether the log has to be read first.
    pub(super) const fn is_stale(&self) -> bool {
        self.stale && !self.broken
    }

    /// Whether a command may decide now, with at most `depth` batches on their way when it writes.
    pub(super) fn is_open(&self, depth: usize) -> bool {
        !self.broken && self.ahead.len() < depth
    }

    /// Notes the state after a batch that sets out now.
    pub(super) fn advance(&mut self, version: Version, state: State) {
        self.ahead.push_back((version, state));
    }
}

impl Slot {
    pub(super) fn new(stream: Stream, state: State, version: Version) -> Self {
        let weighed = AtomicU64::new(state.weight());
        let inner = Inner {
            durable: state,
            version,
            ahead: VecDeque::new(),
            broken: false,
            stale: false,
            epoch: 0,
        };
        Self {
            stream,
            inner: RwLock::new(inner),
            in_flight: AtomicU32::new(0),
            settled: Notify::new(),
            permits: Semaphore::new(DEPTH as usize),
            weighed,
        }
    }

    pub(super) fn read(&self) -> RwLockReadGuard<'_, Inner> {
        self.inner.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn write(&self) -> RwLockWriteGuard<'_, Inner> {
        self.inner.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until so many more batches may be on their way. Who came first goes first.
    pub(super) async fn permits(&self, many: u32) -> Option<SemaphorePermit<'_>> {
        // Nobody closes it.
        self.permits.acquire_many(many).await.ok()
    }

    /// Notes that a batch that names the stream sets out. The caller holds a lock.
    pub(super) fn depart(&self) {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
    }

    /// Notes what became of such a batch; `version` is what it made of the stream, if it wrote to it.
    pub(super) fn settle(&self, outcome: Outcome, version: Option<Version>) {
        let mut inner = self.write();
        match (outcome, version) {
            (Outcome::Landed, Some(version)) => {
                while let Some((reached, state)) =
                    inner.ahead.pop_front_if(|(reached, _)| *reached <= version)
                {
                    inner.version = reached;
                    inner.durable = state;
                }
                if inner.ahead.is_empty() {
                    // Its room would be more than the slot itself, and most slots are at rest.
                    inner.ahead = VecDeque::new();
                }
            }
            (Outcome::Landed, None) => {}
            (Outcome::Failed | Outcome::Doubtful, _) => {
                inner.broken |= version.is_some();
                inner.stale |= outcome == Outcome::Doubtful;
            }
        }
        let left = self.in_flight.fetch_sub(1, Ordering::Relaxed) - 1;
        if left == 0 && inner.broken {
            inner.ahead.clear();
            inner.broken = false;
            inner.epoch += 1;
        }
        drop(inner);
        self.settled.notify_waiters();
    }

    /// Takes in what the log has after a version, unless the state has moved on since.
    pub(super) fn refresh(&self, after: Version, state: State, version: Version) {
        let mut inner = self.write();
        if inner.version == after && self.in_flight.load(Ordering::Relaxed) == 0 {
            inner.epoch += u64::from(version != after);
            inner.durable = state;
            inner.version = version;
            inner.stale = false;
        }
    }

    /// Waits until a command may decide.
    pub(super) async fn opened(&self, depth: usize) {
        self.until(|inner| inner.is_open(depth).then_some(())).await;
    }

    /// Waits until every batch that names the stream has its answer.
    pub(super) async fn drained(&self) {
        self.until(|_| (self.in_flight.load(Ordering::Relaxed) == 0).then_some(())).await;
    }

    /// Waits until a version is known to be in the log; `false` when nothing is on its way that could tell.
    pub(super) async fn reached(&self, version: Version) -> bool {
        self.until(|inner| {
            let reached = inner.version >= version;
            (reached || self.in_flight.load(Ordering::Relaxed) == 0).then_some(reached)
        })
        .await
    }

    /// Waits until what was seen is in the log; `false` when it will never be there.
    pub(super) async fn landed(&self, seen: Seen) -> bool {
        self.until(|inner| match inner.epoch == seen.epoch {
            true if inner.version >= seen.version => Some(true),
            true => None,
            false => Some(false),
        })
        .await
    }

    async fn until<T>(&self, answer: impl Fn(&Inner) -> Option<T>) -> T {
        loop {
            let mut settled = pin!(self.settled.notified());
            settled.as_mut().enable();
            if let Some(answer) = answer(&self.read()) {
                return answer;
            }
            settled.await;
        }
    }
}

/// A batch that has set out. Whatever becomes of it, its slots are told.
pub(super) struct Flight {
    /// With what the batch makes of the stream, if it writes to it.
    pub(super) slots: Vec<(Arc<Slot>, Option<Version>)>,
}

impl Flight {
    /// Notes what became of the batch; `conflict` names the stream that was not as expected.
    pub(super) fn settle(mut self, outcome: Outcome, conflict: Option<Stream>) {
        self.tell(outcome, conflict);
    }

    fn tell(&mut self, outcome: Outcome, conflict: Option<Stream>) {
        for (slot, version) in self.slots.drain(..) {
            let conflicts = conflict == Some(slot.stream);
            slot.settle(if conflicts { Outcome::Doubtful } else { outcome }, version);
        }
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.tell(Outcome::Doubtful, None);
    }
}
