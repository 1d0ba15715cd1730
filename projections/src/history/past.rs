//! An account as it was: the same fold as the directory's, over the events up to a point in the past.

use std::collections::BTreeMap;

use chrono::SecondsFormat;
use events::{AccountId, Position, vault::Vault};
use sqlx::SqliteConnection;

use super::{
    AsOf, FieldChange, HistoryFilter, Value,
    changes::{entry_value, field_name},
    query::{self, Sight, Stretch},
    read,
};
use crate::{
    QueryError,
    directory::{Account, AccountStatus, Dossier, MemberType},
};

/// How many events are read at once.
const PAGE: i64 = 1_000;

/// Folds what concerned an account up to a point in the past; none if nothing did.
pub(super) async fn dossier(
    connection: &mut SqliteConnection,
    vault: &Vault,
    id: AccountId,
    as_of: AsOf,
) -> Result<Option<Dossier>, QueryError> {
    let sight = Sight { subject: Some(id.uuid()), ..Sight::default() };
    let until = match as_of {
        AsOf::Position(position) => position,
        // Clocks are almost in order; what came up to the last event of that moment, had come.
        AsOf::Moment(moment) => {
            let filter = HistoryFilter {
                until: Some(moment + chrono::TimeDelta::microseconds(1)),
                ..HistoryFilter::default()
            };
            let last = Stretch { after: None, before: None, newest_first: true, limit: 1 };
            match query::read(connection, sight, &filter, last).await?.first() {
                Some(last) => last.position,
                None => return Ok(None),
            }
        }
    };
    let mut dossier: Option<Dossier> = None;
    let mut after = Position::START;
    loop {
        let stretch = Stretch {
            after: Some(after),
            before: Some(Position(until.0.saturating_add(1))),
            newest_first: false,
            limit: PAGE,
        };
        let stored = query::read(connection, sight, &HistoryFilter::default(), stretch).await?;
        let Some(last) = stored.last() else { return Ok(dossier) };
        after = last.position;
        for recorded in read::open(vault, &stored).await? {
            dossier
                .get_or_insert_with(|| Dossier::blank(id, recorded.at))
                .fold(&recorded)
                .map_err(read::content)?;
        }
    }
}

/// What differs between two states of an account, in the order of the fields' names.
pub(super) fn difference(before: Option<&Account>, after: Option<&Account>) -> Vec<FieldChange> {
    let (mut before, mut after) =
        (before.map(fields).unwrap_or_default(), after.map(fields).unwrap_or_default());
    before.retain(|field, value| {
        // Equal in both: nothing to tell.
        if after.get(field) == Some(value) {
            after.remove(field);
            return false;
        }
        true
    });
    let mut names: Vec<String> = before.keys().chain(after.keys()).cloned().collect();
    names.sort_unstable();
    names.dedup();
    names
        .into_iter()
        .map(|field| FieldChange {
            before: before.remove(&field).unwrap_or(Value::Absent),
            after: after.remove(&field).unwrap_or(Value::Absent),
            field,
        })
        .collect()
}

/// An account, field by field.
fn fields(account: &Account) -> BTreeMap<String, Value> {
    let moment = |at: chrono::DateTime<chrono::Utc>| {
        Value::Text(at.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    };
    let mut fields = BTreeMap::new();
    if let Some(username) = &account.username {
        fields.insert("username".to_owned(), Value::Text(username.as_str().to_owned()));
    }
    for (field, entry) in &account.profile {
        fields.insert(field_name(*field).to_owned(), entry_value(entry));
    }
    fields.insert("status".to_owned(), Value::Text(status_name(account.status()).to_owned()));
    fields.insert("operator".to_owned(), Value::Flag(account.operator));
    fields.insert("locked".to_owned(), Value::Flag(account.locked_at.is_some()));
    if let Some(at) = account.password_since {
        fields.insert("passwordSince".to_owned(), moment(at));
    }
    if let Some(organisation) = account.default_organisation {
        fields.insert("defaultOrganisation".to_owned(), Value::Organisation(organisation));
    }
    for factor in &account.factors {
        fields.insert(format!("factors.{}", factor.id), Value::Flag(true));
    }
    for membership in &account.memberships {
        let prefix = format!("memberships.{}", membership.organisation);
        let mut set = |field: &str, value| fields.insert(format!("{prefix}.{field}"), value);
        set("type", Value::Text(type_name(membership.member_type).to_owned()));
        set("active", Value::Flag(membership.deactivated_at.is_none()));
        if let Some(reason) = &membership.deactivation_reason {
            set("deactivationReason", Value::Text(reason.clone()));
        }
        for (service, switch) in &membership.services {
            let service = service.as_str();
            set(&format!("services.{service}.access"), Value::Flag(switch.access));
            set(&format!("services.{service}.administrator"), Value::Flag(switch.administrator));
        }
        let mailbox = &membership.mailbox;
        for alias in &mailbox.aliases {
            set(&format!("mailbox.aliases.{}", alias.as_str()), Value::Flag(true));
        }
        for delegate in &mailbox.send_on_behalf {
            set(&format!("mailbox.sendOnBehalf.{delegate}"), Value::Account(*delegate));
        }
        set("mailbox.hidden", Value::Flag(mailbox.hidden));
        set("mailbox.shared", Value::Flag(mailbox.shared));
        if let Some(address) = &mailbox.always_bcc {
            set("mailbox.alwaysBcc", Value::Text(address.as_str().to_owned()));
        }
    }
    fields
}

const fn status_name(status: AccountStatus) -> &'static str {
    match status {
        AccountStatus::Active => "active",
        AccountStatus::Pending => "pending",
        AccountStatus::Deactivated => "deactivated",
        AccountStatus::Locked => "locked",
        AccountStatus::Deleted => "deleted",
    }
}

const fn type_name(member_type: MemberType) -> &'static str {
    match member_type {
        MemberType::Reader => "reader",
        MemberType::Full => "full",
        MemberType::Administrator => "administrator",
        MemberType::Owner => "owner",
    }
}
