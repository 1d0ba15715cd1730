//! For tests: how SQLite would run a statement.

use sqlx::{AssertSqlSafe, SqliteConnection};
use tempfile::TempDir;

use crate::{
    generation::{Generation, Writer},
    projection::Layout,
};

/// What may be looked at as a whole: rows that were given, or found before.
const SMALL: [&str; 12] = [
    "(subquery",
    "json_each",
    "VIRTUAL",
    "VALUES CLAUSE",
    "CONSTANT",
    "found",
    "wanted",
    "changed",
    "revoked",
    "asked",
    "SCAN p",
    "SCAN v",
];

/// An empty file of a projection.
pub(crate) struct File {
    generation: Generation,
    _writer: Writer,
    _folder: TempDir,
}

impl File {
    pub(crate) async fn new(layout: &Layout) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let writer = Generation::create(folder.path(), layout, 1).await.unwrap();
        let (generation, writer) =
            Generation::finish(folder.path(), layout, 1, writer).await.unwrap();
        Self { generation, _writer: writer, _folder: folder }
    }

    /// The steps of a statement.
    pub(crate) async fn steps(&self, sql: &str) -> Vec<String> {
        let mut connection = self.generation.readers.acquire().await.unwrap();
        steps(&mut connection, sql).await
    }

    /// No table is looked at as a whole.
    #[track_caller]
    pub(crate) fn assert_no_scan(&self, sql: &str) -> impl Future<Output = ()> {
        let caller = std::panic::Location::caller();
        async move {
            for step in self.steps(sql).await {
                let is_whole =
                    step.starts_with("SCAN ") && !SMALL.iter().any(|it| step.contains(it));
                assert!(!is_whole, "{caller}: {step} in {sql}");
            }
        }
    }

    /// No table is looked at as a whole, and nothing is sorted: rows come in the order of an index.
    #[track_caller]
    pub(crate) fn assert_walk(&self, sql: &str) -> impl Future<Output = ()> {
        let caller = std::panic::Location::caller();
        async move {
            self.assert_no_scan(sql).await;
            for step in self.steps(sql).await {
                assert!(!step.contains("TEMP B-TREE"), "{caller}: {step} in {sql}");
            }
        }
    }
}

async fn steps(connection: &mut SqliteConnection, sql: &str) -> Vec<String> {
    let explained = format!("explain query plan {sql}");
    let rows: Vec<(i64, i64, i64, String)> =
        sqlx::query_as(AssertSqlSafe(explained)).fetch_all(connection).await.unwrap();
    rows.into_iter().map(|(.., step)| step).collect()
}
