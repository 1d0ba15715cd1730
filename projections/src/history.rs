//! What happened: who changed what, when, from where, before and after.

mod changes;
mod entry;
mod memberships;
mod past;
mod projector;
mod query;
mod read;
mod sentence;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use events::{AccountId, Actor, OrganisationId, Position, vault::Vault};

pub use entry::{Entry, FieldChange, Value};
pub(crate) use projector::Projector;

use crate::{
    Page, PageRequest, QueryError, Visible,
    directory::{Account, Directory},
    page::{Place, Window},
    seat::Seat,
};
use changes::Change;
use query::{Sight, Stretch};

/// Reads what happened. Cheap to clone.
#[derive(Clone)]
pub struct History {
    seat: Arc<Seat>,
    directory: Directory,
    vault: Arc<Vault>,
}

/// Whose history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// Everything that may be seen.
    All,
    /// All that happened to an account, in all of its memberships that may be seen.
    Account(AccountId),
    /// All that happened to an organisation and in it, and to the accounts of its members while they were members.
    Organisation(OrganisationId),
}

/// Which part of a history.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HistoryFilter {
    /// Only these stored kinds without version, for instance `account.created`; empty: all kinds.
    pub kinds: Vec<String>,
    /// Only what this actor did. The session of an account doesn't count.
    pub actor: Option<Actor>,
    /// Only from this moment.
    pub from: Option<DateTime<Utc>>,
    /// Only before this moment.
    pub until: Option<DateTime<Utc>>,
}

/// A point in the past.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AsOf {
    /// After the event at this position.
    Position(Position),
    /// After all events up to this moment.
    Moment(DateTime<Utc>),
}

impl History {
    pub(crate) const fn new(seat: Arc<Seat>, directory: Directory, vault: Arc<Vault>) -> Self {
        Self { seat, directory, vault }
    }

    /// A page of a history, newest first.
    pub async fn page(
        &self,
        visible: Visible,
        subject: Subject,
        filter: &HistoryFilter,
        page: &PageRequest,
    ) -> Result<Page<Entry>, QueryError> {
        let window = Window::read(page, "history")?;
        let position = self.position();
        let Some(sight) = self.sight(visible, subject, filter).await? else {
            return Ok(window.page(Vec::new(), position));
        };
        let from = window.from.as_ref().map(|place| Position(place.key.cast_unsigned()));
        let stretch = Stretch {
            after: from.filter(|_| window.backward),
            before: from.filter(|_| !window.backward),
            newest_first: !window.backward,
            limit: window.limit(),
        };
        let entries = self.read(visible, sight, filter, stretch).await?;
        let rows = entries.into_iter().map(|entry| {
            let key = entry.position.0.cast_signed();
            (Place { list: "history".to_owned(), rank: 0, value: None, key }, entry)
        });
        Ok(window.page(rows.collect(), position))
    }

    /// The event at a position, if it may be seen.
    pub async fn at(
        &self,
        visible: Visible,
        position: Position,
    ) -> Result<Option<Entry>, QueryError> {
        let before = Position(position.0.saturating_sub(1));
        let (entries, _) = self.after(visible, Subject::All, before, 1).await?;
        Ok(entries.into_iter().find(|entry| entry.position == position))
    }

    /// Events after a position, oldest first, at most `limit`, that may be seen; with the position up to which was
    /// looked, from which the next call goes on.
    pub async fn after(
        &self,
        visible: Visible,
        subject: Subject,
        position: Position,
        limit: u32,
    ) -> Result<(Vec<Entry>, Position), QueryError> {
        let shown = self.position();
        let Some(sight) = Sight::of(visible, subject) else {
            return Ok((Vec::new(), position.max(shown)));
        };
        let stretch = Stretch {
            after: Some(position),
            before: Some(Position(shown.0 + 1)),
            newest_first: false,
            limit: limit.into(),
        };
        let entries = self.read(visible, sight, &HistoryFilter::default(), stretch).await?;
        let is_full = entries.len() >= limit as usize;
        let looked = entries.last().filter(|_| is_full).map_or(shown, |last| last.position);
        Ok((entries, looked.max(position)))
    }

    /// How many entries a history has.
    pub async fn count(
        &self,
        visible: Visible,
        subject: Subject,
        filter: &HistoryFilter,
    ) -> Result<u64, QueryError> {
        let Some(sight) = self.sight(visible, subject, filter).await? else { return Ok(0) };
        let serving = self.seat.serving();
        let mut connection = serving.readers.acquire().await?;
        query::count(&mut connection, sight, filter).await
    }

    /// An account as it was; none if it wasn't there yet, or may not be seen.
    pub async fn account_as_of(
        &self,
        visible: Visible,
        id: AccountId,
        as_of: AsOf,
    ) -> Result<Option<Account>, QueryError> {
        let serving = self.seat.serving();
        let mut connection = serving.readers.acquire().await?;
        let dossier = past::dossier(&mut connection, &self.vault, id, as_of).await?;
        Ok(dossier.and_then(|dossier| dossier.show(visible)))
    }

    /// What differs in an account between two points in the past. What wasn't there yet has no fields.
    pub async fn account_difference(
        &self,
        visible: Visible,
        id: AccountId,
        from: AsOf,
        to: AsOf,
    ) -> Result<Vec<FieldChange>, QueryError> {
        let before = self.account_as_of(visible, id, from).await?;
        let after = self.account_as_of(visible, id, to).await?;
        Ok(past::difference(before.as_ref(), after.as_ref()))
    }

    /// Everything up to here is visible.
    pub fn position(&self) -> Position {
        *self.seat.position().borrow()
    }

    /// What of a history may be seen, as far as it fits a filter.
    async fn sight(
        &self,
        visible: Visible,
        subject: Subject,
        filter: &HistoryFilter,
    ) -> Result<Option<Sight>, QueryError> {
        let Some(mut sight) = Sight::of(visible, subject) else { return Ok(None) };
        let actor = match filter.actor {
            Some(Actor::Account { account, .. }) => Some(account.uuid()),
            Some(Actor::ServiceKey { key }) => Some(key.uuid()),
            Some(Actor::Console | Actor::System | Actor::Anonymous) | None => None,
        };
        if let (Visible::Organisation(own), Some(actor)) = (visible, actor) {
            // Who has no name here can't be found by being asked for either.
            let known = self.directory.names(visible, std::iter::once(actor)).await?;
            let belongs = known.get(&actor).is_some_and(|known| known.belongs);
            sight.inside = (!belongs).then_some(own);
        }
        Ok(Some(sight))
    }

    async fn read(
        &self,
        visible: Visible,
        sight: Sight,
        filter: &HistoryFilter,
        stretch: Stretch,
    ) -> Result<Vec<Entry>, QueryError> {
        let serving = self.seat.serving();
        let mut connection = serving.readers.acquire().await?;
        let stored = query::read(&mut connection, sight, filter, stretch).await?;
        let events = read::open(&self.vault, &stored).await?;
        let changes = read::with_before(&mut connection, &self.vault, &events).await?;
        drop(connection);
        let mut entries: Vec<Entry> = stored
            .into_iter()
            .zip(events.into_iter().zip(changes))
            .map(|(stored, (recorded, changes))| {
                let changes = changes.into_iter().map(|(Change { field, after, .. }, before)| {
                    FieldChange { field, before: before.seen(visible), after: after.seen(visible) }
                });
                // Several fields can be set at once, and some to what they were. What was erased may have differed.
                let changes = changes.filter(|FieldChange { before, after, .. }| {
                    before != after || *before == Value::Erased
                });
                Entry::new(stored, recorded, changes.collect())
            })
            .collect();
        let referred = entries.iter().flat_map(Entry::referred);
        let known = self.directory.names(visible, referred).await?;
        for entry in &mut entries {
            entry.give_names(visible, &known);
        }
        Ok(entries)
    }
}
