//! The differences of a recalculation in a form that can be kept: bases, and what deviates from them.

use super::{Changed, ChangedRun, Comparison, Difference, Step, Steps, view};
use crate::{
    change::Refusal,
    id::{AccountId, Principal, Right, Who},
    snapshot::{Edge, Snapshot},
};

/// The differences of a recalculation. What all members of a principal share stands in a base, once; for an
/// account only what deviates from its base is listed. Places are [`Edge`]s, never labels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeptDifferences {
    /// What members share.
    pub bases: Vec<KeptBase>,
    /// Everyone for whom something changes.
    pub accounts: Vec<KeptAccount>,
}

/// What the change of one principal's grants changes for a full member who holds nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptBase {
    /// Whose grants changed.
    pub principal: Principal,
    /// What changes where.
    pub runs: Vec<ChangedRun>,
}

/// What changes for one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptAccount {
    /// The account.
    pub account: AccountId,
    /// The rights that come, with the exact number of folders.
    pub gained: Vec<(Right, u32)>,
    /// The rights that go, with the exact number of folders.
    pub lost: Vec<(Right, u32)>,
    /// The base it shares, an index into [`KeptDifferences::bases`]; none: what changes is listed in full.
    pub base: Option<usize>,
    /// Where something else changes than in the base, possibly nothing, and what does.
    pub exceptions: Vec<ChangedRun>,
}

impl KeptDifferences {
    pub(crate) fn of<'r>(
        comparison: &'r Comparison,
        differences: impl Iterator<Item = Difference<'r>>,
    ) -> Self {
        let people = &comparison.new.people;
        let bases = comparison.bases.iter().map(|base| KeptBase {
            principal: match base.holder.who() {
                Who::Account(account) => Principal::Account(people.account(account).id.into()),
                Who::Group(group) => Principal::Group(people.group(group).id.into()),
                Who::Everyone => Principal::Everyone,
            },
            runs: view::runs(comparison, &base.steps),
        });
        let accounts = differences.map(|difference| {
            let base = difference.base();
            KeptAccount {
                account: difference.account(),
                gained: difference.gained().collect(),
                lost: difference.lost().collect(),
                base,
                exceptions: match base {
                    None => difference.runs(),
                    Some(base) => {
                        exceptions(comparison, &comparison.bases[base].steps, &difference.steps())
                    }
                },
            }
        });
        Self { bases: bases.collect(), accounts: accounts.collect() }
    }

    /// What changes for an account, the base and its exceptions put together, in a snapshot that holds all
    /// folders that are named. O((runs + exceptions) log).
    pub fn runs(
        &self,
        account: &KeptAccount,
        snapshot: &Snapshot,
    ) -> Result<Vec<ChangedRun>, Refusal> {
        let base = account.base.and_then(|base| self.bases.get(base));
        let base = read(base.map_or(&[], |base| &base.runs), snapshot)?;
        let exceptions = read(&account.exceptions, snapshot)?;
        let mut covered = Steps::default();
        for run in &account.exceptions {
            let [from, to] = [run.from, run.to].map(|edge| edge.inside(snapshot));
            let (from, to) = (from?, to?);
            covered.push(from.label(&snapshot.forest), from, Changed::both(1));
            covered.push(to.label(&snapshot.forest), to, Changed::NONE);
        }
        // An exception may say "nothing", so where exceptions are is a third function beside the two.
        let mut masked = Vec::new();
        base.zip(&covered, |label, edge, base, covered| {
            masked.push((label, edge, if covered.is_none() { base } else { Changed::NONE }));
        });
        let mut rest = Steps::default();
        for (label, edge, changed) in masked {
            rest.push(label, edge, changed);
        }
        let mut all = Steps::default();
        rest.zip(&exceptions, |label, edge, one, other| all.push(label, edge, one.or(other)));
        let run = |(from, to): (Step, Step)| ChangedRun {
            from: Edge::of(from.edge, &snapshot.forest),
            to: Edge::of(to.edge, &snapshot.forest),
            gained: from.changed.gained(),
            lost: from.changed.lost(),
        };
        Ok(all.parts().map(run).collect())
    }
}

/// Where `actual` says something else than `base`, with what it says.
fn exceptions(comparison: &Comparison, base: &Steps, actual: &Steps) -> Vec<ChangedRun> {
    let edge = |edge| Edge::of(edge, &comparison.new.forest);
    let mut runs: Vec<ChangedRun> = Vec::new();
    let mut open: Option<(crate::forest::Edge, Changed)> = None;
    base.zip(actual, |_, at, base, actual| {
        let next = (base != actual).then_some(actual);
        if open.map(|(_, changed)| changed) == next {
            return;
        }
        if let Some((from, changed)) = open {
            let (gained, lost) = (changed.gained(), changed.lost());
            runs.push(ChangedRun { from: edge(from), to: edge(at), gained, lost });
        }
        open = next.map(|changed| (at, changed));
    });
    runs
}

/// Runs as steps in the labels of a snapshot.
fn read(runs: &[ChangedRun], snapshot: &Snapshot) -> Result<Steps, Refusal> {
    let mut marks = Vec::with_capacity(runs.len() * 2);
    for run in runs {
        let (from, to) = (run.from.inside(snapshot)?, run.to.inside(snapshot)?);
        let changed = Changed::between(run.lost.bits(), run.gained.bits());
        marks.push((from.label(&snapshot.forest), 1, from, changed));
        marks.push((to.label(&snapshot.forest), 0, to, Changed::NONE));
    }
    // Where one run ends and the next begins, the one that begins speaks last.
    marks.sort_by_key(|&(label, begins, ..)| (label, begins));
    let mut steps = Steps::default();
    for (position, &(label, _, edge, changed)) in marks.iter().enumerate() {
        if marks.get(position + 1).is_none_or(|next| next.0 != label) {
            steps.push(label, edge, changed);
        }
    }
    Ok(steps)
}
