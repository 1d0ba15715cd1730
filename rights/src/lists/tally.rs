//! How many lists grant each right, for all rights at once.

/// Twenty counters side by side, bit-sliced: plane n holds bit n of every counter.
/// An OR can't be taken back, a count can; adding or removing a mask is O(1) amortised.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    planes: [u32; 32],
    /// No plane from here on was ever written.
    height: usize,
}

impl Tally {
    /// Counts each right of `rights` once more.
    pub(crate) fn add(&mut self, rights: u32) {
        let (mut carry, mut plane) = (rights, 0);
        while carry != 0 {
            let bits = self.planes[plane];
            self.planes[plane] = bits ^ carry;
            carry &= bits;
            plane += 1;
        }
        self.height = self.height.max(plane);
    }

    /// Counts each right of `rights`, which was counted before, once less.
    pub(crate) fn remove(&mut self, rights: u32) {
        let (mut borrow, mut plane) = (rights, 0);
        while borrow != 0 {
            let bits = self.planes[plane];
            self.planes[plane] = bits ^ borrow;
            borrow &= !bits;
            plane += 1;
        }
    }

    /// The rights that are counted at least once.
    pub(crate) fn any(&self) -> u32 {
        self.planes[..self.height].iter().fold(0, |any, plane| any | plane)
    }

    pub(crate) fn clear(&mut self) {
        self.planes[..self.height].fill(0);
        self.height = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_added_is_there_until_it_was_removed_as_often() {
        let mut tally = Tally::default();
        let masks: Vec<u32> = (0..1_000u32).map(|n| n.wrapping_mul(2_654_435_761) >> 12).collect();
        for &mask in &masks {
            tally.add(mask);
        }
        for (position, &mask) in masks.iter().enumerate() {
            let rest = masks[position..].iter().fold(0, |any, mask| any | mask);
            assert_eq!(tally.any(), rest);
            tally.remove(mask);
        }
        assert_eq!(tally.any(), 0);
    }
}
