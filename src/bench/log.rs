//! The log alone, beside bare SQLite with the same rows.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use events::{
    Stream, Version,
    store::{
        Batch, EventStore, NewEvent, Write,
        sqlite::{Options, Sqlite},
    },
};
use serde_json::json;
use sqlx::{
    ConnectOptions, Connection, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{
    BenchError,
    report::{Figure, Target, Unit},
    sample::{Samples, median, rate},
};

/// Writers at once.
const WRITERS: usize = 64;
/// The disk of a shared machine has moods: both sides take turns, so that they meet the same ones.
const ROUNDS: usize = 5;
const KIND: &str = "account.deactivated.v1";
/// As large as an event with one sealed text.
const DATA: &str = r#"{"reason":{"sealed":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+P0BBQkNERUZHSElKS0xN"}}"#;
/// As large as the cause of a request that came through a session.
const CAUSE: &str = r#"{"actor":{"type":"account","account":"01900000-0000-7000-8000-000000000001","session":"01900000-0000-7000-8000-000000000002"},"origin":{"sealed":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4"},"request":"01900000-0000-7000-8000-000000000003","action":"accountDeactivate"}"#;

/// Measures appends for about `time` on each side.
pub(super) async fn measure(scratch: &Path, time: Duration) -> Result<Vec<Figure>, BenchError> {
    let mut bare = Bare::open(&scratch.join("bare.db")).await?;
    let log = Arc::new(Sqlite::open(&scratch.join("events.db"), Options::default()).await?);
    let turn = time / u32::try_from(ROUNDS).unwrap_or(1);

    let (mut bare_one, mut log_one) = (Samples::default(), Samples::default());
    let (mut bare_many, mut log_many) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        bare_one.extend([bare.commit_for(1, turn / 2).await?.0]);
        log_one.extend([append_for(&log, 1, turn / 2).await?.0]);
        bare_many.push(bare.commit_for(WRITERS, turn).await?.1);
        log_many.push(append_for(&log, WRITERS, turn).await?.1);
    }
    bare.close().await;
    log.close().await;

    let (bare_p50, log_p50) = (bare_one.percentile(50), log_one.percentile(50));
    let (bare_rate, log_rate) = (median(bare_many), median(log_many));
    Ok(vec![
        Figure::plain(
            "bare SQLite commit of one row, synchronous=FULL, p50",
            bare_p50,
            Unit::Milliseconds,
        ),
        Figure::aimed(
            "append, one client, p50",
            log_p50,
            Unit::Milliseconds,
            Target::AtMost(bare_p50 + 0.1),
        ),
        Figure::plain("bare SQLite group commit, 64 rows each", bare_rate, Unit::PerSecond),
        Figure::aimed("appends, 64 clients", log_rate, Unit::PerSecond, Target::AtLeast(15_000.0)),
        Figure::aimed(
            "appends of what bare SQLite does",
            100.0 * log_rate / bare_rate,
            Unit::Percent,
            Target::AtLeast(50.0),
        ),
    ])
}

/// How long a bare commit of one row takes; measured around other things.
pub(super) async fn bare_commits(scratch: &Path, time: Duration) -> Result<Samples, BenchError> {
    let mut bare = Bare::open(&scratch.join("bare.db")).await?;
    let samples = bare.commit_for(1, time).await?.0;
    bare.close().await;
    Ok(samples)
}

/// Each writer appends to a stream of its own, one event at a time; answers per-append times and the rate.
async fn append_for(
    log: &Arc<Sqlite>,
    writers: usize,
    time: Duration,
) -> Result<(Samples, f64), BenchError> {
    let began = Instant::now();
    let mut tasks = JoinSet::new();
    for _ in 0..writers {
        let log = Arc::clone(log);
        tasks.spawn(async move {
            let stream = Stream::Account(Uuid::now_v7().into());
            let (kind, cause): (Arc<str>, Arc<str>) = (KIND.into(), CAUSE.into());
            let mut samples = Samples::default();
            for version in 0.. {
                if began.elapsed() > time {
                    break;
                }
                let id = Uuid::now_v7().into();
                let event = NewEvent { id, kind: kind.clone(), data: DATA.into() };
                let write = Write { stream, expected: Version(version), events: vec![event] };
                let batch = Batch {
                    writes: vec![write],
                    claims: Vec::new(),
                    receipt: None,
                    at: Utc::now(),
                    cause: cause.clone(),
                };
                let asked = Instant::now();
                log.append(batch).await.map_err(BenchError::odd)?;
                samples.push(asked.elapsed());
            }
            Ok::<_, BenchError>(samples)
        });
    }
    let mut samples = Samples::default();
    for done in tasks.join_all().await {
        samples.extend([done?]);
    }
    let rate = rate(samples.len(), began.elapsed());
    Ok((samples, rate))
}

/// SQLite with the table of the log, and nothing around it.
struct Bare {
    connection: SqliteConnection,
    position: usize,
    streams: Vec<String>,
}

impl Bare {
    async fn open(path: &Path) -> Result<Self, BenchError> {
        let mut connection = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .disable_statement_logging()
            .connect()
            .await?;
        let table = "create table if not exists events (
            position integer primary key, stream text not null, version integer not null,
            id blob not null, at integer not null, kind text not null, data text not null,
            cause text not null, unique (stream, version)) strict";
        sqlx::raw_sql(table).execute(&mut connection).await?;
        let newest = "select coalesce(max(position), 0) from events";
        let position: i64 = sqlx::query_scalar(newest).fetch_one(&mut connection).await?;
        let streams = (0..WRITERS).map(|_| format!("account-{}", Uuid::now_v7())).collect();
        Ok(Self { connection, position: usize::try_from(position).unwrap_or(0), streams })
    }

    /// Commits `rows` rows at a time; answers per-commit times and the rows per second.
    async fn commit_for(
        &mut self,
        rows: usize,
        time: Duration,
    ) -> Result<(Samples, f64), BenchError> {
        let mut samples = Samples::default();
        let began = Instant::now();
        while began.elapsed() < time {
            let texts = self.rows(rows);
            let asked = Instant::now();
            sqlx::query(COMMIT).bind(texts).execute(&mut self.connection).await?;
            samples.push(asked.elapsed());
        }
        // Making the rows is not what is measured.
        let rate = rate(samples.len() * rows, samples.total());
        Ok((samples, rate))
    }

    fn rows(&mut self, count: usize) -> String {
        let at = DateTime::<Utc>::from(std::time::SystemTime::now()).timestamp_micros();
        let rows = (0..count).map(|number| {
            self.position += 1;
            // The position serves as version: it is new in any stream.
            let (stream, version) = (&self.streams[number % WRITERS], self.position);
            let id = Uuid::now_v7().simple().to_string();
            json!([self.position, stream, version, id, at, KIND, DATA, CAUSE])
        });
        serde_json::Value::from(rows.collect::<Vec<_>>()).to_string()
    }

    async fn close(self) {
        // What was measured is measured.
        let _ = self.connection.close().await;
    }
}

/// In one round trip, as the log does it.
const COMMIT: &str = "begin immediate; insert into events \
    (position, stream, version, id, at, kind, data, cause) \
    select value ->> 0, value ->> 1, value ->> 2, unhex(value ->> 3), value ->> 4, value ->> 5, \
        value ->> 6, value ->> 7 from json_each($1); commit";
