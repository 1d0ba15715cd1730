//! What the engine's errors mean.

use std::sync::Arc;

use crate::store::StoreError;

/// `SQLITE_FULL`: the disk, or the bound on the file's size.
const FULL: &str = "13";
/// `SQLITE_IOERR_SHMSIZE`: no space for the index of the write-ahead log.
const NO_SPACE_FOR_INDEX: &str = "4874";

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
        match (code.as_deref(), &error) {
            (Some(FULL | NO_SPACE_FOR_INDEX), _) => Self::Full,
            (_, sqlx::Error::PoolTimedOut) => Self::Busy,
            (_, sqlx::Error::PoolClosed) => Self::Closed,
            _ => Self::Engine(Arc::new(error)),
        }
    }
}

impl From<sqlx::migrate::MigrateError> for StoreError {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        match error {
            sqlx::migrate::MigrateError::Execute(error) => error.into(),
            other => Self::Engine(Arc::new(other)),
        }
    }
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Engine(Arc::new(error)),
        }
    }
}

/// `SQLITE_CONSTRAINT_TRIGGER`: an event without the one before it.
const NO_SUCCESSOR: &str = "1811";

/// Whether the file holds something else than was expected: a row that can be there only once, or not the event
/// that comes before a new one.
pub(super) fn is_unexpected(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|error| {
        error.is_unique_violation() || error.code().is_some_and(|code| code == NO_SUCCESSOR)
    })
}
