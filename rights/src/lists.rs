//! The interval lists: for one principal, which rights hold from which label on.

mod sweep;
mod tally;

pub(crate) use sweep::{Lane, Sweep, Tallies};

use crate::{
    forest::{Edge, Forest},
    id::Coverage,
};

/// The rights in a word; the label is above them.
const MASK: u64 = (1 << 20) - 1;

/// A step function over the labels: the rights (20 bits) from each mark to the next, none before the first.
/// Marks strictly increase, neighbours differ, the last one is 0. Beside each mark stands its edge, which
/// stays true when labels move.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct List {
    /// `label << 20 | rights`.
    marks: Vec<u64>,
    edges: Vec<Edge>,
}

/// One mark of a list, unpacked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    pub(crate) label: u64,
    pub(crate) edge: Edge,
    pub(crate) rights: u32,
}

impl List {
    /// The list that never grants anything.
    pub(crate) const EMPTY: Self = Self { marks: Vec::new(), edges: Vec::new() };

    /// The list of k grants (or exclusions) of one principal: folder, coverage, rights. O(k log k).
    pub(crate) fn build(
        grants: impl Iterator<Item = (u32, Coverage, u32)>,
        forest: &Forest,
        sweep: &mut Sweep,
    ) -> Self {
        sweep.clear();
        for (folder, coverage, rights) in grants {
            let (from, to) = match coverage {
                Coverage::Folder => (Edge::enter(folder), Edge::after_self(folder)),
                Coverage::Subfolders => (Edge::after_self(folder), Edge::exit(folder)),
                Coverage::Recursive => (Edge::enter(folder), Edge::exit(folder)),
            };
            sweep.push(Lane::Both, from.label(forest), from, 0, rights);
            sweep.push(Lane::Both, to.label(forest), to, rights, 0);
        }
        let mut marks = Vec::new();
        sweep.run(|label, edge, tallies| {
            marks.push(Mark { label, edge, rights: tallies.granted(Lane::Both) });
        });
        Self::from_marks(marks)
    }

    /// The list of marks in the order of their labels; of neighbours with the same rights the first is kept.
    pub(crate) fn from_marks(mut marks: Vec<Mark>) -> Self {
        let mut before = 0;
        marks.retain(|mark| std::mem::replace(&mut before, mark.rights) != mark.rights);
        Self {
            marks: marks.iter().map(|mark| mark.label << 20 | u64::from(mark.rights)).collect(),
            edges: marks.iter().map(|mark| mark.edge).collect(),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.marks.is_empty()
    }

    /// The rights at a label. O(log k).
    pub(crate) fn at(&self, label: u64) -> u32 {
        self.rights_before(self.first_after(label))
    }

    /// The marks, in order.
    pub(crate) fn marks(&self) -> impl Iterator<Item = Mark> {
        self.from(0)
    }

    /// The rights where a window of labels begins, and the marks behind it and before its end. O(log k) for the first.
    pub(crate) fn window(&self, from: u64, to: u64) -> (u32, impl Iterator<Item = Mark>) {
        let first = self.first_after(from);
        (self.rights_before(first), self.from(first).take_while(move |mark| mark.label < to))
    }

    /// The rights all over a window of labels, if they are the same all over it. O(log k).
    pub(crate) fn level(&self, from: u64, to: u64) -> Option<u32> {
        let first = self.first_after(from);
        let ends = self.marks.get(first).is_some_and(|&mark| mark >> 20 < to);
        (!ends).then(|| self.rights_before(first))
    }

    /// The labels between which there can be rights; none when there are no marks.
    pub(crate) fn extent(&self) -> Option<(Mark, Mark)> {
        let last = self.marks.len().checked_sub(1)?;
        Some((self.mark(0), self.mark(last)))
    }

    /// How many marks are at or before a label.
    fn first_after(&self, label: u64) -> usize {
        self.marks.partition_point(|&mark| mark >> 20 <= label)
    }

    fn rights_before(&self, mark: usize) -> u32 {
        mark.checked_sub(1).map_or(0, |before| self.mark(before).rights)
    }

    fn from(&self, first: usize) -> impl Iterator<Item = Mark> {
        (first..self.marks.len()).map(|index| self.mark(index))
    }

    fn mark(&self, index: usize) -> Mark {
        let word = self.marks[index];
        Mark { label: word >> 20, edge: self.edges[index], rights: (word & MASK) as u32 }
    }
}

#[cfg(test)]
impl List {
    /// Invariant 2 of the design.
    pub(crate) fn assert_canonical(&self, forest: &Forest) {
        let marks: Vec<Mark> = self.marks().collect();
        assert!(marks.windows(2).all(|two| two[0].label < two[1].label), "marks strictly increase");
        assert!(marks.windows(2).all(|two| two[0].rights != two[1].rights), "neighbours differ");
        assert!(marks.first().is_none_or(|mark| mark.rights != 0), "the first one says something");
        assert!(marks.last().is_none_or(|mark| mark.rights == 0), "the last one is 0");
        assert!(
            marks.iter().all(|mark| mark.edge.label(forest) == mark.label),
            "edges and labels agree"
        );
    }
}
