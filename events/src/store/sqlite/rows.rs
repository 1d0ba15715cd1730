//! Rows ⇄ values. What was never written that way is damage, never a guess.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use chrono::DateTime;
use sqlx::{Row, SqlitePool, sqlite::SqliteRow};
use uuid::Uuid;

use crate::{
    Position, Stream, Version,
    store::{Claim, ClaimKind, Receipt, StoreError, Stored, admission::Kept},
};

/// Up to `limit` events of the log after `after`. A gap is damage.
pub(super) async fn read_all(
    pool: &SqlitePool,
    after: Position,
    limit: u32,
) -> Result<Vec<Stored>, StoreError> {
    let sql = "select position, stream, version, id, at, kind, data, cause from events
        where position > $1 order by position limit $2";
    let rows = sqlx::query(sql).bind(signed(after.0)).bind(limit).fetch_all(pool).await?;
    let events = rows.iter().map(stored).collect::<Result<Vec<_>, _>>()?;
    match (1..).zip(&events).find(|(number, event)| event.position.0 != after.0 + number) {
        None => Ok(events),
        Some((number, event)) => Err(StoreError::Damaged(format!(
            "after position {} comes {}",
            after.0 + number - 1,
            event.position
        ))),
    }
}

/// Up to `limit` events of a stream after `after`. A gap is damage.
pub(super) async fn read(
    pool: &SqlitePool,
    stream: Stream,
    after: Version,
    limit: u32,
) -> Result<Vec<Stored>, StoreError> {
    let sql = "select position, stream, version, id, at, kind, data, cause from events
        where stream = $1 and version > $2 order by version limit $3";
    let query = sqlx::query(sql).bind(stream.to_string()).bind(signed(after.0)).bind(limit);
    let rows = query.fetch_all(pool).await?;
    let events = rows.iter().map(stored).collect::<Result<Vec<_>, _>>()?;
    in_order(&events, after)?;
    Ok(events)
}

/// Finds a gap between the events of one stream.
fn in_order(events: &[Stored], after: Version) -> Result<(), StoreError> {
    match (1..).zip(events).find(|(number, event)| event.version.0 != after.0 + number) {
        None => Ok(()),
        Some((number, event)) => Err(StoreError::Damaged(format!(
            "in {} after version {} comes {}",
            event.stream,
            after.0 + number - 1,
            event.version
        ))),
    }
}

/// Up to `limit` first events of each of these streams; none of a stream that has none. A gap is damage.
pub(super) async fn read_beginnings(
    pool: &SqlitePool,
    streams: &[Stream],
    limit: u32,
) -> Result<HashMap<Stream, Arc<[Stored]>>, StoreError> {
    let names: Vec<String> =
        streams.iter().collect::<BTreeSet<_>>().into_iter().map(Stream::to_string).collect();
    // Versions have no gaps, so that the greatest one is a limit to each stream.
    let sql = "select position, stream, version, e.id, at, kind, data, cause
        from json_each($1) as asked cross join events as e on stream = asked.value
        where version <= $2 order by asked.key, version";
    let query = sqlx::query(sql).bind(texts(&names)).bind(limit);
    let events = query.fetch_all(pool).await?.iter().map(stored).collect::<Result<Vec<_>, _>>()?;
    let mut beginnings = HashMap::with_capacity(names.len());
    for stream in events.chunk_by(|one, next| one.stream == next.stream) {
        in_order(stream, Version::NONE)?;
        beginnings.insert(stream[0].stream, Arc::from(stream));
    }
    Ok(beginnings)
}

/// The position of the newest event.
pub(super) async fn head(pool: &SqlitePool) -> Result<Position, StoreError> {
    let newest = "select coalesce(max(position), 0) from events";
    Ok(Position(unsigned(sqlx::query_scalar(newest).fetch_one(pool).await?)?))
}

/// Who has a claim.
pub(super) async fn owner_of(pool: &SqlitePool, claim: Claim) -> Result<Option<Uuid>, StoreError> {
    let sql = "select owner from claims where kind = $1 and hash = $2";
    let query = sqlx::query_scalar(sql).bind(kind_name(claim.kind)).bind(&claim.hash[..]);
    let owner: Option<Vec<u8>> = query.fetch_optional(pool).await?;
    owner.map(|bytes| uuid(&bytes)).transpose()
}

/// The receipt with a key.
pub(super) async fn receipt(pool: &SqlitePool, key: [u8; 32]) -> Result<Option<Kept>, StoreError> {
    let sql = "select key, fingerprint, subject, position from receipts where key = $1";
    let row = sqlx::query(sql).bind(&key[..]).fetch_optional(pool).await?;
    row.map(|row| kept(&row)).transpose()
}

/// A receipt from a row of key, fingerprint, subject and position.
pub(super) fn kept(row: &SqliteRow) -> Result<Kept, StoreError> {
    let key = hash(row.try_get(0)?)?;
    let fingerprint = hash(row.try_get(1)?)?;
    let subject = row.try_get::<Option<&[u8]>, _>(2)?.map(uuid).transpose()?;
    let position = Position(unsigned(row.try_get(3)?)?);
    Ok(Kept { receipt: Receipt { key, fingerprint, subject }, position })
}

fn stored(row: &SqliteRow) -> Result<Stored, StoreError> {
    let stream: &str = row.try_get(1)?;
    let at: i64 = row.try_get(4)?;
    Ok(Stored {
        position: Position(unsigned(row.try_get(0)?)?),
        stream: stream.parse().map_err(|error| damaged(&error))?,
        version: Version(unsigned(row.try_get(2)?)?),
        id: uuid(row.try_get(3)?)?.into(),
        at: DateTime::from_timestamp_micros(at)
            .ok_or_else(|| damaged(&format_args!("{at} is no time")))?,
        kind: row.try_get::<&str, _>(5)?.into(),
        data: row.try_get::<&str, _>(6)?.into(),
        cause: row.try_get::<&str, _>(7)?.into(),
    })
}

/// The stored name of a kind of claims.
pub(super) const fn kind_name(kind: ClaimKind) -> &'static str {
    match kind {
        ClaimKind::Username => "username",
        ClaimKind::Address => "address",
        ClaimKind::Domain => "domain",
        ClaimKind::Singleton => "singleton",
    }
}

/// A number as the engine keeps it: beyond its range there is nothing.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A number from the engine.
pub(super) fn unsigned(number: i64) -> Result<u64, StoreError> {
    u64::try_from(number).map_err(|error| damaged(&error))
}

/// A UUID from the engine.
pub(super) fn uuid(bytes: &[u8]) -> Result<Uuid, StoreError> {
    Uuid::from_slice(bytes).map_err(|error| damaged(&error))
}

/// A hash from the engine.
fn hash(bytes: &[u8]) -> Result<[u8; 32], StoreError> {
    bytes.try_into().map_err(|error| damaged(&error))
}

/// A JSON array of texts without characters that JSON escapes.
pub(super) fn texts(texts: &[String]) -> String {
    format!("[\"{}\"]", texts.join("\",\""))
}

fn damaged(what: &dyn std::fmt::Display) -> StoreError {
    StoreError::Damaged(what.to_string())
}
