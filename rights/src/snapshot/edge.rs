//! Where a run of folders begins and ends, in terms that can be kept.

use super::Snapshot;
use crate::{
    change::Refusal,
    forest::{self, Forest, Place},
    id::FolderId,
};

/// A place on the tour of the forest in preorder. Unlike a label it means the same after folders were inserted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Edge {
    /// Before the first folder.
    Start,
    /// Before a folder.
    Enter(FolderId),
    /// After a folder itself, before the first one below it.
    AfterSelf(FolderId),
    /// After a folder and all below it.
    Exit(FolderId),
    /// After the last folder.
    End,
}

impl Edge {
    pub(crate) fn of(edge: forest::Edge, forest: &Forest) -> Self {
        let id = || forest.id(edge.folder()).into();
        match (edge.folder() == forest::ROOT, edge.place()) {
            (true, Place::Exit) => Self::End,
            (true, Place::Enter | Place::AfterSelf) => Self::Start,
            (false, Place::Enter) => Self::Enter(id()),
            (false, Place::AfterSelf) => Self::AfterSelf(id()),
            (false, Place::Exit) => Self::Exit(id()),
        }
    }

    /// This place in a snapshot.
    pub(crate) fn inside(self, snapshot: &Snapshot) -> Result<forest::Edge, Refusal> {
        Ok(match self {
            Self::Start => forest::Edge::START,
            Self::Enter(folder) => forest::Edge::enter(snapshot.folder(folder)?),
            Self::AfterSelf(folder) => forest::Edge::after_self(snapshot.folder(folder)?),
            Self::Exit(folder) => forest::Edge::exit(snapshot.folder(folder)?),
            Self::End => forest::Edge::END,
        })
    }
}
