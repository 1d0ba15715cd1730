//! Where a projection's serving generation, position and condition are found: written by its runner, read by all.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
    time::{Duration, Instant},
};

use events::Position;
use tokio::sync::{Mutex as Turn, Notify, watch};

use crate::{Name, NotParked, Parked, Progress, State, Status, generation::Generation};

/// The place of one projection among the views.
#[derive(Debug)]
pub(crate) struct Seat {
    /// Which projection.
    pub(crate) name: Name,
    /// Held while a page is applied to the serving generation, and while another takes its place.
    pub(crate) turn: Turn<()>,
    /// Lets a parked runner try again.
    pub(crate) resumed: Notify,
    serving: RwLock<Arc<Generation>>,
    swapped: watch::Sender<u64>,
    position: watch::Sender<Position>,
    condition: Mutex<Condition>,
    /// Rung whenever anything about the projection changed; what it is stands in [`status`](Self::status).
    news: watch::Sender<()>,
}

#[derive(Debug, Default)]
struct Condition {
    parked: Option<Parked>,
    trouble: Option<String>,
    rebuild: Option<watch::Receiver<Progress>>,
    pace: Pace,
}

/// Events per second, over the last second in which there were any.
#[derive(Debug)]
struct Pace {
    since: Instant,
    events: u64,
    rate: f64,
}

impl Default for Pace {
    fn default() -> Self {
        Self { since: Instant::now(), events: 0, rate: 0.0 }
    }
}

impl Pace {
    const WINDOW: Duration = Duration::from_secs(1);

    fn count(&mut self, events: u64) {
        self.roll();
        self.events += events;
    }

    #[expect(clippy::cast_precision_loss, reason = "a rate needs no more than 52 bits")]
    fn roll(&mut self) -> f64 {
        let elapsed = self.since.elapsed();
        if elapsed >= Self::WINDOW {
            self.rate = self.events as f64 / elapsed.as_secs_f64();
            self.since = Instant::now();
            self.events = 0;
        }
        self.rate
    }
}

impl Seat {
    pub(crate) fn new(name: Name, serving: Arc<Generation>, position: Position) -> Self {
        Self {
            name,
            turn: Turn::new(()),
            resumed: Notify::new(),
            swapped: watch::Sender::new(serving.number),
            serving: RwLock::new(serving),
            position: watch::Sender::new(position),
            condition: Mutex::default(),
            news: watch::Sender::new(()),
        }
    }

    /// Tells those who watch the projection that something about it changed.
    pub(crate) fn ring(&self) {
        self.news.send_replace(());
    }

    /// Changes of anything about the projection.
    pub(crate) fn news(&self) -> watch::Receiver<()> {
        self.news.subscribe()
    }

    /// The generation that queries read now.
    pub(crate) fn serving(&self) -> Arc<Generation> {
        self.serving.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The position of the serving generation, and its changes.
    pub(crate) fn position(&self) -> watch::Receiver<Position> {
        self.position.subscribe()
    }

    /// The number of the serving generation, and its changes.
    pub(crate) fn swapped(&self) -> watch::Receiver<u64> {
        self.swapped.subscribe()
    }

    /// Puts another generation in the place of the serving one, which disappears with its last reader.
    /// To be called by the holder of the [`turn`](Self::turn). `ended` is called when the generation serves,
    /// and before anybody hears that it shows more.
    pub(crate) fn swap(
        &self,
        generation: Arc<Generation>,
        position: Position,
        ended: impl FnOnce(),
    ) {
        let number = generation.number;
        let former = {
            let mut serving = self.serving.write().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *serving, generation)
        };
        former.retire();
        {
            let mut condition = self.condition();
            condition.parked = None;
            condition.trouble = None;
        }
        metrics::gauge!("stamrol_projection_parked", "projection" => self.name.as_str()).set(0.0);
        ended();
        self.swapped.send_replace(number);
        self.position.send_replace(position);
        self.ring();
    }

    /// Tells everybody that the serving generation shows more.
    pub(crate) fn publish(&self, position: Position, head: Position, events: u64, took: Duration) {
        let name = self.name.as_str();
        {
            let mut condition = self.condition();
            condition.trouble = None;
            condition.pace.count(events);
        }
        self.position.send_replace(position);
        self.ring();
        metrics::counter!("stamrol_projection_events_total", "projection" => name)
            .increment(events);
        metrics::histogram!("stamrol_projection_apply_seconds", "projection" => name)
            .record(took.as_secs_f64());
        self.measure_lag(head);
    }

    #[expect(clippy::cast_precision_loss, reason = "a gauge needs no more than 52 bits")]
    fn measure_lag(&self, head: Position) {
        let lag = head.0.saturating_sub(self.position.borrow().0);
        metrics::gauge!("stamrol_projection_lag_events", "projection" => self.name.as_str())
            .set(lag as f64);
    }

    /// Shows why writing fails while it is tried again.
    pub(crate) fn trouble(&self, what: String, head: Position) {
        tracing::warn!(projection = %self.name, error = what, "a projection can't go on now and tries again");
        metrics::counter!("stamrol_projection_retries_total", "projection" => self.name.as_str())
            .increment(1);
        self.condition().trouble = Some(what);
        self.ring();
        self.measure_lag(head);
    }

    /// Shows the event at which the projection stands.
    pub(crate) fn park(&self, parked: Parked) {
        tracing::error!(
            projection = %self.name,
            position = parked.position.0,
            kind = parked.kind,
            error = parked.error,
            "a projection can't apply an event and stops before it; nothing is skipped"
        );
        metrics::gauge!("stamrol_projection_parked", "projection" => self.name.as_str()).set(1.0);
        self.condition().parked = Some(parked);
        self.ring();
    }

    /// The runner tries again.
    pub(crate) fn unpark(&self) {
        metrics::gauge!("stamrol_projection_parked", "projection" => self.name.as_str()).set(0.0);
        self.condition().parked = None;
        self.ring();
    }

    /// Asks a parked runner to try again.
    pub(crate) fn resume(&self) -> Result<(), NotParked> {
        if self.condition().parked.is_none() {
            return Err(NotParked(self.name));
        }
        self.resumed.notify_one();
        Ok(())
    }

    /// Takes the one place for a rebuild; none when one is going on.
    pub(crate) fn begin_rebuild(&self, total: u64) -> Option<watch::Sender<Progress>> {
        let mut condition = self.condition();
        if running(condition.rebuild.as_ref()).is_some() {
            return None;
        }
        let (sender, receiver) = watch::channel(Progress { done: 0, total, outcome: None });
        condition.rebuild = Some(receiver);
        drop(condition);
        self.ring();
        Some(sender)
    }

    /// How the projection is doing.
    pub(crate) fn status(&self, head: Position) -> Status {
        let mut condition = self.condition();
        let state = match (running(condition.rebuild.as_ref()), &condition.parked) {
            (Some(progress), _) => State::Rebuilding(progress),
            (None, Some(parked)) => State::Parked(parked.clone()),
            (None, None) => State::Live,
        };
        Status {
            name: self.name,
            position: *self.position.borrow(),
            head,
            events_per_second: condition.pace.roll(),
            state,
            trouble: condition.trouble.clone(),
        }
    }

    /// How the last rebuild went or goes.
    pub(crate) fn rebuild(&self) -> Option<watch::Receiver<Progress>> {
        self.condition().rebuild.clone()
    }

    fn condition(&self) -> MutexGuard<'_, Condition> {
        self.condition.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn running(rebuild: Option<&watch::Receiver<Progress>>) -> Option<Progress> {
    let progress = rebuild?.borrow().clone();
    progress.outcome.is_none().then_some(progress)
}
