//! The access chain: from a folder up to the root along the folders that say anything.
//!
//! Few folders carry grants or exclusions. Those that do have a node; every folder knows the nearest
//! node at or above itself, its zone, and every node knows the next one above. So a check walks over a
//! handful of nodes, however deep the folder lies, and a new folder takes over its parent's zone.

use std::sync::Arc;

use crate::{
    facts::{Fact, Facts},
    forest::Forest,
    id::Holder,
    persistent::{Chunks, Slots, dense},
};

/// No node: nothing is said from here on up.
pub(crate) const NONE: u32 = u32::MAX;

/// What a folder says about one holder: on itself, and below itself.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Entry {
    pub(crate) holder: Holder,
    on_itself: u32,
    below: u32,
}

impl Entry {
    /// The rights on the folder of the node itself, or on a folder below it.
    pub(crate) const fn rights(&self, on_itself: bool) -> u32 {
        if on_itself { self.on_itself } else { self.below }
    }
}

/// A folder with grants or exclusions.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) folder: u32,
    /// The next node above.
    pub(crate) above: u32,
    /// What it grants to everyone.
    pub(crate) everyone: Entry,
    /// What it grants to accounts and groups.
    pub(crate) granted: Arc<[Entry]>,
    /// What it takes from accounts.
    pub(crate) excluded: Arc<[Entry]>,
    /// Rows of the grants and exclusions behind all that.
    pub(crate) grants: Arc<[u32]>,
    pub(crate) exclusions: Arc<[u32]>,
}

impl Default for Node {
    fn default() -> Self {
        Self {
            folder: NONE,
            above: NONE,
            everyone: Entry::default(),
            granted: Arc::default(),
            excluded: Arc::default(),
            grants: Arc::default(),
            exclusions: Arc::default(),
        }
    }
}

impl Node {
    /// Everybody about whom it says anything, exclusions apart.
    pub(crate) fn holders(&self) -> impl Iterator<Item = Holder> {
        let everyone =
            (self.everyone.on_itself | self.everyone.below != 0).then_some(Holder::EVERYONE);
        everyone.into_iter().chain(self.granted.iter().map(|entry| entry.holder))
    }
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Chain {
    /// For each folder, the nearest node at or above it.
    zones: Chunks<u32, 1024>,
    nodes: Chunks<Node, 64>,
    slots: Slots,
}

impl Chain {
    /// The chain of a whole forest, from all grants and exclusions. O(folders + grants log grants).
    pub(crate) fn build(forest: &Forest, grants: &[Fact], exclusions: &[Fact]) -> Self {
        let [grants, exclusions] = [grants, exclusions].map(|facts| {
            let mut rows: Vec<u32> = (0..dense(facts.len())).collect();
            rows.sort_by_key(|&row| facts[row as usize].folder);
            (facts, rows)
        });
        let mut zones = vec![NONE; forest.len() as usize + 1];
        let by_folder = |(facts, rows): &(&[Fact], Vec<u32>)| -> Vec<(u32, u32, u32)> {
            let runs = rows.chunk_by(|&a, &b| facts[a as usize].folder == facts[b as usize].folder);
            let mut start = 0;
            let starts = runs.map(|run| {
                let first = start;
                start += dense(run.len());
                (facts[run[0] as usize].folder, first, start)
            });
            starts.collect()
        };
        let (granted, excluded) = (by_folder(&grants), by_folder(&exclusions));
        let mut nodes: Vec<Node> = Vec::with_capacity(granted.len());
        let rows_of = |folder: u32, runs: &[(u32, u32, u32)], rows: &[u32]| -> Arc<[u32]> {
            match runs.binary_search_by_key(&folder, |run| run.0) {
                Ok(run) => rows[runs[run].1 as usize..runs[run].2 as usize].into(),
                Err(_) => Arc::default(),
            }
        };
        let mut carries = vec![false; zones.len()];
        granted.iter().chain(&excluded).for_each(|run| carries[run.0 as usize] = true);
        for folder in forest.preorder() {
            let above = zones[forest.parent(folder) as usize];
            zones[folder as usize] = if carries[folder as usize] {
                let mut node = Node {
                    folder,
                    above,
                    grants: rows_of(folder, &granted, &grants.1),
                    exclusions: rows_of(folder, &excluded, &exclusions.1),
                    ..Node::default()
                };
                summarise(
                    &mut node,
                    |row| &grants.0[row as usize],
                    |row| &exclusions.0[row as usize],
                );
                nodes.push(node);
                dense(nodes.len() - 1)
            } else {
                above
            };
        }
        Self {
            zones: Chunks::from_vec(zones),
            nodes: Chunks::from_vec(nodes),
            slots: Slots::default(),
        }
    }

    /// The nearest node at or above a folder. O(1).
    pub(crate) fn zone(&self, folder: u32) -> u32 {
        *self.zones.at(folder)
    }

    /// The nodes from a folder upwards, nearest first.
    pub(crate) fn walk(&self, folder: u32) -> impl Iterator<Item = &Node> {
        let mut next = self.zone(folder);
        std::iter::from_fn(move || {
            let node = (next != NONE).then(|| self.nodes.at(next))?;
            next = node.above;
            Some(node)
        })
    }

    /// The node of a folder itself.
    pub(crate) fn own(&self, folder: u32) -> Option<&Node> {
        self.walk(folder).next().filter(|node| node.folder == folder)
    }

    /// New folders below a parent: they are in its zone.
    pub(crate) fn insert(&mut self, folders: &[u32], parent: u32) {
        let zone = if self.zones.len() == 0 { NONE } else { self.zone(parent) };
        for &folder in folders {
            while self.zones.len() <= folder as usize {
                self.zones.push(NONE);
            }
            self.zones.put(folder, zone);
        }
    }

    /// A folder was moved, from below a folder of zone `before`. O(m) for m folders moved.
    pub(crate) fn shift(&mut self, forest: &Forest, folder: u32, before: u32) {
        let after = self.zone(forest.parent(folder));
        self.replace(forest, folder, before, after);
    }

    /// The grants and exclusions of a folder are from now on those that `edit` makes of them.
    /// O(entries), and O(m) for m folders below when the node begins or ends.
    pub(crate) fn edit(
        &mut self,
        forest: &Forest,
        folder: u32,
        (grants, exclusions): (&Facts, &Facts),
        edit: impl FnOnce(&mut Vec<u32>, &mut Vec<u32>),
    ) {
        let zone = self.zone(folder);
        let (mut node, index) = match self.own(folder) {
            Some(node) => (node.clone(), zone),
            None => (Node { folder, above: zone, ..Node::default() }, NONE),
        };
        let (mut granted, mut excluded) = (node.grants.to_vec(), node.exclusions.to_vec());
        edit(&mut granted, &mut excluded);
        let empty = granted.is_empty() && excluded.is_empty();
        (node.grants, node.exclusions) = (granted.into(), excluded.into());
        summarise(&mut node, |row| grants.at(row), |row| exclusions.at(row));
        match (index, empty) {
            (NONE, true) => {}
            (NONE, false) => {
                let index = self.slots.take(self.nodes.len()).unwrap_or(dense(self.nodes.len()));
                self.nodes.put(index, node);
                self.replace(forest, folder, zone, index);
            }
            (index, false) => *self.nodes.at_mut(index) = node,
            (index, true) => {
                let above = node.above;
                *self.nodes.at_mut(index) = Node::default();
                self.replace(forest, folder, index, above);
                self.slots.release(index);
            }
        }
    }

    /// A folder ended: its node goes, nobody is in its zone any more.
    pub(crate) fn remove(&mut self, folder: u32) {
        if self.own(folder).is_some() {
            let index = self.zone(folder);
            *self.nodes.at_mut(index) = Node::default();
            self.slots.release(index);
        }
        *self.zones.at_mut(folder) = NONE;
    }

    /// Nodes that were freed can be used again.
    pub(crate) fn settle(&mut self) {
        self.slots.settle();
    }

    /// At and below a folder, what led to node `before` leads to `after`.
    fn replace(&mut self, forest: &Forest, folder: u32, before: u32, after: u32) {
        for below in forest.folders(forest.ranks(folder)) {
            let zone = self.zone(below);
            if zone == before {
                *self.zones.at_mut(below) = after;
            } else if zone != NONE {
                let node = self.nodes.at(zone);
                if node.folder == below && node.above == before {
                    self.nodes.at_mut(zone).above = after;
                }
            }
        }
    }
}

/// Adds up what the rows of a node say.
fn summarise<'f>(
    node: &mut Node,
    grant: impl Fn(u32) -> &'f Fact,
    exclusion: impl Fn(u32) -> &'f Fact,
) {
    let add = |entry: &mut Entry, fact: &Fact| {
        if fact.coverage.folder() {
            entry.on_itself |= fact.rights;
        }
        if fact.coverage.subfolders() {
            entry.below |= fact.rights;
        }
    };
    let sum = |facts: &mut dyn Iterator<Item = &Fact>| -> Vec<Entry> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut sorted: Vec<&Fact> = facts.collect();
        sorted.sort_by_key(|fact| fact.holder);
        for fact in sorted {
            match entries.last_mut() {
                Some(entry) if entry.holder == fact.holder => add(entry, fact),
                _ => {
                    let mut entry = Entry { holder: fact.holder, ..Entry::default() };
                    add(&mut entry, fact);
                    entries.push(entry);
                }
            }
        }
        entries
    };
    let mut granted = sum(&mut node.grants.iter().map(|&row| grant(row)));
    let everyone = granted.pop_if(|entry| entry.holder == Holder::EVERYONE);
    node.everyone = everyone.unwrap_or(Entry { holder: Holder::EVERYONE, ..Entry::default() });
    node.granted = granted.into();
    node.excluded = sum(&mut node.exclusions.iter().map(|&row| exclusion(row))).into();
}
