//! Events that can't be applied.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use events::{
    Position, Stream, Version, account,
    store::{
        AppendError, Appended, Batch, Claim, EventStore, Pages, Receipt, StoreError, Stored,
        Subscription, memory::Memory,
    },
    vault::{MasterKey, Vault},
};
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use uuid::Uuid;

use super::support::{World, told};
use crate::{Late, Name, NotParked, State, Views, Visible};

/// A log that gives one of its events damaged: its personal data doesn't open, which the directory needs and
/// the history doesn't; or its kind is unknown to everybody.
#[derive(Default)]
struct Damaged {
    log: Memory,
    harm: Arc<Mutex<Option<(Position, Harm)>>>,
}

#[derive(Clone, Copy)]
enum Harm {
    Seal,
    Kind,
}

impl Harm {
    fn apply(self, stored: &Stored) -> Stored {
        let mut stored = stored.clone();
        match self {
            Self::Seal => {
                stored.data = stored.data.replace("\"cipher\":\"", "\"cipher\":\"AAAA").into();
            }
            Self::Kind => stored.kind = "planet.moved.v1".into(),
        }
        stored
    }
}

struct DamagedPages {
    pages: Subscription,
    harm: Arc<Mutex<Option<(Position, Harm)>>>,
}

#[async_trait]
impl Pages for DamagedPages {
    async fn next(&mut self, limit: u32) -> Result<Vec<Arc<Stored>>, StoreError> {
        let page = self.pages.next(limit).await?;
        let harm = *self.harm.lock().unwrap();
        let Some((position, harm)) = harm else { return Ok(page) };
        Ok(page
            .into_iter()
            .map(
                |stored| {
                    if stored.position == position { Arc::new(harm.apply(&stored)) } else { stored }
                },
            )
            .collect())
    }
}

#[async_trait]
impl EventStore for Damaged {
    async fn append(&self, batch: Batch) -> Result<Appended, AppendError> {
        self.log.append(batch).await
    }

    async fn read(
        &self,
        stream: Stream,
        after: Version,
        limit: u32,
    ) -> Result<Vec<Stored>, StoreError> {
        self.log.read(stream, after, limit).await
    }

    async fn read_all(&self, after: Position, limit: u32) -> Result<Vec<Stored>, StoreError> {
        self.log.read_all(after, limit).await
    }

    fn subscribe(&self, after: Position) -> Subscription {
        Subscription::new(DamagedPages {
            pages: self.log.subscribe(after),
            harm: self.harm.clone(),
        })
    }

    fn head(&self) -> Position {
        self.log.head()
    }

    async fn owner_of(&self, claim: Claim) -> Result<Option<Uuid>, StoreError> {
        self.log.owner_of(claim).await
    }

    async fn receipt(&self, key: [u8; 32]) -> Result<Option<(Receipt, Position)>, StoreError> {
        self.log.receipt(key).await
    }
}

async fn wait_for_parking(views: &Views, name: Name) -> crate::Parked {
    told(views, name, |status| match status.state {
        State::Parked(parked) => Some(parked),
        State::Live | State::Rebuilding(_) => None,
    })
    .await
}

/// Five members, of whom the event at `at` is damaged; then views that follow it all one by one, or are filled.
async fn parked_world(harm: Harm, at: u64) -> (World, Arc<Mutex<Option<(Position, Harm)>>>) {
    let store = Damaged::default();
    let handle = store.harm.clone();
    let world = World::with(Arc::new(store)).await;
    *handle.lock().unwrap() = Some((Position(at), harm));
    let firm = world.organisation("Bakkerij Zoet").await;
    for name in ["Anna", "Bert", "Chris", "Daan", "Eva"] {
        world.member(firm, name).await;
    }
    (world, handle)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_projection_parks_before_the_event_and_the_others_go_on() {
    // 1: the organisation; three events per member; 6 is the account of Bert.
    let (world, harm) = parked_world(Harm::Seal, 6).await;
    let views = world.views().await;
    let parked = wait_for_parking(&views, Name::Directory).await;
    assert_eq!((parked.position, parked.kind.as_str()), (Position(6), "account.created.v1"));
    assert!(parked.error.contains("open"), "{}", parked.error);

    // Everything before it is visible, nothing after it, and the history isn't concerned.
    let status = views.status(Name::Directory);
    assert_eq!(status.position, Position(5));
    assert_eq!(status.lag(), world.store.head().0 - 5);
    let head = world.store.head();
    views.caught_up(Name::History, head, Duration::from_secs(30)).await.unwrap();
    assert_eq!(
        views.caught_up(Name::Directory, head, Duration::from_millis(1)).await,
        Err(Late { name: Name::Directory, at: Position(5), wanted: head })
    );

    // Trying again without mending parks again, at the same event.
    views.resume(Name::Directory).unwrap();
    let again = told(&views, Name::Directory, |status| match status.state {
        State::Parked(again) => (again.since > parked.since).then_some(again),
        State::Live | State::Rebuilding(_) => None,
    })
    .await;
    assert_eq!(again.position, Position(6));

    // Mended, nothing was skipped: the rows are those of a log that was never damaged.
    *harm.lock().unwrap() = None;
    views.resume(Name::Directory).unwrap();
    world.settle(&views).await;
    assert_eq!(views.status(Name::Directory).state, State::Live);
    assert_eq!(views.resume(Name::Directory), Err(NotParked(Name::Directory)));
    let clean = world.views_in("clean").await;
    world.settle(&clean).await;
    assert_eq!(
        world.dump("views", Name::Directory).await,
        world.dump("clean", Name::Directory).await
    );
    views.close().await;
    clean.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_nobody_knows_parks_all_and_a_rebuild_leaves_the_rows_as_they_are() {
    let (world, harm) = parked_world(Harm::Kind, 8).await;
    let views = world.views().await;
    for name in Name::ALL {
        assert_eq!(wait_for_parking(&views, name).await.position, Position(8));
    }
    let rows = world.dump("views", Name::Directory).await;
    let mut progress = views.rebuild(Name::Directory).unwrap();
    let ended = progress.wait_for(|progress| progress.outcome.is_some()).await.unwrap().clone();
    let reason = ended.outcome.unwrap().unwrap_err();
    assert!(reason.contains("planet.moved.v1"), "{reason}");
    assert_eq!(views.status(Name::Directory).position, Position(7));
    assert_eq!(world.dump("views", Name::Directory).await, rows);

    // A rebuild is another way out, once the event can be applied.
    *harm.lock().unwrap() = None;
    let mut progress = views.rebuild(Name::Directory).unwrap();
    progress.wait_for(|progress| progress.outcome == Some(Ok(()))).await.unwrap();
    views.caught_up(Name::Directory, world.store.head(), Duration::from_secs(30)).await.unwrap();
    assert_eq!(views.status(Name::Directory).state, State::Live);
    views.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_doesn_t_fit_parks_too() {
    let world = World::new().await;
    let views = world.views().await;
    let nobody = events::AccountId::new(world.id());
    world.append(vec![(Stream::Account(nobody), vec![account::Event::Locked.into()])]).await;
    let parked = wait_for_parking(&views, Name::Directory).await;
    assert_eq!(parked.error, format!("account {nobody} isn't known"));
    assert_eq!(views.directory().account(Visible::Everything, nobody).await.unwrap(), None);
    views.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_damaged_key_parks_before_the_event_that_needs_it_not_before_its_page() {
    let world = World::new().await;
    let file = world.folder.path().join("vault.db");
    let vault = || Vault::open(&file, MasterKey::new([7; 32]));
    let before = World::over(world.store.clone(), Arc::new(vault().await.unwrap()));
    let firm = before.organisation("Bakkerij Zoet").await;
    before.member(firm, "Anna").await;
    let bert = before.member(firm, "Bert").await;
    before.member(firm, "Chris").await;
    before.vault.close().await;
    let options = SqliteConnectOptions::new().filename(&file);
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::query("update person_key set wrapped = zeroblob(length(wrapped)) where person = ?")
        .bind(&bert.uuid().as_bytes()[..])
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();

    let after = World::over(world.store.clone(), Arc::new(vault().await.unwrap()));
    let views = after.views().await;
    // 1: the organisation; three events per member; 6 is the account of Bert.
    let parked = wait_for_parking(&views, Name::Directory).await;
    assert_eq!((parked.position, parked.kind.as_str()), (Position(6), "account.created.v1"));
    assert!(parked.error.contains(&bert.to_string()), "{}", parked.error);
    assert_eq!(views.status(Name::Directory).position, Position(5));
    let head = world.store.head();
    views.caught_up(Name::History, head, Duration::from_secs(30)).await.unwrap();
    views.close().await;
    after.vault.close().await;
}
