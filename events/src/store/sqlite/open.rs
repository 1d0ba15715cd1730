//! Opening the file: one writer per data directory, no newer format, an older one lifted.

use std::{
    fs::{File, TryLockError},
    path::Path,
    time::Duration,
};

use sqlx::{
    ConnectOptions, Connection, SqliteConnection, SqlitePool,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::Options;
use crate::store::StoreError;

/// The formats, oldest first.
pub(super) static MIGRATIONS: Migrator = sqlx::migrate!("../migrations/store/sqlite");

/// How many reads run at the same time.
const READERS: u32 = 4;
/// How long a read waits for its turn.
const READ_WAIT: Duration = Duration::from_secs(5);
/// How long a connection waits for a lock that another one holds, for instance a backup.
const LOCK_WAIT: Duration = Duration::from_secs(5);

/// Takes the lock of the data directory; it is held until the file is dropped.
pub(super) fn lock(log: &Path) -> Result<File, StoreError> {
    let path = log.with_file_name("lock");
    let file = File::options().create(true).truncate(false).write(true).open(&path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

/// Gives the lock back. Dropping the file isn't enough: a process that is being started at this moment has inherited it, and
/// holds the lock until it has become another program.
pub(super) fn unlock(lock: &File) {
    if let Err(error) = lock.unlock() {
        tracing::warn!(%error, "the lock of the data directory can't be given back before the end");
    }
}

/// The connection that writes. It leaves checkpoints to [`Checkpoints`](crate::wal::Checkpoints).
pub(super) fn writing(path: &Path, options: &Options) -> SqliteConnectOptions {
    let connection = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // What was acknowledged survives a power cut.
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(LOCK_WAIT)
        .pragma("cache_size", "-8192")
        .pragma("wal_autocheckpoint", "0")
        // The write-ahead log is cut back to this when it starts over.
        .pragma("journal_size_limit", "16777216")
        .disable_statement_logging();
    match options.max_pages {
        Some(pages) => connection.pragma("max_page_count", pages.to_string()),
        None => connection,
    }
}

/// Brings the file to the newest format that this release knows.
pub(super) async fn migrate(options: &SqliteConnectOptions) -> Result<(), StoreError> {
    let mut connection = options.connect().await?;
    refuse_newer(&mut connection).await?;
    MIGRATIONS.run(&mut connection).await?;
    connection.close().await?;
    Ok(())
}

/// The connections that read.
pub(super) async fn readers(path: &Path) -> Result<SqlitePool, StoreError> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .read_only(true)
        .busy_timeout(LOCK_WAIT)
        .pragma("cache_size", "-1024")
        .disable_statement_logging();
    let pool = SqlitePoolOptions::new()
        .max_connections(READERS)
        .acquire_timeout(READ_WAIT)
        .test_before_acquire(false)
        .connect_with(options)
        .await?;
    Ok(pool)
}

/// A format that only a later release knows can't be read safely.
pub(super) async fn refuse_newer(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let known = MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or_default();
    let any = "select count(*) from sqlite_schema where name = '_sqlx_migrations'";
    if sqlx::query_scalar::<_, i64>(any).fetch_one(&mut *connection).await? == 0 {
        return Ok(());
    }
    let newest = "select coalesce(max(version), 0) from _sqlx_migrations";
    let found: i64 = sqlx::query_scalar(newest).fetch_one(connection).await?;
    if found > known { Err(StoreError::NewerFormat { found, known }) } else { Ok(()) }
}
