//! What has to be known of the log to decide about a group: one statement per kind at most.

use std::collections::BTreeSet;

use quick_cache::unsync::Cache;
use sqlx::{Row, SqliteConnection};

use super::{group::hex, rows};
use crate::{
    Position, Stream, Version,
    store::{Batch, ClaimChange, Receipt, StoreError, admission::Register},
};

/// How much is looked up.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Effort {
    /// Only what the file itself would not catch when it is written: what is expected of a stream that gets
    /// events, a new claim and a new receipt are taken at their word.
    Least,
    /// Everything, so that a refusal is certain.
    Full,
}

/// The register for a group, on a log that ends at `head`.
pub(super) async fn look_up(
    connection: &mut SqliteConnection,
    head: Position,
    cache: &mut Cache<Stream, Version>,
    group: &[Batch],
    effort: Effort,
) -> Result<Register, StoreError> {
    let mut register = Register { head, ..Register::default() };
    let everything = effort == Effort::Full;

    let (mut streams, mut expected) = (BTreeSet::new(), Vec::new());
    for write in group.iter().flat_map(|batch| &batch.writes) {
        if let Some(version) = cache.get(&write.stream) {
            register.versions.insert(write.stream, *version);
        } else if everything || write.events.is_empty() {
            streams.insert(write.stream);
        } else {
            expected.push((write.stream, write.expected));
        }
    }
    versions(connection, &streams, &mut register).await?;
    for (stream, version) in expected {
        // What the first of a group expects; where that is refused, nothing is taken at its word.
        if !streams.contains(&stream) {
            register.versions.entry(stream).or_insert(version);
        }
    }
    for stream in streams {
        if let Some(version) = register.versions.get(&stream) {
            cache.insert(stream, *version);
        }
    }

    let changes = group.iter().flat_map(|batch| &batch.claims);
    let claims = changes.filter(|change| everything || matches!(change, ClaimChange::Release(..)));
    owners(connection, claims, &mut register).await?;

    if everything {
        let kept = group.iter().filter_map(|batch| batch.receipt.as_ref());
        receipts(connection, kept, &mut register).await?;
    }
    Ok(register)
}

async fn versions(
    connection: &mut SqliteConnection,
    streams: &BTreeSet<Stream>,
    register: &mut Register,
) -> Result<(), StoreError> {
    if streams.is_empty() {
        return Ok(());
    }
    let asked: Vec<Stream> = streams.iter().copied().collect();
    let names: Vec<String> = asked.iter().map(Stream::to_string).collect();
    let sql = "select asked.key, max(events.version) from json_each($1) as asked
        join events on events.stream = asked.value group by asked.key";
    let rows = sqlx::query(sql).bind(rows::texts(&names)).fetch_all(connection).await?;
    for row in rows {
        let stream = asked[usize::try_from(row.try_get::<i64, _>(0)?).unwrap_or(usize::MAX)];
        register.versions.insert(stream, Version(rows::unsigned(row.try_get(1)?)?));
    }
    Ok(())
}

async fn owners(
    connection: &mut SqliteConnection,
    changes: impl Iterator<Item = &ClaimChange>,
    register: &mut Register,
) -> Result<(), StoreError> {
    let asked: Vec<_> = changes.map(ClaimChange::claim).collect();
    if asked.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = asked
        .iter()
        .map(|claim| format!("{} {}", rows::kind_name(claim.kind), hex(&claim.hash)))
        .collect();
    let sql = "select asked.key, claims.owner from json_each($1) as asked
        join claims on claims.kind = substr(asked.value, 1, instr(asked.value, ' ') - 1)
            and claims.hash = unhex(substr(asked.value, instr(asked.value, ' ') + 1))";
    let rows = sqlx::query(sql).bind(rows::texts(&names)).fetch_all(connection).await?;
    for row in rows {
        let claim = asked[usize::try_from(row.try_get::<i64, _>(0)?).unwrap_or(usize::MAX)];
        register.owners.insert(claim, Some(rows::uuid(row.try_get(1)?)?));
    }
    Ok(())
}

async fn receipts(
    connection: &mut SqliteConnection,
    asked: impl Iterator<Item = &Receipt>,
    register: &mut Register,
) -> Result<(), StoreError> {
    let keys: Vec<String> = asked.map(|receipt| hex(&receipt.key)).collect();
    if keys.is_empty() {
        return Ok(());
    }
    let sql = "select receipts.key, fingerprint, subject, position from json_each($1) as asked
        join receipts on receipts.key = unhex(asked.value)";
    for row in sqlx::query(sql).bind(rows::texts(&keys)).fetch_all(connection).await? {
        let kept = rows::kept(&row)?;
        register.receipts.insert(kept.receipt.key, kept);
    }
    Ok(())
}
