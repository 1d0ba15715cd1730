//! Chance from a seed.

use uuid::Uuid;

use super::scramble;

/// Numbers that look random and are the same for the same seed.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// From a seed.
    pub const fn new(seed: u64) -> Self {
        Self(scramble(seed ^ 0x5741_4d52_4f4c))
    }

    /// The next number, below `bound`.
    pub const fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(1);
        let bound = if bound == 0 { 1 } else { bound };
        scramble(self.0) % bound
    }

    /// `true` once in so many times.
    pub const fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// One of these; none when there are none.
    pub fn one_of<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        all.get(usize::try_from(self.below(all.len() as u64)).unwrap_or_default())
    }

    /// A UUID of version 7's shape; its time says nothing.
    pub fn uuid(&mut self) -> Uuid {
        let (high, low) = (self.below(u64::MAX), self.below(u64::MAX));
        Uuid::from_u128(u128::from(high & !0xf000 | 0x7000) << 64 | u128::from(low >> 2 | 1 << 63))
    }
}
