//! A clock that tests turn by hand, and the authenticator that tests of the program use.

#[path = "../tests/support/authenticator.rs"]
pub(crate) mod authenticator;

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Utc};
use events::id::Clock;

/// A clock that stands still until it is advanced.
pub(crate) struct FakeClock(AtomicI64);

impl FakeClock {
    pub(crate) fn new() -> Self {
        // 2027-01-15, eight in the morning.
        Self(AtomicI64::new(1_800_000_000))
    }

    pub(crate) fn advance(&self, seconds: u64) {
        self.0.fetch_add(i64::try_from(seconds).unwrap(), Ordering::Relaxed);
    }
}

impl Clock for FakeClock {
    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(self.0.load(Ordering::Relaxed), 0).unwrap()
    }
}
