//! The next snapshot while it is being written, and what was touched on the way.

mod folders;
mod people;

use roaring::RoaringBitmap;

use crate::{
    change::{Change, Refusal, Refused},
    facts::Fact,
    forest::ROOT,
    id::{AccountId, Coverage, FolderId, GroupId, Holder, Rights, Who},
    lists::{List, Sweep},
    snapshot::Snapshot,
};

/// What a batch touched, by dense index: where before and after can differ.
#[derive(Clone, Debug, Default)]
pub(crate) struct Touched {
    /// Codes of the [`Holder`]s whose grants say something else, or say it about other folders.
    pub(crate) granted: RoaringBitmap,
    /// Accounts whose exclusions do.
    pub(crate) excluded: RoaringBitmap,
    /// Accounts that are new, of another kind, or in other groups.
    pub(crate) accounts: RoaringBitmap,
    /// Folders that were moved.
    pub(crate) moved: RoaringBitmap,
}

/// A snapshot that nobody reads yet.
pub(crate) struct Draft {
    next: Snapshot,
    touched: Touched,
    /// Codes of the holders whose interval lists must be built again.
    stale: RoaringBitmap,
}

impl Draft {
    /// Goes on from a snapshot in which nothing is pending.
    pub(crate) fn after(applied: &Snapshot) -> Self {
        let mut next = applied.clone();
        next.forest.settle();
        next.chain.settle();
        next.people.settle();
        next.grants.settle();
        next.exclusions.settle();
        Self::resume(next, Touched::default())
    }

    /// Goes on from a snapshot that is pending itself.
    pub(crate) fn resume(next: Snapshot, touched: Touched) -> Self {
        Self { next, touched, stale: RoaringBitmap::new() }
    }

    /// Applies a batch and gives the snapshot with all its lists. A refused batch leaves nothing behind.
    pub(crate) fn apply(mut self, changes: &[Change]) -> Result<(Snapshot, Touched), Refused> {
        for (change, asked) in changes.iter().enumerate() {
            self.change(asked).map_err(|refusal| Refused { change, refusal })?;
        }
        let mut sweep = Sweep::default();
        for code in &self.stale {
            self.next.refresh_lists(Holder::from_code(code), &mut sweep);
        }
        self.next.version += 1;
        Ok((self.next, self.touched))
    }

    fn change(&mut self, change: &Change) -> Result<(), Refusal> {
        match *change {
            Change::Grant { grant, principal, folder, rights, coverage } => {
                let holder = self.next.people.holder(principal)?;
                self.add_grant(grant.uuid(), holder, folder, rights, coverage)
            }
            Change::Revoke { grant } => {
                let row =
                    self.next.grants.find(grant.uuid()).ok_or(Refusal::UnknownGrant(grant))?;
                self.drop_grant(row);
                Ok(())
            }
            Change::Exclude { exclusion, account, folder, rights, coverage } => {
                let account = self.account(account)?;
                self.add_exclusion(exclusion.uuid(), account, folder, rights, coverage)
            }
            Change::Readmit { exclusion } => {
                let row = self.next.exclusions.find(exclusion.uuid());
                self.drop_exclusion(row.ok_or(Refusal::UnknownExclusion(exclusion))?);
                Ok(())
            }
            Change::Join { group, account } => {
                self.join(self.group(group)?, self.account(account)?)
            }
            Change::Leave { group, account } => {
                self.leave(self.group(group)?, self.account(account)?)
            }
            Change::Insert { folder, parent } => self.insert(parent, &[(folder, 0)]),
            Change::InsertTree { parent, ref folders } => self.insert(parent, folders),
            Change::Move { folder, parent } => {
                self.shift(self.folder(folder)?, self.parent(parent)?)
            }
            Change::Remove { folder } => {
                self.remove(self.folder(folder)?);
                Ok(())
            }
            Change::AddAccount { account, kind } => {
                let index = self.next.people.add_account(account.uuid(), kind)?;
                self.touched.accounts.insert(index);
                Ok(())
            }
            Change::RemoveAccount { account } => {
                self.remove_account(self.account(account)?);
                Ok(())
            }
            Change::Kind { account, kind } => {
                let index = self.account(account)?;
                self.next.people.set_kind(index, Some(kind));
                self.touched.accounts.insert(index);
                Ok(())
            }
            Change::AddGroup { group } => self.next.people.add_group(group.uuid()).map(drop),
            Change::RemoveGroup { group } => {
                self.remove_group(self.group(group)?);
                Ok(())
            }
        }
    }

    fn add_grant(
        &mut self,
        id: uuid::Uuid,
        holder: Holder,
        folder: FolderId,
        rights: Rights,
        coverage: Coverage,
    ) -> Result<(), Refusal> {
        let folder = self.folder(folder)?;
        let row = self.next.grants.insert(fact(id, holder, folder, rights, coverage)?)?;
        self.next.people.holdings_mut(holder).grants.push(row);
        self.edit(folder, |grants, _| grants.push(row));
        self.touch_granted(holder);
        Ok(())
    }

    fn drop_grant(&mut self, row: u32) {
        let Fact { holder, folder, .. } = *self.next.grants.at(row);
        self.next.people.holdings_mut(holder).grants.retain(|&other| other != row);
        self.edit(folder, |grants, _| grants.retain(|&other| other != row));
        self.next.grants.remove(row);
        self.touch_granted(holder);
    }

    fn add_exclusion(
        &mut self,
        id: uuid::Uuid,
        account: u32,
        folder: FolderId,
        rights: Rights,
        coverage: Coverage,
    ) -> Result<(), Refusal> {
        let (folder, holder) = (self.folder(folder)?, Holder::account(account));
        let row = self.next.exclusions.insert(fact(id, holder, folder, rights, coverage)?)?;
        self.next.people.holdings_mut(holder).exclusions.push(row);
        self.edit(folder, |_, exclusions| exclusions.push(row));
        self.touch_excluded(account);
        Ok(())
    }

    fn drop_exclusion(&mut self, row: u32) {
        let Fact { holder, folder, .. } = *self.next.exclusions.at(row);
        self.next.people.holdings_mut(holder).exclusions.retain(|&other| other != row);
        self.edit(folder, |_, exclusions| exclusions.retain(|&other| other != row));
        self.next.exclusions.remove(row);
        if let Who::Account(account) = holder.who() {
            self.touch_excluded(account);
        }
    }

    fn edit(&mut self, folder: u32, edit: impl FnOnce(&mut Vec<u32>, &mut Vec<u32>)) {
        let facts = (&self.next.grants, &self.next.exclusions);
        self.next.chain.edit(&mut self.next.forest, folder, facts, edit);
    }

    fn touch_granted(&mut self, holder: Holder) {
        self.touched.granted.insert(holder.code());
        self.stale.insert(holder.code());
    }

    fn touch_excluded(&mut self, account: u32) {
        self.touched.excluded.insert(account);
        self.stale.insert(Holder::account(account).code());
    }

    fn account(&self, id: AccountId) -> Result<u32, Refusal> {
        self.next.people.find_account(id.uuid()).ok_or(Refusal::UnknownAccount(id))
    }

    fn group(&self, id: GroupId) -> Result<u32, Refusal> {
        self.next.people.find_group(id.uuid()).ok_or(Refusal::UnknownGroup(id))
    }

    fn folder(&self, id: FolderId) -> Result<u32, Refusal> {
        self.next.forest.find(id.uuid()).ok_or(Refusal::UnknownFolder(id))
    }

    fn parent(&self, id: Option<FolderId>) -> Result<u32, Refusal> {
        id.map_or(Ok(ROOT), |id| self.folder(id))
    }
}

impl Snapshot {
    /// Builds the lists of a holder from its grants and exclusions. O(k log k).
    pub(crate) fn refresh_lists(&mut self, holder: Holder, sweep: &mut Sweep) {
        let holdings = self.people.holdings(holder);
        let fact = |fact: &Fact| (fact.folder, fact.coverage, fact.rights);
        let grants = holdings.grants.iter().map(|&row| fact(self.grants.at(row)));
        let granted = List::build(grants, &self.forest, sweep);
        let exclusions = holdings.exclusions.iter().map(|&row| fact(self.exclusions.at(row)));
        let excluded = List::build(exclusions, &self.forest, sweep);
        if granted != holdings.granted || excluded != holdings.excluded {
            let holdings = self.people.holdings_mut(holder);
            (holdings.granted, holdings.excluded) = (granted, excluded);
        }
    }
}

fn fact(
    id: uuid::Uuid,
    holder: Holder,
    folder: u32,
    rights: Rights,
    coverage: Coverage,
) -> Result<Fact, Refusal> {
    if rights.is_empty() {
        return Err(Refusal::NoRights);
    }
    Ok(Fact { id, holder, folder, rights: rights.bits(), coverage })
}
