//! Subscriptions.

use std::{
    future::Future,
    pin::pin,
    sync::Arc,
    task::{Context, Waker},
};

use tokio::task::JoinSet;

use super::{
    Fresh,
    sample::{assert_in_order, batch, one, stream, whole, write},
};
use crate::{Position, store::Stored};

const WRITERS: u64 = 16;
const ROUNDS: u64 = 200;
const EVENTS: u64 = WRITERS * ROUNDS;

/// Starts writers that append `EVENTS` events, one by one.
fn writers(log: &Fresh) -> JoinSet<()> {
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let log = Arc::clone(log);
        writers.spawn(async move {
            for version in 0..ROUNDS {
                log.append(one(stream(u128::from(writer)), version)).await.unwrap();
            }
        });
    }
    writers
}

/// Follows from `after` until `until`.
async fn follow(log: Fresh, after: u64, until: u64, limit: u32) -> Vec<Arc<Stored>> {
    let mut subscription = log.subscribe(Position(after));
    let mut events: Vec<Arc<Stored>> = Vec::new();
    while events.last().map_or(after, |event| event.position.0) < until {
        let page = subscription.next(limit).await.unwrap();
        assert!(!page.is_empty() && page.len() <= limit as usize, "{} events", page.len());
        assert!(page.last().unwrap().position <= log.head(), "seen before it was there");
        events.extend(page);
    }
    events
}

pub(super) async fn replay_meets_live(log: Fresh) {
    log.append(batch([write(stream(9999), 0, 500)])).await.unwrap();
    let writers = writers(&log);
    let mut followers = JoinSet::new();
    for (after, limit) in [(0, 1000), (0, 7), (250, 64), (500, 1), (501, 100), (2000, 3)] {
        let log = Arc::clone(&log);
        followers.spawn(async move { (after, follow(log, after, 500 + EVENTS, limit).await) });
    }
    let followed = followers.join_all().await;
    writers.join_all().await;
    let all = whole(&log).await;
    for (after, events) in followed {
        let events: Vec<_> = events.iter().map(|event| Stored::clone(event)).collect();
        assert_eq!(events.len() as u64, 500 + EVENTS - after);
        let after = usize::try_from(after).unwrap();
        assert!(events == all[after..], "followed something else than the log");
    }
}

pub(super) async fn a_dropped_wait_loses_nothing(log: Fresh) {
    let mut subscription = log.subscribe(Position::START);
    let mut seen = Vec::new();
    for version in 0..50 {
        for _ in 0..3 {
            let mut wait = pin!(subscription.next(10));
            let answer = wait.as_mut().poll(&mut Context::from_waker(Waker::noop()));
            if let std::task::Poll::Ready(page) = answer {
                seen.extend(page.unwrap());
            }
        }
        log.append(one(stream(1), version)).await.unwrap();
    }
    while seen.len() < 50 {
        seen.extend(subscription.next(10).await.unwrap());
    }
    assert_in_order(&seen.iter().map(|event| Stored::clone(event)).collect::<Vec<_>>());
}

/// Writers finish while a follower asks for nothing, and it still gets everything afterwards.
pub(super) async fn a_slow_follower(log: Fresh) {
    let mut slow = log.subscribe(Position::START);
    log.append(one(stream(7777), 0)).await.unwrap();
    let first = slow.next(1).await.unwrap();
    assert_eq!(first[0].position, Position(1));
    // Would never end if a writer waited for the follower.
    writers(&log).join_all().await;
    let mut seen: Vec<_> = first;
    while (seen.len() as u64) < 1 + EVENTS {
        seen.extend(slow.next(300).await.unwrap());
    }
    assert_in_order(&seen.iter().map(|event| Stored::clone(event)).collect::<Vec<_>>());
}
