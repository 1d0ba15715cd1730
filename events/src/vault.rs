//! What must be able to disappear: person keys, password hashes, token hashes, secrets of second factors, what mails
//! say.
//!
//! The vault is written first, the event second: the event is the switch, so that a crash between
//! them leaves only a row that nothing refers to. It is a SQLite file of its own, beside the log, and
//! the only thing but the log that one backs up. What is deleted here is overwritten.
//!
//! Writes are committed in groups: all that wait share one transaction, and so one fsync.

mod credentials;
mod file;
mod keys;
mod master;
mod parcels;
mod passwords;
mod pepper;
mod secrets;
mod tokens;
mod writer;

use std::{path::Path, sync::Arc};

use sqlx::SqlitePool;

use crate::{
    AccountId,
    loader::{Closed, Loader},
};
pub use {
    credentials::Credential,
    keys::Key,
    master::MasterKey,
    parcels::Parcel,
    pepper::Pepper,
    secrets::SecretKind,
    tokens::{Token, TokenKind},
};

/// The vault of one installation. Clones share it.
#[derive(Clone)]
pub struct Vault {
    reader: SqlitePool,
    writer: writer::Writer,
    keys: Arc<keys::Keys>,
    wrapped: Loader<AccountId, keys::Wrapped, VaultError>,
    pepper: Arc<Pepper>,
}

impl Vault {
    /// Opens the vault in this file, or makes it, readable by its owner only; an older format is migrated.
    pub async fn open(path: &Path, master: MasterKey) -> Result<Self, VaultError> {
        Self::with(file::open(path).await?, master).await
    }

    /// A vault that is gone when the last clone is: for tests.
    pub async fn in_memory() -> Result<Self, VaultError> {
        Self::with(file::in_memory().await?, MasterKey::new([7; 32])).await
    }

    async fn with(file: file::File, master: MasterKey) -> Result<Self, VaultError> {
        let pepper = Arc::new(Pepper::load(&file.writer, &master).await?);
        let keys = Arc::new(keys::Keys::new(master));
        let writer = writer::Writer::start(file.writer, Arc::clone(&keys));
        let wrapped = keys::single(&file.reader);
        Ok(Self { reader: file.reader, writer, keys, wrapped, pepper })
    }

    /// The installation's pepper.
    pub fn pepper(&self) -> &Pepper {
        &self.pepper
    }

    /// Ends the vault once everything that waits is written; later calls fail with [`VaultError::Closed`].
    pub async fn close(&self) {
        self.writer.close().await;
        self.reader.close().await;
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault")
    }
}

/// Why the vault can't be read or written now.
#[derive(Clone, Debug, thiserror::Error)]
pub enum VaultError {
    /// More requests wait than the queue holds, or a reader kept an erasure from being completed: come again.
    #[error("the vault is busy")]
    Busy,
    /// No space is left for the vault; reads go on.
    #[error("no space is left for the vault")]
    Full,
    /// The person's key was destroyed, and there will never be another one.
    #[error("the data of {0} was erased")]
    Erased(AccountId),
    /// The master key is not the one that the vault was made with.
    #[error("the master key doesn't fit this vault")]
    WrongMasterKey,
    /// The vault was written by a newer release.
    #[error(
        "the vault has format {found}, and this release knows formats up to {known}: use the newer release"
    )]
    NewerFormat {
        /// The format that was found.
        found: i64,
        /// The newest format that this release knows.
        known: i64,
    },
    /// What was read is not what was ever written.
    #[error("the vault is damaged: {0}")]
    Damaged(String),
    /// The engine failed.
    #[error("the vault's engine failed: {0}")]
    Engine(Arc<dyn std::error::Error + Send + Sync>),
    /// The vault was closed.
    #[error("the vault is closed")]
    Closed,
}

impl From<Closed> for VaultError {
    fn from(_: Closed) -> Self {
        Self::Closed
    }
}

impl From<sqlx::Error> for VaultError {
    fn from(error: sqlx::Error) -> Self {
        /// `SQLITE_FULL`, and `SQLITE_IOERR_SHMSIZE`: the journal's index can't grow. Other failed writes, and those of a
        /// disk that is dying, are failures of the engine.
        const NO_SPACE: [&str; 2] = ["13", "4874"];
        let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
        match error {
            sqlx::Error::PoolClosed => Self::Closed,
            _ if code.is_some_and(|code| NO_SPACE.contains(&&*code)) => Self::Full,
            error => Self::Engine(Arc::new(error)),
        }
    }
}

/// For `unhex` in a statement whose rows come as one JSON.
fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// What [`hex`] made.
fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).ok());
    digits.map(|pair| u8::from_str_radix(pair.filter(|pair| pair.len() == 2)?, 16).ok()).collect()
}

#[cfg(test)]
mod tests;
