//! The preorder: one sequence of folders, cut into runs so that splicing is cheap.

use std::{ops::Range, sync::Arc};

use crate::persistent::dense;

/// No run is longer.
const LONG: usize = 1024;
/// A shorter run is joined with the next one when it is written.
const SHORT: usize = 256;

/// A sequence of folders. Clone is O(1).
#[derive(Clone, Debug, Default)]
pub(crate) struct Order {
    runs: Arc<Vec<Run>>,
    length: u32,
}

#[derive(Clone, Debug)]
struct Run {
    /// The rank of the first folder.
    start: u32,
    /// The first folder.
    head: u32,
    folders: Arc<[u32]>,
}

impl Order {
    pub(crate) const fn len(&self) -> u32 {
        self.length
    }

    /// The folder with a rank. O(log n).
    pub(crate) fn at(&self, rank: u32) -> Option<u32> {
        self.range(rank..self.length).next()
    }

    /// The folders with these ranks. O(log n) for the first, O(1) for each.
    pub(crate) fn range(&self, ranks: Range<u32>) -> impl Iterator<Item = u32> {
        let first = self.run_of(ranks.start);
        let skip = self.runs.get(first).map_or(0, |run| ranks.start - run.start);
        self.runs[first..]
            .iter()
            .flat_map(|run| run.folders.iter().copied())
            .skip(skip as usize)
            .take(ranks.len())
    }

    /// How many folders come before the first that is not `before`, if those come first. O(log n).
    pub(crate) fn partition_point(&self, before: impl Fn(u32) -> bool) -> u32 {
        let runs = self.runs.partition_point(|run| before(run.head));
        match runs.checked_sub(1).map(|last| &self.runs[last]) {
            None => 0,
            Some(run) => run.start + dense(run.folders.partition_point(|&folder| before(folder))),
        }
    }

    /// Replaces the folders with these ranks by others. O(m + run length + number of runs).
    pub(crate) fn splice(&mut self, ranks: Range<u32>, folders: &[u32]) {
        let (start, end) = (ranks.start, ranks.end.max(ranks.start));
        let first = self.run_of(start).min(self.runs.len().saturating_sub(1));
        let mut last =
            self.run_of(end.saturating_sub(1).max(start)).min(self.runs.len().saturating_sub(1));
        let runs = Arc::make_mut(&mut self.runs);
        let mut joined: Vec<u32> = Vec::new();
        let mut base = 0;
        if let Some(run) = runs.get(first) {
            base = run.start;
            joined.extend_from_slice(&run.folders[..(start - run.start) as usize]);
            joined.extend_from_slice(folders);
            let run = &runs[last];
            joined.extend_from_slice(&run.folders[(end - run.start) as usize..]);
            if joined.len() < SHORT
                && let Some(next) = runs.get(last + 1)
            {
                joined.extend_from_slice(&next.folders);
                last += 1;
            }
        } else {
            joined.extend_from_slice(folders);
        }
        let pieces = joined.len().div_ceil(LONG).max(1);
        let cut = joined.chunks(joined.len().div_ceil(pieces).max(1));
        let new = cut.map(|piece| Run { start: 0, head: piece[0], folders: piece.into() });
        let end_of_old = (last + 1).min(runs.len());
        runs.splice(first..end_of_old, new);
        let mut rank = base;
        for run in &mut runs[first..] {
            run.start = rank;
            rank += dense(run.folders.len());
        }
        self.length = rank;
    }

    /// The run that holds a rank; the number of runs when there is none.
    fn run_of(&self, rank: u32) -> usize {
        if rank >= self.length {
            return self.runs.len();
        }
        self.runs.partition_point(|run| run.start <= rank) - 1
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_splices_as_a_vector_does(
            splices in prop::collection::vec((0u32..5_000, 0u32..3_000, 0u32..3_000), 1..20)
        ) {
            let (mut order, mut vector, mut next) = (Order::default(), Vec::new(), 0);
            for (start, removed, added) in splices {
                let length = dense(vector.len());
                let start = start.min(length);
                let end = (start + removed).min(length);
                let new: Vec<u32> = (next..next + added).collect();
                next += added;
                vector.splice(start as usize..end as usize, new.iter().copied());
                order.splice(start..end, &new);
                prop_assert_eq!(order.len() as usize, vector.len());
                prop_assert_eq!(order.range(0..order.len()).collect::<Vec<_>>(), vector.clone());
                prop_assert_eq!(order.at(start), vector.get(start as usize).copied());
            }
        }
    }
}
