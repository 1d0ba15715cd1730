//! What may this account do with that folder?

use super::Snapshot;
use crate::{
    change::Refusal,
    id::{AccountId, FolderId, Holder, Kind, Rights},
    people::Account,
};

/// A chain with more entries than this costs more to walk than the lists cost to search.
const WALK: usize = 40;

/// An account of a snapshot, looked up once and asked often.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'s> {
    snapshot: &'s Snapshot,
    index: u32,
    account: &'s Account,
    kind: Kind,
}

impl Snapshot {
    /// All rights of an account on a folder. O(c), or O(g log k) where that is less.
    pub fn check(&self, account: AccountId, folder: FolderId) -> Result<Rights, Refusal> {
        self.reader(account)?.rights_on(folder)
    }

    /// An account, looked up. O(1).
    pub fn reader(&self, account: AccountId) -> Result<Reader<'_>, Refusal> {
        let index = self.account(account)?;
        self.reader_at(index).ok_or(Refusal::UnknownAccount(account))
    }

    pub(crate) fn reader_at(&self, index: u32) -> Option<Reader<'_>> {
        let kind = self.people.kind(index)?;
        Some(Reader { snapshot: self, index, account: self.people.account(index), kind })
    }
}

impl Reader<'_> {
    /// What the account is. O(1).
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// All rights on a folder.
    ///
    /// Walks the access chain; where that shows more than 40 entries, searches the g + 2 interval lists
    /// instead. O(min(c, g log k)).
    pub fn rights_on(&self, folder: FolderId) -> Result<Rights, Refusal> {
        Ok(self.rights_at(self.snapshot.folder(folder)?))
    }

    /// All rights on each of several folders, in their order. The cost of [`Self::rights_on`] for each.
    pub fn rights_on_each(
        &self,
        folders: impl IntoIterator<Item = FolderId>,
    ) -> impl Iterator<Item = Result<Rights, Refusal>> {
        folders.into_iter().map(|folder| self.rights_on(folder))
    }

    pub(crate) fn rights_at(&self, folder: u32) -> Rights {
        if self.kind == Kind::Administrator {
            return Rights::ALL;
        }
        let held = self.by_chain(folder).unwrap_or_else(|| self.by_lists(folder));
        self.kind.cap(Rights::from_bits_truncate(held))
    }

    /// What is granted and not excluded, from the access chain; none when the chain is long.
    pub(crate) fn by_chain(&self, folder: u32) -> Option<u32> {
        let (mut granted, mut excluded, mut seen) = (0, 0, 0);
        for node in self.snapshot.chain.walk(folder) {
            seen += 1 + node.granted.len() + node.excluded.len();
            if seen > WALK {
                return None;
            }
            let on_itself = node.folder == folder;
            granted |= node.everyone.rights(on_itself);
            for entry in &*node.granted {
                if self.account.holds(self.index, entry.holder) {
                    granted |= entry.rights(on_itself);
                }
            }
            for entry in &*node.excluded {
                if entry.holder == Holder::account(self.index) {
                    excluded |= entry.rights(on_itself);
                }
            }
        }
        Some(granted & !excluded)
    }

    /// What is granted and not excluded, from the interval lists.
    pub(crate) fn by_lists(&self, folder: u32) -> u32 {
        let people = &self.snapshot.people;
        let label = self.snapshot.forest.span(folder).lo;
        let granted = self
            .account
            .holders(self.index)
            .fold(0, |granted, holder| granted | people.holdings(holder).granted.at(label));
        granted & !self.account.holdings().excluded.at(label)
    }
}
