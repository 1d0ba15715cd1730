//! The folded state of streams, kept within bounds.

use std::sync::{Arc, atomic::Ordering};

use events::{
    Event, Stream, Version,
    codec::decode,
    keyring,
    store::{EventStore, Stored},
    vault::Vault,
};
use quick_cache::{DefaultHashBuilder, Lifecycle, OptionsBuilder, Weighter, sync::Cache};

use super::{Failure, slot::Slot, unavailable};
use crate::state::State;

/// How much of the log is read at once.
const PAGE: u32 = 4_096;

/// The slots of the streams that are in use, and of those that were used lately.
pub(super) struct Slots {
    cache: Cache<Stream, Arc<Slot>, ByState, DefaultHashBuilder, InUse>,
    store: Arc<dyn EventStore>,
    vault: Arc<Vault>,
}

impl Slots {
    /// Keeps states of about so many bytes together.
    pub(super) fn new(store: Arc<dyn EventStore>, vault: Arc<Vault>, bytes: u64) -> Self {
        // One shard: an organisation must fit into one, and looking up takes nanoseconds.
        let options = OptionsBuilder::new()
            .shards(1)
            .estimated_items_capacity(usize::try_from(bytes / 1_000).unwrap_or(usize::MAX))
            .weight_capacity(bytes)
            .build()
            .unwrap_or_else(|_| unreachable!("both capacities are given"));
        let cache = Cache::with_options(options, ByState, DefaultHashBuilder::default(), InUse);
        Self { cache, store, vault }
    }

    /// The slot of a stream, read from the log where it is not in memory.
    pub(super) async fn get(&self, stream: Stream) -> Result<Arc<Slot>, Failure> {
        self.cache
            .get_or_insert_async(&stream, async {
                let (state, version) =
                    self.fold(stream, State::blank(stream), Version::NONE).await?;
                Ok(Arc::new(Slot::new(stream, state, version)))
            })
            .await
    }

    /// The slot of a stream that has just been named, and that therefore has no events.
    pub(super) async fn fresh(&self, stream: Stream) -> Result<Arc<Slot>, Failure> {
        let blank = async { Ok(Arc::new(Slot::new(stream, State::blank(stream), Version::NONE))) };
        self.cache.get_or_insert_async(&stream, blank).await
    }

    /// Reads what the log has more of a stream.
    pub(super) async fn refresh(&self, slot: &Slot) -> Result<(), Failure> {
        let (state, after) = {
            let inner = slot.read();
            (inner.durable().clone(), inner.durable_version())
        };
        let (state, version) = self.fold(slot.stream, state, after).await?;
        slot.refresh(after, state, version);
        Ok(())
    }

    /// Weighs a state anew that may have grown much.
    pub(super) fn weigh(&self, slot: &Arc<Slot>) {
        let weight = slot.read().durable().weight();
        if weight > 2 * slot.weighed.load(Ordering::Relaxed) {
            slot.weighed.store(weight, Ordering::Relaxed);
            self.cache.insert(slot.stream, Arc::clone(slot));
        }
    }

    async fn fold(
        &self,
        stream: Stream,
        mut state: State,
        mut version: Version,
    ) -> Result<(State, Version), Failure> {
        let keys = match stream {
            Stream::Account(account) | Stream::Membership(_, account) => {
                self.vault.keys(&[account]).await?
            }
            Stream::Installation
            | Stream::Organisation(_)
            | Stream::Session(_)
            | Stream::ServiceKey(_) => keyring::Keys::new(),
        };
        loop {
            let page = self.store.read(stream, version, PAGE).await?;
            for stored in &page {
                state = state.evolve(&open(stored, &keys)?);
                version = stored.version;
            }
            if page.len() < PAGE as usize {
                return Ok((state, version));
            }
        }
    }
}

/// What rules look at is readable; the rest may stay closed.
fn open(stored: &Stored, keys: &keyring::Keys) -> Result<Event, Failure> {
    let mut event = decode(&stored.kind, &stored.data).map_err(unavailable)?;
    if !keys.is_empty() {
        keyring::open(&mut event, stored.id, keys).map_err(unavailable)?;
    }
    Ok(event)
}

/// A slot weighs what its state weighs.
#[derive(Clone)]
struct ByState;

impl Weighter<Stream, Arc<Slot>> for ByState {
    fn weight(&self, _: &Stream, slot: &Arc<Slot>) -> u64 {
        slot.weighed.load(Ordering::Relaxed)
    }
}

/// A slot that somebody holds stays, so that there never are two of the same stream.
#[derive(Clone)]
struct InUse;

impl Lifecycle<Stream, Arc<Slot>> for InUse {
    type RequestState = ();

    fn is_pinned(&self, _: &Stream, slot: &Arc<Slot>) -> bool {
        Arc::strong_count(slot) > 1
    }
}
