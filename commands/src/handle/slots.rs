//! The folded state of streams, kept within bounds.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use events::{
    AccountId, Event, Stream, Version,
    codec::decode,
    keyring,
    store::{BEGINNING, EventStore, Stored},
    vault::Vault,
};
use quick_cache::{
    DefaultHashBuilder, Lifecycle, OptionsBuilder, Weighter,
    sync::{Cache, EntryAction},
};

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
        let slot = self.all(&[stream], |_| false).await?.pop();
        slot.ok_or_else(|| unavailable("a stream has no slot"))
    }

    /// The slots of several streams, in their order, which must be ascending: whoever needs the same ones meanwhile
    /// waits, and nobody for each other. What isn't in memory is read at once. A stream that `is_fresh` has just been
    /// named, and therefore has no events.
    pub(super) async fn all(
        &self,
        streams: &[Stream],
        is_fresh: impl Fn(Stream) -> bool,
    ) -> Result<Vec<Arc<Slot>>, Failure> {
        let mut slots = Vec::with_capacity(streams.len());
        let mut missing = Vec::new();
        for (index, stream) in streams.iter().enumerate() {
            let blank = || Arc::new(Slot::new(*stream, State::blank(*stream), Version::NONE));
            match self.cache.get_value_or_guard_async(stream).await {
                Ok(slot) => slots.push(slot),
                Err(place) if is_fresh(*stream) => {
                    let slot = blank();
                    // Only who empties the cache could be in the way, and nobody does.
                    let _ = place.insert(Arc::clone(&slot));
                    slots.push(slot);
                }
                Err(place) => {
                    missing.push((index, *stream, place));
                    slots.push(blank());
                }
            }
        }
        if missing.is_empty() {
            return Ok(slots);
        }
        let names: Vec<Stream> = missing.iter().map(|(_, stream, _)| *stream).collect();
        let people: Vec<AccountId> = names.iter().copied().filter_map(person).collect();
        let keys = async { self.vault.keys(&people).await.map_err(Failure::from) };
        let beginnings = async { self.store.beginnings(&names).await.map_err(Failure::from) };
        let (keys, beginnings) = tokio::try_join!(keys, beginnings)?;
        for ((index, stream, place), beginning) in missing.into_iter().zip(beginnings) {
            let mut folded = Folded::blank(stream).take_up(&beginning, &keys)?;
            if beginning.len() >= BEGINNING as usize {
                folded = self.read_on(stream, folded, &keys).await?;
            }
            let slot = Arc::new(Slot::new(stream, folded.state, folded.version));
            let _ = place.insert(Arc::clone(&slot));
            slots[index] = slot;
        }
        Ok(slots)
    }

    /// About how many bytes are kept.
    #[cfg(test)]
    pub(super) fn weight(&self) -> u64 {
        self.cache.weight()
    }

    /// Reads what the log has more of a stream.
    pub(super) async fn refresh(&self, slot: &Slot) -> Result<(), Failure> {
        let (state, after) = {
            let inner = slot.read();
            (inner.durable().clone(), inner.durable_version())
        };
        let folded = self.fold(slot.stream, Folded { state, version: after }).await?;
        slot.refresh(after, folded.state, folded.version);
        Ok(())
    }

    /// Weighs a state anew that may have grown much.
    pub(super) fn weigh(&self, slot: &Arc<Slot>) {
        let weight = slot.read().durable().weight();
        if weight > 2 * slot.weighed.load(Ordering::Relaxed) {
            // Told where the cache weighs before and after, so that it counts the difference. An entry that is not
            // there (any more) is weighed when it comes.
            let tell = |_: &Stream, slot: &mut Arc<Slot>| {
                slot.weighed.store(weight, Ordering::Relaxed);
                EntryAction::Retain(())
            };
            drop(self.cache.entry(&slot.stream, Some(Duration::ZERO), tell));
        }
    }

    async fn fold(&self, stream: Stream, folded: Folded) -> Result<Folded, Failure> {
        let keys = self.vault.keys(person(stream).as_slice()).await?;
        self.read_on(stream, folded, &keys).await
    }

    async fn read_on(
        &self,
        stream: Stream,
        mut folded: Folded,
        keys: &keyring::Keys,
    ) -> Result<Folded, Failure> {
        loop {
            let page = self.store.read(stream, folded.version, PAGE).await?;
            folded = folded.take_up(&page, keys)?;
            if page.len() < PAGE as usize {
                return Ok(folded);
            }
        }
    }
}

/// What a stream has come to.
struct Folded {
    state: State,
    version: Version,
}

impl Folded {
    fn blank(stream: Stream) -> Self {
        Self { state: State::blank(stream), version: Version::NONE }
    }

    fn take_up(mut self, page: &[Stored], keys: &keyring::Keys) -> Result<Self, Failure> {
        for stored in page {
            self.state = self.state.evolve(&open(stored, keys)?);
            self.version = stored.version;
        }
        Ok(self)
    }
}

/// Under whose key a stream is sealed.
fn person(stream: Stream) -> Option<AccountId> {
    match stream {
        Stream::Account(account) | Stream::Membership(_, account) => Some(account),
        Stream::Installation
        | Stream::Organisation(_)
        | Stream::Session(_)
        | Stream::ServiceKey(_)
        | Stream::Mail(_)
        | Stream::Factors(_) => None,
    }
}

/// What rules look at is readable; the rest may stay closed.
pub(super) fn open(stored: &Stored, keys: &keyring::Keys) -> Result<Event, Failure> {
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
