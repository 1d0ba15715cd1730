//! The access chain: from a folder up to the root along the folders that say anything.
//!
//! Few folders carry grants or exclusions. Those that do have a node; every folder knows the nearest
//! node at or above itself, its zone, and every node knows the next one above. So a check walks over a
//! handful of nodes, however deep the folder lies, and a new folder takes over its parent's zone.
//!
//! A check waits for memory and for little else. So what it reads of a node is one cache line, with up to three
//! entries inside; only where there are more does it look into a [`Crowd`], and only where the signature says
//! that somebody it is looking for may be there.

mod crowd;
mod entry;

use std::{ops::Range, sync::Arc};

pub(crate) use crowd::Crowd;
pub(crate) use entry::{Entry, Masks, Subject};

use crate::{
    facts::{Fact, Facts},
    forest::{Forest, NO_ZONE},
    id::{Holder, Who},
    persistent::{Chunks, Slots, dense},
};

/// No node: nothing is said from here on up.
pub(crate) const NONE: u32 = NO_ZONE;
/// So many entries have room in a node. Tests have crowds all the time.
const FEW: usize = if cfg!(test) { 1 } else { 3 };

/// A folder with grants or exclusions: what a check reads of it.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
pub(crate) struct Node {
    pub(crate) folder: u32,
    /// The next node above.
    above: u32,
    /// What it grants to everyone.
    pub(crate) everyone: Masks,
    /// The bits of everybody else about whom it says anything.
    pub(crate) signature: u64,
    /// How many entries there are; in `few` when they have room there.
    length: u32,
    few: [Entry; FEW],
}

/// What stands behind a node.
#[derive(Clone, Debug, Default)]
struct Behind {
    /// The entries, where they are not few.
    crowd: Option<Arc<Crowd>>,
    /// Rows of the grants and exclusions that it adds up.
    grants: Rows,
    exclusions: Rows,
}

/// Rows of a table; nothing is allocated for none.
type Rows = Option<Arc<[u32]>>;

/// A node on the way up.
#[derive(Clone, Copy)]
pub(crate) struct Stop<'c> {
    pub(crate) node: &'c Node,
    chain: &'c Chain,
    index: u32,
}

impl Default for Node {
    fn default() -> Self {
        Self {
            folder: NONE,
            above: NONE,
            everyone: Masks::default(),
            signature: 0,
            length: 0,
            few: [Entry::default(); FEW],
        }
    }
}

impl<'c> Stop<'c> {
    /// How many entries there are. O(1).
    pub(crate) const fn len(self) -> usize {
        self.node.length as usize
    }

    /// What it says about others than everyone. O(1).
    pub(crate) fn entries(self) -> &'c [Entry] {
        match self.crowd() {
            Some(crowd) => crowd.entries(),
            None => &self.node.few[..self.len()],
        }
    }

    /// The entries, where they are more than a node has room for.
    pub(crate) fn crowd(self) -> Option<&'c Crowd> {
        if self.len() <= FEW {
            return None;
        }
        self.chain.behind.at(self.index).crowd.as_deref()
    }

    /// Everybody to whom it grants anything.
    pub(crate) fn holders(self) -> impl Iterator<Item = Holder> {
        let everyone = (!self.node.everyone.is_none()).then_some(Holder::EVERYONE);
        let granted = self.entries().iter().filter(|entry| !entry.subject.takes());
        everyone.into_iter().chain(granted.map(|entry| entry.subject.holder()))
    }

    /// Every account from which it takes anything.
    pub(crate) fn excluded(self) -> impl Iterator<Item = u32> {
        let excluded = self.entries().iter().filter(|entry| entry.subject.takes());
        excluded.map(|entry| entry.subject.account())
    }

    /// Rows of its grants.
    pub(crate) fn grants(self) -> &'c [u32] {
        self.chain.behind.at(self.index).grants.as_deref().unwrap_or_default()
    }

    /// Rows of its exclusions.
    pub(crate) fn exclusions(self) -> &'c [u32] {
        self.chain.behind.at(self.index).exclusions.as_deref().unwrap_or_default()
    }
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Chain {
    nodes: Chunks<Node, 64>,
    behind: Chunks<Behind, 64>,
    slots: Slots,
}

impl Chain {
    /// The chain of a whole forest, from all grants and exclusions; each folder learns its zone.
    /// O(folders + grants log grants).
    pub(crate) fn build(forest: &mut Forest, grants: &[Fact], exclusions: &[Fact]) -> Self {
        let [granted, excluded] = [grants, exclusions].map(ByFolder::new);
        let (mut nodes, mut behind) = (Vec::new(), Vec::new());
        let mut carries = vec![false; forest.rows()];
        granted.folders().chain(excluded.folders()).for_each(|folder| carries[folder] = true);
        let preorder: Vec<u32> = forest.preorder().collect();
        for folder in preorder {
            let above = forest.zone(forest.parent(folder));
            let mut zone = above;
            if carries[folder as usize] {
                let (rows, taken) = (granted.rows(folder), excluded.rows(folder));
                let of = |(facts, rows): (&[Fact], &[u32])| -> Vec<Fact> {
                    rows.iter().map(|&row| facts[row as usize]).collect()
                };
                let (node, crowd) = summarise(&of((grants, rows)), &of((exclusions, taken)));
                zone = dense(nodes.len());
                nodes.push(Node { folder, above, ..node });
                behind.push(Behind { crowd, grants: shared(rows), exclusions: shared(taken) });
            }
            if zone != NONE {
                forest.set_zone(folder, zone);
            }
        }
        Self {
            nodes: Chunks::from_vec(nodes),
            behind: Chunks::from_vec(behind),
            slots: Slots::default(),
        }
    }

    /// The nodes from a zone upwards, nearest first.
    pub(crate) fn walk(&self, zone: u32) -> impl Iterator<Item = Stop<'_>> {
        let mut next = zone;
        std::iter::from_fn(move || {
            let index = (next != NONE).then_some(next)?;
            let node = self.nodes.at(index);
            next = node.above;
            Some(Stop { node, chain: self, index })
        })
    }

    /// The node of a folder itself.
    pub(crate) fn own(&self, forest: &Forest, folder: u32) -> Option<Stop<'_>> {
        self.walk(forest.zone(folder)).next().filter(|stop| stop.node.folder == folder)
    }

    /// A folder was moved, from below a folder of zone `before`. O(m) for m folders moved.
    pub(crate) fn shift(&mut self, forest: &mut Forest, folder: u32, before: u32) {
        let after = forest.zone(forest.parent(folder));
        self.replace(forest, folder, before, after);
    }

    /// The grants and exclusions of a folder are from now on those that `edit` makes of them.
    /// O(entries log entries), and O(m) for m folders below when the node begins or ends.
    pub(crate) fn edit(
        &mut self,
        forest: &mut Forest,
        folder: u32,
        (grants, exclusions): (&Facts, &Facts),
        edit: impl FnOnce(&mut Vec<u32>, &mut Vec<u32>),
    ) {
        let zone = forest.zone(folder);
        let (mut granted, mut excluded, above, index) = match self.own(forest, folder) {
            Some(own) => (own.grants().to_vec(), own.exclusions().to_vec(), own.node.above, zone),
            None => (Vec::new(), Vec::new(), zone, NONE),
        };
        edit(&mut granted, &mut excluded);
        if granted.is_empty() && excluded.is_empty() {
            if index != NONE {
                self.clear(index);
                self.replace(forest, folder, index, above);
            }
            return;
        }
        let of = |facts: &Facts, rows: &[u32]| -> Vec<Fact> {
            rows.iter().map(|&row| *facts.at(row)).collect()
        };
        let (node, crowd) = summarise(&of(grants, &granted), &of(exclusions, &excluded));
        let node = Node { folder, above, ..node };
        let behind = Behind { crowd, grants: shared(&granted), exclusions: shared(&excluded) };
        let begins = index == NONE;
        let index = if begins {
            // A node begins with a grant or an exclusion, and those are refused when there are too many.
            self.slots.take(self.nodes.len()).unwrap_or(dense(self.nodes.len()))
        } else {
            index
        };
        self.nodes.put(index, node);
        self.behind.put(index, behind);
        if begins {
            self.replace(forest, folder, zone, index);
        }
    }

    /// A folder with this zone ends: the node goes if it is the folder's own.
    pub(crate) fn remove(&mut self, folder: u32, zone: u32) {
        if zone != NONE && self.nodes.at(zone).folder == folder {
            self.clear(zone);
        }
    }

    /// Nodes that were freed can be used again.
    pub(crate) fn settle(&mut self) {
        self.slots.settle();
    }

    fn clear(&mut self, index: u32) {
        *self.nodes.at_mut(index) = Node::default();
        *self.behind.at_mut(index) = Behind::default();
        self.slots.release(index);
    }

    /// At and below a folder, what led to node `before` leads to `after`.
    fn replace(&mut self, forest: &mut Forest, folder: u32, before: u32, after: u32) {
        let below: Vec<u32> = forest.folders(forest.ranks(folder)).collect();
        for below in below {
            let zone = forest.zone(below);
            if zone == before {
                forest.set_zone(below, after);
            } else if zone != NONE {
                let node = self.nodes.at(zone);
                if node.folder == below && node.above == before {
                    self.nodes.at_mut(zone).above = after;
                }
            }
        }
    }
}

/// Rows of facts, by folder.
struct ByFolder {
    rows: Vec<u32>,
    /// Each folder, with the range of its rows; by folder.
    runs: Vec<(u32, Range<usize>)>,
}

impl ByFolder {
    fn new(facts: &[Fact]) -> Self {
        let folder = |row: u32| facts[row as usize].folder;
        let mut rows: Vec<u32> = (0..dense(facts.len())).collect();
        rows.sort_by_key(|&row| folder(row));
        let mut start = 0;
        let runs = rows.chunk_by(|&one, &other| folder(one) == folder(other)).map(|run| {
            let range = start..start + run.len();
            start = range.end;
            (folder(run[0]), range)
        });
        let runs = runs.collect();
        Self { rows, runs }
    }

    fn folders(&self) -> impl Iterator<Item = usize> {
        self.runs.iter().map(|run| run.0 as usize)
    }

    fn rows(&self, folder: u32) -> &[u32] {
        match self.runs.binary_search_by_key(&folder, |run| run.0) {
            Ok(run) => &self.rows[self.runs[run].1.clone()],
            Err(_) => &[],
        }
    }
}

fn shared(rows: &[u32]) -> Rows {
    (!rows.is_empty()).then(|| rows.into())
}

/// Adds up what grants and exclusions say; gives the node, and the entries when they are not few.
fn summarise(grants: &[Fact], exclusions: &[Fact]) -> (Node, Option<Arc<Crowd>>) {
    let mut node = Node::default();
    let mut entries: Vec<Entry> = Vec::with_capacity(grants.len() + exclusions.len());
    let granted = grants.iter().map(|fact| (Subject::granted(fact.holder), fact));
    let excluded = exclusions.iter().filter_map(|fact| match fact.holder.who() {
        Who::Account(account) => Some((Subject::excluded(account), fact)),
        Who::Group(_) | Who::Everyone => None, // only accounts are excluded
    });
    let mut said: Vec<(Subject, &Fact)> = granted.chain(excluded).collect();
    said.sort_by_key(|(subject, _)| *subject);
    for (subject, fact) in said {
        if fact.holder == Holder::EVERYONE {
            node.everyone.add(fact);
            continue;
        }
        if entries.last().is_none_or(|last| last.subject != subject) {
            entries.push(Entry { subject, masks: Masks::default() });
        }
        if let Some(last) = entries.last_mut() {
            last.masks.add(fact);
        }
    }
    node.signature = entries.iter().fold(0, |bits, entry| bits | entry.subject.holder().bit());
    node.length = dense(entries.len());
    if entries.len() > FEW {
        return (node, Some(Arc::new(Crowd::new(entries))));
    }
    node.few[..entries.len()].copy_from_slice(&entries);
    (node, None)
}
