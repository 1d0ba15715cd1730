//! What changes for one account, to be read.

use super::{Changed, Comparison, Outcome, Outcomes, Steps};
use crate::{
    id::{AccountId, FolderId, Right, Rights},
    lists::Sweep,
    snapshot::Edge,
};

/// What a batch changes for one account. Folders that the batch itself inserts count as if they had been
/// inserted before it; folders that it removes don't count.
#[derive(Clone, Copy, Debug)]
pub struct Difference<'r> {
    comparison: &'r Comparison,
    outcomes: &'r Outcomes,
    outcome: &'r Outcome,
}

/// Folders that follow each other in the new preorder, on which the same changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChangedRun {
    /// Where it begins.
    pub from: Edge,
    /// Where it ends.
    pub to: Edge,
    /// The rights that come.
    pub gained: Rights,
    /// The rights that go.
    pub lost: Rights,
}

impl<'r> Difference<'r> {
    pub(crate) fn new(
        comparison: &'r Comparison,
        outcomes: &'r Outcomes,
        outcome: &'r Outcome,
    ) -> Self {
        Self { comparison, outcomes, outcome }
    }

    /// The account. O(1).
    pub fn account(&self) -> AccountId {
        self.comparison.new.people.account(self.outcome.account).id.into()
    }

    /// Each right that comes, with the exact number of folders on which it does. O(1) each.
    pub fn gained(&self) -> impl Iterator<Item = (Right, u32)> {
        self.counted().filter(|&(bit, _)| bit < 20).map(|(bit, count)| (Right::ALL[bit], count))
    }

    /// Each right that goes, with the exact number of folders on which it does. O(1) each.
    pub fn lost(&self) -> impl Iterator<Item = (Right, u32)> {
        self.counted()
            .filter(|&(bit, _)| bit >= 20)
            .map(|(bit, count)| (Right::ALL[bit - 20], count))
    }

    /// Where exactly, in the new preorder; neighbours differ. O(k log k), worked out when asked.
    pub fn runs(&self) -> Vec<ChangedRun> {
        runs(self.comparison, &self.steps())
    }

    /// Each folder on which something changes, with what comes and what goes. O(k log k) and O(1) for each.
    pub fn folders(&self) -> impl Iterator<Item = (FolderId, Rights, Rights)> {
        let forest = &self.comparison.new.forest;
        let parts: Vec<_> = self.steps().parts().collect();
        parts.into_iter().flat_map(move |(from, to)| {
            let ranks = forest.rank(from.label)..forest.rank(to.label);
            let changed = from.changed;
            forest
                .folders(ranks)
                .map(move |folder| (forest.id(folder).into(), changed.gained(), changed.lost()))
        })
    }

    pub(crate) fn steps(&self) -> Steps {
        self.comparison.steps(self.outcome.account, &mut Sweep::default())
    }

    pub(crate) fn base(&self) -> Option<usize> {
        (self.outcome.base != Outcome::ALONE).then_some(self.outcome.base as usize)
    }

    fn counted(&self) -> impl Iterator<Item = (usize, u32)> {
        self.outcomes.counts(self.outcome)
    }
}

/// Steps in terms that can be kept.
pub(crate) fn runs(comparison: &Comparison, steps: &Steps) -> Vec<ChangedRun> {
    let edge = |edge| Edge::of(edge, &comparison.new.forest);
    let run = |changed: Changed, from, to| ChangedRun {
        from: edge(from),
        to: edge(to),
        gained: changed.gained(),
        lost: changed.lost(),
    };
    steps.parts().map(|(from, to)| run(from.changed, from.edge, to.edge)).collect()
}
