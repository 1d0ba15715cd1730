//! A log with a vault, and views on it.

use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use events::{
    AccountId, Actor, Cause, Event, EventId, OrganisationId, Origin, Position, RequestId, Sealed,
    Stream, Version, account, codec, keyring, membership, organisation,
    store::{Batch, EventStore, NewEvent, Write, memory::Memory},
    value::{
        EmailAddress, Language, MemberKind, Plan, Profile, ProfileEntry, ProfileField, ServiceKind,
        Text, Username,
    },
    vault::Vault,
};
use tempfile::TempDir;
use uuid::Uuid;

use crate::{Name, Status, Views};

/// A log with a vault, and what is needed to append to it.
pub(super) struct World {
    pub(super) store: Arc<dyn EventStore>,
    pub(super) vault: Arc<Vault>,
    pub(super) folder: TempDir,
    versions: Mutex<HashMap<Stream, u64>>,
    next: Mutex<u128>,
}

impl World {
    pub(super) async fn new() -> Self {
        Self::with(Arc::new(Memory::new())).await
    }

    pub(super) async fn with(store: Arc<dyn EventStore>) -> Self {
        Self::over(store, Arc::new(Vault::in_memory().await.unwrap()))
    }

    pub(super) fn over(store: Arc<dyn EventStore>, vault: Arc<Vault>) -> Self {
        Self {
            store,
            vault,
            folder: tempfile::tempdir().unwrap(),
            versions: Mutex::default(),
            next: Mutex::new(1),
        }
    }

    pub(super) async fn views(&self) -> Views {
        self.views_in("views").await
    }

    pub(super) async fn views_in(&self, folder: &str) -> Views {
        let folder = self.folder.path().join(folder);
        Views::open(&folder, self.store.clone(), self.vault.clone()).await.unwrap()
    }

    /// Another id, the same in every run.
    pub(super) fn id(&self) -> Uuid {
        let mut next = self.next.lock().unwrap();
        *next += 1;
        // Spread, so that the order of ids is not that of creation.
        Uuid::from_u128(next.wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835))
    }

    /// The moment at which the next event happens: a second after the one before.
    pub(super) fn now(&self) -> DateTime<Utc> {
        let start: DateTime<Utc> = "2026-01-01T00:00:00Z".parse().unwrap();
        start + TimeDelta::seconds(self.store.head().0.cast_signed())
    }

    /// Appends events by the console.
    pub(super) async fn append(&self, writes: Vec<(Stream, Vec<Event>)>) -> Position {
        self.append_by(Actor::Console, "test", writes).await
    }

    pub(super) async fn append_by(
        &self,
        actor: Actor,
        action: &str,
        writes: Vec<(Stream, Vec<Event>)>,
    ) -> Position {
        let origin = match actor {
            Actor::Account { account, .. } => {
                let origin = Origin { address: [192, 0, 2, 7].into(), agent: Some("test".into()) };
                Some(Sealed::new(account, origin))
            }
            _ => None,
        };
        let mut cause = Cause {
            actor,
            on_behalf_of: None,
            origin,
            request: RequestId::new(self.id()),
            action: action.to_owned(),
            event: None,
        };
        let mut events = Vec::new();
        let mut shape = Vec::new();
        for (stream, of_stream) in writes {
            shape.push((stream, of_stream.len()));
            events.extend(of_stream.into_iter().map(|event| (EventId::new(self.id()), event)));
        }
        for (_, event) in &mut events {
            let mut people = Vec::new();
            event.sealed_fields(|_, field| people.push(field.subject()));
            for person in people {
                self.vault.create_key(person).await.unwrap();
            }
        }
        keyring::seal_all(&self.vault, &mut events, &mut cause).await.unwrap();
        let mut events = events.into_iter();
        let writes = shape
            .into_iter()
            .map(|(stream, count)| {
                let mut versions = self.versions.lock().unwrap();
                let version = versions.entry(stream).or_default();
                let expected = Version(*version);
                *version += count as u64;
                let events = events.by_ref().take(count).map(|(id, event)| {
                    let coded = codec::encode(&event).unwrap();
                    NewEvent { id, kind: coded.kind, data: coded.data }
                });
                Write { stream, expected, events: events.collect() }
            })
            .collect();
        let batch = Batch {
            writes,
            claims: Vec::new(),
            receipt: None,
            at: self.now(),
            cause: serde_json::to_string(&cause).unwrap().into(),
        };
        self.store.append(batch).await.unwrap().position
    }

    /// An organisation with all built-in services.
    pub(super) async fn organisation(&self, name: &str) -> OrganisationId {
        let id = OrganisationId::new(self.id());
        let event = organisation::Event::Created {
            name: text(name),
            language: Language::Nl,
            plan: Plan::default(),
        };
        self.append(vec![(Stream::Organisation(id), vec![event.into()])]).await;
        id
    }

    /// An account that is a member of an organisation: what is guarded first, then the rest.
    pub(super) async fn member(&self, organisation: OrganisationId, name: &str) -> AccountId {
        let id = AccountId::new(self.id());
        let joined = organisation::Event::MemberJoined { account: id, kind: MemberKind::Full };
        self.append(vec![
            (Stream::Organisation(organisation), vec![joined.into()]),
            (
                Stream::Account(id),
                vec![created(id, name).into(), account::Event::Joined { organisation }.into()],
            ),
        ])
        .await;
        id
    }

    /// Appends to a membership.
    pub(super) async fn in_membership(
        &self,
        organisation: OrganisationId,
        account: AccountId,
        event: membership::Event,
    ) -> Position {
        self.append(vec![(Stream::Membership(organisation, account), vec![event.into()])]).await
    }

    /// Waits until everything that was appended is visible.
    pub(super) async fn settle(&self, views: &Views) {
        views.all_caught_up(self.store.head(), Duration::from_mins(1)).await.unwrap();
    }

    /// All rows of all tables of a projection, as text, and what the search finds; without its own bookkeeping.
    pub(super) async fn dump(&self, folder: &str, name: Name) -> Vec<String> {
        let folder = self.folder.path().join(folder);
        let file = std::fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| {
                let file = path.file_stem().unwrap().to_str().unwrap();
                file.starts_with(name.as_str()) && path.extension().is_some_and(|it| it == "db")
            })
            .max_by_key(|path| path.metadata().unwrap().modified().unwrap())
            .unwrap();
        dump(&file).await
    }
}

/// All rows of all tables of a file, as text.
pub(super) async fn dump(file: &Path) -> Vec<String> {
    use sqlx::{Connection, Row, SqliteConnection, sqlite::SqliteConnectOptions};
    let options = SqliteConnectOptions::new().filename(file);
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    let tables: Vec<String> = sqlx::query_scalar(
        "select name from pragma_table_list
         where schema = 'main' and type = 'table' and name not like 'sqlite_%' order by name",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    let mut rows = Vec::new();
    for table in tables {
        let columns: Vec<String> = sqlx::query_scalar("select name from pragma_table_info(?)")
            .bind(&table)
            .fetch_all(&mut connection)
            .await
            .unwrap();
        let quoted: Vec<_> = columns.iter().map(|column| format!("quote({column})")).collect();
        let sql = format!("select concat_ws('|', {}) from {table} order by 1", quoted.join(", "));
        let found = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(&mut connection).await.unwrap();
        rows.extend(found.iter().map(|row| format!("{table}: {}", row.get::<String, _>(0))));
    }
    let has_search: bool =
        sqlx::query_scalar("select exists (select 1 from sqlite_schema where name = 'search')")
            .fetch_one(&mut connection)
            .await
            .unwrap();
    if has_search {
        rows.extend(terms(&mut connection).await);
    }
    connection.close().await.unwrap();
    rows
}

/// Every term of the search with where it is. The index is checked in itself, too.
async fn terms(connection: &mut sqlx::SqliteConnection) -> Vec<String> {
    sqlx::raw_sql(
        "insert into search (search) values ('integrity-check');
         create virtual table temp.terms using fts5vocab (main, search, instance)",
    )
    .execute(&mut *connection)
    .await
    .unwrap();
    let sql = "select format('search: %s of %s in %s at %d', term, doc, col, \"offset\")
        from temp.terms order by 1";
    sqlx::query_scalar(sql).fetch_all(connection).await.unwrap()
}

pub(super) fn text(text: &str) -> Text {
    Text::parse(text).unwrap()
}

pub(super) fn service(key: &str) -> ServiceKind {
    ServiceKind::parse(key).unwrap()
}

pub(super) fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

/// An account of this name, with a username and an address made of it.
pub(super) fn created(id: AccountId, name: &str) -> account::Event {
    let plain = crate::fold::fold(name).replace(|c: char| !c.is_ascii_alphanumeric(), ".");
    let handle = format!("{plain}.{}", &id.uuid().simple().to_string()[..6]);
    let profile = Profile {
        display_name: text(name),
        entries: vec![(
            ProfileField::Email,
            ProfileEntry::Email(address(&format!("{handle}@example.org"))),
        )],
    };
    account::Event::Created {
        username: Sealed::new(id, Username::parse(&handle).unwrap()),
        profile: Sealed::new(id, profile),
    }
}

/// Waits until a projection is as wanted, looking at it when it tells that something changed, and only then.
pub(super) async fn told<T>(views: &Views, name: Name, wanted: impl Fn(Status) -> Option<T>) -> T {
    let mut news = views.news(name);
    let wait = async {
        loop {
            if let Some(found) = wanted(views.status(name)) {
                return found;
            }
            news.changed().await.unwrap();
        }
    };
    tokio::time::timeout(Duration::from_secs(30), wait).await.expect("it is told")
}
