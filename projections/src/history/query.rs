//! Pages of a history.
//!
//! Every page walks one index from the cursor on: that of the subject, of the actor, of a kind, or the log itself.
//! Moments are bounds on positions first, so that a page in the far past doesn't walk over all that came since.

use events::{AccountId, OrganisationId, Position, store::Stored};
use serde_json::json;
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection};
use std::sync::Arc;
use uuid::Uuid;

use super::{
    HistoryFilter, Subject,
    projector::{actor_key, hour_of},
    read::{COLUMNS, stored},
};
use crate::{QueryError, Visible};

/// What of a history may be seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sight {
    /// What it must concern.
    pub(super) subject: Option<Uuid>,
    /// Which organisation it must concern too.
    pub(super) within: Option<OrganisationId>,
    /// In which organisation it must have happened.
    pub(super) inside: Option<OrganisationId>,
}

impl Sight {
    /// What may be seen of a history; none if nothing.
    pub(super) fn of(visible: Visible, subject: Subject) -> Option<Self> {
        let whole = |subject: Uuid| Self { subject: Some(subject), ..Self::default() };
        let part = |subject: AccountId, within| Self {
            subject: Some(subject.uuid()),
            within: Some(within),
            inside: None,
        };
        match (visible, subject) {
            (Visible::Everything, Subject::All) => Some(Self::default()),
            (Visible::Everything, Subject::Account(id)) => Some(whole(id.uuid())),
            (Visible::Everything, Subject::Organisation(id)) => Some(whole(id.uuid())),
            (Visible::Organisation(own), Subject::All) => Some(whole(own.uuid())),
            (Visible::Organisation(own), Subject::Organisation(id)) => {
                (own == id).then(|| whole(own.uuid()))
            }
            (Visible::Organisation(own), Subject::Account(id)) => Some(part(id, own)),
            (Visible::Account(own), Subject::All) => Some(whole(own.uuid())),
            (Visible::Account(own), Subject::Account(id)) => (own == id).then(|| whole(own.uuid())),
            (Visible::Account(own), Subject::Organisation(id)) => Some(part(own, id)),
        }
    }
}

/// Which stretch of a history, and which way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stretch {
    /// Only after this position.
    pub(super) after: Option<Position>,
    /// Only before this position.
    pub(super) before: Option<Position>,
    /// Newest first, or oldest.
    pub(super) newest_first: bool,
    /// How many at most.
    pub(super) limit: i64,
}

/// Reads a stretch of what may be seen.
pub(super) async fn read(
    connection: &mut SqliteConnection,
    sight: Sight,
    filter: &HistoryFilter,
    stretch: Stretch,
) -> Result<Vec<Arc<Stored>>, QueryError> {
    let Some(bounds) = positions(connection, filter, stretch).await? else { return Ok(Vec::new()) };
    let rows = statement(sight, filter, stretch, bounds).build().fetch_all(connection).await?;
    rows.iter().map(stored).collect()
}

fn statement(
    sight: Sight,
    filter: &HistoryFilter,
    stretch: Stretch,
    bounds: (i64, i64),
) -> QueryBuilder<Sqlite> {
    let mut sql = QueryBuilder::new("select ");
    sql.push(COLUMNS);
    write(&mut sql, sight, filter, bounds);
    let order = if stretch.newest_first { " desc" } else { "" };
    sql.push(" order by ").push(key(sight)).push(order).push(" limit ").push_bind(stretch.limit);
    sql
}

/// Counts what may be seen.
pub(super) async fn count(
    connection: &mut SqliteConnection,
    sight: Sight,
    filter: &HistoryFilter,
) -> Result<u64, QueryError> {
    let all = Stretch { after: None, before: None, newest_first: true, limit: 0 };
    let Some(bounds) = positions(connection, filter, all).await? else { return Ok(0) };
    let is_plain = *filter == HistoryFilter::default();
    let mut sql = QueryBuilder::new("select count(*)");
    if let (Sight { subject: Some(subject), within: None, inside: None }, true) = (sight, is_plain)
    {
        sql.push(" from subjects where subject = ").push_bind(subject.as_bytes().to_vec());
    } else {
        write(&mut sql, sight, filter, bounds);
    }
    let count: i64 = sql.build().fetch_one(connection).await?.try_get(0)?;
    Ok(count.cast_unsigned())
}

/// The positions between which all is that fits moments and stretch; none where nothing is.
async fn positions(
    connection: &mut SqliteConnection,
    filter: &HistoryFilter,
    stretch: Stretch,
) -> Result<Option<(i64, i64)>, QueryError> {
    // Clients name positions: one that no log reaches is after all others, and not before them.
    let number = |position: Position| i64::try_from(position.0).unwrap_or(i64::MAX);
    let mut after = stretch.after.map_or(0, number);
    let mut before = stretch.before.map_or(i64::MAX, number);
    if filter.from.is_some() || filter.until.is_some() {
        let from = filter.from.map_or(i64::MIN, |from| hour_of(from.timestamp_micros()));
        let until = filter.until.map_or(i64::MAX, |until| hour_of(until.timestamp_micros()));
        let row =
            sqlx::query("select min(earliest), max(latest) from hours where hour between ? and ?")
                .bind(from)
                .bind(until)
                .fetch_one(connection)
                .await?;
        let bounds: (Option<i64>, Option<i64>) = (row.try_get(0)?, row.try_get(1)?);
        let (Some(earliest), Some(latest)) = bounds else { return Ok(None) };
        after = after.max(earliest - 1);
        before = before.min(latest.saturating_add(1));
    }
    Ok((before > after).then_some((after, before)))
}

fn write(
    sql: &mut QueryBuilder<Sqlite>,
    sight: Sight,
    filter: &HistoryFilter,
    (after, before): (i64, i64),
) {
    // A cross join keeps the order of its tables: the walk first, the events by their positions.
    if let Some(subject) = sight.subject {
        sql.push(
            " from subjects s cross join history h on h.position = s.position where s.subject = ",
        )
        .push_bind(subject.as_bytes().to_vec());
    } else {
        sql.push(" from history h where true");
    }
    let key = key(sight);
    sql.push(" and ").push(key).push(" > ").push_bind(after);
    sql.push(" and ").push(key).push(" < ").push_bind(before);
    if let Some(organisation) = sight.within {
        sql.push(
            " and exists (select 1 from subjects o where o.position = s.position and o.subject = ",
        )
        .push_bind(organisation.uuid().as_bytes().to_vec())
        .push(")");
    }
    if let Some(organisation) = sight.inside {
        sql.push(" and h.organisation = ").push_bind(organisation.uuid().as_bytes().to_vec());
    }
    if !filter.kinds.is_empty() {
        sql.push(" and h.name in (select value from json_each(")
            .push_bind(json!(filter.kinds).to_string())
            .push("))");
    }
    if let Some(actor) = filter.actor {
        sql.push(" and h.actor = ").push_bind(actor_key(actor));
    }
    if let Some(from) = filter.from {
        sql.push(" and h.at >= ").push_bind(from.timestamp_micros());
    }
    if let Some(until) = filter.until {
        sql.push(" and h.at < ").push_bind(until.timestamp_micros());
    }
}

const fn key(sight: Sight) -> &'static str {
    if sight.subject.is_some() { "s.position" } else { "h.position" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{history::Projector, plan, projection::Projection};

    #[tokio::test]
    async fn every_page_walks_an_index() {
        let file = plan::File::new(&Projector::LAYOUT).await;
        file.assert_no_scan(crate::history::read::EARLIER).await;
        file.assert_no_scan(crate::history::memberships::READ).await;
        let organisation = OrganisationId::new(Uuid::from_u128(1));
        let filter = HistoryFilter {
            kinds: vec!["account.created".into()],
            actor: Some(events::Actor::Console),
            ..HistoryFilter::default()
        };
        for filter in [HistoryFilter::default(), filter] {
            for sight in [
                Sight::default(),
                Sight { subject: Some(Uuid::from_u128(2)), ..Sight::default() },
                Sight {
                    subject: Some(Uuid::from_u128(2)),
                    within: Some(organisation),
                    inside: Some(organisation),
                },
            ] {
                for newest_first in [true, false] {
                    let stretch = Stretch { after: None, before: None, newest_first, limit: 10 };
                    let sql = statement(sight, &filter, stretch, (0, 10)).into_string();
                    file.assert_walk(&sql).await;
                }
            }
        }
    }
}
