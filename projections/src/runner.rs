//! Follows the log: reads a page, projects it, writes rows and checkpoint together, tells the position.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::Utc;
use events::{
    Position,
    store::{EventStore, StoreError, Stored},
};
use tokio::sync::watch;

use crate::{
    Parked,
    generation::{Generation, Writer},
    projection::{Fault, Projection},
    seat::Seat,
};

/// How many events a live page has at most. Small enough for one transaction not to be felt.
const PAGE: u32 = 2_000;

/// Waits between attempts, from the first to the last, while a file can't be opened or written.
const PATIENCE: [Duration; 5] = [
    Duration::from_millis(50),
    Duration::from_millis(200),
    Duration::from_secs(1),
    Duration::from_secs(3),
    Duration::from_secs(5),
];

/// How long to wait after so many failures in a row.
fn patience(failures: usize) -> Duration {
    PATIENCE[failures.min(PATIENCE.len() - 1)]
}

/// What a runner of one projection needs.
pub(crate) struct Runner<P> {
    pub(crate) projection: Arc<P>,
    pub(crate) seat: Arc<Seat>,
    pub(crate) store: Arc<dyn EventStore>,
    pub(crate) closing: watch::Receiver<bool>,
}

impl<P> Clone for Runner<P> {
    fn clone(&self) -> Self {
        Self {
            projection: self.projection.clone(),
            seat: self.seat.clone(),
            store: self.store.clone(),
            closing: self.closing.clone(),
        }
    }
}

/// Why following the log paused.
enum Pause {
    /// An event can't be applied.
    Parked(Parked),
    /// Something doesn't work now.
    Trouble(String),
}

impl<P: Projection> Runner<P> {
    /// Opens the serving generation and follows the log with it, if it is still this one; tries again, ever more
    /// slowly, where it can't be opened now.
    pub(crate) async fn follow_reopened(mut self, folder: &Path, number: u64) {
        let mut swapped = self.seat.swapped();
        let mut failures = 0;
        loop {
            if *swapped.borrow_and_update() != number || *self.closing.borrow() {
                return;
            }
            let trouble = match Generation::open(folder, &P::LAYOUT, number).await {
                Ok(Some((_, writer))) => return self.follow(number, writer).await,
                Ok(None) => "its file isn't ready".to_owned(),
                Err(error) => error.to_string(),
            };
            self.seat.trouble(trouble, self.store.head());
            tokio::select! {
                _ = self.closing.wait_for(|closing| *closing) => {}
                _ = swapped.wait_for(|serving| *serving != number) => {}
                () = tokio::time::sleep(patience(failures)) => failures += 1,
            }
        }
    }

    /// Follows the log with the serving generation, until another takes its place or the views close.
    pub(crate) async fn follow(mut self, number: u64, mut writer: Writer) {
        let mut swapped = self.seat.swapped();
        let mut failures = 0;
        loop {
            let pause = tokio::select! {
                biased;
                _ = self.closing.wait_for(|closing| *closing) => break,
                _ = swapped.wait_for(|serving| *serving != number) => break,
                pause = run(&*self.projection, &self.seat, &*self.store, number, &mut writer, &mut failures) => pause,
            };
            let Some(pause) = pause else { break };
            let seat = self.seat.clone();
            let wait = async {
                match pause {
                    Pause::Parked(parked) => {
                        seat.park(parked);
                        seat.resumed.notified().await;
                        seat.unpark();
                    }
                    Pause::Trouble(what) => {
                        seat.trouble(what, self.store.head());
                        tokio::time::sleep(patience(failures)).await;
                        failures += 1;
                    }
                }
            };
            tokio::select! {
                biased;
                _ = self.closing.wait_for(|closing| *closing) => break,
                _ = swapped.wait_for(|serving| *serving != number) => break,
                () = wait => {}
            }
        }
        close(writer).await;
    }
}

/// Applies page after page; ends with none when another generation serves or the log is closed.
async fn run<P: Projection>(
    projection: &P,
    seat: &Seat,
    store: &dyn EventStore,
    number: u64,
    writer: &mut Writer,
    failures: &mut usize,
) -> Option<Pause> {
    let mut subscription = store.subscribe(writer.position);
    loop {
        let page = match subscription.next(PAGE).await {
            Ok(page) => page,
            Err(StoreError::Closed) => return None,
            Err(error) => return Some(Pause::Trouble(error.to_string())),
        };
        let _turn = seat.turn.lock().await;
        if seat.serving().number != number {
            return None;
        }
        let begun = Instant::now();
        let before = writer.position;
        let outcome = apply(projection, writer, &page).await;
        if writer.position > before {
            *failures = 0;
            let events = writer.position.0 - before.0;
            seat.publish(writer.position, store.head(), events, begun.elapsed());
        }
        match outcome {
            Ok(()) => {}
            Err((event, fault @ Fault::Event { .. })) => {
                return Some(Pause::Parked(parked(event, &fault)));
            }
            Err((_, fault)) => return Some(Pause::Trouble(fault.to_string())),
        }
    }
}

/// Applies a page. Where one of its events can't be applied, applies those before it, and gives that event.
pub(crate) async fn apply<'page, P: Projection>(
    projection: &P,
    writer: &mut Writer,
    page: &'page [Arc<Stored>],
) -> Result<(), (&'page Stored, Fault)> {
    let Some((last, first)) = page.last().zip(page.first()) else { return Ok(()) };
    let attempt = async {
        let decoded = projection.decode(page).await?;
        let rows = projection.project(&mut writer.connection, decoded).await?;
        Ok::<_, Fault>(writer.commit(rows, last.position).await?)
    };
    match attempt.await {
        Ok(()) => Ok(()),
        Err(Fault::Event { index, reason }) => {
            let bad = page.get(index).unwrap_or(last);
            // What was made of the page so far is thrown away. What comes before the event can be applied.
            Box::pin(apply(projection, writer, page.get(..index).unwrap_or_default())).await?;
            Err((bad, Fault::Event { index, reason }))
        }
        Err(fault) => Err((first, fault)),
    }
}

/// What is shown of an event that can't be applied.
pub(crate) fn parked(event: &Stored, fault: &Fault) -> Parked {
    Parked {
        position: event.position,
        kind: event.kind.to_string(),
        error: fault.to_string(),
        since: Utc::now(),
    }
}

/// Closes a file in order, so that nothing is left to be recovered.
pub(crate) async fn close(writer: Writer) {
    if let Err(error) = writer.close().await {
        tracing::warn!(%error, "a read model wasn't closed in order");
    }
}

/// Whether a projection is near enough to the head of the log for the rest to be one page.
pub(crate) fn is_near(position: Position, head: Position) -> bool {
    head.0.saturating_sub(position.0) <= u64::from(PAGE)
}
