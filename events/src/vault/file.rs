//! The file of the vault: how it is opened, and its format.

use std::{path::Path, time::Duration};

use sqlx::{
    SqlitePool,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::VaultError;

static MIGRATIONS: Migrator = sqlx::migrate!("../migrations/vault/sqlite");

/// How long a connection waits for a lock.
const PATIENCE: Duration = Duration::from_secs(5);
const READERS: u32 = 4;

/// The ways into one file: many readers, one writer.
pub(super) struct File {
    pub(super) reader: SqlitePool,
    pub(super) writer: SqlitePool,
}

pub(super) async fn open(path: &Path) -> Result<File, VaultError> {
    let mut file = tokio::fs::OpenOptions::new();
    file.create(true).append(true);
    #[cfg(unix)]
    file.mode(0o600);
    file.open(path).await.map_err(sqlx::Error::from)?;

    let options = SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(PATIENCE)
        // What is deleted is overwritten with zeros.
        .pragma("secure_delete", "on");
    let writer = pool(1).connect_with(options.clone()).await?;
    migrate(&writer).await?;
    let reader = pool(READERS).connect_with(options.pragma("query_only", "on")).await?;
    Ok(File { reader, writer })
}

pub(super) async fn in_memory() -> Result<File, VaultError> {
    // One connection for all: with a second one the memory would be another one.
    let writer = pool(1).connect_with(SqliteConnectOptions::new().in_memory(true)).await?;
    migrate(&writer).await?;
    Ok(File { reader: writer.clone(), writer })
}

fn pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
}

async fn migrate(pool: &SqlitePool) -> Result<(), VaultError> {
    let known = MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or_default();
    let found = format(pool).await?;
    if found > known {
        return Err(VaultError::NewerFormat { found, known });
    }
    MIGRATIONS.run(pool).await.map_err(|error| match error {
        sqlx::migrate::MigrateError::Execute(error) => error.into(),
        error => VaultError::Damaged(error.to_string()),
    })
}

/// The format of the file: the number of its newest migration; 0 of an empty file.
async fn format(pool: &SqlitePool) -> Result<i64, VaultError> {
    let migrated: bool = sqlx::query_scalar(
        "select exists (select 1 from sqlite_schema where name = '_sqlx_migrations')",
    )
    .fetch_one(pool)
    .await?;
    if !migrated {
        return Ok(0);
    }
    let newest: Option<i64> =
        sqlx::query_scalar("select max(version) from _sqlx_migrations").fetch_one(pool).await?;
    Ok(newest.unwrap_or_default())
}
