//! Accounts, groups, who belongs to what, and what each of them holds.

use std::sync::Arc;

use roaring::RoaringBitmap;
use uuid::Uuid;

use crate::{
    change::Refusal,
    id::{Holder, Kind, Principal, Who},
    lists::List,
    persistent::{Chunks, Directory, Slots, dense},
};

/// What a principal was given and what was taken from it, with the lists that follow.
#[derive(Clone, Debug, Default)]
pub(crate) struct Holdings {
    /// Rows of its grants.
    pub(crate) grants: Vec<u32>,
    /// Rows of its exclusions; accounts only.
    pub(crate) exclusions: Vec<u32>,
    /// What its grants cover.
    pub(crate) granted: List,
    /// What its exclusions cover.
    pub(crate) excluded: List,
}

/// One cache line.
#[derive(Clone, Debug, Default)]
#[repr(align(64))]
pub(crate) struct Account {
    pub(crate) id: Uuid,
    /// None: a freed row.
    pub(crate) kind: Option<Kind>,
    /// Sorted.
    pub(crate) groups: Arc<[u32]>,
    /// The bits of everything it holds rights through: itself and its groups.
    pub(crate) signature: u64,
    pub(crate) holdings: Option<Arc<Holdings>>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Group {
    pub(crate) id: Uuid,
    pub(crate) lives: bool,
    pub(crate) members: Arc<RoaringBitmap>,
    pub(crate) holdings: Option<Arc<Holdings>>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct People {
    accounts: Chunks<Account, 128>,
    account_directory: Directory,
    account_slots: Slots,
    groups: Chunks<Group, 128>,
    group_directory: Directory,
    group_slots: Slots,
    everyone: Arc<Holdings>,
    all: Arc<RoaringBitmap>,
    administrators: Arc<RoaringBitmap>,
    readers: Arc<RoaringBitmap>,
}

/// What most accounts hold themselves.
static NOTHING: Holdings = Holdings {
    grants: Vec::new(),
    exclusions: Vec::new(),
    granted: List::EMPTY,
    excluded: List::EMPTY,
};

impl Account {
    /// Whether the account holds rights through `holder`, which isn't everyone. O(log groups).
    pub(crate) fn holds(&self, index: u32, holder: Holder) -> bool {
        self.signature & holder.bit() != 0
            && match holder.who() {
                Who::Account(account) => account == index,
                Who::Group(group) => self.groups.binary_search(&group).is_ok(),
                Who::Everyone => true,
            }
    }

    /// Everything the account holds rights through.
    pub(crate) fn holders(&self, index: u32) -> impl Iterator<Item = Holder> {
        let groups = self.groups.iter().map(|&group| Holder::group(group));
        [Holder::EVERYONE, Holder::account(index)].into_iter().chain(groups)
    }

    /// What was given to and taken from the account itself.
    pub(crate) fn holdings(&self) -> &Holdings {
        self.holdings.as_deref().unwrap_or(&NOTHING)
    }

    fn regroup(&mut self, index: u32, groups: Arc<[u32]>) {
        let own = Holder::account(index).bit();
        self.signature = groups.iter().fold(own, |bits, &group| bits | Holder::group(group).bit());
        self.groups = groups;
    }
}

impl People {
    /// All accounts and groups at once, with `members[group]`, each sorted. O(n + memberships).
    pub(crate) fn build(
        accounts: Vec<(Uuid, Kind)>,
        groups: Vec<Uuid>,
        members: Vec<RoaringBitmap>,
    ) -> Self {
        let mut joined: Vec<Vec<u32>> = vec![Vec::new(); accounts.len()];
        for (group, members) in members.iter().enumerate() {
            members.iter().for_each(|account| joined[account as usize].push(dense(group)));
        }
        let of_kind = |wanted: fn(Kind) -> bool| {
            let indexes = (0..).zip(&accounts).filter(|(_, account)| wanted(account.1));
            Arc::new(indexes.map(|(index, _)| index).collect::<RoaringBitmap>())
        };
        let (all, administrators, readers) = (
            of_kind(|_| true),
            of_kind(|kind| kind == Kind::Administrator),
            of_kind(|kind| kind == Kind::Reader),
        );
        let account_directory = Directory::of(accounts.iter().map(|account| account.0));
        let rows = (0..).zip(accounts).zip(joined).map(|((index, (id, kind)), joined)| {
            let mut account = Account { id, kind: Some(kind), ..Account::default() };
            account.regroup(index, joined.into());
            account
        });
        let accounts = Chunks::from_vec(rows.collect());
        let group_directory = Directory::of(groups.iter().copied());
        let rows = groups.into_iter().zip(members).map(|(id, members)| Group {
            id,
            lives: true,
            members: Arc::new(members),
            holdings: None,
        });
        let groups = Chunks::from_vec(rows.collect());
        Self {
            accounts,
            account_directory,
            groups,
            group_directory,
            all,
            administrators,
            readers,
            ..Self::default()
        }
    }

    pub(crate) fn find_account(&self, id: Uuid) -> Option<u32> {
        self.account_directory.find(id, |index| self.account(index).id)
    }
    pub(crate) fn find_group(&self, id: Uuid) -> Option<u32> {
        self.group_directory.find(id, |index| self.group(index).id)
    }
    /// The index of a principal. O(1).
    pub(crate) fn holder(&self, principal: Principal) -> Result<Holder, Refusal> {
        match principal {
            Principal::Everyone => Ok(Holder::EVERYONE),
            Principal::Account(id) => {
                let index = self.find_account(id.uuid());
                index.map(Holder::account).ok_or(Refusal::UnknownAccount(id))
            }
            Principal::Group(id) => {
                let index = self.find_group(id.uuid());
                index.map(Holder::group).ok_or(Refusal::UnknownGroup(id))
            }
        }
    }

    pub(crate) fn account(&self, index: u32) -> &Account {
        self.accounts.at(index)
    }
    pub(crate) fn group(&self, index: u32) -> &Group {
        self.groups.at(index)
    }

    /// The kind of the account in a row, if there is a row and an account in it.
    pub(crate) fn kind(&self, index: u32) -> Option<Kind> {
        if (index as usize) < self.accounts.len() { self.account(index).kind } else { None }
    }

    pub(crate) fn all(&self) -> &RoaringBitmap {
        &self.all
    }
    pub(crate) fn administrators(&self) -> &RoaringBitmap {
        &self.administrators
    }
    pub(crate) fn readers(&self) -> &RoaringBitmap {
        &self.readers
    }
    /// How many rows of groups there are, free ones included.
    pub(crate) const fn group_rows(&self) -> u32 {
        dense(self.groups.len())
    }
    /// The rows of living groups.
    pub(crate) fn groups(&self) -> impl Iterator<Item = (u32, &Group)> {
        (0..).zip(self.groups.iter()).filter(|(_, group)| group.lives)
    }

    /// What a principal holds; nothing for rows that don't live here.
    pub(crate) fn holdings(&self, holder: Holder) -> &Holdings {
        let own = match holder.who() {
            Who::Everyone => return &self.everyone,
            Who::Account(index) if (index as usize) < self.accounts.len() => {
                &self.account(index).holdings
            }
            Who::Group(index) if (index as usize) < self.groups.len() => {
                &self.group(index).holdings
            }
            Who::Account(_) | Who::Group(_) => &None,
        };
        own.as_deref().unwrap_or(&NOTHING)
    }

    /// What a living principal holds, to be written.
    pub(crate) fn holdings_mut(&mut self, holder: Holder) -> &mut Holdings {
        let own = match holder.who() {
            Who::Everyone => return Arc::make_mut(&mut self.everyone),
            Who::Account(index) => &mut self.accounts.at_mut(index).holdings,
            Who::Group(index) => &mut self.groups.at_mut(index).holdings,
        };
        Arc::make_mut(own.get_or_insert_default())
    }

    /// The accounts that hold rights through a principal.
    pub(crate) fn holders_of(&self, holder: Holder) -> RoaringBitmap {
        match holder.who() {
            Who::Everyone => (*self.all).clone(),
            Who::Account(index) => RoaringBitmap::from_iter([index]),
            Who::Group(index) if (index as usize) < self.groups.len() => {
                (*self.group(index).members).clone()
            }
            Who::Group(_) => RoaringBitmap::new(),
        }
    }

    pub(crate) fn add_account(&mut self, id: Uuid, kind: Kind) -> Result<u32, Refusal> {
        if self.find_account(id).is_some() {
            return Err(Refusal::Duplicate(id));
        }
        let index = self.account_slots.take(self.accounts.len()).ok_or(Refusal::Full)?;
        let mut account = Account { id, ..Account::default() };
        account.regroup(index, Arc::default());
        self.accounts.put(index, account);
        self.account_directory.insert(index, |index| self.accounts.at(index).id);
        Arc::make_mut(&mut self.all).insert(index);
        self.set_kind(index, Some(kind));
        Ok(index)
    }

    /// The account holds nothing any more and is in no group.
    pub(crate) fn remove_account(&mut self, index: u32) {
        let id = self.account(index).id;
        self.account_directory.remove(id, |index| self.accounts.at(index).id);
        self.set_kind(index, None);
        Arc::make_mut(&mut self.all).remove(index);
        *self.accounts.at_mut(index) = Account { id, ..Account::default() };
        self.account_slots.release(index);
    }

    pub(crate) fn set_kind(&mut self, index: u32, kind: Option<Kind>) {
        self.accounts.at_mut(index).kind = kind;
        for (bitmap, is) in [
            (&mut self.administrators, kind == Some(Kind::Administrator)),
            (&mut self.readers, kind == Some(Kind::Reader)),
        ] {
            if bitmap.contains(index) != is {
                let bitmap = Arc::make_mut(bitmap);
                if is {
                    bitmap.insert(index)
                } else {
                    bitmap.remove(index)
                };
            }
        }
    }

    pub(crate) fn add_group(&mut self, id: Uuid) -> Result<u32, Refusal> {
        if self.find_group(id).is_some() {
            return Err(Refusal::Duplicate(id));
        }
        let index = self.group_slots.take(self.groups.len()).ok_or(Refusal::Full)?;
        self.groups.put(index, Group { id, lives: true, ..Group::default() });
        self.group_directory.insert(index, |index| self.groups.at(index).id);
        Ok(index)
    }

    /// The group holds nothing any more and has no members.
    pub(crate) fn remove_group(&mut self, index: u32) {
        let id = self.group(index).id;
        self.group_directory.remove(id, |index| self.groups.at(index).id);
        *self.groups.at_mut(index) = Group { id, ..Group::default() };
        self.group_slots.release(index);
    }

    pub(crate) fn join(&mut self, group: u32, account: u32) -> Result<(), Refusal> {
        let groups = self.account(account).groups.clone();
        let Err(position) = groups.binary_search(&group) else {
            return Err(Refusal::AlreadyMember);
        };
        let (before, after) = groups.split_at(position);
        let joined = before.iter().chain([&group]).chain(after).copied().collect();
        self.accounts.at_mut(account).regroup(account, joined);
        Arc::make_mut(&mut self.groups.at_mut(group).members).insert(account);
        Ok(())
    }

    pub(crate) fn leave(&mut self, group: u32, account: u32) -> Result<(), Refusal> {
        let groups = self.account(account).groups.clone();
        if groups.binary_search(&group).is_err() {
            return Err(Refusal::NotMember);
        }
        let left = groups.iter().copied().filter(|&other| other != group).collect();
        self.accounts.at_mut(account).regroup(account, left);
        Arc::make_mut(&mut self.groups.at_mut(group).members).remove(account);
        Ok(())
    }

    /// Rows that were freed can be used again.
    pub(crate) fn settle(&mut self) {
        self.account_slots.settle();
        self.group_slots.settle();
    }
}
