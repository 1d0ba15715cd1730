//! From an event to new work: the only place where that happens.
//!
//! A reactor follows the log with a checkpoint of its own. It may see an event twice, after a crash
//! between its work and its checkpoint, so its work is such that doing it again changes nothing. An
//! event that it can't work off is tried again, ever more slowly, and never skipped.

mod checkpoint;
mod mails;
mod sessions;

use std::{
    io,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use commands::{Failure, Handler};
use events::{
    Cause, Event, Position, Recorded, codec,
    store::{EventStore, Stored},
};
use metrics::gauge;
use tokio::time::sleep;
use tracing::{error, warn};

use self::checkpoint::Checkpoint;
pub use mails::SendMails;
pub use sessions::EndSessions;

use crate::stopping::Stopping;

/// Events that are taken from the log at a time.
const PAGE: u32 = 256;
/// Between tries of an event that can't be worked off: from the first to the last, doubling.
const RETRY: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(30));

/// How often a checkpoint is saved while events come; a crash costs as much work that is done twice.
const SAVED_EVERY: Duration = Duration::from_secs(1);

/// Turns events into work.
#[async_trait]
pub trait Reactor: Send + Sync {
    /// Its name, as in files, metrics and logs.
    fn name(&self) -> &'static str;

    /// Whether it has anything to do with events of this stored name; the others aren't even decoded.
    fn cares(&self, kind: &str) -> bool;

    /// Does what the event asks for. Personal data in it stays closed. What the handler knows of the event's stream
    /// is at least as new as the event.
    async fn react(&self, event: &Recorded<Event>) -> Result<(), Failure>;
}

/// Lets every reactor begin after `position`, where it is known that there is nothing for any of them before.
pub fn begin_at(folder: &Path, position: Position) -> io::Result<()> {
    for name in [EndSessions::NAME, SendMails::NAME] {
        Checkpoint::new(folder, name).save(position)?;
    }
    Ok(())
}

/// Why an event can't be worked off.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Codec(#[from] codec::CodecError),
    #[error("its cause: {0}")]
    Cause(#[from] serde_json::Error),
    #[error(transparent)]
    Work(#[from] Failure),
}

/// Follows the log until it is time to stop; then the event in hand is finished.
pub async fn run(
    reactor: impl Reactor,
    store: Arc<dyn EventStore>,
    handler: Arc<Handler>,
    folder: &Path,
    mut stopping: Stopping,
) {
    let checkpoint = Checkpoint::new(folder, reactor.name());
    let save = |position| {
        if let Err(error) = checkpoint.save(position) {
            // It will look at these events again after the next start.
            warn!(reactor = reactor.name(), %error, "a checkpoint can't be saved");
        }
    };
    let mut at = checkpoint.load();
    if at > store.head() {
        // The log was restored from a backup: what stands there now under these positions is not what was seen.
        warn!(
            reactor = reactor.name(),
            position = at.0,
            "the log ends before the checkpoint: all is looked at again"
        );
        at = Position::START;
    }
    let mut saved = Instant::now();
    let mut log = store.subscribe(at);
    'following: loop {
        let page = tokio::select! {
            biased;
            () = stopping.wait() => break,
            page = log.next(PAGE) => page,
        };
        let page = match page {
            Ok(page) => page,
            Err(error) => {
                error!(reactor = reactor.name(), %error, "a reactor can't read the log and tries again");
                tokio::select! {
                    () = stopping.wait() => break,
                    () = sleep(RETRY.1) => log = store.subscribe(at),
                }
                continue;
            }
        };
        for stored in &page {
            if reactor.cares(&stored.kind)
                && !work_off(&reactor, &handler, stored, &mut stopping).await
            {
                break 'following;
            }
            at = stored.position;
        }
        gauge!("stamrol_reactor_position", "reactor" => reactor.name()).set(as_f64(at.0));
        if saved.elapsed() >= SAVED_EVERY {
            save(at);
            saved = Instant::now();
        }
    }
    save(at);
}

/// Tries until it succeeds; false when the server stops before.
async fn work_off(
    reactor: &impl Reactor,
    handler: &Handler,
    stored: &Stored,
    stopping: &mut Stopping,
) -> bool {
    let mut pause = RETRY.0;
    loop {
        let Err(trouble) = attempt(reactor, handler, stored).await else { return true };
        let position = stored.position.0;
        error!(reactor = reactor.name(), position, kind = %stored.kind, %trouble, "a reactor can't work off an event");
        tokio::select! {
            () = stopping.wait() => return false,
            () = sleep(pause) => pause = (pause * 2).min(RETRY.1),
        }
    }
}

async fn attempt(
    reactor: &impl Reactor,
    handler: &Handler,
    stored: &Stored,
) -> Result<(), Trouble> {
    handler.reach(stored.stream, stored.version).await?;
    let cause: Cause = serde_json::from_str(&stored.cause)?;
    let event = Recorded {
        position: stored.position,
        stream: stored.stream,
        version: stored.version,
        id: stored.id,
        at: stored.at,
        cause: Arc::new(cause),
        event: codec::decode(&stored.kind, &stored.data)?,
    };
    Ok(reactor.react(&event).await?)
}

/// Shows a reactor what a log has after a position, as [`run`] does.
#[cfg(test)]
pub(crate) async fn show(
    reactor: &impl Reactor,
    handler: &Handler,
    store: &dyn EventStore,
    after: Position,
) {
    for stored in store.read_all(after, 10_000).await.unwrap() {
        if reactor.cares(&stored.kind) {
            attempt(reactor, handler, &stored).await.unwrap();
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a gauge shows the magnitude")]
fn as_f64(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use events::{
        Actor, RequestId, Stream, Version, installation,
        store::{Batch, NewEvent, Write, memory::Memory},
        vault::Vault,
    };
    use uuid::Uuid;

    use super::*;
    use crate::{app::SystemIds, stopping::Stop, testing::FakeClock};

    /// Fails at every first look, writes down what it has worked off, and stops at the third event.
    struct Clumsy {
        seen: Arc<Mutex<Vec<u64>>>,
        failed: Mutex<Option<Position>>,
        stop: Stop,
    }

    #[async_trait]
    impl Reactor for Clumsy {
        fn name(&self) -> &'static str {
            "clumsy"
        }

        fn cares(&self, kind: &str) -> bool {
            kind.starts_with("installation.")
        }

        async fn react(&self, event: &Recorded<Event>) -> Result<(), Failure> {
            let mut failed = self.failed.lock().unwrap();
            if *failed != Some(event.position) {
                *failed = Some(event.position);
                return Err(Failure::Busy);
            }
            let mut seen = self.seen.lock().unwrap();
            seen.push(event.position.0);
            if seen.len().is_multiple_of(3) {
                self.stop.now();
            }
            Ok(())
        }
    }

    async fn log_of(events: u64) -> Arc<dyn EventStore> {
        let store: Arc<dyn EventStore> = Arc::new(Memory::new());
        let cause = Cause {
            actor: Actor::System,
            on_behalf_of: None,
            origin: None,
            request: RequestId::new(Uuid::nil()),
            action: "test".to_owned(),
            event: None,
        };
        for number in 0..events {
            let account = Uuid::from_u128(number.into()).into();
            let event = installation::Event::OperatorAppointed { account }.into();
            let codec::Coded { kind, data } = codec::encode(&event).unwrap();
            let id = Uuid::from_u128(u128::from(number) + 1000).into();
            let write = Write {
                stream: Stream::Installation,
                expected: Version(number),
                events: vec![NewEvent { id, kind, data }],
            };
            let batch = Batch {
                writes: vec![write],
                claims: vec![],
                receipt: None,
                at: chrono::Utc::now(),
                cause: serde_json::to_string(&cause).unwrap().into(),
            };
            store.append(batch).await.unwrap();
        }
        store
    }

    /// What commands are decided with. It reads no clock and waits for nothing, so it is made while time goes on.
    async fn handler_over(store: &Arc<dyn EventStore>) -> Arc<Handler> {
        tokio::time::resume();
        let vault = Arc::new(Vault::in_memory().await.unwrap());
        tokio::time::pause();
        Arc::new(Handler::new(
            store.clone(),
            vault,
            Arc::new(FakeClock::new()),
            Arc::new(SystemIds),
        ))
    }

    #[tokio::test(start_paused = true)]
    async fn an_event_is_tried_until_it_is_worked_off_and_a_restart_skips_and_repeats_none() {
        let folder = tempfile::tempdir().unwrap();
        let (store, seen) = (log_of(6).await, Arc::<Mutex<Vec<u64>>>::default());
        let handler = handler_over(&store).await;
        for _ in 0..2 {
            let stop = Stop::new();
            let stopping = stop.listen();
            let clumsy = Clumsy { seen: seen.clone(), failed: Mutex::default(), stop };
            run(clumsy, store.clone(), handler.clone(), folder.path(), stopping).await;
        }
        assert_eq!(*seen.lock().unwrap(), [1, 2, 3, 4, 5, 6]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_checkpoint_beyond_a_restored_log_means_the_start() {
        let folder = tempfile::tempdir().unwrap();
        Checkpoint::new(folder.path(), "clumsy").save(Position(40)).unwrap();
        let (store, seen) = (log_of(3).await, Arc::<Mutex<Vec<u64>>>::default());
        let stop = Stop::new();
        let stopping = stop.listen();
        let clumsy = Clumsy { seen: seen.clone(), failed: Mutex::default(), stop };
        let handler = handler_over(&store).await;
        run(clumsy, store.clone(), handler, folder.path(), stopping).await;
        assert_eq!(*seen.lock().unwrap(), [1, 2, 3]);
    }
}
