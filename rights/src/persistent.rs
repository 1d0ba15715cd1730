//! Containers whose clone shares everything until one of the two is written.
//!
//! A snapshot is cloned for every batch of changes, and a batch touches little.
//! So what is large is kept in chunks behind `Arc`s: a clone is one counter, a
//! write copies the chunk that it hits.

mod chunks;
mod directory;
mod slots;

pub(crate) use chunks::Chunks;
pub(crate) use directory::Directory;
pub(crate) use slots::Slots;

/// A length as a dense index. Capacities are checked (see [`Slots`]) long before this could truncate.
#[expect(clippy::cast_possible_truncation, reason = "capacities are checked where slots are taken")]
pub(crate) const fn dense(length: usize) -> u32 {
    length as u32
}
