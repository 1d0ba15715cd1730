//! Filters as conditions of a statement, and the ways to find what fits without looking at every row.

use events::OrganisationId;

use super::{
    AccountFilter, Comparator, MemberType, MomentField, Since, TextField,
    listing::{moment_code, status_code, type_code},
    rows::hex,
    scope::Scope,
    sql::Sql,
};
use crate::fold::fold;

/// Writes the condition that the row `l` fits a filter. No column is ever null, so that `not` is the opposite.
pub(super) fn write(sql: &mut Sql, filter: &AccountFilter, scope: Scope) {
    match filter {
        AccountFilter::And(parts) => write_all(sql, parts, scope, " and ", "1"),
        AccountFilter::Or(parts) => write_all(sql, parts, scope, " or ", "0"),
        AccountFilter::Not(part) => {
            sql.push("not (");
            write(sql, part, scope);
            sql.push(")");
        }
        AccountFilter::Text(field, comparator) => write_text(sql, column(*field), comparator),
        AccountFilter::Status(wanted) => {
            write_codes(sql, "l.status", wanted.iter().map(|status| status_code(*status)));
        }
        AccountFilter::Type(wanted) => {
            write_codes(sql, "l.member_type", wanted.iter().map(|wanted| type_code(*wanted)));
        }
        AccountFilter::Service(service) => {
            sql.push("instr(l.services, ").bind(format!(" {} ", service.as_str())).push(") > 0");
        }
        AccountFilter::Locked(wanted) => {
            sql.push(if *wanted { "l.locked = 1" } else { "l.locked = 0" });
        }
        AccountFilter::Administrator(wanted) => {
            sql.push(if *wanted { "l.administrator = 1" } else { "l.administrator = 0" });
        }
        // With the sign, SQLite tests rows with it and looks for none: that is what finders are for.
        AccountFilter::Moment(field, since) => write_moment(sql, "+l.", *field, *since),
        AccountFilter::Organisation(wanted) => match scope.organisation {
            // Within an organisation, whether somebody is in another one is not told.
            Some(organisation) => {
                sql.push(if organisation == *wanted { "1" } else { "0" });
            }
            None => {
                sql.push("exists (select 1 from members o where o.account = l.account and o.rank < 2 and o.organisation = (select organisation from organisations where id = unhex(")
                    .bind(hex(*wanted))
                    .push(")))");
            }
        },
    }
}

fn write_all(
    sql: &mut Sql,
    parts: &[AccountFilter],
    scope: Scope,
    word: &'static str,
    none: &'static str,
) {
    if parts.is_empty() {
        sql.push(none);
    }
    for (place, part) in parts.iter().enumerate() {
        sql.push(if place == 0 { "(" } else { word }).push("(");
        write(sql, part, scope);
        sql.push(")");
    }
    if !parts.is_empty() {
        sql.push(")");
    }
}

fn write_text(sql: &mut Sql, column: &'static str, comparator: &Comparator) {
    match comparator {
        Comparator::Equals(text) => {
            sql.push("l.").push(column).push(" = ").bind(fold(text));
        }
        Comparator::NotEquals(text) => {
            sql.push("l.").push(column).push(" <> ").bind(fold(text));
        }
        Comparator::Contains(text) => {
            sql.push("instr(l.").push(column).push(", ").bind(fold(text)).push(") > 0");
        }
        Comparator::NotContains(text) => {
            sql.push("instr(l.").push(column).push(", ").bind(fold(text)).push(") = 0");
        }
        Comparator::StartsWith(text) => {
            sql.push("instr(l.").push(column).push(", ").bind(fold(text)).push(") = 1");
        }
        Comparator::EndsWith(text) => {
            let text = fold(text);
            if text.is_empty() {
                sql.push("1");
            } else {
                let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
                sql.push("substr(l.").push(column).push(", ").bind(-length).push(") = ").bind(text);
            }
        }
        Comparator::In(texts) => {
            sql.push("l.")
                .push(column)
                .push(" in (select value from json_each(")
                .bind(json(texts))
                .push("))");
        }
    }
}

/// Two bounds, so that an index leads to what fits.
fn write_moment(sql: &mut Sql, prefix: &'static str, field: MomentField, since: Since) {
    let column = match field {
        MomentField::ActivationSentAt => "sent",
        MomentField::ActivatedAt => "activated",
    };
    let code = |moment| moment_code(Some(moment)).max(1);
    let (from, until) = match since {
        Since::At(moment) => (code(moment), i64::MAX),
        Since::Before(moment) => (1, code(moment) - 1),
        Since::Ever(true) => (1, i64::MAX),
        Since::Ever(false) => (0, 0),
    };
    sql.push(prefix).push(column).push(" between ").bind(from).push(" and ").bind(until);
}

fn write_codes(sql: &mut Sql, column: &'static str, codes: impl Iterator<Item = u8>) {
    let codes: Vec<_> = codes.collect();
    sql.push(column)
        .push(" in (select value from json_each(")
        .bind(serde_json::json!(codes).to_string())
        .push("))");
}

/// A statement that gives the accounts among which all are that can fit, without looking at every row. Some may come
/// several times.
pub(super) type Finder = Sql;

/// The number of a row of the search: so many bits of it are the account, those before them the organisation. Room for
/// a log of 10^12 events and for 8 million organisations.
const ACCOUNT_BITS: u32 = 40;

/// The row of the search that has the texts of an account as a member of an organisation; 0: of none.
pub(super) const fn search_row(organisation: i64, account: i64) -> i64 {
    organisation << ACCOUNT_BITS | account
}

/// The finders that a filter offers, in the order in which they are worth a try. One account needs not be found.
pub(super) fn finders(filter: &AccountFilter, scope: Scope) -> Vec<Finder> {
    if scope.account.is_some() {
        return Vec::new();
    }
    match filter {
        AccountFilter::And(parts) => parts.iter().flat_map(|part| finders(part, scope)).collect(),
        AccountFilter::Or(parts) => {
            // All parts must be found, or else some that fit would be missing.
            let mut union = Sql::default();
            for (place, part) in parts.iter().enumerate() {
                let Some(first) = finders(part, scope).into_iter().next() else {
                    return Vec::new();
                };
                union.push(if place == 0 {
                    "select account from ("
                } else {
                    " union select account from ("
                });
                union.append(first).push(")");
            }
            if parts.is_empty() { Vec::new() } else { vec![union] }
        }
        AccountFilter::Text(field, comparator) => {
            text_finder(column(*field), comparator, scope).into_iter().collect()
        }
        AccountFilter::Status(wanted) => {
            vec![code_finder("status", wanted.iter().map(|status| status_code(*status)), scope)]
        }
        AccountFilter::Type(wanted) => {
            vec![code_finder("member_type", wanted.iter().map(|wanted| type_code(*wanted)), scope)]
        }
        AccountFilter::Administrator(true) => {
            let wanted = [MemberType::Administrator, MemberType::Owner];
            vec![code_finder("member_type", wanted.into_iter().map(type_code), scope)]
        }
        AccountFilter::Locked(true) => {
            let mut sql = Sql::default();
            scope.write_rows(&mut sql);
            sql.push("locked = 1");
            vec![sql]
        }
        AccountFilter::Moment(field, since) => {
            let mut sql = Sql::default();
            scope.write_rows(&mut sql);
            write_moment(&mut sql, "", *field, *since);
            vec![sql]
        }
        AccountFilter::Service(service) => {
            let mut sql = Sql::default();
            sql.push("select account from uses where ");
            scope.write_condition(&mut sql, "");
            sql.push("service = ").bind(service.as_str().to_owned());
            vec![sql]
        }
        AccountFilter::Organisation(organisation) if scope.organisation.is_none() => {
            let members = Scope { organisation: Some(*organisation), account: scope.account };
            let mut sql = Sql::default();
            members.write_rows(&mut sql);
            sql.push("1");
            vec![sql]
        }
        AccountFilter::Not(_)
        | AccountFilter::Locked(false)
        | AccountFilter::Administrator(false)
        | AccountFilter::Organisation(_) => Vec::new(),
    }
}

fn text_finder(column: &'static str, comparator: &Comparator, scope: Scope) -> Option<Finder> {
    let mut sql = Sql::default();
    match comparator {
        Comparator::Equals(text) => {
            scope.write_rows(&mut sql);
            sql.push(column).push(" = ").bind(fold(text));
        }
        Comparator::In(texts) => {
            scope.write_rows(&mut sql);
            sql.push(column).push(" in (select value from json_each(").bind(json(texts)).push("))");
        }
        Comparator::StartsWith(text) => {
            let text = fold(text);
            let beyond = successor(&text)?;
            scope.write_rows(&mut sql);
            sql.push(column)
                .push(" >= ")
                .bind(text)
                .push(" and ")
                .push(column)
                .push(" < ")
                .bind(beyond);
        }
        Comparator::Contains(text) | Comparator::EndsWith(text) => {
            let text = fold(text);
            // The search reads texts up to a NUL. No text of an account has one.
            if text.is_empty() || text.contains('\0') {
                return None;
            }
            if text.chars().count() < 3 {
                // Too short for the search: the index of the text is looked through, which is smaller than its rows.
                scope.write_rows(&mut sql);
                sql.push("instr(").push(column).push(", ").bind(text).push(") > 0");
                return Some(sql);
            }
            let phrase = format!("{{{column}}} : \"{}\"", text.replace('"', "\"\""));
            sql.push("select rowid & ").bind(search_row(1, 0) - 1);
            sql.push(" as account from search where search match ").bind(phrase);
            if let Some(organisation) = scope.organisation {
                // Only its own rows are looked at: those of others cost no time, and so the time tells nothing of them.
                sql.push(" and rowid between ");
                write_search_row(&mut sql, organisation, 0);
                sql.push(" and ");
                write_search_row(&mut sql, organisation, search_row(1, 0) - 1);
            }
        }
        Comparator::NotEquals(_) | Comparator::NotContains(_) => return None,
    }
    Some(sql)
}

fn write_search_row(sql: &mut Sql, organisation: OrganisationId, account: i64) {
    sql.push("(select organisation << ").bind(i64::from(ACCOUNT_BITS)).push(" | ").bind(account);
    sql.push(" from organisations where id = unhex(").bind(hex(organisation)).push("))");
}

fn code_finder(column: &'static str, codes: impl Iterator<Item = u8>, scope: Scope) -> Finder {
    let codes: Vec<_> = codes.collect();
    let mut sql = Sql::default();
    scope.write_rows(&mut sql);
    sql.push(column)
        .push(" in (select value from json_each(")
        .bind(serde_json::json!(codes).to_string())
        .push("))");
    sql
}

/// The least text that is greater than all that begin with this one; none where there is no such text.
fn successor(prefix: &str) -> Option<String> {
    let mut chars: Vec<char> = prefix.chars().collect();
    while let Some(last) = chars.pop() {
        let next = (u32::from(last) + 1..=u32::from(char::MAX)).find_map(char::from_u32);
        if let Some(next) = next {
            chars.push(next);
            return Some(chars.into_iter().collect());
        }
    }
    None
}

fn json(texts: &[String]) -> String {
    serde_json::json!(texts.iter().map(|text| fold(text)).collect::<Vec<_>>()).to_string()
}

const fn column(field: TextField) -> &'static str {
    match field {
        TextField::DisplayName => "display_name",
        TextField::Username => "username",
        TextField::FirstName => "first_name",
        TextField::LastName => "last_name",
        TextField::Email => "email",
        TextField::Position => "job",
        TextField::Location => "location",
    }
}
