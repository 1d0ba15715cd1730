//! How many folders lie between two edges.

use super::steps::Window;
use crate::{
    forest::{Edge, Forest, Place, ROOT},
    persistent::dense,
};

/// Ranks of edges in one forest: searched one by one, or known beforehand.
#[derive(Debug)]
pub(crate) enum Ranks {
    /// O(log n) each.
    Searched,
    /// O(1) for most: for each folder of a window the rank where it begins and where it ends; the end is 0 where
    /// that isn't known, and then it is searched.
    Known(Vec<(u32, u32)>),
}

impl Ranks {
    /// The ranks in a window at once, if they are needed often enough. O(folders in the window).
    pub(crate) fn of(forest: &Forest, window: Window, needed: u64) -> Self {
        let (from, to) = (window.from.0, window.to.0);
        let ranks = forest.rank(from)..forest.rank(to);
        if needed < ranks.len() as u64 {
            return Self::Searched;
        }
        let end = ranks.end;
        let mut known: Vec<(u32, u32)> = vec![(0, 0); forest.rows()];
        let mut open: Vec<u32> = Vec::new();
        for (rank, folder) in ranks.clone().zip(forest.folders(ranks)) {
            let parent = forest.parent(folder);
            while let Some(last) = open.pop_if(|last| *last != parent) {
                known[last as usize].1 = rank;
            }
            known[folder as usize].0 = rank;
            open.push(folder);
        }
        for folder in open.into_iter().filter(|&folder| forest.span(folder).hi <= to) {
            known[folder as usize].1 = end;
        }
        known[ROOT as usize] = (0, forest.len());
        Self::Known(known)
    }

    /// How many folders begin before an edge with this label.
    pub(crate) fn at(&self, edge: Edge, label: u64, forest: &Forest) -> u32 {
        let folder = edge.folder();
        match self {
            Self::Known(known) if known[folder as usize].1 > 0 => {
                let (enter, exit) = known[folder as usize];
                match edge.place() {
                    Place::Enter => enter,
                    Place::AfterSelf => enter + dense(usize::from(folder != ROOT)),
                    Place::Exit => exit,
                }
            }
            Self::Known(_) | Self::Searched => forest.rank(label),
        }
    }
}
