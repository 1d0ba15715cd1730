//! One thing that happened.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use chrono::{DateTime, Utc};
use events::{
    AccountId, Actor, Event, EventId, OrganisationId, Origin, Position, Recorded, RequestId,
    Sealed, Stream, Version, codec, store::Stored, value::Language,
};
use rustc_hash::FxHashMap;
use serde_json::json;
use uuid::Uuid;

use super::sentence;
use crate::{Visible, concern, directory::Known};

/// One thing that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its place in the log.
    pub position: Position,
    /// Its identity.
    pub id: EventId,
    /// What it happened to.
    pub stream: Stream,
    /// Its place in the stream.
    pub version: Version,
    /// When.
    pub at: DateTime<Utc>,
    /// The stored kind without version, for instance `account.created`.
    pub kind: String,
    /// The account that it concerns, if any.
    pub account: Option<AccountId>,
    /// The organisation that it concerns, if any.
    pub organisation: Option<OrganisationId>,
    /// Who did it.
    pub actor: Actor,
    /// In whose name.
    pub on_behalf_of: Option<AccountId>,
    /// From where; [`Sealed::Erased`] when it was erased.
    pub origin: Option<Sealed<Origin>>,
    /// By which request.
    pub request: RequestId,
    /// Which action was asked, for instance `accountCreate`.
    pub action: String,
    /// The event that led to it, where a reactor asked.
    pub caused_by: Option<EventId>,
    /// What changed, field by field.
    pub changes: Vec<FieldChange>,
    /// The event itself, opened as far as it was not erased.
    pub event: Event,
    /// The names of what the entry refers to, as they are now; what was erased has none.
    pub names: HashMap<Uuid, String>,
    /// Who acted from outside the organisation that may be seen: an administrator or a service key of another one
    /// to which the account belongs too. They have no name here.
    pub outsiders: HashSet<Uuid>,
    stored: Arc<Stored>,
}

/// One field, before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange {
    /// Which, as in the API: `displayName`, `services.mail.access`, `mailbox.aliases`.
    pub field: String,
    /// What it was.
    pub before: Value,
    /// What it is.
    pub after: Value,
}

/// What a field holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Nothing.
    Absent,
    /// A text, a word of a fixed set, a date.
    Text(String),
    /// Yes or no.
    Flag(bool),
    /// A number.
    Number(i64),
    /// An account.
    Account(AccountId),
    /// An organisation.
    Organisation(OrganisationId),
    /// Something that was erased: nobody can know it.
    Erased,
}

impl Value {
    /// As it may be seen: of other organisations nothing, not even that there is one.
    pub(super) fn seen(self, visible: Visible) -> Self {
        match (visible, self) {
            (Visible::Organisation(own), Self::Organisation(other)) if other != own => Self::Absent,
            (_, value) => value,
        }
    }
}

impl Entry {
    pub(super) fn new(
        stored: Arc<Stored>,
        recorded: Recorded<Event>,
        changes: Vec<FieldChange>,
    ) -> Self {
        let account = concern::accounts(&recorded).into_iter().next();
        let organisation = concern::organisation(&recorded);
        let Recorded { position, stream, version, id, at, cause, event } = recorded;
        Self {
            position,
            id,
            stream,
            version,
            at,
            kind: codec::kind_of(&event).to_owned(),
            account,
            organisation,
            actor: cause.actor,
            on_behalf_of: cause.on_behalf_of,
            origin: cause.origin.clone(),
            request: cause.request,
            action: cause.action.clone(),
            caused_by: cause.event,
            changes,
            event,
            names: HashMap::new(),
            outsiders: HashSet::new(),
            stored,
        }
    }

    /// Gives names to what it refers to, as far as they may be seen.
    pub(super) fn give_names(&mut self, visible: Visible, known: &FxHashMap<Uuid, Known>) {
        // Whoever acted in the organisation itself had business there, even if nothing tells of it now.
        let is_inside = match visible {
            Visible::Everything | Visible::Account(_) => true,
            Visible::Organisation(own) => self.organisation == Some(own),
        };
        for id in self.referred().collect::<Vec<_>>() {
            let Some(Known { name, belongs }) = known.get(&id) else { continue };
            if !(is_inside || *belongs) {
                self.outsiders.insert(id);
            } else if let Some(name) = name {
                self.names.insert(id, name.clone());
            }
        }
        self.origin.take_if(|origin| self.outsiders.contains(&origin.about().uuid()));
    }

    /// The event's data as the log has it, with the personal data in it open, or marked as erased.
    pub fn data(&self) -> Result<serde_json::Value, serde_json::Error> {
        let mut data: serde_json::Value = serde_json::from_str(&self.stored.data)?;
        self.event.clone().sealed_fields(|name, field| {
            data[name] = field.shown().unwrap_or_else(|| json!({ "erased": true }));
        });
        Ok(data)
    }

    /// What happened, as a sentence.
    pub fn sentence(&self, language: Language) -> String {
        sentence::of(self, language)
    }

    /// What it refers to.
    pub(super) fn referred(&self) -> impl Iterator<Item = Uuid> {
        let actor = match self.actor {
            Actor::Account { account, .. } => Some(account.uuid()),
            Actor::ServiceKey { key } => Some(key.uuid()),
            Actor::Console | Actor::System | Actor::Anonymous => None,
        };
        let stream = match self.stream {
            Stream::ServiceKey(key) => Some(key.uuid()),
            _ => None,
        };
        let values = self.changes.iter().flat_map(|change| [&change.before, &change.after]);
        let values = values.filter_map(|value| match value {
            Value::Account(account) => Some(account.uuid()),
            Value::Organisation(organisation) => Some(organisation.uuid()),
            Value::Absent | Value::Text(_) | Value::Flag(_) | Value::Number(_) | Value::Erased => {
                None
            }
        });
        actor
            .into_iter()
            .chain(stream)
            .chain(self.on_behalf_of.map(AccountId::uuid))
            .chain(self.account.map(AccountId::uuid))
            .chain(self.organisation.map(OrganisationId::uuid))
            .chain(values)
    }
}
