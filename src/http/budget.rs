//! What a caller may ask in a minute, in the points that [`precheck`](graphql::precheck) counts.
//!
//! A person or program pays from a purse of its own, through whatever session and from wherever it asks; somebody
//! who has not signed in pays from that of their address. A purse is full again a minute after it was opened.

use std::{
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use graphql::client::RateLimit;
use quick_cache::sync::Cache;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

/// From the opening of a purse until it is full again.
const WINDOW: Duration = Duration::from_mins(1);
/// Purses in memory, about 150 bytes each; those of callers who ask most stay longest. One that is forgotten is
/// full again.
const PURSES: usize = 16_384;

/// Whose purse it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Payer {
    /// A person or a program.
    Caller(Uuid),
    /// Whoever asks from there.
    Address(IpAddr),
}

/// The purses of all callers.
pub(super) struct Budget {
    limit: u64,
    purses: Cache<Payer, Arc<Mutex<Purse>>>,
}

struct Purse {
    left: u64,
    full_at: Instant,
    /// The same moment, for people.
    reset_at: DateTime<Utc>,
}

/// There is not enough left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spent {
    /// Until the purse is full again.
    pub(super) retry_after: Duration,
}

impl Budget {
    /// Lets each caller spend `limit` points a minute.
    pub(super) fn new(limit: u64) -> Self {
        Self { limit, purses: Cache::new(PURSES) }
    }

    /// Takes the cost of a document out of a purse, and tells how it stands then.
    pub(super) fn pay(&self, payer: Payer, cost: u64) -> Result<RateLimit, Spent> {
        let purse = self.purses.get(&payer).unwrap_or_else(|| {
            let purse = Arc::new(Mutex::new(Purse::full(self.limit)));
            self.purses.insert(payer, purse.clone());
            purse
        });
        let mut purse = purse.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if now >= purse.full_at {
            *purse = Purse::full(self.limit);
        }
        let Some(left) = purse.left.checked_sub(cost) else {
            return Err(Spent { retry_after: purse.full_at - now });
        };
        purse.left = left;
        Ok(RateLimit { limit: self.limit, cost, remaining: left, reset_at: purse.reset_at })
    }

    /// Waits until a cost can be paid, and pays it. A document never costs more than a full purse holds.
    pub(super) async fn pay_when_possible(&self, payer: Payer, cost: u64) {
        while let Err(Spent { retry_after }) = self.pay(payer, cost.min(self.limit)) {
            sleep(retry_after).await;
        }
    }
}

impl Purse {
    fn full(limit: u64) -> Self {
        Self { left: limit, full_at: Instant::now() + WINDOW, reset_at: Utc::now() + WINDOW }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANNA: Payer = Payer::Caller(Uuid::from_u128(1));
    const BERTA: Payer = Payer::Caller(Uuid::from_u128(2));

    #[tokio::test(start_paused = true)]
    async fn s21_a_caller_spends_what_a_minute_has_and_then_waits_for_the_next() {
        let budget = Budget::new(100);
        let paid = budget.pay(ANNA, 60).unwrap();
        assert_eq!((paid.limit, paid.cost, paid.remaining), (100, 60, 40));
        tokio::time::advance(Duration::from_secs(20)).await;
        let spent = budget.pay(ANNA, 41).unwrap_err();
        assert_eq!(spent.retry_after, Duration::from_secs(40));
        // What was refused cost nothing.
        let paid = budget.pay(ANNA, 40).unwrap();
        assert_eq!(paid.remaining, 0);
        tokio::time::advance(Duration::from_secs(40)).await;
        assert_eq!(budget.pay(ANNA, 100).unwrap().remaining, 0);
    }

    #[tokio::test(start_paused = true)]
    async fn s21_nobody_spends_what_is_somebody_elses() {
        let budget = Budget::new(10);
        let address = Payer::Address(IpAddr::from([192, 0, 2, 1]));
        for payer in [ANNA, BERTA, address] {
            assert_eq!(budget.pay(payer, 10).unwrap().remaining, 0);
            assert!(budget.pay(payer, 1).is_err());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn s21_what_goes_on_waits_until_it_can_be_paid_for() {
        let budget = Budget::new(10);
        let began = Instant::now();
        for _ in 0..5 {
            budget.pay_when_possible(ANNA, 5).await;
        }
        assert_eq!(began.elapsed(), 2 * WINDOW);
    }

    #[test]
    fn s21_no_more_purses_are_kept_than_there_is_room_for() {
        let budget = Budget::new(10);
        for caller in 0..2 * PURSES as u128 {
            budget.pay(Payer::Caller(Uuid::from_u128(caller)), 1).unwrap();
        }
        assert!(budget.purses.len() <= PURSES + PURSES / 10);
    }
}
