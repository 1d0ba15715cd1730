//! One try at a time for one name or account.
//!
//! Tries in parallel would all be evaluated before the first one is counted, so that a lock after
//! three would let through as many as there are connections.

use std::{
    hash::{BuildHasher, Hash, RandomState},
    time::Duration,
};

use tokio::{
    sync::{Mutex, MutexGuard},
    time::timeout,
};

/// How long one waits for one's turn.
const PATIENCE: Duration = Duration::from_secs(2);
/// Two names share a lock now and then, which costs them a wait and nothing else.
const LOCKS: usize = 1024;

/// A bounded table of locks.
pub(super) struct Turns {
    locks: Box<[Mutex<()>]>,
    hasher: RandomState,
}

impl Turns {
    pub(super) fn new() -> Self {
        let locks = (0..LOCKS).map(|_| Mutex::new(())).collect();
        Self { locks, hasher: RandomState::new() }
    }

    /// The turn of whoever it is; none when that would take too long.
    pub(super) async fn take(&self, who: impl Hash) -> Option<MutexGuard<'_, ()>> {
        let place = self.hasher.hash_one(who) % LOCKS as u64;
        let lock = self.locks.get(usize::try_from(place).ok()?)?;
        timeout(PATIENCE, lock.lock()).await.ok()
    }
}
