//! How many folders lie between two edges.

use crate::{
    forest::{Edge, Forest, Place, ROOT},
    persistent::dense,
};

/// Ranks of edges in one forest: searched one by one, or all known beforehand.
#[derive(Debug)]
pub(crate) enum Ranks {
    /// O(log n) each.
    Searched,
    /// O(1) each, for each folder the rank where it begins and where it ends.
    Known(Vec<(u32, u32)>),
}

impl Ranks {
    /// All ranks at once. O(n).
    pub(crate) fn all(forest: &Forest) -> Self {
        let mut known: Vec<(u32, u32)> = Vec::new();
        let mut open: Vec<u32> = Vec::new();
        for (rank, folder) in (0..).zip(forest.preorder()) {
            if known.len() <= folder as usize {
                known.resize(folder as usize + 1, (0, 0));
            }
            let parent = forest.parent(folder);
            while let Some(last) = open.pop_if(|last| *last != parent) {
                known[last as usize].1 = rank;
            }
            known[folder as usize].0 = rank;
            open.push(folder);
        }
        let end = forest.len();
        if known.is_empty() {
            known.push((0, 0));
        }
        for folder in open {
            known[folder as usize].1 = end;
        }
        known[ROOT as usize] = (0, end);
        Self::Known(known)
    }

    /// How many folders begin before an edge with this label.
    pub(crate) fn at(&self, edge: Edge, label: u64, forest: &Forest) -> u32 {
        match self {
            Self::Searched => forest.rank(label),
            Self::Known(known) => {
                let (enter, exit) = known[edge.folder() as usize];
                match edge.place() {
                    Place::Enter => enter,
                    Place::AfterSelf => enter + dense(usize::from(edge.folder() != ROOT)),
                    Place::Exit => exit,
                }
            }
        }
    }
}
