//! What may this account do with that folder?

use super::Snapshot;
use crate::{
    chain::{Entry, Masks, Stop, Subject},
    change::Refusal,
    id::{AccountId, FolderId, Holder, Kind, Rights},
    people::Account,
};

/// To search one interval list costs as much as looking for so many entries along the chain. Tests take both ways.
const LIST: usize = if cfg!(test) { 2 } else { 16 };

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
    /// Walks the access chain; where that takes longer than to search the g + 2 interval lists, searches those
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
        let holders = self.account.groups.len() + 2;
        let (mut granted, mut excluded, mut effort) = (0, 0, holders * LIST);
        for stop in self.snapshot.walk(folder) {
            effort = effort.checked_sub(1)?;
            let on_itself = stop.node.folder == folder;
            granted |= stop.node.everyone.rights(on_itself);
            if stop.node.signature & self.account.signature == 0 {
                continue;
            }
            effort = effort.checked_sub(stop.len().min(holders))?;
            self.said(stop, |takes, masks| {
                let side = if takes { &mut excluded } else { &mut granted };
                *side |= masks.rights(on_itself);
            });
        }
        Some(granted & !excluded)
    }

    /// What a node says about the account and its groups, and whether it takes that: each entry is looked for
    /// among those the account holds through, or the other way round, whichever are fewer.
    fn said(&self, stop: Stop<'_>, mut say: impl FnMut(bool, Masks)) {
        match stop.crowd() {
            Some(crowd) if stop.len() > self.account.groups.len() => {
                if let Some(masks) = crowd.find(Subject::excluded(self.index)) {
                    say(true, masks);
                }
                if let Some(masks) = crowd.find(Subject::granted(Holder::account(self.index))) {
                    say(false, masks);
                }
                for &group in &*self.account.groups {
                    if let Some(masks) = crowd.find(Subject::granted(Holder::group(group))) {
                        say(false, masks);
                    }
                }
            }
            _ => {
                for &Entry { subject, masks } in stop.entries() {
                    let meant = if subject.takes() {
                        subject.account() == self.index
                    } else {
                        self.account.holds(self.index, subject.holder())
                    };
                    if meant {
                        say(subject.takes(), masks);
                    }
                }
            }
        }
    }

    /// What is granted and not excluded, from the interval lists.
    pub(crate) fn by_lists(&self, folder: u32) -> u32 {
        let people = &self.snapshot.people;
        let label = self.snapshot.forest.lo(folder);
        let granted = self
            .account
            .holders(self.index)
            .fold(0, |granted, holder| granted | people.holdings(holder).granted.at(label));
        granted & !self.account.holdings().excluded.at(label)
    }
}
