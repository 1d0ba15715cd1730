//! One state of everything, to be asked.

mod check;
mod edge;
mod explain;
mod reach;
mod who;

pub use check::Reader;
pub use edge::Edge;
pub use explain::{Explanation, Reason, Via};
pub use reach::{Reach, Run};
pub use who::Accounts;

use crate::{
    chain::{Chain, Stop},
    change::Refusal,
    facts::Facts,
    forest::Forest,
    id::{AccountId, FolderId},
    people::People,
};

/// One state of all folders, accounts, groups, grants and exclusions, with the rights that follow. It never
/// changes: whoever holds one reads on in peace while the next one is made. A clone shares what is alike.
///
/// In what the functions cost, *g* is the number of groups of the account, *k* the number of marks in the
/// interval lists it holds rights through, *n* the number of folders, and *c* the number of nodes on the access
/// chain of the folder with their entries (in a check at most as many as the lists would cost, see
/// [`Reader::rights_on`]).
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub(crate) version: u64,
    pub(crate) forest: Forest,
    pub(crate) chain: Chain,
    pub(crate) people: People,
    pub(crate) grants: Facts,
    pub(crate) exclusions: Facts,
}

impl Default for Snapshot {
    /// Nothing and nobody.
    fn default() -> Self {
        Self {
            version: 0,
            forest: Forest::default(),
            chain: Chain::default(),
            people: People::default(),
            grants: Facts::default(),
            exclusions: Facts::default(),
        }
    }
}

impl Snapshot {
    /// How many batches were applied since the engine was built. It tells two states of one engine apart. O(1).
    pub fn version(&self) -> u64 {
        self.version
    }

    /// How many folders there are. O(1).
    pub fn folders(&self) -> usize {
        self.forest.len() as usize
    }

    /// How many accounts there are. O(1).
    pub fn accounts(&self) -> usize {
        usize::try_from(self.people.all().len()).unwrap_or(usize::MAX)
    }

    /// The folder above; none for the top of a tree. O(1).
    pub fn parent(&self, folder: FolderId) -> Result<Option<FolderId>, Refusal> {
        let parent = self.forest.parent(self.folder(folder)?);
        Ok((parent != crate::forest::ROOT).then(|| self.forest.id(parent).into()))
    }

    /// The structure of a folder: itself and all below it in preorder, with depths from 0, to be copied with
    /// [`Change::InsertTree`](crate::Change::InsertTree) under new ids. O(m + log n) for m folders.
    pub fn structure(&self, folder: FolderId) -> Result<Vec<(FolderId, u32)>, Refusal> {
        let top = self.folder(folder)?;
        let mut path = vec![self.forest.parent(top)];
        let below = self.forest.folders(self.forest.ranks(top)).map(|folder| {
            let parent = self.forest.parent(folder);
            while path.pop_if(|last| *last != parent).is_some() {}
            path.push(folder);
            (self.forest.id(folder).into(), crate::persistent::dense(path.len() - 2))
        });
        Ok(below.collect())
    }

    /// The nodes of the access chain of a folder, nearest first.
    pub(crate) fn walk(&self, folder: u32) -> impl Iterator<Item = Stop<'_>> {
        self.chain.walk(self.forest.zone(folder))
    }

    pub(crate) fn account(&self, id: AccountId) -> Result<u32, Refusal> {
        self.people.find_account(id.uuid()).ok_or(Refusal::UnknownAccount(id))
    }

    pub(crate) fn folder(&self, id: FolderId) -> Result<u32, Refusal> {
        self.forest.find(id.uuid()).ok_or(Refusal::UnknownFolder(id))
    }
}
