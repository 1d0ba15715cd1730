//! Whom and what the engine knows, by the ids of the house.

use events::Id;
pub use events::{
    AccountId,
    value::{Coverage, Right, Rights},
};

/// What a [`FolderId`] identifies.
#[derive(Debug)]
pub enum Folder {}
/// What a [`GroupId`] identifies.
#[derive(Debug)]
pub enum Group {}
/// What a [`GrantId`] identifies.
#[derive(Debug)]
pub enum Grant {}
/// What an [`ExclusionId`] identifies.
#[derive(Debug)]
pub enum Exclusion {}

/// Identifies a folder.
pub type FolderId = Id<Folder>;
/// Identifies a group of accounts.
pub type GroupId = Id<Group>;
/// Identifies a grant.
pub type GrantId = Id<Grant>;
/// Identifies an exclusion.
pub type ExclusionId = Id<Exclusion>;

/// Who can be given rights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Principal {
    /// One account, the smallest group.
    Account(AccountId),
    /// The members of a group, those who join later included.
    Group(GroupId),
    /// "All users": every account there is.
    Everyone,
}

/// What an account is; caps or lifts what it is granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Holds every right on every folder; exclusions don't bind.
    Administrator,
    /// Holds what it is granted.
    Full,
    /// Holds what it is granted, at most view and download.
    Reader,
}

impl Kind {
    /// What is left of `granted` for this kind. O(1).
    pub fn cap(self, granted: Rights) -> Rights {
        match self {
            Self::Administrator => Rights::ALL,
            Self::Full => granted,
            Self::Reader => granted & Rights::OF_READERS,
        }
    }
}

/// A principal inside the engine: a dense index with its kind in the lowest bit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Holder(u32);

impl Holder {
    pub(crate) const EVERYONE: Self = Self(u32::MAX);

    pub(crate) const fn account(index: u32) -> Self {
        Self(index << 1)
    }
    pub(crate) const fn group(index: u32) -> Self {
        Self(index << 1 | 1)
    }
    pub(crate) const fn from_code(code: u32) -> Self {
        Self(code)
    }
    pub(crate) const fn code(self) -> u32 {
        self.0
    }

    pub(crate) const fn who(self) -> Who {
        match (self.0, self.0 & 1) {
            (u32::MAX, _) => Who::Everyone,
            (code, 0) => Who::Account(code >> 1),
            (code, _) => Who::Group(code >> 1),
        }
    }

    /// One of 64 bits: what an account's signature lacks, the account doesn't hold.
    pub(crate) const fn bit(self) -> u64 {
        1 << (self.hash() >> 26)
    }

    /// Well mixed in its upper bits.
    pub(crate) const fn hash(self) -> u32 {
        self.0.wrapping_mul(0x9E37_79B1)
    }
}

/// What a [`Holder`] stands for, by dense index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    Account(u32),
    Group(u32),
    Everyone,
}
