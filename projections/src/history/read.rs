//! Reading events back: found by what they concern, decoded and opened as they are read.

use std::sync::Arc;

use chrono::DateTime;
use events::{
    Event, EventId, Position, Recorded, Version, keyring::decode_page, store::Stored, vault::Vault,
};
use serde_json::json;
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};
use uuid::Uuid;

use super::{
    Value,
    changes::{ALL_FIELDS, Before, Change, changes},
};
use crate::QueryError;

/// The columns that [`stored`] reads.
pub(super) const COLUMNS: &str =
    "h.position, h.stream, h.version, h.id, h.at, h.kind, h.data, h.cause";

/// Reads an event as the log has it.
pub(super) fn stored(row: &SqliteRow) -> Result<Arc<Stored>, QueryError> {
    let stream: &str = row.try_get(1)?;
    let id = Uuid::from_slice(row.try_get(3)?).map_err(content)?;
    let at = DateTime::from_timestamp_micros(row.try_get(4)?);
    Ok(Arc::new(Stored {
        position: Position(row.try_get::<i64, _>(0)?.cast_unsigned()),
        stream: stream.parse().map_err(content)?,
        version: Version(row.try_get::<i64, _>(2)?.cast_unsigned()),
        id: EventId::new(id),
        at: at.ok_or_else(|| QueryError::Content("a moment out of range".into()))?,
        kind: row.try_get::<&str, _>(5)?.into(),
        data: row.try_get::<&str, _>(6)?.into(),
        cause: row.try_get::<&str, _>(7)?.into(),
    }))
}

/// Opens events. What was erased meanwhile is marked so.
pub(super) async fn open(
    vault: &Vault,
    stored: &[Arc<Stored>],
) -> Result<Vec<Recorded<Event>>, QueryError> {
    decode_page(vault, stored).await.map_err(content)
}

/// The changes of each of some events, with the values before them.
pub(super) async fn with_before(
    connection: &mut SqliteConnection,
    vault: &Vault,
    events: &[Recorded<Event>],
) -> Result<Vec<Vec<(Change, Value)>>, QueryError> {
    let changes: Vec<Vec<Change>> = events.iter().map(changes).collect();
    let mut wanted = Vec::new();
    for (recorded, changes) in events.iter().zip(&changes) {
        for change in changes {
            if let Before::AsSet(entity) = &change.before {
                wanted.push((entity.clone(), change.field.clone(), recorded.position));
            }
        }
    }
    let mut earlier = earlier(connection, vault, &wanted).await?.into_iter();
    Ok(changes
        .into_iter()
        .map(|changes| {
            changes
                .into_iter()
                .map(|change| {
                    let before = match &change.before {
                        Before::Known(value) => value.clone(),
                        Before::AsSet(_) => earlier.next().unwrap_or(Value::Absent),
                    };
                    (change, before)
                })
                .collect()
        })
        .collect())
}

/// The events that set some fields the last time before some positions, each with the place of its question.
pub(super) const EARLIER: &str = "
    select h.position, h.stream, h.version, h.id, h.at, h.kind, h.data, h.cause, asked.key
    from json_each(?1) as asked cross join history h on h.position = (
      select max(position) from settings
      where entity = unhex(asked.value ->> 0) and field in (asked.value ->> 1, ?2)
        and position < asked.value ->> 2)";

/// What fields were set to the last time before a position, in one statement for all of them.
async fn earlier(
    connection: &mut SqliteConnection,
    vault: &Vault,
    wanted: &[(Vec<u8>, String, Position)],
) -> Result<Vec<Value>, QueryError> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let asked: Vec<_> = wanted
        .iter()
        .map(|(entity, field, position)| json!([hex(entity), field, position.0]))
        .collect();
    let rows = sqlx::query(EARLIER)
        .bind(json!(asked).to_string())
        .bind(ALL_FIELDS)
        .fetch_all(connection)
        .await?;
    let stored = rows.iter().map(stored).collect::<Result<Vec<_>, _>>()?;
    let opened = open(vault, &stored).await?;
    let mut values = vec![Value::Absent; wanted.len()];
    for (row, recorded) in rows.iter().zip(&opened) {
        let place = usize::try_from(row.try_get::<i64, _>(8)?).map_err(content)?;
        if let (Some(value), Some((_, field, _))) = (values.get_mut(place), wanted.get(place)) {
            *value = after(recorded, field);
        }
    }
    Ok(values)
}

/// What an event set a field to.
fn after(recorded: &Recorded<Event>, field: &str) -> Value {
    let mut found = changes(recorded).into_iter().filter(|change| change.field == field);
    found.next().map_or(Value::Absent, |change| change.after)
}

pub(super) fn content(error: impl std::fmt::Display) -> QueryError {
    QueryError::Content(error.to_string())
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut hex, byte| {
        // Writing to a string never fails.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
