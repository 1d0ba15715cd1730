//! What a folder says about somebody.

use crate::{facts::Fact, id::Holder};

/// Whom an entry is about, and whether it gives or takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Subject(u32);

impl Subject {
    /// Above every index that a [`Holder`] can have.
    const TAKES: u32 = 1 << 31;

    /// A holder other than everyone that is granted something.
    pub(crate) const fn granted(holder: Holder) -> Self {
        Self(holder.code())
    }
    /// An account from which something is taken.
    pub(crate) const fn excluded(account: u32) -> Self {
        Self(Holder::account(account).code() | Self::TAKES)
    }

    pub(crate) const fn holder(self) -> Holder {
        Holder::from_code(self.0 & !Self::TAKES)
    }
    /// The account, if it isn't a group.
    pub(crate) const fn account(self) -> u32 {
        (self.0 & !Self::TAKES) >> 1
    }
    /// Whether something is taken.
    pub(crate) const fn takes(self) -> bool {
        self.0 & Self::TAKES != 0
    }
}

/// Rights on the folder of a node itself, and on what is below it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Masks {
    on_itself: u32,
    below: u32,
}

impl Masks {
    /// The rights on the folder of the node itself, or on a folder below it.
    pub(crate) const fn rights(self, on_itself: bool) -> u32 {
        if on_itself { self.on_itself } else { self.below }
    }

    pub(crate) const fn is_none(self) -> bool {
        self.on_itself | self.below == 0
    }

    pub(super) fn add(&mut self, fact: &Fact) {
        if fact.coverage.folder() {
            self.on_itself |= fact.rights;
        }
        if fact.coverage.subfolders() {
            self.below |= fact.rights;
        }
    }
}

/// Everything that a folder gives to one holder, or takes from one account.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Entry {
    pub(crate) subject: Subject,
    pub(crate) masks: Masks,
}
