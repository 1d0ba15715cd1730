//! The oracle: plain maps, and an ancestor walk for every question.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::{
    AccountId, Change, Coverage, ExclusionId, FolderId, GrantId, GroupId, Kind, Principal, Rights,
};

type Given<P> = (P, FolderId, Rights, Coverage);

/// The facts, as they were told.
#[derive(Clone, Debug, Default)]
pub(super) struct Model {
    pub(super) folders: BTreeMap<FolderId, Option<FolderId>>,
    pub(super) accounts: BTreeMap<AccountId, Kind>,
    pub(super) groups: BTreeMap<GroupId, BTreeSet<AccountId>>,
    pub(super) grants: BTreeMap<GrantId, Given<Principal>>,
    pub(super) exclusions: BTreeMap<ExclusionId, Given<AccountId>>,
    /// When folders and accounts came into being: one that comes back is another one.
    births: BTreeMap<Uuid, usize>,
    clock: usize,
}

impl Model {
    /// Applies a change; `None` when it must be refused, and then the model is worthless.
    pub(super) fn apply(&mut self, change: &Change) -> Option<()> {
        match change {
            &Change::Grant { grant, principal, folder, rights, coverage } => {
                let known = match principal {
                    Principal::Account(account) => self.accounts.contains_key(&account),
                    Principal::Group(group) => self.groups.contains_key(&group),
                    Principal::Everyone => true,
                };
                let valid = known && self.folders.contains_key(&folder) && !rights.is_empty();
                let given = (principal, folder, rights, coverage);
                (valid && self.grants.insert(grant, given).is_none()).then_some(())
            }
            Change::Revoke { grant } => self.grants.remove(grant).map(drop),
            &Change::Exclude { exclusion, account, folder, rights, coverage } => {
                let known = self.accounts.contains_key(&account);
                let valid = known && self.folders.contains_key(&folder) && !rights.is_empty();
                let given = (account, folder, rights, coverage);
                (valid && self.exclusions.insert(exclusion, given).is_none()).then_some(())
            }
            Change::Readmit { exclusion } => self.exclusions.remove(exclusion).map(drop),
            Change::Join { group, account } => {
                let known = self.accounts.contains_key(account);
                (known && self.groups.get_mut(group)?.insert(*account)).then_some(())
            }
            Change::Leave { group, account } => {
                self.groups.get_mut(group)?.remove(account).then_some(())
            }
            &Change::Insert { folder, parent } => self.insert(folder, parent),
            Change::InsertTree { parent, folders } => {
                let mut path: Vec<Option<FolderId>> = vec![*parent];
                parent.is_none_or(|parent| self.folders.contains_key(&parent)).then_some(())?;
                for &(folder, depth) in folders {
                    path.truncate(depth as usize + 1);
                    (path.len() == depth as usize + 1).then_some(())?;
                    self.insert(folder, path[depth as usize])?;
                    path.push(Some(folder));
                }
                Some(())
            }
            &Change::Move { folder, parent } => {
                let known = parent.is_none_or(|parent| self.folders.contains_key(&parent));
                let cycle =
                    parent.is_some_and(|parent| self.path(parent).any(|above| above == folder));
                (known && !cycle && self.folders.contains_key(&folder)).then_some(())?;
                self.folders.insert(folder, parent).map(drop)
            }
            Change::Remove { folder } => {
                self.folders.contains_key(folder).then_some(())?;
                let all: Vec<FolderId> = self.folders.keys().copied().collect();
                let gone: BTreeSet<FolderId> = all
                    .into_iter()
                    .filter(|&below| self.path(below).any(|above| above == *folder))
                    .collect();
                self.folders.retain(|folder, _| !gone.contains(folder));
                self.grants.retain(|_, given| !gone.contains(&given.1));
                self.exclusions.retain(|_, given| !gone.contains(&given.1));
                Some(())
            }
            &Change::AddAccount { account, kind } => {
                self.accounts.insert(account, kind).is_none().then_some(())?;
                self.bear(account.uuid());
                Some(())
            }
            Change::RemoveAccount { account } => {
                self.accounts.remove(account)?;
                self.groups.values_mut().for_each(|members| _ = members.remove(account));
                self.grants.retain(|_, given| given.0 != Principal::Account(*account));
                self.exclusions.retain(|_, given| given.0 != *account);
                Some(())
            }
            Change::Kind { account, kind } => {
                *self.accounts.get_mut(account)? = *kind;
                Some(())
            }
            Change::AddGroup { group } => {
                self.groups.insert(*group, BTreeSet::new()).is_none().then_some(())
            }
            Change::RemoveGroup { group } => {
                self.groups.remove(group)?;
                self.grants.retain(|_, given| given.0 != Principal::Group(*group));
                Some(())
            }
        }
    }

    fn insert(&mut self, folder: FolderId, parent: Option<FolderId>) -> Option<()> {
        parent.is_none_or(|parent| self.folders.contains_key(&parent)).then_some(())?;
        self.folders.insert(folder, parent).is_none().then_some(())?;
        self.bear(folder.uuid());
        Some(())
    }

    fn bear(&mut self, id: Uuid) {
        self.clock += 1;
        self.births.insert(id, self.clock);
    }

    /// Whether the folder or account is the same one in both.
    pub(super) fn same(&self, other: &Self, id: Uuid) -> bool {
        self.births.get(&id) == other.births.get(&id)
    }

    /// A folder and all above it, nearest first.
    pub(super) fn path(&self, folder: FolderId) -> impl Iterator<Item = FolderId> {
        std::iter::successors(Some(folder), |folder| *self.folders.get(folder)?)
    }

    /// The rights of an account on a folder; none at all for an account that isn't there.
    pub(super) fn rights(&self, account: AccountId, folder: FolderId) -> Rights {
        self.walk(account, Some(folder), |on, coverage| {
            if on == folder { coverage.folder() } else { coverage.subfolders() }
        })
    }

    /// The rights of an account on a folder that would be new below another.
    pub(super) fn rights_below(&self, account: AccountId, parent: Option<FolderId>) -> Rights {
        self.walk(account, parent, |_, coverage| coverage.subfolders())
    }

    /// The grants and exclusions that cover a folder for an account.
    pub(super) fn reasons(&self, account: AccountId, folder: FolderId) -> BTreeSet<Uuid> {
        let covers = |on: FolderId, coverage: Coverage| {
            self.path(folder).any(|above| above == on)
                && if on == folder { coverage.folder() } else { coverage.subfolders() }
        };
        let grants = self
            .grants
            .iter()
            .filter(|(_, given)| self.holds(account, given.0) && covers(given.1, given.3));
        let exclusions = self
            .exclusions
            .iter()
            .filter(|(_, given)| account == given.0 && covers(given.1, given.3));
        grants.map(|(id, _)| id.uuid()).chain(exclusions.map(|(id, _)| id.uuid())).collect()
    }

    fn holds(&self, account: AccountId, principal: Principal) -> bool {
        match principal {
            Principal::Account(other) => other == account,
            Principal::Group(group) => self.groups[&group].contains(&account),
            Principal::Everyone => true,
        }
    }

    fn walk(
        &self,
        account: AccountId,
        from: Option<FolderId>,
        covers: impl Fn(FolderId, Coverage) -> bool,
    ) -> Rights {
        let Some(kind) = self.accounts.get(&account) else { return Rights::NONE };
        let (mut granted, mut excluded) = (Rights::NONE, Rights::NONE);
        for above in from.into_iter().flat_map(|from| self.path(from)) {
            for &(principal, on, rights, coverage) in self.grants.values() {
                if on == above && covers(on, coverage) && self.holds(account, principal) {
                    granted |= rights;
                }
            }
            for &(excluded_account, on, rights, coverage) in self.exclusions.values() {
                if on == above && covers(on, coverage) && excluded_account == account {
                    excluded |= rights;
                }
            }
        }
        kind.cap(granted - excluded)
    }
}
