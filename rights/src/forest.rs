//! The folders: a forest under a virtual root, with labels that keep its order.
//!
//! Every folder has a label `lo` where an Euler tour enters it and a label `hi` where the tour leaves:
//! `lo(parent) + 1 < lo(child) < hi(child) < hi(parent)`. So "is below" is two comparisons, and what a grant
//! covers is one interval: the folder itself is `[lo, lo + 1)`, what is below it `[lo + 1, hi)`.
//! Labels have gaps; a new folder takes one, and where a gap is full, the nearest roomy ancestor's subtree is
//! labelled anew. Labels move, so nothing that is kept ever holds one: it holds an [`Edge`].

mod edge;
mod order;

use std::ops::Range;

use uuid::Uuid;

pub(crate) use edge::{Edge, Place};
use order::Order;

use crate::{
    change::Refusal,
    persistent::{Chunks, Directory, Slots, dense},
};

/// The virtual root above all trees. It can't be named from outside.
pub(crate) const ROOT: u32 = 0;
/// No folder: the parent of the root and of freed rows.
pub(crate) const NOWHERE: u32 = u32::MAX;
/// No zone: nothing is said at or above the folder.
pub(crate) const NO_ZONE: u32 = u32::MAX;
/// Labels are smaller than this: 44 bits, which leaves 20 for the rights in a word.
/// Tests have only 16, so that gaps are full all the time.
pub(crate) const LABELS: u64 = if cfg!(test) { 1 << 16 } else { 1 << 44 };

/// The least distance of labels after a part was labelled anew, so that it isn't again soon.
const ROOMY: u64 = 64;
/// The least distance of labels with which a part is placed into a gap.
const TIGHT: u64 = 4;
/// A new part takes this fraction of its gap; the rest stays for those that come after.
const SHARE: u64 = 16;

/// The two labels of a folder.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Span {
    pub(crate) lo: u64,
    pub(crate) hi: u64,
}

/// What became of the labels when folders were placed.
pub(crate) enum Placed {
    /// The folders fitted into the gap.
    Fitted,
    /// Everything below this folder has new labels.
    Relabelled(u32),
}

/// What a check needs of a folder: one half of a cache line.
#[derive(Clone, Copy, Debug)]
#[repr(align(32))]
struct Row {
    id: Uuid,
    /// The label where the tour enters.
    lo: u64,
    parent: u32,
    zone: u32,
}

impl Default for Row {
    fn default() -> Self {
        Self { id: Uuid::nil(), lo: 0, parent: NOWHERE, zone: NO_ZONE }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Forest {
    rows: Chunks<Row, 512>,
    /// The labels where the tour leaves.
    exits: Chunks<u64, 1024>,
    order: Order,
    directory: Directory,
    slots: Slots,
}

impl Default for Forest {
    fn default() -> Self {
        Self::from_preorder(std::iter::empty())
    }
}

impl Forest {
    /// The forest of these folders in preorder, each with the index of its parent ([`ROOT`], or a folder before it,
    /// the first one being 1). Labels are spread evenly. O(n).
    pub(crate) fn from_preorder(folders: impl Iterator<Item = (Uuid, u32)>) -> Self {
        let root = Row::default();
        let rows = folders.map(|(id, parent)| Row { id, parent, ..root });
        let rows: Vec<Row> = std::iter::once(root).chain(rows).collect();
        let length = dense(rows.len());
        let mut exits = vec![0; rows.len()];
        exits[0] = LABELS - 1;
        let mut forest = Self {
            directory: Directory::of(rows.iter().map(|row| row.id)),
            rows: Chunks::from_vec(rows),
            exits: Chunks::from_vec(exits),
            order: Order::default(),
            slots: Slots::default(),
        };
        let all: Vec<u32> = (1..length).collect();
        let step = (LABELS - 2) / (2 * u64::from(length));
        forest.spread(&all, 1 + step, step);
        forest.order.splice(0..0, &all);
        forest
    }

    pub(crate) fn len(&self) -> u32 {
        self.order.len()
    }

    /// The folder with an id. O(1).
    pub(crate) fn find(&self, id: Uuid) -> Option<u32> {
        self.directory.find(id, |index| self.id(index)).filter(|&folder| folder != ROOT)
    }

    pub(crate) fn id(&self, folder: u32) -> Uuid {
        self.rows.at(folder).id
    }

    /// The labels where the tour enters and leaves a folder.
    pub(crate) fn span(&self, folder: u32) -> Span {
        Span { lo: self.lo(folder), hi: *self.exits.at(folder) }
    }

    /// The label where the tour enters a folder.
    pub(crate) fn lo(&self, folder: u32) -> u64 {
        self.rows.at(folder).lo
    }

    /// The nearest node at or above a folder in the access chain; a new folder takes over its parent's.
    pub(crate) fn zone(&self, folder: u32) -> u32 {
        self.rows.at(folder).zone
    }

    pub(crate) fn set_zone(&mut self, folder: u32, zone: u32) {
        self.rows.at_mut(folder).zone = zone;
    }

    /// The folder above; [`ROOT`] for the top of a tree.
    pub(crate) fn parent(&self, folder: u32) -> u32 {
        self.rows.at(folder).parent
    }

    /// Whether there is a folder in this row.
    pub(crate) fn lives(&self, folder: u32) -> bool {
        (folder as usize) < self.rows.len() && (folder == ROOT || self.parent(folder) != NOWHERE)
    }

    /// Whether `folder` is `above` or below it. O(1).
    pub(crate) fn is_within(&self, folder: u32, above: u32) -> bool {
        let (inner, outer) = (self.span(folder), self.span(above));
        outer.lo <= inner.lo && inner.hi <= outer.hi
    }

    /// How many rows there are, free ones and the root's included.
    pub(crate) const fn rows(&self) -> usize {
        self.rows.len()
    }

    /// How many folders have a `lo` below this label. O(log n).
    pub(crate) fn rank(&self, label: u64) -> u32 {
        self.order.partition_point(|folder| self.lo(folder) < label)
    }

    /// The ranks of a folder and all below it. O(log n).
    pub(crate) fn ranks(&self, folder: u32) -> Range<u32> {
        let span = self.span(folder);
        self.rank(span.lo)..self.rank(span.hi)
    }

    /// The folders with these ranks, in preorder. O(log n) for the first, O(1) for each.
    pub(crate) fn folders(&self, ranks: Range<u32>) -> impl Iterator<Item = u32> {
        self.order.range(ranks)
    }

    /// All folders in preorder.
    pub(crate) fn preorder(&self) -> impl Iterator<Item = u32> {
        self.folders(0..self.len())
    }

    /// Adds folders in preorder with their depths as the first below `parent`. O(m + log n), and the
    /// labels of O(log n) folders amortised. They are in their parent's zone.
    pub(crate) fn insert(
        &mut self,
        parent: u32,
        folders: &[(Uuid, u32)],
    ) -> Result<Placed, Refusal> {
        let mut path: Vec<u32> = Vec::new();
        let mut indexes = Vec::with_capacity(folders.len());
        for (position, &(id, depth)) in folders.iter().enumerate() {
            if depth as usize > path.len() {
                return Err(Refusal::Depth(position));
            }
            if self.directory.find(id, |index| self.id(index)).is_some() {
                return Err(Refusal::Duplicate(id));
            }
            path.truncate(depth as usize);
            let index = self.slots.take(self.rows.len()).ok_or(Refusal::Full)?;
            let parent = path.last().copied().unwrap_or(parent);
            let row = Row { id, parent, zone: self.zone(parent), ..Row::default() };
            self.rows.put(index, row);
            self.exits.put(index, 0);
            self.directory.insert(index, |index| self.rows.at(index).id);
            path.push(index);
            indexes.push(index);
        }
        self.place(parent, &indexes)
    }

    /// Moves a folder with all below it (m folders) to be the first below `parent`. O(m + log n) and labels as above.
    pub(crate) fn shift(&mut self, folder: u32, parent: u32) -> Result<Placed, Refusal> {
        let ranks = self.ranks(folder);
        let moved: Vec<u32> = self.folders(ranks.clone()).collect();
        self.order.splice(ranks, &[]);
        self.rows.at_mut(folder).parent = parent;
        self.place(parent, &moved)
    }

    /// Takes a folder out with all below it (m folders). O(m + log n).
    pub(crate) fn remove(&mut self, folder: u32) {
        let ranks = self.ranks(folder);
        let removed: Vec<u32> = self.folders(ranks.clone()).collect();
        self.order.splice(ranks, &[]);
        for folder in removed {
            self.directory.remove(self.id(folder), |index| self.rows.at(index).id);
            let row = self.rows.at_mut(folder);
            (row.parent, row.zone) = (NOWHERE, NO_ZONE);
            self.slots.release(folder);
        }
    }

    /// Rows that were freed can be used again.
    pub(crate) fn settle(&mut self) {
        self.slots.settle();
    }

    /// Puts folders, in preorder and with their parents set, into the gap in front of `parent`'s first child.
    fn place(&mut self, parent: u32, folders: &[u32]) -> Result<Placed, Refusal> {
        let count = folders.len() as u64;
        let from = self.lo(parent) + 1;
        let rank = self.rank(from);
        let next = self.order.at(rank).map_or(LABELS, |next| self.lo(next));
        let gap = next.min(self.span(parent).hi) - from;
        if gap > 2 * count * TIGHT {
            let step = (gap / SHARE / (2 * count).max(1)).max(TIGHT);
            self.spread(folders, from + gap - 2 * count * step, step);
            self.order.splice(rank..rank, folders);
            return Ok(Placed::Fitted);
        }
        let (roomy, inner, step) = self.roomy(parent, count)?;
        self.order.splice(rank..rank, folders);
        let below: Vec<u32> = self.folders(inner.start..inner.end + dense(folders.len())).collect();
        self.spread(&below, self.lo(roomy) + 1 + step, step);
        Ok(Placed::Relabelled(roomy))
    }

    /// The nearest folder from `parent` upwards where `count` more have room, the ranks below it and the distance of labels.
    fn roomy(&self, parent: u32, count: u64) -> Result<(u32, Range<u32>, u64), Refusal> {
        let mut folder = parent;
        loop {
            let span = self.span(folder);
            let inner = self.rank(span.lo + 1)..self.rank(span.hi);
            let step =
                (span.hi - span.lo - 1) / (2 * (u64::from(inner.end - inner.start) + count) + 1);
            if step >= if folder == ROOT { TIGHT } else { ROOMY } {
                return Ok((folder, inner, step));
            }
            if folder == ROOT {
                return Err(Refusal::Full);
            }
            folder = self.parent(folder);
        }
    }

    /// Labels folders that are given in preorder, from `label` on, `step` apart.
    fn spread(&mut self, folders: &[u32], mut label: u64, step: u64) {
        let mut open: Vec<u32> = Vec::new();
        for &folder in folders {
            let parent = self.parent(folder);
            while let Some(last) = open.pop_if(|last| *last != parent) {
                *self.exits.at_mut(last) = label;
                label += step;
            }
            self.rows.at_mut(folder).lo = label;
            label += step;
            open.push(folder);
        }
        while let Some(last) = open.pop() {
            *self.exits.at_mut(last) = label;
            label += step;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Forest {
        /// Invariant 1 of the design, for every folder.
        pub(crate) fn assert_labels(&self) {
            let mut before = 0;
            for folder in self.preorder() {
                let (span, above) = (self.span(folder), self.span(self.parent(folder)));
                assert!(above.lo + 1 < span.lo && span.lo + 1 < span.hi && span.hi < above.hi);
                assert!(before < span.lo, "preorder follows the labels");
                before = span.lo;
            }
        }
    }

    fn id(number: u32) -> Uuid {
        Uuid::from_u128(u128::from(number) + 1)
    }

    #[test]
    fn folders_fit_in_one_place_however_narrow() {
        let mut forest = Forest::default();
        let mut parent = ROOT;
        let mut relabelled = 0;
        for number in 0..400 {
            let placed = forest.insert(parent, &[(id(number), 0)]).unwrap();
            relabelled += usize::from(matches!(placed, Placed::Relabelled(_)));
            if number % 7 == 0 {
                parent = forest.find(id(number)).unwrap();
            }
        }
        forest.assert_labels();
        assert!((1..100).contains(&relabelled), "{relabelled}");
        assert_eq!(forest.len(), 400);
    }

    #[test]
    fn a_moved_subtree_keeps_its_shape() {
        let mut forest = Forest::default();
        let tree: Vec<_> = [0, 1, 2, 2, 1, 0].iter().zip(0..).map(|(&d, n)| (id(n), d)).collect();
        forest.insert(ROOT, &tree).unwrap();
        let (one, five) = (forest.find(id(1)).unwrap(), forest.find(id(5)).unwrap());
        forest.shift(one, five).unwrap();
        forest.assert_labels();
        let names: Vec<_> =
            forest.preorder().map(|folder| forest.id(folder).as_u128() - 1).collect();
        assert_eq!(names, [0, 4, 5, 1, 2, 3]);
        forest.remove(five);
        assert_eq!((forest.len(), forest.find(id(2))), (2, None));
    }
}
