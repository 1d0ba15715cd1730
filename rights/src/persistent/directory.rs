//! From external id to dense index: an open-addressing table, shared until written.

use uuid::Uuid;

use super::{Chunks, dense};

const EMPTY: u32 = u32::MAX;

/// Maps ids to dense indexes. It keeps indexes only (4 bytes at a load of at most 70 %) and
/// compares with the id in the row, which `id_of` gives. Ids come from the house itself, never
/// from a caller, so nobody chooses them to collide.
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
        for (index, id) in ids.enumerate() {
            let mut slot = home(id, slots.len());
            while slots[slot] != EMPTY {
                slot = (slot + 1) % slots.len();
            }
            slots[slot] = dense(index);
        }
        Self { slots: Chunks::from_vec(slots), used }
    }

    /// The index of an id. O(1) expected.
    pub(crate) fn find(&self, id: Uuid, id_of: impl Fn(u32) -> Uuid) -> Option<u32> {
        let slot = self.slot(id, id_of)?;
        Some(*self.slots.at(dense(slot)))
    }

    /// Adds a row whose id is not in yet. O(1) amortised.
    pub(crate) fn insert(&mut self, index: u32, id_of: impl Fn(u32) -> Uuid) {
        if (self.used + 1) * 10 > self.slots.len() * 7 {
            self.grow(&id_of);
        }
        let mut slot = home(id_of(index), self.slots.len());
        while *self.slots.at(dense(slot)) != EMPTY {
            slot = (slot + 1) % self.slots.len();
        }
        *self.slots.at_mut(dense(slot)) = index;
        self.used += 1;
    }

    /// Takes a row out, and closes the hole that it leaves in its probe sequence. O(1) expected.
    pub(crate) fn remove(&mut self, id: Uuid, id_of: impl Fn(u32) -> Uuid) {
        let Some(mut hole) = self.slot(id, &id_of) else { return };
        let length = self.slots.len();
        let mut next = (hole + 1) % length;
        loop {
            let index = *self.slots.at(dense(next));
            if index == EMPTY {
                break;
            }
            let start = home(id_of(index), length);
            // A row may move back into the hole when its search does not start after the hole.
            if (next + length - start) % length >= (next + length - hole) % length {
                *self.slots.at_mut(dense(hole)) = index;
                hole = next;
            }
            next = (next + 1) % length;
        }
        *self.slots.at_mut(dense(hole)) = EMPTY;
        self.used -= 1;
    }

    fn slot(&self, id: Uuid, id_of: impl Fn(u32) -> Uuid) -> Option<usize> {
        if self.slots.len() == 0 {
            return None;
        }
        let mut slot = home(id, self.slots.len());
        loop {
            match *self.slots.at(dense(slot)) {
                EMPTY => return None,
                index if id_of(index) == id => return Some(slot),
                _ => slot = (slot + 1) % self.slots.len(),
            }
        }
    }

    fn grow(&mut self, id_of: &impl Fn(u32) -> Uuid) {
        let mut slots = vec![EMPTY; Self::capacity(self.used.max(8) * 2)];
        for &index in self.slots.iter().filter(|&&index| index != EMPTY) {
            let mut slot = home(id_of(index), slots.len());
            while slots[slot] != EMPTY {
                slot = (slot + 1) % slots.len();
            }
            slots[slot] = index;
        }
        self.slots = Chunks::from_vec(slots);
    }

    /// A power of two that holds `rows` with room.
    fn capacity(rows: usize) -> usize {
        (rows * 10 / 7 + 1).next_power_of_two()
    }
}

/// The slot where the search for an id starts. `length` is a power of two.
fn home(id: Uuid, length: usize) -> usize {
    let (high, low) = id.as_u64_pair();
    let hash = (high.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ low).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    (hash >> 32) as usize & (length - 1)
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
