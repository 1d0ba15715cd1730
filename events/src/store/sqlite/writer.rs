//! The one task that appends: it takes all requests that wait and commits them together.

use std::{fs::File, sync::Arc, time::Instant};

use tokio::sync::{mpsc, oneshot};

use super::{engine::Engine, open};
use crate::{
    store::{AppendError, Appended, Batch, Stored, live::Publisher},
    wal::{Bounds, Checkpoints},
};

/// How many requests share a transaction at most.
const MAX_GROUP: usize = 512;
/// How many bytes of events share a transaction, unless one request alone has more.
const MAX_BYTES: usize = 4 << 20;
/// How often others get to hand in their request before a group is closed.
const MAX_YIELDS: usize = 8;
/// The write-ahead log is copied every 4 MiB, and has 16 MiB at most.
pub(super) const CHECKPOINTS: Bounds = Bounds { due: 4 << 20, pages: 4096 };
/// What a group writes besides its events: inner pages and indexes, about.
const GROUP_BYTES: usize = 16 << 10;
/// What an event writes besides its texts, about: the page of its stream in the index.
const EVENT_BYTES: usize = 4 << 10;

/// Where an answer goes.
type Answer = oneshot::Sender<Result<Appended, AppendError>>;

/// What the writer is asked.
pub(super) enum Request {
    /// To append.
    Append(Box<Batch>, Answer),
    /// To finish what waits, and to close the file.
    Close(oneshot::Sender<()>),
}

/// The task's belongings.
pub(super) struct Writer {
    /// What is asked, bounded.
    pub(super) requests: mpsc::Receiver<Request>,
    /// The connection that writes.
    pub(super) engine: Engine,
    /// To whom the events are shown once they are durable.
    pub(super) publisher: Publisher,
    /// Who copies the write-ahead log.
    pub(super) checkpoints: Checkpoints,
    /// Held as long as the file is open.
    pub(super) lock: File,
}

impl Writer {
    /// Runs until the store is closed or dropped, and all that waited has been answered.
    pub(super) async fn run(mut self) {
        let mut closing = Vec::new();
        let (mut group, mut answers) = (Vec::new(), Vec::new());
        while let Some(first) = self.requests.recv().await {
            self.let_others_in().await;
            let mut next = Some(first);
            let mut bytes = 0;
            while let Some(request) = next.take() {
                match request {
                    Request::Append(batch, answer) => {
                        bytes += weight(&batch);
                        group.push(*batch);
                        answers.push(answer);
                    }
                    Request::Close(done) => {
                        self.requests.close();
                        closing.push(done);
                    }
                }
                if group.len() < MAX_GROUP && bytes < MAX_BYTES {
                    next = self.requests.try_recv().ok();
                }
            }
            metrics::gauge!("stamrol_log_queue_length").set(gauged(self.requests.len()));
            if !group.is_empty() {
                self.append(&group, answers.drain(..)).await;
                group.clear();
            }
        }
        self.checkpoints.stop().await;
        self.engine.close().await;
        open::unlock(&self.lock);
        for done in closing {
            let _ = done.send(());
        }
    }

    /// Whoever was answered just now may want to go on: together they cost one commit.
    async fn let_others_in(&self) {
        for _ in 0..MAX_YIELDS {
            let waiting = self.requests.len();
            tokio::task::yield_now().await;
            if self.requests.len() == waiting {
                break;
            }
        }
    }

    async fn append(&mut self, group: &[Batch], answers: impl Iterator<Item = Answer>) {
        let started = Instant::now();
        let result = self.engine.commit(group).await;
        metrics::histogram!("stamrol_log_commit_seconds").record(started.elapsed());
        metrics::histogram!("stamrol_log_group_size").record(gauged(group.len()));
        match result {
            Ok(decided) => {
                let events = decided.events.len() as u64;
                let refused = decided.answers.iter().filter(|answer| answer.is_err()).count();
                metrics::counter!("stamrol_log_events_total").increment(events);
                metrics::counter!("stamrol_log_appends_total", "outcome" => "refused")
                    .increment(refused as u64);
                metrics::counter!("stamrol_log_appends_total", "outcome" => "appended")
                    .increment((group.len() - refused) as u64);
                self.publisher.restart(decided.before());
                self.publisher.publish(decided.events.clone());
                for (answer, result) in answers.zip(decided.answers) {
                    // Nobody waits for the answer of a caller that was dropped.
                    let _ = answer.send(result);
                }
                if let Some(connection) = self.engine.connection() {
                    self.checkpoints.wrote(written(&decided.events), connection).await;
                }
            }
            Err(error) => {
                tracing::error!(%error, requests = group.len(), "the log could not be written");
                metrics::counter!("stamrol_log_appends_total", "outcome" => "failed")
                    .increment(group.len() as u64);
                for answer in answers {
                    let _ = answer.send(Err(error.clone().into()));
                }
            }
        }
    }
}

fn weight(batch: &Batch) -> usize {
    let events = batch.writes.iter().flat_map(|write| &write.events);
    events.map(|event| event.data.len() + batch.cause.len()).sum()
}

/// About how much a group wrote.
fn written(events: &[Arc<Stored>]) -> usize {
    let bytes = |event: &Arc<Stored>| event.data.len() + event.cause.len() + EVENT_BYTES;
    GROUP_BYTES + events.iter().map(bytes).sum::<usize>()
}

/// A count as metrics take it.
fn gauged(count: usize) -> f64 {
    u32::try_from(count).unwrap_or(u32::MAX).into()
}
