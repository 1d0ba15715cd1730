//! From external id to dense index: an open-addressing table, shared until written.

use uuid::Uuid;

use super::{Chunks, dense};

const EMPTY: u32 = u32::MAX;
/// Indexes take this many bits of a slot (see [`Slots`](super::Slots)); the others hold a part of the hash.
const INDEX: u32 = 29;

/// Maps ids to dense indexes. It keeps indexes only (4 bytes at a load of at most 70 %) and
/// compares with the id in the row, which `id_of` gives. The three bits that an index leaves free hold a
/// part of the hash: where a search passes another's slot, it seldom needs to look at that one's row. Ids
/// come from the house itself, never from a caller, so nobody chooses them to collide.
#[derive(Clone, Debug, Default)]
pub(crate) struct Directory {
    slots: Chunks<u32, 1024>,
    used: usize,
}

impl Directory {
    /// The directory of rows 0, 1, 2 … O(n).
    pub(crate) fn of(ids: impl ExactSizeIterator<Item = Uuid>) -> Self {
        let used = ids.len();
        let mut slots = vec![EMPTY; Self::capacity(used)];
        for (index, id) in (0..).zip(ids) {
            settle(&mut slots, Hash::of(id), index);
        }
        Self { slots: Chunks::from_vec(slots), used }
    }

    /// The index of an id. O(1) expected.
    pub(crate) fn find(&self, id: Uuid, id_of: impl Fn(u32) -> Uuid) -> Option<u32> {
        self.search(id, id_of).map(|(_, index)| index)
    }

    /// Adds a row whose id is not in yet. O(1) amortised.
    pub(crate) fn insert(&mut self, index: u32, id_of: impl Fn(u32) -> Uuid) {
        if (self.used + 1) * 10 > self.slots.len() * 7 {
            self.grow(&id_of);
        }
        let (hash, mask) = (Hash::of(id_of(index)), self.slots.len() - 1);
        let mut slot = hash.home(mask);
        while *self.slots.at(dense(slot)) != EMPTY {
            slot = (slot + 1) & mask;
        }
        *self.slots.at_mut(dense(slot)) = hash.slot(index);
        self.used += 1;
    }

    /// Takes a row out, and closes the hole that it leaves in its probe sequence. O(1) expected.
    pub(crate) fn remove(&mut self, id: Uuid, id_of: impl Fn(u32) -> Uuid) {
        let Some((mut hole, _)) = self.search(id, &id_of) else { return };
        let mask = self.slots.len() - 1;
        let mut next = (hole + 1) & mask;
        loop {
            let word = *self.slots.at(dense(next));
            if word == EMPTY {
                break;
            }
            let start = Hash::of(id_of(index(word))).home(mask);
            // A row may move back into the hole when its search does not start after the hole.
            if next.wrapping_sub(start) & mask >= next.wrapping_sub(hole) & mask {
                *self.slots.at_mut(dense(hole)) = word;
                hole = next;
            }
            next = (next + 1) & mask;
        }
        *self.slots.at_mut(dense(hole)) = EMPTY;
        self.used -= 1;
    }

    /// The slot of an id, and its index.
    fn search(&self, id: Uuid, id_of: impl Fn(u32) -> Uuid) -> Option<(usize, u32)> {
        let mask = self.slots.len().checked_sub(1)?;
        let hash = Hash::of(id);
        let mut slot = hash.home(mask);
        loop {
            let word = *self.slots.at(dense(slot));
            let index = index(word);
            if word == EMPTY {
                return None;
            }
            if word == hash.slot(index) && id_of(index) == id {
                return Some((slot, index));
            }
            slot = (slot + 1) & mask;
        }
    }

    fn grow(&mut self, id_of: &impl Fn(u32) -> Uuid) {
        let mut slots = vec![EMPTY; Self::capacity(self.used.max(8) * 2)];
        for &word in self.slots.iter().filter(|&&word| word != EMPTY) {
            settle(&mut slots, Hash::of(id_of(index(word))), index(word));
        }
        self.slots = Chunks::from_vec(slots);
    }

    /// A power of two that holds `rows` with room.
    fn capacity(rows: usize) -> usize {
        (rows * 10 / 7 + 1).next_power_of_two()
    }
}

/// The hash of an id.
#[derive(Clone, Copy)]
struct Hash(u64);

impl Hash {
    fn of(id: Uuid) -> Self {
        let (high, low) = id.as_u64_pair();
        let mixed = high.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ low;
        Self(mixed.wrapping_mul(0xD6E8_FEB8_6659_FD93))
    }

    /// The slot where the search starts, among a power of two of them.
    const fn home(self, mask: usize) -> usize {
        (self.0 >> 32) as usize & mask
    }

    /// What stands in the slot of a row with this hash.
    #[expect(clippy::cast_possible_truncation, reason = "the bits above the index")]
    const fn slot(self, index: u32) -> u32 {
        (self.0 as u32 >> INDEX) << INDEX | index
    }
}

/// The index in a slot.
const fn index(word: u32) -> u32 {
    word & ((1 << INDEX) - 1)
}

/// Puts a row into the first free slot from its home on.
fn settle(slots: &mut [u32], hash: Hash, index: u32) {
    let mask = slots.len() - 1;
    let mut slot = hash.home(mask);
    while slots[slot] != EMPTY {
        slot = (slot + 1) & mask;
    }
    slots[slot] = hash.slot(index);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_found_until_they_are_removed() {
        let id_of = |index: u32| Uuid::from_u128(u128::from(index) << 64 | 0x77);
        let mut directory = Directory::default();
        for index in 0..2_000 {
            assert_eq!(directory.find(id_of(index), id_of), None);
            directory.insert(index, id_of);
        }
        for index in (0..2_000).step_by(3) {
            directory.remove(id_of(index), id_of);
        }
        for index in 0..2_000 {
            assert_eq!(directory.find(id_of(index), id_of), (index % 3 != 0).then_some(index));
        }
        let bulk = Directory::of((0..2_000).map(id_of));
        assert!((0..2_000).all(|index| bulk.find(id_of(index), id_of) == Some(index)));
    }
}
