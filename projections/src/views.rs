//! All read models of the node, and the tasks that keep them up to date.

use std::{path::Path, sync::Arc, time::Duration};

use events::{Position, store::EventStore, vault::Vault};
use tokio::sync::watch;

use crate::{
    Late, Name, NotParked, Progress, RebuildError, Status, directory::Directory, history::History,
};

/// All read models of the node.
#[derive(Debug)]
pub struct Views {}

/// Why the read models can't be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A file can't be opened or made.
    #[error("the read model `{name}` can't be opened: {source}")]
    Database {
        /// Which.
        name: Name,
        /// Why.
        source: sqlx::Error,
    },
    /// The folder can't be read or written.
    #[error("the folder of the read models: {0}")]
    Folder(#[from] std::io::Error),
}

impl Views {
    /// Opens the read models in `folder`, makes what is missing or of another release, and follows the log.
    /// Returns at once: [`caught_up`](Self::caught_up) tells when they show everything.
    pub async fn open(
        folder: &Path,
        store: Arc<dyn EventStore>,
        vault: Arc<Vault>,
    ) -> Result<Self, OpenError> {
        let _ = (folder, store, vault);
        Ok(Self {})
    }

    /// Who and what there is now.
    pub fn directory(&self) -> Directory {
        Directory {}
    }

    /// What happened.
    pub fn history(&self) -> History {
        History {}
    }

    /// Waits until a projection shows everything up to `position`, at most for `within`.
    pub async fn caught_up(
        &self,
        name: Name,
        position: Position,
        within: Duration,
    ) -> Result<(), Late> {
        let _ = within;
        Err(Late { name, at: Position::START, wanted: position })
    }

    /// Waits until every projection shows everything up to `position`, at most for `within`.
    pub async fn all_caught_up(&self, position: Position, within: Duration) -> Result<(), Late> {
        for name in Name::ALL {
            self.caught_up(name, position, within).await?;
        }
        Ok(())
    }

    /// Up to where a projection shows everything.
    pub fn position(&self, name: Name) -> Position {
        let _ = name;
        Position::START
    }

    /// How every projection is doing.
    pub fn statuses(&self) -> Vec<Status> {
        Vec::new()
    }

    /// How a projection is doing.
    pub fn status(&self, name: Name) -> Option<Status> {
        self.statuses().into_iter().find(|status| status.name == name)
    }

    /// Fills a second generation of a projection beside the serving one, which then takes its place.
    /// The channel tells how far it is, and at last how it ended.
    pub fn rebuild(&self, name: Name) -> Result<watch::Receiver<Progress>, RebuildError> {
        Err(RebuildError::AlreadyRunning(name))
    }

    /// Lets a parked projection try its event again.
    pub fn resume(&self, name: Name) -> Result<(), NotParked> {
        Err(NotParked(name))
    }

    /// Stops following the log after the page in hand, and closes the files.
    pub async fn close(&self) {}
}
