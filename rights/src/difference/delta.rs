//! A change that many accounts share, and what becomes of it for each of them.

use super::{Changed, Step, Steps, ranks::Ranks, steps::Window};
use crate::{forest::Forest, id::Holder, persistent::dense};

/// What the change of one principal's list changes for a member who holds nothing else: the shared base.
#[derive(Debug)]
pub(crate) struct Base {
    pub(crate) holder: Holder,
    pub(crate) steps: Steps,
    pub(crate) window: Window,
    /// Everything that changes anywhere.
    pub(crate) changed: Changed,
    parts: Vec<Part>,
    /// For each part and each bit of `changed`, on how many folders before that part it changes; a last row for all.
    before: Vec<u32>,
}

#[derive(Clone, Copy, Debug)]
struct Part {
    from: u64,
    changed: Changed,
    ranks: (u32, u32),
}

/// A label, found in a base.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found {
    /// How many parts begin at or before it.
    part: usize,
    rank: u32,
}

impl Base {
    /// The base of these steps; none when they change nothing. O(steps · bits).
    pub(crate) fn new(
        holder: Holder,
        steps: Steps,
        ranks: &Ranks,
        forest: &Forest,
    ) -> Option<Self> {
        let window = steps.window()?;
        let rank = |step: Step| ranks.at(step.edge, step.label, forest);
        let parts: Vec<Part> = steps
            .parts()
            .map(|(from, to)| Part {
                from: from.label,
                changed: from.changed,
                ranks: (rank(from), rank(to)),
            })
            .collect();
        let changed = parts.iter().fold(Changed::NONE, |all, part| all.or(part.changed));
        let mut sum = vec![0; changed.count()];
        let mut before = sum.clone();
        for part in &parts {
            for (sum, bit) in sum.iter_mut().zip(changed.bits()) {
                *sum += if part.changed.has(bit) { part.ranks.1 - part.ranks.0 } else { 0 };
            }
            before.extend_from_slice(&sum);
        }
        Some(Self { holder, steps, window, changed, parts, before })
    }

    /// On how many folders each bit of `changed` changes, in the order of the bits.
    pub(crate) fn totals(&self) -> &[u32] {
        &self.before[self.parts.len() * self.changed.count()..]
    }

    /// A label and its rank, found among the parts. O(log parts).
    pub(crate) fn find(&self, label: u64, rank: u32) -> Found {
        Found { part: self.parts.partition_point(|part| part.from <= label), rank }
    }

    /// On how many folders before a place the bit at a position in `changed` changes. O(1).
    pub(crate) fn before(&self, found: Found, position: usize, bit: usize) -> u32 {
        let Some(last) = found.part.checked_sub(1) else { return 0 };
        let part = &self.parts[last];
        let within = found.rank.clamp(part.ranks.0, part.ranks.1) - part.ranks.0;
        let whole = self.before[last * self.changed.count() + position];
        whole + if part.changed.has(bit) { within } else { 0 }
    }
}

/// What changes for one account, in numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outcome {
    pub(crate) account: u32,
    /// The base it was computed from, or [`Outcome::ALONE`].
    pub(crate) base: u32,
    /// Which rights it gains or loses on at least one folder.
    pub(crate) changed: Changed,
    counts: u32,
}

impl Outcome {
    /// No base is shared.
    pub(crate) const ALONE: u32 = u32::MAX;
}

/// The outcomes so far, by account.
#[derive(Debug, Default)]
pub(crate) struct Outcomes {
    all: Vec<Outcome>,
    /// For each outcome the number of folders for each of its bits; those who deviate in nothing share them.
    counts: Vec<u32>,
    /// Where the counts of each base are.
    shared: Vec<u32>,
}

impl Outcomes {
    /// The outcomes for these bases, none computed yet.
    pub(crate) fn of(bases: &[Base]) -> Self {
        let mut outcomes = Self::default();
        for base in bases {
            outcomes.shared.push(dense(outcomes.counts.len()));
            outcomes.counts.extend(base.totals().iter().filter(|&&count| count > 0));
        }
        outcomes
    }

    /// An account for which exactly the base changes.
    pub(crate) fn push_shared(&mut self, account: u32, index: usize, base: &Base) {
        let changed = base.changed.bits().zip(base.totals()).filter(|&(_, &count)| count > 0);
        let changed = changed.fold(Changed::NONE, |changed, (bit, _)| changed.with(bit));
        if !changed.is_none() {
            let counts = self.shared[index];
            self.all.push(Outcome { account, base: dense(index), changed, counts });
        }
    }

    /// An account with the number of folders for each of these bits.
    pub(crate) fn push(
        &mut self,
        account: u32,
        base: u32,
        counted: impl Iterator<Item = (usize, u32)>,
    ) {
        let counts = dense(self.counts.len());
        let mut changed = Changed::NONE;
        for (bit, count) in counted.filter(|&(_, count)| count > 0) {
            changed = changed.with(bit);
            self.counts.push(count);
        }
        if !changed.is_none() {
            self.all.push(Outcome { account, base, changed, counts });
        }
    }

    pub(crate) fn all(&self) -> &[Outcome] {
        &self.all
    }

    pub(crate) fn find(&self, account: u32) -> Option<&Outcome> {
        let index = self.all.binary_search_by_key(&account, |outcome| outcome.account);
        index.ok().map(|index| &self.all[index])
    }

    /// Each bit with its number of folders.
    pub(crate) fn counts(&self, outcome: &Outcome) -> impl Iterator<Item = (usize, u32)> {
        let counts = self.counts[outcome.counts as usize..].iter().copied();
        outcome.changed.bits().zip(counts)
    }
}
