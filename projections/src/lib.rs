//! What one sees: read models, projected from the log and local to the node.
//!
//! ```text
//!  EventStore ──subscribe──▶ runner ──rows + checkpoint──▶ DATA/views/NAME.GENERATION.db
//!                              │ position                         │
//!                       caught_up(position)               directory(), history()
//! ```
//!
//! Late, never wrong: rows and checkpoint commit together, an event that can't be applied parks its
//! projection, and a projection uses no clock and no randomness, so that a rebuild equals it row by row.
//! Deleting a file loses nothing.
//!
//! Reading asks for a [`Visible`]: what the caller may see. Whoever has none can't ask.

mod views;

pub mod directory;
pub mod history;

mod page;
mod status;
mod visible;

mod concern;
mod fold;

mod generation;
mod projection;
mod rebuild;
mod runner;
mod seat;
mod writes;

pub use page::{Cursor, Direction, Edge, Page, PageRequest};
pub use status::{Late, Name, NotParked, Parked, Progress, RebuildError, State, Status};
pub use views::{OpenError, Views};
pub use visible::Visible;

/// Why a read model can't be read.
#[derive(Clone, Debug, thiserror::Error)]
pub enum QueryError {
    /// The cursor is of another list or order, or was altered.
    #[error("the cursor doesn't belong to this list")]
    BadCursor,
    /// More is being read at this moment than can be; asking again may do.
    #[error("too much is being read at this moment")]
    Busy,
    /// The database failed.
    #[error("a read model can't be read: {0}")]
    Database(std::sync::Arc<sqlx::Error>),
    /// A row or an event doesn't hold what this release wrote.
    #[error("a read model holds what this release doesn't know: {0}")]
    Content(String),
}

impl From<sqlx::Error> for QueryError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::PoolTimedOut => Self::Busy,
            error => Self::Database(error.into()),
        }
    }
}

impl From<events::loader::Closed> for QueryError {
    fn from(_: events::loader::Closed) -> Self {
        sqlx::Error::PoolClosed.into()
    }
}

#[cfg(test)]
mod plan;
#[cfg(test)]
mod tests;
