//! What a projection is: events in, rows out.

use std::sync::Arc;

use async_trait::async_trait;
use events::store::Stored;
use sqlx::SqliteConnection;

use crate::{Name, writes::Writes};

/// Turns events into rows. Uses no clock and no randomness, so that a rebuild gives equal rows.
#[async_trait]
pub(crate) trait Projection: Send + Sync + 'static {
    /// An event as this projection needs it.
    type Decoded: Send;

    /// Which tables it keeps.
    const LAYOUT: Layout;

    /// Reads a page of the log.
    async fn decode(&self, page: &[Arc<Stored>]) -> Result<Vec<Self::Decoded>, Fault>;

    /// What these events, in their order, change. Reads its own rows, and writes none:
    /// the runner writes, together with the checkpoint.
    async fn project(
        &self,
        rows: &mut SqliteConnection,
        events: Vec<Self::Decoded>,
    ) -> Result<Writes, Fault>;
}

/// The tables of a projection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layout {
    /// Which projection.
    pub(crate) name: Name,
    /// To be raised when equal tables get other contents.
    pub(crate) revision: u32,
    /// The tables, with the indexes that projecting needs.
    pub(crate) tables: &'static str,
    /// All that only reading needs. A rebuild makes it last, when the rows are there.
    pub(crate) indexes: &'static str,
}

impl Layout {
    /// Tells layouts apart: a file with another fingerprint is filled anew.
    pub(crate) fn fingerprint(&self) -> String {
        // FNV-1a: stable between releases of the standard library, which its own hasher isn't.
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for byte in self.tables.bytes().chain(self.indexes.bytes()) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        format!("{}.{hash:016x}", self.revision)
    }
}

/// Why a page can't be applied.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// This event can't be: now and later, until something is mended. Those before it can.
    #[error("{reason}")]
    Event {
        /// Its index in the page.
        index: usize,
        /// Why.
        reason: String,
    },
    /// The file can't be read or written now: to be tried again.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    /// Something else doesn't work now: to be tried again.
    #[error("{0}")]
    Elsewhere(String),
}
