//! What a projection is: events in, rows out.

use std::sync::Arc;

use async_trait::async_trait;
use events::store::Stored;
use sqlx::SqliteConnection;

use crate::Name;

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

/// Statements with their rows. All of them, with the checkpoint, are one transaction and one call of the driver,
/// which costs more than a small statement does.
#[derive(Debug, Default)]
pub(crate) struct Writes(Vec<Statement>);

/// A statement with its rows.
#[derive(Debug)]
pub(crate) struct Statement {
    /// Has exactly one `?`: a JSON array of rows.
    pub(crate) sql: &'static str,
    /// The JSON array.
    pub(crate) rows: String,
    /// Whether it writes what [`Layout::indexes`] makes of all rows, and has no place before that.
    pub(crate) is_index: bool,
}

impl Writes {
    /// Adds a statement that has exactly one `?`: a JSON array of rows. Without rows, adds nothing.
    pub(crate) fn add(&mut self, sql: &'static str, rows: Rows) {
        if !rows.is_empty() {
            self.0.push(Statement { sql, rows: rows.json(), is_index: false });
        }
    }

    /// Adds a statement that keeps up what [`Layout::indexes`] makes of all rows.
    pub(crate) fn add_index(&mut self, sql: &'static str, rows: Rows) {
        if !rows.is_empty() {
            self.0.push(Statement { sql, rows: rows.json(), is_index: true });
        }
    }

    /// The statements, each with its rows.
    pub(crate) fn statements(&self) -> &[Statement] {
        &self.0
    }
}

/// The rows of a statement, as a JSON array.
#[derive(Debug, Default)]
pub(crate) struct Rows(String);

impl Rows {
    /// Adds a row.
    pub(crate) fn push(&mut self, row: &impl serde::Serialize) -> Result<(), serde_json::Error> {
        self.0.push(if self.0.is_empty() { '[' } else { ',' });
        self.0.push_str(&serde_json::to_string(row)?);
        Ok(())
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn json(mut self) -> String {
        self.0.push(']');
        self.0
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
