//! What can this account reach?

use super::{Edge, Snapshot};
use crate::{
    change::Refusal,
    forest,
    id::{AccountId, FolderId, Kind, Rights},
    lists::{Lane, Sweep},
};

/// Everything an account can reach, as runs of folders in preorder.
#[derive(Clone, Debug)]
pub struct Reach<'s> {
    snapshot: &'s Snapshot,
    steps: Vec<Step>,
}

/// The rights from an edge on.
#[derive(Clone, Copy, Debug)]
struct Step {
    label: u64,
    edge: forest::Edge,
    rights: Rights,
}

/// Folders that follow each other in preorder, on which the rights are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// Where it begins.
    pub from: Edge,
    /// Where it ends.
    pub to: Edge,
    /// The rights on each of its folders; at least one.
    pub rights: Rights,
}

impl Snapshot {
    /// Everything an account can reach. O(k log k), however many folders that are.
    pub fn reach(&self, account: AccountId) -> Result<Reach<'_>, Refusal> {
        let index = self.account(account)?;
        let mut steps: Vec<Step> = Vec::new();
        let mut step = |label, edge, rights| {
            if steps.last().map_or(Rights::NONE, |last| last.rights) != rights {
                steps.push(Step { label, edge, rights });
            }
        };
        match self.people.kind(index).unwrap_or(Kind::Full) {
            Kind::Administrator => {
                step(0, forest::Edge::START, Rights::ALL);
                step(forest::LABELS, forest::Edge::END, Rights::NONE);
            }
            kind => {
                let mut sweep = Sweep::default();
                let row = self.people.account(index);
                for holder in row.holders(index) {
                    let list = &self.people.holdings(holder).granted;
                    sweep.add(Lane::Both, false, list, 0, forest::LABELS);
                }
                sweep.add(Lane::Both, true, &row.holdings().excluded, 0, forest::LABELS);
                sweep.run(|label, edge, tallies| {
                    step(label, edge, kind.cap(Rights::from_bits_truncate(tallies.after())));
                });
            }
        }
        Ok(Reach { snapshot: self, steps })
    }
}

impl Reach<'_> {
    /// The runs, in preorder; neighbours differ. O(1) each.
    pub fn runs(&self) -> impl Iterator<Item = Run> {
        let forest = &self.snapshot.forest;
        self.pairs().map(|(from, to)| Run {
            from: Edge::of(from.edge, forest),
            to: Edge::of(to.edge, forest),
            rights: from.rights,
        })
    }

    /// How many folders there are in all runs. O(runs · log n).
    pub fn len(&self) -> usize {
        let ranks: Vec<u32> =
            self.steps.iter().map(|step| self.snapshot.forest.rank(step.label)).collect();
        let runs = self.steps.iter().zip(ranks.windows(2));
        let held = runs.filter(|(step, _)| !step.rights.is_empty());
        held.map(|(_, ranks)| (ranks[1] - ranks[0]) as usize).sum()
    }

    /// Whether the account can't reach anything. O(runs · log n).
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty() || self.len() == 0
    }

    /// Each folder with the rights on it, in preorder. O(log n) for each run and O(1) for each folder.
    pub fn folders(&self) -> impl Iterator<Item = (FolderId, Rights)> {
        let forest = &self.snapshot.forest;
        self.pairs().flat_map(move |(from, to)| {
            let ranks = forest.rank(from.label)..forest.rank(to.label);
            forest.folders(ranks).map(move |folder| (forest.id(folder).into(), from.rights))
        })
    }

    fn pairs(&self) -> impl Iterator<Item = (&Step, &Step)> {
        let pairs = self.steps.windows(2).map(|two| (&two[0], &two[1]));
        pairs.filter(|(from, _)| !from.rights.is_empty())
    }
}
