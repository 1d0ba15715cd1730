//! An event as a row for people, and as JSON for programs.

use std::fmt;

use comfy_table::{ContentArrangement, presets};
use events::{Actor, Event, Recorded, codec::kind_of, sealed::SealedField, store::Stored};
use serde_json::{Value, json};

/// A table of events.
pub(super) struct Table(comfy_table::Table);

impl Table {
    pub(super) fn new() -> Self {
        let mut table = comfy_table::Table::new();
        table
            .load_style(presets::NOTHING)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_header(["POSITION", "WHEN", "WHO", "ACTION", "EVENT", "STREAM", "DATA"]);
        Self(table)
    }

    pub(super) fn add(&mut self, stored: &Stored, event: Recorded<Event>) {
        self.0.add_row([
            event.position.to_string(),
            event.at.format("%Y-%m-%d %H:%M:%S").to_string(),
            who(event.cause.actor),
            event.cause.action.clone(),
            kind_of(&event.event).to_owned(),
            event.stream.to_string(),
            data(stored, event.event).to_string(),
        ]);
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

fn who(actor: Actor) -> String {
    match actor {
        Actor::Console => "console".to_owned(),
        Actor::System => "system".to_owned(),
        Actor::Anonymous => "anonymous".to_owned(),
        Actor::Account { account, .. } => account.to_string(),
        Actor::ServiceKey { key } => format!("service key {key}"),
    }
}

/// One event as one line of JSON. Personal data is open in it, as far as it was not erased.
pub(super) fn json(stored: &Stored, event: Recorded<Event>) -> Value {
    let cause = &event.cause;
    json!({
        "position": event.position,
        "id": event.id,
        "stream": event.stream.to_string(),
        "version": event.version,
        "at": event.at,
        "kind": kind_of(&event.event),
        "actor": cause.actor,
        "onBehalfOf": cause.on_behalf_of,
        "origin": cause.origin.as_ref().map(|origin| shown(origin)),
        "request": cause.request,
        "action": cause.action,
        "causedBy": cause.event,
        "data": data(stored, event.event),
    })
}

/// The data as stored, with the personal data in it open.
fn data(stored: &Stored, mut event: Event) -> Value {
    let mut data: Value = serde_json::from_str(&stored.data).unwrap_or_default();
    event.sealed_fields(|name, field| data[name] = shown(field));
    data
}

fn shown(field: &dyn SealedField) -> Value {
    field.shown().unwrap_or_else(|| json!({ "erased": true }))
}
