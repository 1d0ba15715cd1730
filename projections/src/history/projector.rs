//! The projection: one row per event, found by whom it concerns. It only ever adds.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use events::{
    AccountId, Actor, Cause, Event, OrganisationId, Recorded, Stream, codec, organisation,
    store::Stored,
};
use rustc_hash::FxHashMap;
use sqlx::{Row, SqliteConnection};
use uuid::Uuid;

use super::{changes::settings, memberships::Memberships};
use crate::{
    Name, concern,
    projection::{Fault, Layout, Projection},
    writes::{Rows, Statement, Writes},
};

/// Projects the history.
pub(crate) struct Projector;

const INSERT_HISTORY: Statement = Statement {
    before: "insert into history
        (position, stream, version, id, at, kind, name, actor, organisation, data, cause) values",
    after: "",
};

const INSERT_SUBJECTS: Statement =
    Statement { before: "insert into subjects (subject, position) values", after: "" };

const INSERT_SETTINGS: Statement =
    Statement { before: "insert into settings (entity, field, position) values", after: "" };

const UPSERT_HOURS: Statement = Statement {
    before: "insert into hours (hour, earliest, latest) values",
    after: " on conflict (hour) do update set
        earliest = min(earliest, excluded.earliest), latest = max(latest, excluded.latest)",
};

#[async_trait]
impl Projection for Projector {
    type Decoded = (Arc<Stored>, Recorded<Event>);

    const LAYOUT: Layout = Layout {
        name: Name::History,
        revision: 2,
        tables: include_str!("../../../migrations/views/history.sql"),
        indexes: include_str!("../../../migrations/views/history.indexes.sql"),
    };

    /// Personal data stays sealed.
    async fn decode(&self, page: &[Arc<Stored>]) -> Result<Vec<Self::Decoded>, Fault> {
        let mut decoded: Vec<Self::Decoded> = Vec::with_capacity(page.len());
        for (index, stored) in page.iter().enumerate() {
            let fault = |reason: String| Fault::Event { index, reason };
            // Events of one request stand together and share its cause.
            let same = decoded.last().filter(|(before, _)| before.cause == stored.cause);
            let cause = match same {
                Some((_, recorded)) => recorded.cause.clone(),
                None => Arc::new(
                    serde_json::from_str::<Cause>(&stored.cause)
                        .map_err(|error| fault(error.to_string()))?,
                ),
            };
            let event = codec::decode(&stored.kind, &stored.data)
                .map_err(|error| fault(error.to_string()))?;
            let Stored { position, stream, version, id, at, .. } = **stored;
            decoded.push((
                stored.clone(),
                Recorded { position, stream, version, id, at, cause, event },
            ));
        }
        Ok(decoded)
    }

    async fn project(
        &self,
        connection: &mut SqliteConnection,
        events: Vec<Self::Decoded>,
    ) -> Result<Writes, Fault> {
        let mut owners = Owners::default();
        let mut memberships = Memberships::read(connection, &events).await?;
        let mut sheets = Sheets::default();
        for (stored, recorded) in &events {
            memberships.take_up(recorded);
            let former = owners.former(connection, recorded).await?;
            let organisations = memberships.concerned(recorded);
            sheets.add(stored, recorded, former, organisations);
        }
        let mut writes = sheets.writes();
        memberships.write(&mut writes);
        Ok(writes)
    }
}

#[derive(Default)]
struct Sheets {
    history: Rows,
    subjects: Rows,
    settings: Rows,
    hours: BTreeMap<i64, (i64, i64)>,
}

impl Sheets {
    fn add(
        &mut self,
        stored: &Stored,
        recorded: &Recorded<Event>,
        former_owner: Option<AccountId>,
        organisations: impl Iterator<Item = OrganisationId>,
    ) {
        let position = stored.position.0.cast_signed();
        let organisation = concern::organisation(recorded);
        self.history.push([
            position.into(),
            stored.stream.to_string().into(),
            stored.version.0.cast_signed().into(),
            stored.id.into(),
            stored.at.timestamp_micros().into(),
            (*stored.kind).into(),
            codec::kind_of(&recorded.event).into(),
            actor_key(recorded.cause.actor).into(),
            organisation.into(),
            (*stored.data).into(),
            (*stored.cause).into(),
        ]);
        for account in concern::accounts(recorded).into_iter().chain(former_owner) {
            self.subjects.push([account.into(), position.into()]);
        }
        for organisation in organisation.into_iter().chain(organisations) {
            self.subjects.push([organisation.into(), position.into()]);
        }
        for (entity, field) in settings(recorded) {
            self.settings.push([entity.into(), field.into(), position.into()]);
        }
        let hour = hour_of(stored.at.timestamp_micros());
        let (earliest, latest) = self.hours.entry(hour).or_insert((position, position));
        *earliest = position.min(*earliest);
        *latest = position.max(*latest);
    }

    fn writes(self) -> Writes {
        let mut hours = Rows::default();
        for (hour, (earliest, latest)) in self.hours {
            hours.push([hour.into(), earliest.into(), latest.into()]);
        }
        let mut writes = Writes::default();
        writes.add(&INSERT_HISTORY, self.history);
        writes.add(&INSERT_SUBJECTS, self.subjects);
        writes.add(&INSERT_SETTINGS, self.settings);
        writes.add(&UPSERT_HOURS, hours);
        writes
    }
}

/// Who owned the organisations of which a page sets the owner: handing over is in the history of both.
#[derive(Default)]
struct Owners(FxHashMap<OrganisationId, AccountId>);

impl Owners {
    async fn former(
        &mut self,
        connection: &mut SqliteConnection,
        recorded: &Recorded<Event>,
    ) -> Result<Option<AccountId>, Fault> {
        let (
            Stream::Organisation(organisation),
            Event::Organisation(organisation::Event::OwnerSet { account }),
        ) = (recorded.stream, &recorded.event)
        else {
            return Ok(None);
        };
        let former = match self.0.insert(organisation, *account) {
            Some(former) => Some(former),
            None => Self::read(connection, organisation).await?,
        };
        Ok(former.filter(|former| former != account))
    }

    async fn read(
        connection: &mut SqliteConnection,
        organisation: OrganisationId,
    ) -> Result<Option<AccountId>, Fault> {
        let row = sqlx::query(
            "select kind, data from history where position =
               (select max(position) from settings where entity = ? and field = 'owner')",
        )
        .bind(organisation.uuid().as_bytes().to_vec())
        .fetch_optional(connection)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let event = codec::decode(row.try_get(0)?, row.try_get(1)?)
            .map_err(|error| Fault::Elsewhere(error.to_string()))?;
        Ok(match event {
            Event::Organisation(organisation::Event::OwnerSet { account }) => Some(account),
            _ => None,
        })
    }
}

/// How an actor stands in its column.
pub(super) fn actor_key(actor: Actor) -> Vec<u8> {
    let (kind, id) = match actor {
        Actor::Console => (0, None),
        Actor::System => (1, None),
        Actor::Anonymous => (2, None),
        Actor::Account { account, .. } => (3, Some(account.uuid())),
        Actor::ServiceKey { key } => (4, Some(key.uuid())),
    };
    let id = id.as_ref().map(Uuid::as_bytes).into_iter().flatten();
    std::iter::once(&kind).chain(id).copied().collect()
}

/// The hour of a moment in microseconds.
pub(super) const fn hour_of(micros: i64) -> i64 {
    micros.div_euclid(3_600_000_000)
}
