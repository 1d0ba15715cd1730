//! What a batch changes, account by account.

mod compare;
mod delta;
mod kept;
mod levels;
mod ranks;
mod steps;
mod transplant;
mod view;

pub(crate) use compare::Comparison;
pub(crate) use delta::{Outcome, Outcomes};
pub use kept::{KeptAccount, KeptBase, KeptDifferences};
pub(crate) use steps::{Step, Steps};
pub use view::{ChangedRun, Difference};

use crate::id::Rights;

/// What changes on a folder in one word: gained rights below, lost rights above bit 20.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Changed(u64);

impl Changed {
    pub(crate) const NONE: Self = Self(0);
    /// How many bits there are.
    pub(crate) const BITS: usize = 40;

    pub(crate) const fn between(old: u32, new: u32) -> Self {
        Self((new & !old) as u64 | ((old & !new) as u64) << 20)
    }

    /// These rights, both as gained and as lost.
    pub(crate) const fn both(rights: u32) -> Self {
        Self(rights as u64 | (rights as u64) << 20)
    }

    pub(crate) const fn is_none(self) -> bool {
        self.0 == 0
    }
    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
    pub(crate) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
    pub(crate) const fn has(self, bit: usize) -> bool {
        self.0 >> bit & 1 == 1
    }
    pub(crate) const fn with(self, bit: usize) -> Self {
        Self(self.0 | 1 << bit)
    }
    pub(crate) const fn count(self) -> usize {
        self.0.count_ones() as usize
    }

    /// The bits that are set, lowest first.
    pub(crate) fn bits(self) -> impl Iterator<Item = usize> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let bit = rest.trailing_zeros() as usize;
            (rest != 0).then(|| {
                rest &= rest - 1;
                bit
            })
        })
    }

    #[expect(clippy::cast_possible_truncation, reason = "the lower half")]
    pub(crate) const fn gained(self) -> Rights {
        Rights::from_bits_truncate(self.0 as u32)
    }
    #[expect(clippy::cast_possible_truncation, reason = "the upper half")]
    pub(crate) const fn lost(self) -> Rights {
        Rights::from_bits_truncate((self.0 >> 20) as u32)
    }
}
