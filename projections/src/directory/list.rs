//! Lists of accounts: filtered, sorted, page by page.
//!
//! A page is read in one of two ways. Either the index of the order is walked from the cursor on, and each row tested:
//! that finds a page soon where many rows fit. Or what can fit is found first, by another index or the search for
//! parts of texts, and then sorted: that is soon done where few do. Which of them are few is probed, with a bound.

use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use super::{
    Account, AccountFilter, AccountOrder, AccountSort,
    condition::{self, Finder},
    dossier::{Dossier, Rank},
    rows::document,
    scope::Scope,
    sql::Sql,
};
use crate::{
    Direction, QueryError,
    page::{Place, SortValue, Window},
};

/// So many found rows are sorted sooner than the index of the order is walked for a page of them.
const FEW: i64 = 1_000;

/// How many ways to find rows are probed at most.
const PROBES: usize = 3;

/// The name of a list, for its cursors.
pub(super) fn name(order: AccountOrder) -> String {
    let way = match order.direction {
        Direction::Ascending => "up",
        Direction::Descending => "down",
    };
    format!("accounts.{}.{way}", column(order.by))
}

/// Reads a page of a list, in the order in which it is walked.
pub(super) async fn read(
    connection: &mut SqliteConnection,
    scope: Scope,
    filter: &AccountFilter,
    order: AccountOrder,
    window: &Window,
) -> Result<Vec<(Place, Account)>, QueryError> {
    let finder = choose(connection, scope, filter).await?;
    let list = name(order);
    let mut found = Vec::new();
    let ranks = [Rank::Listed as u8, Rank::Last as u8];
    let ranks: Vec<u8> =
        if window.backward { ranks.into_iter().rev().collect() } else { ranks.into() };
    for rank in ranks {
        let from = match &window.from {
            // Parts of the list on the far side of the cursor.
            Some(place) if (place.rank > rank) != window.backward && place.rank != rank => continue,
            Some(place) if place.rank == rank => Some(place),
            _ => None,
        };
        let missing = window.limit() - i64::try_from(found.len()).unwrap_or(i64::MAX);
        if missing <= 0 {
            break;
        }
        let sql = page(scope, filter, order, rank, from, window.backward, missing, finder.as_ref());
        let rows = sql.query().fetch_all(&mut *connection).await?;
        let mut rows: Vec<_> = rows
            .iter()
            .filter_map(|row| read_row(row, &list, scope).transpose())
            .collect::<Result<_, _>>()?;
        // They come in this order; SQL promises it of the inner statement only.
        rows.sort_by(|(one, _), (other, _)| (&one.value, one.key).cmp(&(&other.value, other.key)));
        if is_descending(order, window.backward) {
            rows.reverse();
        }
        found.extend(rows);
    }
    Ok(found)
}

/// Counts what fits.
pub(super) async fn count(
    connection: &mut SqliteConnection,
    scope: Scope,
    filter: &AccountFilter,
) -> Result<u64, QueryError> {
    let finder = choose(connection, scope, filter).await?;
    let mut sql = Sql::default();
    write_found(&mut sql, finder.as_ref());
    sql.push("select count(*) from ");
    write_from(&mut sql, scope, finder.is_some());
    sql.push(" where ");
    scope.write_condition(&mut sql, "l.");
    sql.push("l.rank in (0, 1) and (");
    condition::write(&mut sql, filter, scope);
    sql.push(")");
    let count: i64 = sql.query().fetch_one(connection).await?.try_get(0)?;
    Ok(count.cast_unsigned())
}

/// The first way to find what fits that gives few rows.
async fn choose(
    connection: &mut SqliteConnection,
    scope: Scope,
    filter: &AccountFilter,
) -> Result<Option<Finder>, QueryError> {
    for finder in condition::finders(filter, scope).into_iter().take(PROBES) {
        let mut probe = Sql::default();
        probe
            .push("select count(*) from (")
            .append(finder.clone())
            .push(" limit ")
            .bind(FEW + 1)
            .push(")");
        let found: i64 = probe.query().fetch_one(&mut *connection).await?.try_get(0)?;
        if found <= FEW {
            return Ok(Some(finder));
        }
    }
    Ok(None)
}

#[expect(
    clippy::too_many_arguments,
    reason = "a statement in one place beats a struct with one user"
)]
pub(super) fn page(
    scope: Scope,
    filter: &AccountFilter,
    order: AccountOrder,
    rank: u8,
    from: Option<&Place>,
    backward: bool,
    limit: i64,
    finder: Option<&Finder>,
) -> Sql {
    let column = column(order.by);
    let descending = is_descending(order, backward);
    let mut sql = Sql::default();
    write_found(&mut sql, finder);
    // The documents are read of the rows of the page alone, and not of all that are walked or sorted.
    if scope.organisation.is_some() {
        sql.push("select p.account, p.rank, p.value, a.doc, '[' || m.doc || ']' from (select l.organisation, ");
    } else {
        sql.push("select p.account, p.rank, p.value, a.doc, (select '[' || group_concat(m.doc) || ']' from members m where m.account = p.account) from (select ");
    }
    sql.push("l.account, l.rank, l.").push(column).push(" as value from ");
    write_from(&mut sql, scope, finder.is_some());
    sql.push(" where ");
    scope.write_condition(&mut sql, "l.");
    sql.push("l.rank = ").bind(i64::from(rank));
    if let Some(place) = from {
        let than = if descending { " < " } else { " > " };
        match &place.value {
            Some(value) if order.by != AccountSort::CreatedAt => {
                sql.push(" and (l.").push(column).push(", l.account)").push(than).push("(");
                match value {
                    SortValue::Number(number) => sql.bind(*number),
                    SortValue::Text(text) => sql.bind(text.clone()),
                };
                sql.push(", ").bind(place.key).push(")");
            }
            _ => {
                sql.push(" and l.account").push(than).bind(place.key);
            }
        }
    }
    sql.push(" and (");
    condition::write(&mut sql, filter, scope);
    sql.push(") order by ");
    let way = if descending { " desc" } else { "" };
    if order.by != AccountSort::CreatedAt {
        sql.push("l.").push(column).push(way).push(", ");
    }
    sql.push("l.account").push(way).push(" limit ").bind(limit);
    sql.push(") p cross join accounts a on a.account = p.account");
    if scope.organisation.is_some() {
        sql.push(
            " cross join members m on m.account = p.account and m.organisation = p.organisation",
        );
    }
    sql
}

fn is_descending(order: AccountOrder, backward: bool) -> bool {
    (order.direction == Direction::Descending) != backward
}

fn write_found(sql: &mut Sql, finder: Option<&Finder>) {
    if let Some(finder) = finder {
        sql.push("with found (account) as materialized (select distinct account from (")
            .append(finder.clone())
            .push(")) ");
    }
}

fn write_from(sql: &mut Sql, scope: Scope, is_found: bool) {
    if is_found {
        // A cross join keeps the order of its tables: first what was found, then its rows by their keys.
        sql.push("found cross join ").push(scope.table()).push(" l on l.account = found.account");
    } else {
        sql.push(scope.table()).push(" l");
    }
}

fn read_row(
    row: &SqliteRow,
    list: &str,
    scope: Scope,
) -> Result<Option<(Place, Account)>, QueryError> {
    let value = row
        .try_get::<String, _>(2)
        .map(SortValue::Text)
        .or_else(|_| row.try_get::<i64, _>(2).map(SortValue::Number))?;
    let place = Place {
        list: list.to_owned(),
        rank: row.try_get(1)?,
        value: Some(value),
        key: row.try_get(0)?,
    };
    let dossier = read_dossier(row, 3)?;
    Ok(dossier.show(scope.visible()).map(|account| (place, account)))
}

/// Reads a dossier from two columns: the document of the account, and those of its memberships as a JSON array.
pub(super) fn read_dossier(row: &SqliteRow, column: usize) -> Result<Dossier, QueryError> {
    let person = document(row.try_get(column)?)?;
    let members = row.try_get::<Option<&str>, _>(column + 1)?.map(document).transpose()?;
    Ok(Dossier { person, members: members.unwrap_or_default() })
}

const fn column(sort: AccountSort) -> &'static str {
    match sort {
        AccountSort::DisplayName => "display_name",
        AccountSort::Username => "username",
        AccountSort::FirstName => "first_name",
        AccountSort::LastName => "last_name",
        AccountSort::Email => "email",
        AccountSort::Position => "job",
        AccountSort::Location => "location",
        AccountSort::Type => "member_type",
        AccountSort::Status => "status",
        AccountSort::CreatedAt => "account",
        AccountSort::ActivationSentAt => "sent",
        AccountSort::ActivatedAt => "activated",
    }
}
