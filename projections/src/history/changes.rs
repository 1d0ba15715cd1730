//! What an event changed, field by field.

mod accounts;
mod names;
mod organisations;
mod policy;

use chrono::SecondsFormat;
use events::{
    AccountId, Event, OrganisationId, Recorded, Sealed, Stream, account, mail, membership,
    organisation, service_key, session, value::EmailAddress,
};

pub(super) use self::names::{entry_value, field_name, language_name};
use self::{
    accounts::{account_changes, factor_changes},
    names::scope_name,
    organisations::{installation_changes, organisation_changes},
};
use super::Value;

/// One field that an event changed.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Change {
    /// Which.
    pub(super) field: String,
    /// What it was.
    pub(super) before: Before,
    /// What it is.
    pub(super) after: Value,
}

/// How the value before a change is known.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Before {
    /// The event alone tells: a switch that is on was off.
    Known(Value),
    /// Whatever event set this field of this entity the last time tells.
    AsSet(Vec<u8>),
}

/// The field name of an event that set all fields of an entity.
pub(super) const ALL_FIELDS: &str = "*";

/// What an event changed.
pub(super) fn changes(recorded: &Recorded<Event>) -> Vec<Change> {
    match (recorded.stream, &recorded.event) {
        (Stream::Account(id), Event::Account(event)) => account_changes(id, event),
        (Stream::Organisation(id), Event::Organisation(event)) => organisation_changes(id, event),
        (Stream::Membership(organisation, account), Event::Membership(event)) => {
            membership_changes(organisation, account, event)
        }
        (_, Event::Installation(event)) => installation_changes(event),
        (_, Event::ServiceKey(event)) => service_key_changes(event),
        (_, Event::Session(event)) => match event {
            session::Event::Opened { .. } => vec![switched("signedIn", true)],
            session::Event::Impersonated { reason, .. } => {
                vec![made("reason", text_of(reason, |text| text.as_str()))]
            }
            session::Event::SteppedUp { .. } => Vec::new(),
            session::Event::Ended { .. } => vec![switched("signedIn", false)],
        },
        (_, Event::Mail(event)) => mail_changes(event),
        (_, Event::Factor(event)) => factor_changes(event),
        // An event in a stream of another kind can't be decoded.
        _ => Vec::new(),
    }
}

/// Which fields of which entity an event set, for the changes that come after it.
pub(super) fn settings(recorded: &Recorded<Event>) -> Vec<(Vec<u8>, String)> {
    let own = match (recorded.stream, &recorded.event) {
        (Stream::Account(id), Event::Account(account::Event::Created { .. })) => Some(entity(id)),
        (Stream::Organisation(id), Event::Organisation(organisation::Event::Created { .. })) => {
            Some(entity(id))
        }
        _ => None,
    };
    if let Some(entity) = own {
        return vec![(entity, ALL_FIELDS.to_owned())];
    }
    changes(recorded)
        .into_iter()
        .filter_map(|change| match change.before {
            Before::AsSet(entity) => Some((entity, change.field)),
            Before::Known(_) => None,
        })
        .collect()
}

fn membership_changes(
    organisation: OrganisationId,
    account: AccountId,
    event: &membership::Event,
) -> Vec<Change> {
    use membership::Event;
    let address = |address: &Sealed<EmailAddress>| text_of(address, |it| it.as_str());
    match event {
        Event::ServiceAccessGranted { service } => {
            vec![switched(format!("services.{}.access", service.as_str()), true)]
        }
        Event::ServiceAccessRevoked { service } => {
            vec![switched(format!("services.{}.access", service.as_str()), false)]
        }
        Event::ServiceAdministratorGranted { service } => {
            vec![switched(format!("services.{}.administrator", service.as_str()), true)]
        }
        Event::ServiceAdministratorRevoked { service } => {
            vec![switched(format!("services.{}.administrator", service.as_str()), false)]
        }
        Event::AliasAdded { address: alias } => vec![added("mailbox.aliases", address(alias))],
        Event::AliasRemoved { address: alias } => vec![removed("mailbox.aliases", address(alias))],
        Event::SendOnBehalfGranted { delegate } => {
            vec![added("mailbox.sendOnBehalf", Value::Account(*delegate))]
        }
        Event::SendOnBehalfRevoked { delegate } => {
            vec![removed("mailbox.sendOnBehalf", Value::Account(*delegate))]
        }
        Event::MailboxHiddenSet { hidden } => vec![switched("mailbox.hidden", *hidden)],
        Event::MailboxSharedSet { shared } => vec![switched("mailbox.shared", *shared)],
        Event::AlwaysBccSet { address: bcc } => {
            let after = bcc.as_ref().map_or(Value::Absent, address);
            vec![replaced("mailbox.alwaysBcc", member(organisation, account), after)]
        }
        Event::Ended => vec![switched("membership", false)],
    }
}

fn service_key_changes(event: &service_key::Event) -> Vec<Change> {
    use service_key::Event;
    match event {
        Event::Created { name, scopes, expires_at, .. } => {
            let mut changes = vec![made("name", Value::Text(name.as_str().to_owned()))];
            changes.extend(
                scopes
                    .iter()
                    .map(|scope| added("scopes", Value::Text(scope_name(*scope).to_owned()))),
            );
            changes.extend(expires_at.map(|at| {
                made("expiresAt", Value::Text(at.to_rfc3339_opts(SecondsFormat::AutoSi, true)))
            }));
            changes
        }
        Event::Revoked { .. } => vec![switched("revoked", true)],
    }
}

/// Where the mail is on its way.
fn mail_changes(event: &mail::Event) -> Vec<Change> {
    use mail::Event;
    let state = |before: Option<&str>, after: &str| {
        let text = |text: &str| Value::Text(text.to_owned());
        let before = Before::Known(before.map_or(Value::Absent, text));
        vec![Change { field: "state".to_owned(), before, after: text(after) }]
    };
    match event {
        Event::Queued { .. } => state(None, "queued"),
        Event::Sent { .. } => state(Some("queued"), "sent"),
        Event::Failed { .. } => vec![],
        Event::GivenUp { .. } => state(Some("queued"), "given_up"),
        Event::Retried { .. } => state(Some("given_up"), "queued"),
    }
}

fn switched(field: impl Into<String>, is_on: bool) -> Change {
    let before = Before::Known(Value::Flag(!is_on));
    Change { field: field.into(), before, after: Value::Flag(is_on) }
}

fn made(field: impl Into<String>, after: Value) -> Change {
    Change { field: field.into(), before: Before::Known(Value::Absent), after }
}

fn added(field: &str, what: Value) -> Change {
    made(field, what)
}

fn removed(field: &str, what: Value) -> Change {
    Change { field: field.to_owned(), before: Before::Known(what), after: Value::Absent }
}

fn replaced(field: &str, entity: Vec<u8>, after: Value) -> Change {
    Change { field: field.to_owned(), before: Before::AsSet(entity), after }
}

fn entity<K>(id: events::Id<K>) -> Vec<u8> {
    id.uuid().as_bytes().to_vec()
}

fn member(organisation: OrganisationId, account: AccountId) -> Vec<u8> {
    [entity(organisation), entity(account)].concat()
}

fn text_of<T>(sealed: &Sealed<T>, text: impl Fn(&T) -> &str) -> Value {
    sealed.value().map_or_else(|| missing(sealed), |value| Value::Text(text(value).to_owned()))
}

/// What stands where a value can't be read.
const fn missing<T>(_: &Sealed<T>) -> Value {
    Value::Erased
}
