//! The facts in a form that can be kept, from which a snapshot is built again.

use roaring::RoaringBitmap;
use rustc_hash::{FxHashMap, FxHashSet};
use uuid::Uuid;

use crate::{
    chain::Chain,
    change::Refusal,
    facts::{Fact, Facts},
    forest::{Forest, ROOT},
    id::{
        AccountId, Coverage, ExclusionId, FolderId, GrantId, GroupId, Holder, Kind, Principal,
        Rights, Who,
    },
    lists::Sweep,
    people::People,
    persistent::dense,
    snapshot::Snapshot,
};

/// All facts of a snapshot, without anything that follows from them: no labels, no lists, no zones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Description {
    /// Each folder with the one above, which comes before it; siblings in the order of the forest.
    pub folders: Vec<(FolderId, Option<FolderId>)>,
    /// Each account with what it is, by id.
    pub accounts: Vec<(AccountId, Kind)>,
    /// Each group with its members, both by id.
    pub groups: Vec<(GroupId, Vec<AccountId>)>,
    /// The grants, by id.
    pub grants: Vec<KeptGrant>,
    /// The exclusions, by id.
    pub exclusions: Vec<KeptExclusion>,
}

/// A grant as it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptGrant {
    /// The grant.
    pub grant: GrantId,
    /// Who holds it.
    pub principal: Principal,
    /// On which folder.
    pub folder: FolderId,
    /// Which rights.
    pub rights: Rights,
    /// The folder, its subfolders, or both.
    pub coverage: Coverage,
}

/// An exclusion as it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptExclusion {
    /// The exclusion.
    pub exclusion: ExclusionId,
    /// Whom the rights are taken from.
    pub account: AccountId,
    /// On which folder.
    pub folder: FolderId,
    /// Which rights.
    pub rights: Rights,
    /// The folder, its subfolders, or both.
    pub coverage: Coverage,
}

/// A description from which no snapshot can be built, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the description contradicts itself: {0}")]
pub struct Invalid(#[from] pub Refusal);

impl Snapshot {
    /// The facts, to be kept. O(n + everything else · log).
    pub fn description(&self) -> Description {
        let (forest, people) = (&self.forest, &self.people);
        let folders = forest.preorder().map(|folder| {
            let parent = forest.parent(folder);
            (forest.id(folder).into(), (parent != ROOT).then(|| forest.id(parent).into()))
        });
        let accounts = people
            .all()
            .iter()
            .filter_map(|index| Some((people.account(index).id.into(), people.kind(index)?)));
        let groups = people.groups().map(|(_, group)| {
            let members = group.members.iter().map(|index| people.account(index).id.into());
            (group.id.into(), sorted(members))
        });
        let holders = || {
            let accounts = people.all().iter().map(Holder::account);
            let groups = people.groups().map(|(index, _)| Holder::group(index));
            [Holder::EVERYONE].into_iter().chain(accounts).chain(groups)
        };
        let grants = holders().flat_map(|holder| &people.holdings(holder).grants).map(|&row| {
            let fact = self.grants.at(row);
            KeptGrant {
                grant: fact.id.into(),
                principal: match fact.holder.who() {
                    Who::Account(index) => Principal::Account(people.account(index).id.into()),
                    Who::Group(index) => Principal::Group(people.group(index).id.into()),
                    Who::Everyone => Principal::Everyone,
                },
                folder: forest.id(fact.folder).into(),
                rights: Rights::from_bits_truncate(fact.rights),
                coverage: fact.coverage,
            }
        });
        let exclusions = holders().flat_map(|holder| {
            let rows = people.holdings(holder).exclusions.iter();
            rows.filter_map(move |&row| {
                let fact = self.exclusions.at(row);
                let Who::Account(account) = holder.who() else { return None };
                Some(KeptExclusion {
                    exclusion: fact.id.into(),
                    account: people.account(account).id.into(),
                    folder: forest.id(fact.folder).into(),
                    rights: Rights::from_bits_truncate(fact.rights),
                    coverage: fact.coverage,
                })
            })
        });
        let mut description = Description {
            folders: folders.collect(),
            accounts: sorted(accounts),
            groups: groups.collect(),
            grants: grants.collect(),
            exclusions: exclusions.collect(),
        };
        description.groups.sort_unstable_by_key(|group| group.0);
        description.grants.sort_unstable_by_key(|grant| grant.grant);
        description.exclusions.sort_unstable_by_key(|exclusion| exclusion.exclusion);
        description
    }

    /// The snapshot of these facts; the same facts give the same snapshot. O(n + grants log grants + memberships).
    pub fn rebuild(description: &Description) -> Result<Self, Invalid> {
        let mut indexes: FxHashMap<Uuid, u32> = FxHashMap::default();
        indexes.reserve(description.folders.len());
        let mut preorder = Vec::with_capacity(description.folders.len());
        let mut path = Vec::new();
        for &(folder, parent) in &description.folders {
            let parent = match parent {
                None => ROOT,
                Some(parent) => {
                    *indexes.get(&parent.uuid()).ok_or(Refusal::UnknownFolder(parent))?
                }
            };
            // In preorder, the parent is on the path to the folder before.
            while path.pop_if(|last| *last != parent).is_some() {}
            if path.is_empty() && parent != ROOT {
                return Err(Invalid(Refusal::Cycle));
            }
            let index = dense(preorder.len() + 1);
            if folder.uuid().is_nil() || indexes.insert(folder.uuid(), index).is_some() {
                return Err(Invalid(Refusal::Duplicate(folder.uuid())));
            }
            preorder.push((folder.uuid(), parent));
            path.push(index);
        }
        let mut forest = Forest::from_preorder(preorder.into_iter());
        let people = people(description)?;
        let folder =
            |id: FolderId| indexes.get(&id.uuid()).copied().ok_or(Refusal::UnknownFolder(id));
        let (mut grants, mut exclusions) = (Vec::new(), Vec::new());
        for grant in &description.grants {
            grants.push(Fact {
                id: grant.grant.uuid(),
                holder: people.holder(grant.principal)?,
                folder: folder(grant.folder)?,
                rights: some(grant.rights)?,
                coverage: grant.coverage,
            });
        }
        for exclusion in &description.exclusions {
            exclusions.push(Fact {
                id: exclusion.exclusion.uuid(),
                holder: people.holder(Principal::Account(exclusion.account))?,
                folder: folder(exclusion.folder)?,
                rights: some(exclusion.rights)?,
                coverage: exclusion.coverage,
            });
        }
        for facts in [&grants, &exclusions] {
            let mut ids = FxHashSet::default();
            if let Some(twice) = facts.iter().find(|fact| !ids.insert(fact.id)) {
                return Err(Invalid(Refusal::Duplicate(twice.id)));
            }
        }
        let chain = Chain::build(&mut forest, &grants, &exclusions);
        let mut snapshot = Self {
            version: 0,
            forest,
            chain,
            people,
            grants: Facts::default(),
            exclusions: Facts::default(),
        };
        snapshot.hold(grants, exclusions);
        Ok(snapshot)
    }

    /// Gives every holder its grants and exclusions, with the lists that follow.
    fn hold(&mut self, grants: Vec<Fact>, exclusions: Vec<Fact>) {
        let mut holders = RoaringBitmap::new();
        for (row, fact) in (0..).zip(&grants) {
            holders.insert(fact.holder.code());
            self.people.holdings_mut(fact.holder).grants.push(row);
        }
        for (row, fact) in (0..).zip(&exclusions) {
            holders.insert(fact.holder.code());
            self.people.holdings_mut(fact.holder).exclusions.push(row);
        }
        (self.grants, self.exclusions) = (Facts::build(grants), Facts::build(exclusions));
        let mut sweep = Sweep::default();
        for code in &holders {
            self.refresh_lists(Holder::from_code(code), &mut sweep);
        }
    }
}

fn people(description: &Description) -> Result<People, Refusal> {
    let mut accounts: FxHashMap<Uuid, u32> = FxHashMap::default();
    for (index, &(account, _)) in (0..).zip(&description.accounts) {
        if accounts.insert(account.uuid(), index).is_some() {
            return Err(Refusal::Duplicate(account.uuid()));
        }
    }
    let (mut groups, mut members) = (Vec::new(), Vec::new());
    let mut seen = FxHashSet::default();
    for (group, joined) in &description.groups {
        if !seen.insert(group.uuid()) {
            return Err(Refusal::Duplicate(group.uuid()));
        }
        let mut bitmap = RoaringBitmap::new();
        for account in joined {
            let index = accounts.get(&account.uuid());
            if !bitmap.insert(*index.ok_or(Refusal::UnknownAccount(*account))?) {
                return Err(Refusal::AlreadyMember);
            }
        }
        groups.push(group.uuid());
        members.push(bitmap);
    }
    let rows = description.accounts.iter().map(|&(account, kind)| (account.uuid(), kind)).collect();
    Ok(People::build(rows, groups, members))
}

fn some(rights: Rights) -> Result<u32, Refusal> {
    if rights.is_empty() { Err(Refusal::NoRights) } else { Ok(rights.bits()) }
}

fn sorted<T: Ord>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut items: Vec<T> = items.collect();
    items.sort_unstable();
    items
}
