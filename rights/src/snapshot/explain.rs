//! Why may this account do that?

use super::Snapshot;
use crate::{
    change::Refusal,
    id::{AccountId, Coverage, ExclusionId, FolderId, GrantId, GroupId, Holder, Kind, Rights, Who},
};

/// The rights of an account on a folder, with everything that made them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// What it may: the grants together, without the exclusions, as far as the kind allows.
    pub rights: Rights,
    /// What the account is; an administrator may everything, a reader at most view and download.
    pub kind: Kind,
    /// Every grant and exclusion that covers the folder, nearest folder first, grants before exclusions.
    pub reasons: Vec<Reason>,
}

/// A grant or an exclusion that covers the folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Gives rights.
    Granted {
        /// The grant.
        grant: GrantId,
        /// To whom it was given.
        via: Via,
        /// On which folder it was given.
        on: FolderId,
        /// Where it applies from there.
        coverage: Coverage,
        /// Which rights.
        rights: Rights,
    },
    /// Takes rights.
    Excluded {
        /// The exclusion.
        exclusion: ExclusionId,
        /// On which folder it was made.
        on: FolderId,
        /// Where it applies from there.
        coverage: Coverage,
        /// Which rights.
        rights: Rights,
    },
}

/// Through whom an account holds a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    /// It was given to the account itself.
    Itself,
    /// It was given to a group of the account.
    Group(GroupId),
    /// It was given to "All users".
    Everyone,
}

impl Snapshot {
    /// The rights of an account on a folder, and why. O(grants and exclusions of the nodes on the access chain).
    pub fn explain(&self, account: AccountId, folder: FolderId) -> Result<Explanation, Refusal> {
        let (index, folder) = (self.account(account)?, self.folder(folder)?);
        let reader = self.reader_at(index).ok_or(Refusal::UnknownAccount(account))?;
        let row = self.people.account(index);
        let mut reasons = Vec::new();
        let (mut granted, mut excluded) = (Rights::NONE, Rights::NONE);
        for stop in self.walk(folder) {
            let on: FolderId = self.forest.id(stop.node.folder).into();
            let covers = |coverage: Coverage| {
                if stop.node.folder == folder { coverage.folder() } else { coverage.subfolders() }
            };
            for fact in stop.grants().iter().map(|&row| self.grants.at(row)) {
                let held = fact.holder == Holder::EVERYONE || row.holds(index, fact.holder);
                if !held || !covers(fact.coverage) {
                    continue;
                }
                let via = match fact.holder.who() {
                    Who::Account(_) => Via::Itself,
                    Who::Group(group) => Via::Group(self.people.group(group).id.into()),
                    Who::Everyone => Via::Everyone,
                };
                let rights = Rights::from_bits_truncate(fact.rights);
                granted |= rights;
                let (grant, coverage) = (fact.id.into(), fact.coverage);
                reasons.push(Reason::Granted { grant, via, on, coverage, rights });
            }
            for fact in stop.exclusions().iter().map(|&row| self.exclusions.at(row)) {
                if fact.holder != Holder::account(index) || !covers(fact.coverage) {
                    continue;
                }
                let rights = Rights::from_bits_truncate(fact.rights);
                excluded |= rights;
                let (exclusion, coverage) = (fact.id.into(), fact.coverage);
                reasons.push(Reason::Excluded { exclusion, on, coverage, rights });
            }
        }
        let kind = reader.kind();
        Ok(Explanation { rights: kind.cap(granted - excluded), kind, reasons })
    }
}
