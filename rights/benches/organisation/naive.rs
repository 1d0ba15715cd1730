//! The same questions by walking up the ancestors, over plain hash maps.

use std::collections::HashMap;

use rights::{AccountId, Coverage, Description, FolderId, GroupId, Kind, Principal, Rights};

/// The facts, with the grants and exclusions found by folder.
pub(crate) struct Naive {
    pub(crate) folders: Vec<FolderId>,
    pub(crate) accounts: Vec<AccountId>,
    parents: HashMap<FolderId, Option<FolderId>>,
    kinds: HashMap<AccountId, Kind>,
    groups: HashMap<AccountId, Vec<GroupId>>,
    grants: HashMap<FolderId, Vec<(Principal, Rights, Coverage)>>,
    exclusions: HashMap<FolderId, Vec<(AccountId, Rights, Coverage)>>,
}

impl Naive {
    pub(crate) fn new(description: &Description) -> Self {
        let mut groups: HashMap<AccountId, Vec<GroupId>> = HashMap::new();
        for (group, members) in &description.groups {
            for &account in members {
                groups.entry(account).or_default().push(*group);
            }
        }
        let mut grants: HashMap<FolderId, Vec<_>> = HashMap::new();
        for grant in &description.grants {
            let given = (grant.principal, grant.rights, grant.coverage);
            grants.entry(grant.folder).or_default().push(given);
        }
        let mut exclusions: HashMap<FolderId, Vec<_>> = HashMap::new();
        for exclusion in &description.exclusions {
            let taken = (exclusion.account, exclusion.rights, exclusion.coverage);
            exclusions.entry(exclusion.folder).or_default().push(taken);
        }
        Self {
            folders: description.folders.iter().map(|folder| folder.0).collect(),
            accounts: description.accounts.iter().map(|account| account.0).collect(),
            parents: description.folders.iter().copied().collect(),
            kinds: description.accounts.iter().copied().collect(),
            groups,
            grants,
            exclusions,
        }
    }

    /// All rights of an account on a folder.
    pub(crate) fn check(&self, account: AccountId, folder: FolderId) -> Rights {
        let (mut granted, mut excluded) = (Rights::NONE, Rights::NONE);
        let mut next = Some(folder);
        while let Some(above) = next {
            let covers = |coverage: Coverage| {
                if above == folder { coverage.folder() } else { coverage.subfolders() }
            };
            for &(principal, rights, coverage) in self.grants.get(&above).into_iter().flatten() {
                let holds = match principal {
                    Principal::Everyone => true,
                    Principal::Account(other) => other == account,
                    Principal::Group(group) => {
                        self.groups.get(&account).is_some_and(|groups| groups.contains(&group))
                    }
                };
                if holds && covers(coverage) {
                    granted |= rights;
                }
            }
            for &(other, rights, coverage) in self.exclusions.get(&above).into_iter().flatten() {
                if other == account && covers(coverage) {
                    excluded |= rights;
                }
            }
            next = self.parents[&above];
        }
        self.kinds[&account].cap(granted - excluded)
    }

    /// Everyone who holds a right on a folder.
    pub(crate) fn who(&self, folder: FolderId) -> usize {
        self.accounts.iter().filter(|&&account| !self.check(account, folder).is_empty()).count()
    }

    /// Everything an account can reach.
    pub(crate) fn reach(&self, account: AccountId) -> usize {
        self.folders.iter().filter(|&&folder| !self.check(account, folder).is_empty()).count()
    }
}
