//! Files of other releases.

use std::{borrow::Cow, path::Path};

use sqlx::{AssertSqlSafe, ConnectOptions, Connection, migrate::Migrator};
use tempfile::TempDir;

use super::*;
use crate::store::sqlite::open::{MIGRATIONS, writing};

/// A file as the release left it whose newest format was `format`, with one event in it.
async fn of_format(format: i64, path: &Path) {
    let mut connection = writing(path, &Options::default()).connect().await.unwrap();
    let known = MIGRATIONS.iter().filter(|migration| migration.version <= format).cloned();
    let older = Migrator { migrations: Cow::Owned(known.collect()), ..Migrator::DEFAULT };
    older.run(&mut connection).await.unwrap();
    let insert = "insert into events (position, stream, version, id, at, kind, data, cause)
        values (1, $1, 1, zeroblob(16), 0, 'sample.happened.v1', '{}', '{}')";
    sqlx::query(insert).bind(stream(1).to_string()).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

#[tokio::test]
async fn an_older_format_is_lifted() {
    let newest = MIGRATIONS.iter().map(|migration| migration.version).max().unwrap();
    assert!(newest >= 2, "there is no older format");
    for format in 1..=newest {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("events.db");
        of_format(format, &path).await;
        let log: Arc<dyn EventStore> = Arc::new(opened(&path).await);
        assert_eq!(whole(&log).await.len(), 1);
        log.append(one(stream(1), 1).receipted(receipt(1, 1))).await.unwrap();
        assert_eq!(whole(&log).await.len(), 2);
    }
}

#[tokio::test]
async fn a_newer_format_is_refused_and_left_alone() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("events.db");
    opened(&path).await.close().await;
    let mut connection = writing(&path, &Options::default()).connect().await.unwrap();
    let later =
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
        values (9999, 'later', true, x'', 0)";
    sqlx::query(AssertSqlSafe(later)).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();

    let before = std::fs::read(&path).unwrap();
    for refused in
        [Sqlite::open(&path, Options::default()).await, Sqlite::open_read_only(&path).await]
    {
        match refused.err() {
            Some(StoreError::NewerFormat { found: 9999, known }) => assert!(known < 9999),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(std::fs::read(&path).unwrap(), before);
}
