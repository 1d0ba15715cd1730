//! Reading rows back into what they were made of.

use events::{AccountId, Id, OrganisationId, Position};
use rustc_hash::{FxHashMap, FxHashSet};
use serde::de::DeserializeOwned;
use serde_json::json;
use sqlx::{Row, SqliteConnection};

use super::{
    Organisation,
    dossier::{Dossier, Member, Person},
};

/// What is known of accounts and organisations.
#[derive(Default)]
pub(super) struct Found {
    /// Each with its key and the keys of its organisations.
    pub(super) dossiers: Vec<(i64, Dossier, Vec<i64>)>,
    /// Each with its key.
    pub(super) organisations: Vec<(i64, Organisation)>,
}

/// The key of what an event was the first about, but for organisations.
pub(super) const fn key(position: Position) -> i64 {
    position.0.cast_signed()
}

/// Ids as a JSON array for `unhex`.
pub(super) fn hex_ids<'i, K: 'i>(ids: impl IntoIterator<Item = &'i Id<K>>) -> String {
    json!(ids.into_iter().map(|id| hex(*id)).collect::<Vec<_>>()).to_string()
}

pub(super) fn hex<K>(id: Id<K>) -> String {
    id.uuid().simple().to_string()
}

/// Reads a document.
pub(super) fn document<T: DeserializeOwned>(text: &str) -> Result<T, sqlx::Error> {
    serde_json::from_str(text).map_err(|error| sqlx::Error::Decode(error.into()))
}

/// How many organisations there are, which is the number of the newest.
pub(super) async fn count_organisations(connection: &mut SqliteConnection) -> sqlx::Result<i64> {
    sqlx::query_scalar("select coalesce(max(organisation), 0) from organisations")
        .fetch_one(connection)
        .await
}

/// The accounts with these ids, their memberships after them, and the organisations with those.
pub(super) const FETCH: &str = "
    with wanted as materialized (
      select account, doc from accounts where id in (select unhex(value) from json_each(?1)))
    select 0, account, 0, doc from wanted
    union all
    select 1, m.account, m.organisation, m.doc
      from wanted cross join members m on m.account = wanted.account
    union all
    select 2, organisation, 0, doc
      from organisations where id in (select unhex(value) from json_each(?2))";

/// Reads what is known of some accounts and organisations, in one statement.
pub(super) async fn fetch(
    connection: &mut SqliteConnection,
    accounts: &FxHashSet<AccountId>,
    organisations: &FxHashSet<OrganisationId>,
) -> Result<Found, sqlx::Error> {
    let rows = sqlx::query(FETCH)
        .bind(hex_ids(accounts))
        .bind(hex_ids(organisations))
        .fetch_all(connection)
        .await?;
    let mut found = Found::default();
    let mut places = FxHashMap::default();
    for row in rows {
        let (table, key, doc): (u8, i64, &str) = (row.get(0), row.get(1), row.get(3));
        match table {
            0 => {
                let dossier = Dossier { person: document::<Person>(doc)?, members: Vec::new() };
                places.insert(key, found.dossiers.len());
                found.dossiers.push((key, dossier, Vec::new()));
            }
            1 => {
                // The accounts come first.
                let place = places.get(&key).and_then(|place| found.dossiers.get_mut(*place));
                if let Some((_, dossier, organisations)) = place {
                    dossier.members.push(document::<Member>(doc)?);
                    organisations.push(row.get(2));
                }
            }
            _ => found.organisations.push((key, document(doc)?)),
        }
    }
    Ok(found)
}
