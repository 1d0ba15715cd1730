//! The connection that writes: one transaction per group of requests.

use std::sync::Arc;

use quick_cache::unsync::Cache;
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, SqliteConnection, sqlite::SqliteConnectOptions,
};

use super::{
    error::is_unexpected,
    group::{Decided, Rows, decide},
    lookup::{Effort, look_up},
    rows,
};
use crate::{
    Position, Stream, Version,
    store::{Batch, RECEIPT_RETENTION, StoreError},
};

/// How many versions of streams are kept in memory, about 100 bytes each.
const KNOWN_STREAMS: usize = 32_768;

/// Writes groups. After a failure nothing that it knew is trusted.
pub(super) struct Engine {
    options: SqliteConnectOptions,
    /// Absent after a failure, until the next group.
    connection: Option<SqliteConnection>,
    head: Position,
    versions: Cache<Stream, Version>,
}

impl Engine {
    /// Connects, and finds where the log ends.
    pub(super) async fn open(options: SqliteConnectOptions) -> Result<Self, StoreError> {
        let versions = Cache::new(KNOWN_STREAMS);
        let mut engine = Self { options, connection: None, head: Position::START, versions };
        let connection = engine.connect().await?;
        engine.connection = Some(connection);
        Ok(engine)
    }

    /// Where the log ends.
    pub(super) fn head(&self) -> Position {
        self.head
    }

    /// Decides about each request and makes what was admitted durable, in one transaction.
    /// An error concerns all of them, and nothing was appended that anybody was told of.
    pub(super) async fn commit(&mut self, group: &[Batch]) -> Result<Decided, StoreError> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        match self.try_commit(&mut connection, group).await {
            Ok(decided) => {
                self.connection = Some(connection);
                self.head = decided.register.head;
                for event in &decided.events {
                    self.versions.insert(event.stream, event.version);
                }
                Ok(decided)
            }
            Err(error) => {
                // Closing rolls back whatever is open; its own failure changes nothing.
                let _ = connection.close().await;
                Err(error)
            }
        }
    }

    /// The connection that writes, where there is one.
    pub(super) fn connection(&mut self) -> Option<&mut SqliteConnection> {
        self.connection.as_mut()
    }

    /// Closes the connection.
    pub(super) async fn close(self) {
        if let Some(connection) = self.connection {
            let _ = connection.close().await;
        }
    }

    async fn connect(&mut self) -> Result<SqliteConnection, StoreError> {
        let mut connection = self.options.connect().await?;
        let newest = "select coalesce(max(position), 0) from events";
        let head = sqlx::query_scalar(newest).fetch_one(&mut connection).await?;
        self.versions.clear();
        self.head = Position(rows::unsigned(head)?);
        Ok(connection)
    }

    async fn try_commit(
        &mut self,
        connection: &mut SqliteConnection,
        group: &[Batch],
    ) -> Result<Decided, StoreError> {
        let versions = &mut self.versions;
        let register = look_up(connection, self.head, versions, group, Effort::Least).await?;
        let decided = decide(register, group);
        if !decided.refuses() {
            match write(connection, &decided).await {
                Ok(()) => return Ok(decided),
                Err(Unwritten::Unexpected) => {
                    sqlx::raw_sql("rollback").execute(&mut *connection).await?;
                }
                Err(Unwritten::Failed(error)) => return Err(error),
            }
        }
        let register = look_up(connection, self.head, versions, group, Effort::Full).await?;
        let decided = decide(register, group);
        match write(connection, &decided).await {
            Ok(()) => Ok(decided),
            Err(Unwritten::Unexpected) => {
                Err(StoreError::Damaged("something else is there than was found".to_owned()))
            }
            Err(Unwritten::Failed(error)) => Err(error),
        }
    }
}

/// Why a group was not written.
enum Unwritten {
    /// A stream was not at the version, or a claim or receipt was there, that had been taken at its word.
    Unexpected,
    /// Something else.
    Failed(StoreError),
}

/// Writes a group in one round trip; nothing where there is nothing to write.
async fn write(connection: &mut SqliteConnection, decided: &Decided) -> Result<(), Unwritten> {
    let rows =
        decided.rows().map_err(|error| Unwritten::Failed(StoreError::Engine(Arc::new(error))))?;
    let Some(sql) = statements(&rows) else { return Ok(()) };
    let expired = rows.newest_receipt - RECEIPT_RETENTION.num_microseconds().unwrap_or(i64::MAX);
    // Each group forgets more than it adds, so that old receipts go and no group takes long.
    let forgotten = rows.receipt_count * 2;
    let query = sqlx::query(AssertSqlSafe(sql))
        .bind(rows.events)
        .bind(rows.released)
        .bind(rows.taken)
        .bind(rows.receipts)
        .bind(expired)
        .bind(i64::try_from(forgotten).unwrap_or(i64::MAX));
    match query.execute(connection).await {
        Ok(_) => Ok(()),
        Err(error) if is_unexpected(&error) => Err(Unwritten::Unexpected),
        Err(error) => Err(Unwritten::Failed(error.into())),
    }
}

/// One transaction with a statement for each kind of rows that there is. The texts are few,
/// so that the connection keeps them prepared.
fn statements(rows: &Rows) -> Option<String> {
    let parts = [
        (rows.events.is_some(), INSERT_EVENTS),
        (rows.released.is_some(), DELETE_CLAIMS),
        (rows.taken.is_some(), INSERT_CLAIMS),
        (rows.receipts.is_some(), DELETE_RECEIPTS),
        (rows.receipts.is_some(), INSERT_RECEIPTS),
    ];
    let parts: Vec<&str> = parts.iter().filter(|(there, _)| *there).map(|(_, sql)| *sql).collect();
    (!parts.is_empty()).then(|| format!("begin immediate; {}; commit", parts.join("; ")))
}

const INSERT_EVENTS: &str = "insert into events \
    (position, stream, version, id, at, kind, data, cause) \
    select value ->> 0, value ->> 1, value ->> 2, unhex(value ->> 3), value ->> 4, value ->> 5, \
        value ->> 6, value ->> 7 from json_each($1)";

const DELETE_CLAIMS: &str = "delete from claims where (kind, hash, owner) in \
    (select value ->> 0, unhex(value ->> 1), unhex(value ->> 2) from json_each($2))";

const INSERT_CLAIMS: &str = "insert into claims (kind, hash, owner) \
    select value ->> 0, unhex(value ->> 1), unhex(value ->> 2) from json_each($3)";

const DELETE_RECEIPTS: &str = "delete from receipts where key in \
    (select key from receipts where at < $5 order by at limit $6)";

const INSERT_RECEIPTS: &str = "insert into receipts (key, fingerprint, subject, position, at) \
    select unhex(value ->> 0), unhex(value ->> 1), unhex(value ->> 2), value ->> 3, value ->> 4 \
    from json_each($4)";
