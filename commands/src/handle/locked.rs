//! The slots that one command concerns, locked together.

use std::sync::{Arc, RwLockReadGuard, RwLockWriteGuard};

use events::{Event, Stream, Version};
use tokio::sync::SemaphorePermit;

use super::slot::{DEPTH, Flight, Inner, Seen, Slot};
use crate::{
    Refusal,
    aggregate::NameChange,
    scene::Scene,
    state::{State, Step},
};

/// A slot that a command concerns.
pub(super) struct Cast {
    pub(super) slot: Arc<Slot>,
    /// The command asks the stream something; otherwise it only looks at it.
    pub(super) asks: bool,
}

/// All slots of a command, each locked once, in the order of their streams, so that commands can't lock
/// each other out.
pub(super) struct Locked<'a> {
    slots: Vec<(&'a Arc<Slot>, Held<'a>)>,
}

enum Held<'a> {
    Reading(RwLockReadGuard<'a, Inner>),
    Asking(RwLockWriteGuard<'a, Inner>, Draft),
}

/// What has been decided on one stream so far.
#[derive(Default)]
struct Draft {
    state: Option<State>,
    events: Vec<Event>,
}

/// Events for one stream, before they are sealed.
pub(super) struct Writing {
    pub(super) stream: Stream,
    pub(super) expected: Version,
    pub(super) events: Vec<Event>,
}

/// Why a command can't decide now.
pub(super) enum NotNow {
    /// Batches are in its way.
    Closed(Arc<Slot>),
    /// The log has to be read first.
    Stale(Arc<Slot>),
}

/// How a command goes about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pace {
    /// It decides ahead of the log, beside others.
    Hasty,
    /// It decides where nothing is ahead of the log.
    Careful,
}

impl Pace {
    /// How many batches may be on their way on a stream, its own included.
    pub(super) const fn depth(self) -> usize {
        match self {
            Self::Hasty => DEPTH as usize,
            Self::Careful => 1,
        }
    }
}

/// Waits for the command's turn on each stream that it asks, in the order of the streams, so that nobody waits for
/// each other. The careful one keeps everybody else from these streams, and from those that it only looks at where
/// the log is `exclusive`; otherwise they might never be at rest.
pub(super) async fn turn(cast: &[Cast], pace: Pace, exclusive: bool) -> Vec<SemaphorePermit<'_>> {
    let mut turn = Vec::with_capacity(cast.len());
    for Cast { slot, asks } in cast {
        let permits = match pace {
            Pace::Hasty => u32::from(*asks),
            Pace::Careful if *asks || exclusive => DEPTH,
            Pace::Careful => 0,
        };
        if permits > 0 {
            turn.extend(slot.permits(permits).await);
        }
    }
    turn
}

impl Held<'_> {
    fn inner(&self) -> &Inner {
        match self {
            Self::Reading(inner) => inner,
            Self::Asking(inner, _) => inner,
        }
    }

    fn state(&self) -> &State {
        match self {
            Self::Asking(_, Draft { state: Some(state), .. }) => state,
            Self::Asking(..) | Self::Reading(_) => self.inner().newest(),
        }
    }
}

impl<'a> Locked<'a> {
    /// Locks the slots, which come in the order of their streams.
    pub(super) fn lock(cast: &'a [Cast]) -> Self {
        let slots = cast.iter().map(|Cast { slot, asks }| {
            let held = if *asks {
                Held::Asking(slot.write(), Draft::default())
            } else {
                Held::Reading(slot.read())
            };
            (slot, held)
        });
        Self { slots: slots.collect() }
    }

    /// Whether a command may decide now, with at most `depth` batches on their way on each stream that it
    /// asks. What it only looks at may be ahead of the log too, but for a depth of 1.
    pub(super) fn ready(&self, depth: usize) -> Result<(), NotNow> {
        for (slot, held) in &self.slots {
            let inner = held.inner();
            if inner.is_stale() {
                return Err(NotNow::Stale(Arc::clone(slot)));
            }
            if !inner.is_open(depth) {
                return Err(NotNow::Closed(Arc::clone(slot)));
            }
        }
        Ok(())
    }

    /// Asks a stream, after what was decided on it before.
    pub(super) fn decide(
        &mut self,
        stream: Stream,
        step: Step,
    ) -> Result<Vec<NameChange>, Refusal> {
        let decided = self.state(stream).ok_or(Refusal::Forbidden)?.decide(step)?;
        if let Some((_, Held::Asking(_, draft))) = self.find(stream) {
            draft.state = Some(decided.state);
            draft.events.extend(decided.events);
        }
        Ok(decided.names)
    }

    /// Whether nothing happens.
    pub(super) fn is_unchanged(&self) -> bool {
        self.slots.iter().all(|(_, held)| match held {
            Held::Asking(_, draft) => draft.events.is_empty(),
            Held::Reading(_) => true,
        })
    }

    /// The version that a stream has, and after what was decided now.
    pub(super) fn versions(&self, stream: Stream) -> Option<(Version, Version)> {
        let (_, held) = self.slots.iter().find(|(slot, _)| slot.stream == stream)?;
        let before = held.inner().newest_version();
        let events = match held {
            Held::Asking(_, draft) => draft.events.len() as u64,
            Held::Reading(_) => 0,
        };
        Some((before, Version(before.0 + events)))
    }

    /// What the command rests on and is not in the log yet.
    pub(super) fn rests_on(&self) -> Vec<(Arc<Slot>, Seen)> {
        let ahead = self.slots.iter().filter(|(_, held)| held.inner().is_ahead());
        ahead.map(|(slot, held)| (Arc::clone(slot), held.inner().seen())).collect()
    }

    /// What is to be written, in the order of `streams` after the guards of what is ahead of the log. The
    /// events leave the drafts.
    pub(super) fn writings(&mut self, order: impl Iterator<Item = Stream>) -> Vec<Writing> {
        let mut writings = Vec::with_capacity(self.slots.len());
        for (slot, held) in &self.slots {
            let unchanged = !matches!(held, Held::Asking(_, draft) if !draft.events.is_empty());
            if unchanged && held.inner().is_ahead() {
                let expected = held.inner().newest_version();
                writings.push(Writing { stream: slot.stream, expected, events: Vec::new() });
            }
        }
        for stream in order {
            if let Some((_, Held::Asking(inner, draft))) = self.find(stream)
                && !draft.events.is_empty()
            {
                let events = std::mem::take(&mut draft.events);
                writings.push(Writing { stream, expected: inner.newest_version(), events });
            }
        }
        writings
    }

    /// Lets a batch with these writes set out: from now on its effect is what others decide on.
    pub(super) fn depart(&mut self, writings: impl Iterator<Item = (Stream, Version)>) -> Flight {
        let mut slots = Vec::new();
        for (stream, after) in writings {
            let Some((slot, held)) = self.slots.iter_mut().find(|(slot, _)| slot.stream == stream)
            else {
                continue;
            };
            slot.depart();
            let version = match held {
                Held::Asking(inner, Draft { state, .. }) if after > inner.newest_version() => {
                    if let Some(state) = state.take() {
                        inner.advance(after, state);
                    }
                    Some(after)
                }
                Held::Asking(..) | Held::Reading(_) => None,
            };
            slots.push((Arc::clone(slot), version));
        }
        Flight { slots }
    }

    fn find(&mut self, stream: Stream) -> Option<&mut (&'a Arc<Slot>, Held<'a>)> {
        self.slots.iter_mut().find(|(slot, _)| slot.stream == stream)
    }
}

impl Scene for Locked<'_> {
    fn state(&self, stream: Stream) -> Option<&State> {
        let (_, held) = self.slots.iter().find(|(slot, _)| slot.stream == stream)?;
        Some(held.state())
    }
}
