//! What can change, as values, and why a change is refused.

use crate::id::{
    AccountId, Coverage, ExclusionId, FolderId, GrantId, GroupId, Kind, Principal, Rights,
};

/// One change of the facts that rights follow from. A batch of them is applied in order, as a whole or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A principal gets rights on a folder.
    Grant {
        /// The new grant.
        grant: GrantId,
        /// Who gets them.
        principal: Principal,
        /// On which folder.
        folder: FolderId,
        /// Which ones; at least one.
        rights: Rights,
        /// The folder, its subfolders, or both.
        coverage: Coverage,
    },
    /// A grant ends.
    Revoke {
        /// The grant.
        grant: GrantId,
    },
    /// Rights on a folder are taken from an account, whoever granted them.
    Exclude {
        /// The new exclusion.
        exclusion: ExclusionId,
        /// Whom they are taken from.
        account: AccountId,
        /// On which folder.
        folder: FolderId,
        /// Which ones; at least one.
        rights: Rights,
        /// The folder, its subfolders, or both.
        coverage: Coverage,
    },
    /// An exclusion ends.
    Readmit {
        /// The exclusion.
        exclusion: ExclusionId,
    },
    /// An account becomes a member of a group.
    Join {
        /// The group.
        group: GroupId,
        /// The account.
        account: AccountId,
    },
    /// An account is a member of a group no longer.
    Leave {
        /// The group.
        group: GroupId,
        /// The account.
        account: AccountId,
    },
    /// A folder comes into being, without subfolders.
    Insert {
        /// The new folder.
        folder: FolderId,
        /// The folder above; none: the top of a tree.
        parent: Option<FolderId>,
    },
    /// Folders come into being as a whole, such as the copy of a structure.
    InsertTree {
        /// The folder above; none: the tops of trees.
        parent: Option<FolderId>,
        /// The folders in preorder: each with its depth, 0 below `parent`, at most one deeper than the one before.
        folders: Vec<(FolderId, u32)>,
    },
    /// A folder moves, with all below it.
    Move {
        /// The folder.
        folder: FolderId,
        /// The folder above from now on; none: the top of a tree.
        parent: Option<FolderId>,
    },
    /// A folder ends, with all below it and the grants and exclusions there.
    Remove {
        /// The folder.
        folder: FolderId,
    },
    /// An account comes into being.
    AddAccount {
        /// The account.
        account: AccountId,
        /// What it is.
        kind: Kind,
    },
    /// An account ends, with its memberships, grants and exclusions.
    RemoveAccount {
        /// The account.
        account: AccountId,
    },
    /// An account becomes another kind.
    Kind {
        /// The account.
        account: AccountId,
        /// What it is from now on.
        kind: Kind,
    },
    /// A group comes into being, without members.
    AddGroup {
        /// The group.
        group: GroupId,
    },
    /// A group ends, with its memberships and grants.
    RemoveGroup {
        /// The group.
        group: GroupId,
    },
}

/// A batch is refused, and nothing of it has changed anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("change {change}: {refusal}")]
pub struct Refused {
    /// Which change of the batch, from 0.
    pub change: usize,
    /// Why.
    pub refusal: Refusal,
}

/// Why a change or a question is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such account.
    #[error("no account {0}")]
    UnknownAccount(AccountId),
    /// There is no such group.
    #[error("no group {0}")]
    UnknownGroup(GroupId),
    /// There is no such folder.
    #[error("no folder {0}")]
    UnknownFolder(FolderId),
    /// There is no such grant.
    #[error("no grant {0}")]
    UnknownGrant(GrantId),
    /// There is no such exclusion.
    #[error("no exclusion {0}")]
    UnknownExclusion(ExclusionId),
    /// The id of something new is in use.
    #[error("the id {0} is in use")]
    Duplicate(uuid::Uuid),
    /// A grant or exclusion without any right.
    #[error("no rights are named")]
    NoRights,
    /// The account is a member of the group.
    #[error("already a member")]
    AlreadyMember,
    /// The account is no member of the group.
    #[error("not a member")]
    NotMember,
    /// A folder can't move below itself.
    #[error("a folder can't be below itself")]
    Cycle,
    /// The depths of an inserted tree don't follow each other.
    #[error("folder {0} of the tree is too deep for the one before it")]
    Depth(usize),
    /// There are more of these than the engine can number (2^29).
    #[error("too many")]
    Full,
}
