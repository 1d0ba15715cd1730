//! Who can reach this folder?

use roaring::RoaringBitmap;

use super::Snapshot;
use crate::{
    change::Refusal,
    id::{AccountId, FolderId, Holder, Right, Rights, Who},
};

/// Accounts, found by a question.
#[derive(Clone, Debug)]
pub struct Accounts<'s> {
    snapshot: &'s Snapshot,
    found: RoaringBitmap,
}

impl Snapshot {
    /// Everyone who holds one right on a folder, or any right at all. O(c) unions of compressed bitmaps,
    /// and a check for each account with an exclusion on the access chain.
    pub fn who(&self, folder: FolderId, right: Option<Right>) -> Result<Accounts<'_>, Refusal> {
        let folder = self.folder(folder)?;
        let wanted = right.map_or(Rights::ALL, Rights::from);
        // Readers hold nothing but some rights, so those that give only others are gathered apart.
        let (mut found, mut beyond_readers) = (RoaringBitmap::new(), RoaringBitmap::new());
        let mut doubtful = Vec::new();
        for stop in self.walk(folder) {
            let on_itself = stop.node.folder == folder;
            let everyone = (Holder::EVERYONE, stop.node.everyone);
            let granted = stop.entries().iter().filter(|entry| !entry.subject.takes());
            let granted = granted.map(|entry| (entry.subject.holder(), entry.masks));
            for (holder, masks) in [everyone].into_iter().chain(granted) {
                let rights = wanted & Rights::from_bits_truncate(masks.rights(on_itself));
                if rights.is_empty() {
                    continue;
                }
                let readers_too = !(rights & Rights::OF_READERS).is_empty();
                let gathered = if readers_too { &mut found } else { &mut beyond_readers };
                match holder.who() {
                    Who::Everyone => *gathered |= self.people.all(),
                    Who::Group(group) => *gathered |= &*self.people.group(group).members,
                    Who::Account(account) => drop(gathered.insert(account)),
                }
            }
            doubtful.extend(stop.excluded());
        }
        beyond_readers -= self.people.readers();
        found |= beyond_readers;
        found |= self.people.administrators();
        for account in doubtful {
            let reader = self.reader_at(account);
            let holds = |reader: super::Reader<'_>| !(reader.rights_at(folder) & wanted).is_empty();
            if !reader.is_some_and(holds) {
                found.remove(account);
            }
        }
        Ok(Accounts { snapshot: self, found })
    }
}

impl<'s> Accounts<'s> {
    pub(crate) fn new(snapshot: &'s Snapshot, found: RoaringBitmap) -> Self {
        Self { snapshot, found }
    }

    /// How many they are. O(number / 65,536).
    pub fn len(&self) -> usize {
        usize::try_from(self.found.len()).unwrap_or(usize::MAX)
    }

    /// Whether there is none. O(1).
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Whether an account is among them. O(1).
    pub fn contains(&self, account: AccountId) -> bool {
        let index = self.snapshot.people.find_account(account.uuid());
        index.is_some_and(|index| self.found.contains(index))
    }

    /// Their ids, in an order without meaning. O(1) each.
    pub fn iter(&self) -> impl Iterator<Item = AccountId> {
        self.found.iter().map(|index| self.snapshot.people.account(index).id.into())
    }
}
