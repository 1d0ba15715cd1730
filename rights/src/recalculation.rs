//! A batch of changes on its way from asked to in force.

use std::sync::Arc;

use crate::{
    difference::{Comparison, Difference, KeptDifferences, Outcomes},
    draft::Touched,
    id::AccountId,
    lists::Sweep,
    snapshot::{Accounts, Snapshot},
};

/// A batch of changes with the state before it, the state after it, and what it changes for whom.
///
/// The state after it is complete from the start. What it changes is worked out step by step, account by
/// account; between two steps whoever does it can report, wait, or drop it: then nothing happened. In force
/// it comes through [`Engine::publish`](crate::Engine::publish). The same changes on the same state give
/// the same differences, so that after a crash it can be done again.
#[derive(Debug)]
pub struct Recalculation {
    comparison: Comparison,
    /// Whether it covers what was announced, up to its `new` state.
    pub(crate) announced: bool,
    outcomes: Outcomes,
    sweep: Sweep,
    /// The next account to be looked at.
    next: u32,
    progress: Progress,
}

/// How far a recalculation is, in accounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Accounts whose difference is known.
    pub done: usize,
    /// Accounts that the batch concerns.
    pub total: usize,
}

impl Progress {
    /// Whether nothing is left to do. O(1).
    pub const fn is_finished(self) -> bool {
        self.done >= self.total
    }
}

impl Recalculation {
    pub(crate) fn new(
        old: Arc<Snapshot>,
        new: Arc<Snapshot>,
        touched: &Touched,
        announced: bool,
    ) -> Self {
        let comparison = Comparison::new(old, new, touched);
        let total = usize::try_from(comparison.affected.len()).unwrap_or(usize::MAX);
        Self {
            outcomes: Outcomes::of(&comparison.bases),
            comparison,
            announced,
            sweep: Sweep::default(),
            next: 0,
            progress: Progress { done: 0, total },
        }
    }

    /// The accounts it concerns: until it is published, their rights are pending. O(1).
    pub fn affected(&self) -> Accounts<'_> {
        Accounts::new(&self.comparison.new, self.comparison.affected.clone())
    }

    /// How far it is. O(1).
    pub const fn progress(&self) -> Progress {
        self.progress
    }

    /// Works out the differences of some more accounts. For each, O(marks of its own lists between the first
    /// and the last folder that changes); where several of its principals change at once, or it changes groups
    /// or kind itself, those of "All users" too.
    pub fn step(&mut self, accounts: usize) -> Progress {
        let mut rest = self.comparison.affected.iter();
        rest.advance_to(self.next);
        for account in rest.by_ref().take(accounts) {
            self.comparison.outcome(account, &mut self.sweep, &mut self.outcomes);
            self.progress.done += 1;
            self.next = account + 1;
        }
        self.progress
    }

    /// Does all that is left. The cost of [`Self::step`] for the rest.
    pub fn finish(&mut self) {
        self.step(usize::MAX);
    }

    /// The state before. O(1).
    pub fn before(&self) -> &Arc<Snapshot> {
        &self.comparison.old
    }

    /// The state after; nobody else sees it before it is published, unless it was announced. O(1).
    pub fn after(&self) -> &Arc<Snapshot> {
        &self.comparison.new
    }

    /// What changes for each account whose turn has come; accounts for whom nothing changes are left out. O(1) each.
    pub fn differences(&self) -> impl ExactSizeIterator<Item = Difference<'_>> {
        let all = self.outcomes.all().iter();
        all.map(|outcome| Difference::new(&self.comparison, &self.outcomes, outcome))
    }

    /// What changes for one account, if anything does and its turn has come. O(log accounts).
    pub fn difference(&self, account: AccountId) -> Option<Difference<'_>> {
        let index = self.comparison.new.people.find_account(account.uuid())?;
        let outcome = self.outcomes.find(index)?;
        Some(Difference::new(&self.comparison, &self.outcomes, outcome))
    }

    /// The differences in the form that can be kept. O(k log k) for each account.
    pub fn kept(&self) -> KeptDifferences {
        KeptDifferences::of(&self.comparison, self.differences())
    }
}
