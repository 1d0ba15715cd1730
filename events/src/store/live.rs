//! The newest events in memory, for those who follow the log.
//!
//! The buffer is bounded. Whoever needs older events reads them from the engine: a slow
//! follower costs reads, and neither memory nor a writer's time.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch;

use super::Stored;
use crate::Position;

/// How many of the newest events are kept in memory.
const MAX_EVENTS: usize = 4096;
/// How many bytes of them, about.
const MAX_BYTES: usize = 4 << 20;

/// The end of the log where events come in. Dropping it closes the log for its followers.
pub(super) struct Publisher {
    recent: Arc<Mutex<Recent>>,
    head: watch::Sender<Position>,
}

/// The newest events, and where the log ends.
#[derive(Clone)]
pub(super) struct Live {
    recent: Arc<Mutex<Recent>>,
    head: watch::Receiver<Position>,
}

#[derive(Default)]
struct Recent {
    events: VecDeque<Arc<Stored>>,
    bytes: usize,
}

/// Both ends of a log that ends at `head`.
pub(super) fn live(head: Position) -> (Publisher, Live) {
    let (sender, receiver) = watch::channel(head);
    let recent = Arc::<Mutex<Recent>>::default();
    (Publisher { recent: Arc::clone(&recent), head: sender }, Live { recent, head: receiver })
}

impl Publisher {
    /// Shows events that were made durable. They come right after those before.
    pub(super) fn publish(&self, events: Vec<Arc<Stored>>) {
        let Some(head) = events.last().map(|event| event.position) else { return };
        lock(&self.recent).extend(events);
        self.head.send_replace(head);
    }

    /// Where the log ends.
    pub(super) fn head(&self) -> Position {
        *self.head.borrow()
    }

    /// Starts over at `head`, after the engine had to be asked where the log ends.
    pub(super) fn restart(&self, head: Position) {
        if head != self.head() {
            *lock(&self.recent) = Recent::default();
            self.head.send_replace(head);
        }
    }
}

impl Live {
    /// Where the log ends.
    pub(super) fn head(&self) -> Position {
        *self.head.borrow()
    }

    /// Waits until something comes after `after`; answers where the log ends then, or
    /// `None` when the log was closed.
    pub(super) async fn beyond(&mut self, after: Position) -> Option<Position> {
        self.head.wait_for(|head| *head > after).await.ok().map(|head| *head)
    }

    /// Up to `limit` events after `after`, unless they are no longer in memory.
    pub(super) fn page(&self, after: Position, limit: usize) -> Option<Vec<Arc<Stored>>> {
        let recent = lock(&self.recent);
        let oldest = recent.events.front()?.position;
        let skipped = usize::try_from((after.0 + 1).checked_sub(oldest.0)?).ok()?;
        let end = recent.events.len().min(skipped.saturating_add(limit));
        (skipped < end).then(|| recent.events.range(skipped..end).cloned().collect())
    }
}

impl Recent {
    fn extend(&mut self, events: Vec<Arc<Stored>>) {
        for event in events {
            self.bytes += weight(&event);
            self.events.push_back(event);
        }
        while self.events.len() > MAX_EVENTS || self.bytes > MAX_BYTES {
            let Some(oldest) = self.events.pop_front() else { break };
            self.bytes -= weight(&oldest);
        }
    }
}

fn weight(event: &Stored) -> usize {
    size_of::<Stored>() + event.data.len() + event.cause.len()
}

fn lock(recent: &Mutex<Recent>) -> MutexGuard<'_, Recent> {
    recent.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::conformance::sample::{batch, stream, write};

    fn publish(publisher: &Publisher, events: u64) {
        let after = publisher.head();
        publisher.publish(batch([write(stream(1), after.0, events)]).stored(after).collect());
    }

    #[test]
    fn the_newest_events_are_there() {
        let (publisher, live) = live(Position(10));
        assert_eq!(live.page(Position(10), 5), None);
        publish(&publisher, 3);
        assert_eq!(live.head(), Position(13));
        assert_eq!(live.page(Position(9), 5), None, "older than what is in memory");
        assert_eq!(live.page(Position(13), 5), None, "newer than what there is");
        let page = live.page(Position(11), 5).unwrap();
        assert_eq!(page.iter().map(|e| e.position.0).collect::<Vec<_>>(), [12, 13]);
        assert_eq!(live.page(Position(10), 2).unwrap().len(), 2);
    }

    #[test]
    fn memory_is_bounded_by_count_and_by_bytes() {
        let (publisher, live) = live(Position::START);
        for _ in 0..100 {
            publish(&publisher, 100);
        }
        assert_eq!(lock(&live.recent).events.len(), MAX_EVENTS);
        assert_eq!(live.page(Position(10_000 - MAX_EVENTS as u64 - 1), 1), None);
        assert!(live.page(Position(10_000 - MAX_EVENTS as u64), 1).is_some());

        let mut large = batch([write(stream(1), 10_000, 1)]);
        large.writes[0].events[0].data = "x".repeat(MAX_BYTES - 2000).into();
        publisher.publish(large.stored(Position(10_000)).collect());
        assert!(lock(&live.recent).events.len() < 10);
        assert!(lock(&live.recent).bytes <= MAX_BYTES);
    }

    #[tokio::test]
    async fn followers_see_the_log_close() {
        let (publisher, mut live) = live(Position(1));
        assert_eq!(live.beyond(Position(0)).await, Some(Position(1)));
        drop(publisher);
        assert_eq!(live.beyond(Position(1)).await, None);
    }
}
