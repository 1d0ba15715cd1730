//! From an event to new work: the only place where that happens.
//!
//! A reactor follows the log with a checkpoint of its own. It may see an event twice, after a crash
//! between its work and its checkpoint, so its work is such that doing it again changes nothing. An
//! event that it can't work off is tried again, ever more slowly, and never skipped.

mod checkpoint;
mod sessions;

use std::{io, path::Path, sync::Arc, time::Duration};

use async_trait::async_trait;
use commands::Failure;
use events::{
    Cause, Event, Position, Recorded, codec,
    store::{EventStore, Stored},
};
use metrics::gauge;
use tokio::time::sleep;
use tracing::{error, warn};

use self::checkpoint::Checkpoint;
pub use sessions::EndSessions;

use crate::stopping::Stopping;

/// Events that are taken from the log at a time.
const PAGE: u32 = 256;
/// Between tries of an event that can't be worked off: from the first to the last, doubling.
const RETRY: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(30));

/// Turns events into work.
#[async_trait]
pub trait Reactor: Send + Sync {
    /// Its name, as in files, metrics and logs.
    fn name(&self) -> &'static str;

    /// Whether it has anything to do with events of this stored name; the others aren't even decoded.
    fn cares(&self, kind: &str) -> bool;

    /// Does what the event asks for. Personal data in it stays closed.
    async fn react(&self, event: &Recorded<Event>) -> Result<(), Failure>;
}

/// Lets every reactor begin after `position`, where it is known that there is nothing for any of them before.
pub fn begin_at(folder: &Path, position: Position) -> io::Result<()> {
    Checkpoint::new(folder, EndSessions::NAME).save(position)
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
    folder: &Path,
    mut stopping: Stopping,
) {
    let checkpoint = Checkpoint::new(folder, reactor.name());
    let mut log = store.subscribe(checkpoint.load());
    loop {
        let page = tokio::select! {
            biased;
            () = stopping.wait() => return,
            page = log.next(PAGE) => page,
        };
        let page = match page {
            Ok(page) => page,
            Err(error) => {
                error!(reactor = reactor.name(), %error, "a reactor can't read the log and has stopped");
                return;
            }
        };
        for stored in &page {
            if reactor.cares(&stored.kind) && !work_off(&reactor, stored, &mut stopping).await {
                return;
            }
        }
        if let Some(last) = page.last() {
            gauge!("stamrol_reactor_position", "reactor" => reactor.name())
                .set(as_f64(last.position.0));
            if let Err(error) = checkpoint.save(last.position) {
                // It will look at these events again after the next start.
                warn!(reactor = reactor.name(), %error, "a checkpoint can't be saved");
            }
        }
    }
}

/// Tries until it succeeds; false when the server stops before.
async fn work_off(reactor: &impl Reactor, stored: &Stored, stopping: &mut Stopping) -> bool {
    let mut pause = RETRY.0;
    loop {
        let Err(trouble) = attempt(reactor, stored).await else { return true };
        let position = stored.position.0;
        error!(reactor = reactor.name(), position, kind = %stored.kind, %trouble, "a reactor can't work off an event");
        tokio::select! {
            () = stopping.wait() => return false,
            () = sleep(pause) => pause = (pause * 2).min(RETRY.1),
        }
    }
}

async fn attempt(reactor: &impl Reactor, stored: &Stored) -> Result<(), Trouble> {
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

#[expect(clippy::cast_precision_loss, reason = "a gauge shows the magnitude")]
fn as_f64(number: u64) -> f64 {
    number as f64
}
