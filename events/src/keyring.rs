//! Whole events, sealed on their way into the log and opened on their way out, with the keys of a
//! whole page loaded at once.

mod page;

use std::collections::HashMap;

use crate::{
    AccountId, Cause, Event, EventId, Recorded,
    codec::kind_of,
    sealed::{Place, SealError, SealedField},
    vault::{Key, Vault, VaultError},
};
pub use page::{ReadError, Unreadable, decode_page};

/// The keys of people, as [`Vault::keys`] gives them.
pub type Keys = HashMap<AccountId, Key>;

/// Why an event can't be sealed or opened.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// There is no key of this person: it has to be made before anything about them is kept.
    #[error("the vault has no key of {0}")]
    NoKey(AccountId),
    /// The person was erased: nothing about them can be kept any more.
    #[error("the data of {0} was erased")]
    Erased(AccountId),
    /// A field can't be sealed or opened.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The vault can't be read.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// Seals events that are about to be appended together, and their cause, loading the keys once.
pub async fn seal_all(
    vault: &Vault,
    events: &mut [(EventId, Event)],
    cause: &mut Cause,
) -> Result<(), KeyringError> {
    let mut people = Vec::new();
    for (_, event) in &mut *events {
        event.sealed_fields(|_, field| note(&mut people, field.is_open(), field));
    }
    if let Some(origin) = &cause.origin {
        note(&mut people, origin.is_open(), origin);
    }
    let keys = vault.keys(&people).await?;
    for (id, event) in events {
        seal(event, *id, &keys)?;
    }
    seal_cause(cause, &keys)
}

/// Seals the personal data of one event.
pub fn seal(event: &mut Event, id: EventId, keys: &Keys) -> Result<(), KeyringError> {
    each_field(event, id, |field, place| seal_field(field, place, keys))
}

/// Seals the origin of a request.
pub fn seal_cause(cause: &mut Cause, keys: &Keys) -> Result<(), KeyringError> {
    let place = place_of_origin(cause);
    cause.origin.as_mut().map_or(Ok(()), |origin| seal_field(origin, place, keys))
}

/// Opens the personal data of events, loading the keys once. What belongs to an erased person is marked so.
pub async fn open_all(vault: &Vault, events: &mut [Recorded<Event>]) -> Result<(), KeyringError> {
    let keys = vault.keys(&people_of(events)).await?;
    events.iter_mut().try_for_each(|recorded| open(&mut recorded.event, recorded.id, &keys))
}

/// Opens the personal data of one event. What belongs to an erased person is marked so.
pub fn open(event: &mut Event, id: EventId, keys: &Keys) -> Result<(), KeyringError> {
    each_field(event, id, |field, place| open_field(field, place, keys))
}

/// Opens the origin of a request.
pub fn open_cause(cause: &mut Cause, keys: &Keys) -> Result<(), KeyringError> {
    let place = place_of_origin(cause);
    cause.origin.as_mut().map_or(Ok(()), |origin| open_field(origin, place, keys))
}

/// Whose data is closed in these events.
fn people_of(events: &mut [Recorded<Event>]) -> Vec<AccountId> {
    let mut people = Vec::new();
    for recorded in events {
        recorded.event.sealed_fields(|_, field| note(&mut people, field.is_closed(), field));
    }
    people
}

fn note(people: &mut Vec<AccountId>, wanted: bool, field: &dyn SealedField) {
    // Neighbours are mostly about the same person; the vault takes the other doubles out.
    if wanted && people.last() != Some(&field.subject()) {
        people.push(field.subject());
    }
}

fn each_field(
    event: &mut Event,
    id: EventId,
    mut act: impl FnMut(&mut dyn SealedField, Place<'_>) -> Result<(), KeyringError>,
) -> Result<(), KeyringError> {
    let kind = kind_of(event);
    let mut outcome = Ok(());
    event.sealed_fields(|name, field| {
        if outcome.is_ok() {
            outcome = act(field, Place { id: id.uuid(), kind, field: name });
        }
    });
    outcome
}

fn seal_field(
    field: &mut dyn SealedField,
    place: Place<'_>,
    keys: &Keys,
) -> Result<(), KeyringError> {
    let person = field.subject();
    match keys.get(&person) {
        _ if !field.is_open() => Ok(()),
        Some(Key::Present(key)) => Ok(field.seal(key, place)?),
        Some(Key::Erased) => Err(KeyringError::Erased(person)),
        Some(Key::Damaged) => Err(damaged(person)),
        Some(Key::Unknown) | None => Err(KeyringError::NoKey(person)),
    }
}

fn open_field(
    field: &mut dyn SealedField,
    place: Place<'_>,
    keys: &Keys,
) -> Result<(), KeyringError> {
    let person = field.subject();
    match keys.get(&person) {
        _ if !field.is_closed() => Ok(()),
        Some(Key::Present(key)) => Ok(field.open(key, place)?),
        Some(Key::Erased) => {
            field.erase();
            Ok(())
        }
        Some(Key::Damaged) => Err(damaged(person)),
        Some(Key::Unknown) | None => Err(KeyringError::NoKey(person)),
    }
}

fn damaged(person: AccountId) -> KeyringError {
    VaultError::Damaged(format!("the key of {person} doesn't unwrap")).into()
}

/// The origin is bound to its request, for all events of the request share it.
fn place_of_origin(cause: &Cause) -> Place<'static> {
    Place { id: cause.request.uuid(), kind: "cause", field: "origin" }
}

#[cfg(test)]
mod tests;
