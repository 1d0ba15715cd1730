//! Where something begins or ends along the tour of the forest, without labels.

use super::Forest;

/// A place on the tour: entering a folder, just after the folder itself, or leaving it. One word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Edge(u32);

/// Which of the three places of a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Enter,
    AfterSelf,
    Exit,
}

impl Edge {
    /// Where the tour begins.
    pub(crate) const START: Self = Self::enter(super::ROOT);
    /// Where the tour ends.
    pub(crate) const END: Self = Self::exit(super::ROOT);

    pub(crate) const fn enter(folder: u32) -> Self {
        Self(folder << 2)
    }
    pub(crate) const fn after_self(folder: u32) -> Self {
        Self(folder << 2 | 1)
    }
    pub(crate) const fn exit(folder: u32) -> Self {
        Self(folder << 2 | 2)
    }

    pub(crate) const fn folder(self) -> u32 {
        self.0 >> 2
    }
    pub(crate) const fn place(self) -> Place {
        match self.0 & 3 {
            0 => Place::Enter,
            1 => Place::AfterSelf,
            _ => Place::Exit,
        }
    }

    /// The label of this place in `forest`, for now.
    pub(crate) fn label(self, forest: &Forest) -> u64 {
        let folder = self.folder();
        match self.place() {
            Place::Enter => forest.lo(folder),
            Place::AfterSelf => forest.lo(folder) + 1,
            Place::Exit => forest.span(folder).hi,
        }
    }
}
