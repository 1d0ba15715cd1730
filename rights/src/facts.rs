//! The grants and the exclusions themselves.

use uuid::Uuid;

use crate::{
    change::Refusal,
    id::{Coverage, Holder},
    persistent::{Chunks, Directory, Slots},
};

/// Rights of a holder on a folder: given, or taken away.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fact {
    pub(crate) id: Uuid,
    pub(crate) holder: Holder,
    pub(crate) folder: u32,
    pub(crate) rights: u32,
    pub(crate) coverage: Coverage,
}

impl Default for Fact {
    fn default() -> Self {
        Self {
            id: Uuid::nil(),
            holder: Holder::EVERYONE,
            folder: 0,
            rights: 0,
            coverage: Coverage::Folder,
        }
    }
}

/// A table of grants, or of exclusions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    rows: Chunks<Fact, 256>,
    directory: Directory,
    slots: Slots,
}

impl Facts {
    /// A table of facts with different ids. O(n).
    pub(crate) fn build(rows: Vec<Fact>) -> Self {
        let directory = Directory::of(rows.iter().map(|fact| fact.id));
        Self { rows: Chunks::from_vec(rows), directory, slots: Slots::default() }
    }

    pub(crate) fn at(&self, row: u32) -> &Fact {
        self.rows.at(row)
    }

    pub(crate) fn find(&self, id: Uuid) -> Option<u32> {
        self.directory.find(id, |row| self.rows.at(row).id)
    }

    pub(crate) fn insert(&mut self, fact: Fact) -> Result<u32, Refusal> {
        if self.find(fact.id).is_some() {
            return Err(Refusal::Duplicate(fact.id));
        }
        let row = self.slots.take(self.rows.len()).ok_or(Refusal::Full)?;
        self.rows.put(row, fact);
        self.directory.insert(row, |row| self.rows.at(row).id);
        Ok(row)
    }

    pub(crate) fn remove(&mut self, row: u32) {
        let id = self.rows.at(row).id;
        self.directory.remove(id, |row| self.rows.at(row).id);
        self.slots.release(row);
    }

    /// Rows that were freed can be used again.
    pub(crate) fn settle(&mut self) {
        self.slots.settle();
    }
}
