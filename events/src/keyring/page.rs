//! A page of the log, decoded and opened.

use std::sync::Arc;

use super::{KeyringError, Keys, note, open, open_cause, people_of};
use crate::{
    Cause, Event, Position, Recorded,
    codec::{CodecError, decode},
    sealed::SealedField,
    store::Stored,
    vault::{Vault, VaultError},
};

/// A page with an event that can't be read.
#[derive(Debug, thiserror::Error)]
#[error("position {position} can't be read: {error}")]
pub struct Unreadable {
    /// The events before it, readable.
    pub before: Vec<Recorded<Event>>,
    /// Where it stands.
    pub position: Position,
    /// What is wrong with it.
    #[source]
    pub error: ReadError,
}

/// Why an event can't be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Its name or data is unknown.
    #[error(transparent)]
    Codec(#[from] CodecError),
    /// Its cause is not one.
    #[error("its cause: {0}")]
    Cause(serde_json::Error),
    /// Its personal data doesn't open.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
}

impl ReadError {
    /// Whether the vault is to blame, not the event: trying again may help.
    pub const fn may_pass(&self) -> bool {
        matches!(
            self,
            Self::Keyring(KeyringError::Vault(
                VaultError::Busy | VaultError::Full | VaultError::Engine(_) | VaultError::Closed
            ))
        )
    }
}

/// Decodes and opens a page of the log. At an event that can't be read it stops, and gives those before it.
pub async fn decode_page(
    vault: &Vault,
    page: &[Arc<Stored>],
) -> Result<Vec<Recorded<Event>>, Unreadable> {
    let mut failure = None;
    let mut events: Vec<Recorded<Event>> = Vec::with_capacity(page.len());
    let mut cause_text: Option<&Arc<str>> = None;
    for stored in page {
        // Events of one request stand together and share its cause.
        let shared = events.last().filter(|_| cause_text == Some(&stored.cause));
        let cause = shared.map(|event| Arc::clone(&event.cause));
        cause_text = Some(&stored.cause);
        match recorded(stored, cause) {
            Ok(event) => events.push(event),
            Err(error) => {
                failure = Some((stored.position, error));
                break;
            }
        }
    }
    let failed_at = |events: &mut Vec<Recorded<Event>>, index: usize, error| {
        let position = events.get(index).map_or_else(Position::default, |event| event.position);
        let before = events.drain(..index).collect();
        Unreadable { before, position, error }
    };
    let keys = match load_keys(vault, &mut events).await {
        Ok(keys) => keys,
        Err(error) if events.is_empty() => {
            let position = page.first().map_or_else(Position::default, |event| event.position);
            return Err(Unreadable { before: events, position, error: error.into() });
        }
        Err(error) => return Err(failed_at(&mut events, 0, error.into())),
    };
    if let Err((index, error)) = open_page(&mut events, &keys) {
        return Err(failed_at(&mut events, index, error.into()));
    }
    match failure {
        None => Ok(events),
        Some((position, error)) => Err(Unreadable { before: events, position, error }),
    }
}

fn recorded(stored: &Stored, cause: Option<Arc<Cause>>) -> Result<Recorded<Event>, ReadError> {
    let cause = match cause {
        Some(cause) => cause,
        None => Arc::new(serde_json::from_str(&stored.cause).map_err(ReadError::Cause)?),
    };
    Ok(Recorded {
        position: stored.position,
        stream: stored.stream,
        version: stored.version,
        id: stored.id,
        at: stored.at,
        cause,
        event: decode(&stored.kind, &stored.data)?,
    })
}

async fn load_keys(vault: &Vault, events: &mut [Recorded<Event>]) -> Result<Keys, KeyringError> {
    let mut people = people_of(events);
    for origin in events.iter().filter_map(|event| event.cause.origin.as_ref()) {
        note(&mut people, origin.is_closed(), origin);
    }
    Ok(vault.keys(&people).await?)
}

/// Opens every event, and every cause once; tells at which event it failed.
fn open_page(events: &mut [Recorded<Event>], keys: &Keys) -> Result<(), (usize, KeyringError)> {
    let mut before: Option<(Arc<Cause>, Arc<Cause>)> = None;
    for (index, recorded) in events.iter_mut().enumerate() {
        open(&mut recorded.event, recorded.id, keys).map_err(|error| (index, error))?;
        if let Some((closed, opened)) = &before
            && Arc::ptr_eq(closed, &recorded.cause)
        {
            recorded.cause = Arc::clone(opened);
        } else {
            let closed = Arc::clone(&recorded.cause);
            open_cause(Arc::make_mut(&mut recorded.cause), keys).map_err(|error| (index, error))?;
            before = Some((closed, Arc::clone(&recorded.cause)));
        }
    }
    Ok(())
}
