//! A log with moods: it answers late, refuses, loses its tongue after or before it has written, and
//! doesn't always keep the order. What it has acknowledged is there all the same.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use async_trait::async_trait;
use tokio::sync::{Semaphore, mpsc, oneshot};
use uuid::Uuid;

use events::{
    Position, Stream, Version,
    store::{
        AppendError, Appended, Batch, Claim, EventStore, Receipt, StoreError, Stored, Subscription,
        memory::Memory,
    },
};

use crate::testing::Random;

type Answer = oneshot::Sender<Result<Appended, AppendError>>;

/// A log in memory whose answers take a while.
pub(super) struct Moody {
    pub(super) memory: Memory,
    pub(super) queue: mpsc::UnboundedSender<(Batch, Answer)>,
    /// A permit for every answer that may be given.
    pub(super) gate: Arc<Semaphore>,
    /// A permit for every answer that may leave once it stands in the log.
    pub(super) tongue: Arc<Semaphore>,
    /// How many batches were handed over.
    pub(super) received: Arc<AtomicUsize>,
    pub(super) exclusive: bool,
    /// The next batch makes it panic.
    pub(super) panics: AtomicBool,
}

/// How a log is.
#[derive(Clone, Copy)]
pub(super) enum Mood {
    /// Answers in order, and nothing goes wrong.
    Calm,
    /// Anything goes wrong now and then.
    Bad(u64),
}

impl Moody {
    /// A log whose gate is open.
    pub(super) fn new(mood: Mood) -> Self {
        let this = Self::closed(mood);
        this.gate.add_permits(Semaphore::MAX_PERMITS);
        this
    }

    /// A log that answers nothing until its gate gets permits.
    pub(super) fn closed(mood: Mood) -> Self {
        let memory = Memory::new();
        let gate = Arc::new(Semaphore::new(0));
        let tongue = Arc::new(Semaphore::new(Semaphore::MAX_PERMITS));
        let (queue, requests) = mpsc::unbounded_channel();
        let gates = (Arc::clone(&gate), Arc::clone(&tongue));
        tokio::spawn(serve(memory.clone(), requests, gates, mood));
        Self {
            memory,
            queue,
            gate,
            tongue,
            received: Arc::default(),
            exclusive: true,
            panics: AtomicBool::new(false),
        }
    }
}

async fn serve(
    memory: Memory,
    mut requests: mpsc::UnboundedReceiver<(Batch, Answer)>,
    (gate, tongue): (Arc<Semaphore>, Arc<Semaphore>),
    mood: Mood,
) {
    let random = match mood {
        Mood::Calm => None,
        Mood::Bad(seed) => Some(Mutex::new(Random::new(seed))),
    };
    let below = |bound| random.as_ref().map_or(bound, |random| random.lock().unwrap().below(bound));
    let mut late = None;
    while let Some(request) = requests.recv().await {
        gate.acquire().await.unwrap().forget();
        // The next one overtakes this one.
        if late.is_none() && below(10) == 0 && !requests.is_empty() {
            late = Some(request);
            continue;
        }
        for (batch, answer) in std::iter::once(request).chain(late.take()) {
            let broken = || StoreError::Engine(Arc::new(std::io::Error::other("moody")));
            let result = match below(60) {
                0..5 => Err(StoreError::Busy.into()),
                5..8 => Err(broken().into()),
                8..11 => memory.append(batch).await.and_then(|_| Err(broken().into())),
                _ => memory.append(batch).await,
            };
            tokio::task::yield_now().await;
            tongue.acquire().await.unwrap().forget();
            let _ = answer.send(result);
        }
    }
}

#[async_trait]
impl EventStore for Moody {
    async fn append(&self, batch: Batch) -> Result<Appended, AppendError> {
        assert!(!self.panics.swap(false, Ordering::Relaxed), "the log panics");
        let (answer, answered) = oneshot::channel();
        self.received.fetch_add(1, Ordering::Relaxed);
        self.queue.send((batch, answer)).map_err(|_| StoreError::Closed)?;
        answered.await.map_err(|_| StoreError::Closed)?
    }

    async fn read(
        &self,
        stream: Stream,
        after: Version,
        limit: u32,
    ) -> Result<Vec<Stored>, StoreError> {
        tokio::task::yield_now().await;
        self.memory.read(stream, after, limit).await
    }

    async fn read_all(&self, after: Position, limit: u32) -> Result<Vec<Stored>, StoreError> {
        self.memory.read_all(after, limit).await
    }

    fn subscribe(&self, after: Position) -> Subscription {
        self.memory.subscribe(after)
    }

    fn head(&self) -> Position {
        self.memory.head()
    }

    async fn owner_of(&self, claim: Claim) -> Result<Option<Uuid>, StoreError> {
        self.memory.owner_of(claim).await
    }

    async fn receipt(&self, key: [u8; 32]) -> Result<Option<(Receipt, Position)>, StoreError> {
        self.memory.receipt(key).await
    }

    fn is_exclusive(&self) -> bool {
        self.exclusive
    }
}
