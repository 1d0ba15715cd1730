//! Folders come, move and go.

use crate::{
    change::Refusal,
    draft::Draft,
    forest::{Placed, ROOT},
    id::{FolderId, Holder},
};

impl Draft {
    pub(super) fn insert(
        &mut self,
        parent: Option<FolderId>,
        folders: &[(FolderId, u32)],
    ) -> Result<(), Refusal> {
        let parent = self.parent(parent)?;
        let folders: Vec<_> = folders.iter().map(|&(id, depth)| (id.uuid(), depth)).collect();
        let placed = self.next.forest.insert(parent, &folders)?;
        self.relabelled(&placed);
        Ok(())
    }

    pub(super) fn shift(&mut self, folder: u32, parent: u32) -> Result<(), Refusal> {
        if self.next.forest.is_within(parent, folder) {
            return Err(Refusal::Cycle);
        }
        let before = self.next.forest.parent(folder);
        if before == parent {
            return Ok(());
        }
        self.touch_above(before);
        let zone = self.next.forest.zone(before);
        let placed = self.next.forest.shift(folder, parent)?;
        self.next.chain.shift(&mut self.next.forest, folder, zone);
        self.touch_above(parent);
        self.touched.moved.insert(folder);
        self.stale_below(folder);
        self.relabelled(&placed);
        Ok(())
    }

    pub(super) fn remove(&mut self, folder: u32) {
        let below: Vec<u32> = {
            let forest = &self.next.forest;
            forest.folders(forest.ranks(folder)).collect()
        };
        for &below in &below {
            let Some(own) = self.next.chain.own(&self.next.forest, below) else { continue };
            let (grants, exclusions) = (own.grants().to_vec(), own.exclusions().to_vec());
            for row in grants {
                let holder = self.next.grants.at(row).holder;
                self.next.people.holdings_mut(holder).grants.retain(|&other| other != row);
                self.next.grants.remove(row);
                self.stale.insert(holder.code());
            }
            for row in exclusions {
                let holder = self.next.exclusions.at(row).holder;
                self.next.people.holdings_mut(holder).exclusions.retain(|&other| other != row);
                self.next.exclusions.remove(row);
                self.stale.insert(holder.code());
            }
        }
        for folder in below {
            self.next.chain.remove(folder, self.next.forest.zone(folder));
        }
        self.next.forest.remove(folder);
    }

    /// What the nodes from a folder upwards say begins or ends to hold for a moved part.
    fn touch_above(&mut self, folder: u32) {
        for stop in self.next.walk(folder) {
            self.touched.granted.extend(stop.holders().map(Holder::code));
            self.touched.excluded.extend(stop.excluded());
        }
    }

    fn relabelled(&mut self, placed: &Placed) {
        match *placed {
            Placed::Fitted => {}
            Placed::Relabelled(folder) => self.stale_below(folder),
        }
    }

    /// The labels at and below a folder are new, so the lists that hold them must be built again.
    fn stale_below(&mut self, folder: u32) {
        let forest = &self.next.forest;
        let ranks = if folder == ROOT { 0..forest.len() } else { forest.ranks(folder) };
        for below in forest.folders(ranks) {
            if let Some(own) = self.next.chain.own(forest, below) {
                self.stale.extend(
                    own.holders().chain(own.excluded().map(Holder::account)).map(Holder::code),
                );
            }
        }
    }
}
