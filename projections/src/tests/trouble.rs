//! What doesn't work for a while.

use std::{path::PathBuf, sync::Arc, time::Duration};

use events::Position;
use sqlx::{AssertSqlSafe, Connection, SqliteConnection, sqlite::SqliteConnectOptions};

use tokio::sync::watch;

use super::support::World;
use crate::{
    Name, State, Status,
    generation::Generation,
    history,
    projection::Projection,
    runner::{self, Runner},
    seat::Seat,
};

async fn run(file: &PathBuf, sql: &'static str) {
    let options = SqliteConnectOptions::new().filename(file);
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

async fn trouble(status: impl Fn() -> Status) -> Status {
    tokio::time::timeout(Duration::from_secs(30), async {
        loop {
            let status = status();
            if status.trouble.is_some() {
                return status;
            }
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_can_t_be_written_now_is_tried_again_and_seen() {
    let world = World::new().await;
    let views = world.views().await;
    let firm = world.organisation("Bakkerij Zoet").await;
    world.settle(&views).await;
    let before = world.store.head();
    let file = world.folder.path().join("views/history.1.db");
    run(&file, "create trigger full before insert on history begin select raise(abort, 'no space is left'); end").await;
    world.member(firm, "Anna").await;
    let status = trouble(|| views.status(Name::History)).await;
    // It isn't the event's fault, so nothing is parked.
    assert_eq!(status.state, State::Live);
    let trouble = status.trouble.unwrap();
    assert!(trouble.contains("no space is left"), "{trouble}");
    assert_eq!(views.position(Name::History), before);
    views.caught_up(Name::Directory, world.store.head(), Duration::from_secs(30)).await.unwrap();

    run(&file, "drop trigger full").await;
    world.settle(&views).await;
    assert_eq!(views.status(Name::History).trouble, None);
    let clean = world.views_in("clean").await;
    world.settle(&clean).await;
    assert_eq!(world.dump("views", Name::History).await, world.dump("clean", Name::History).await);
    views.close().await;
    clean.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_can_t_be_opened_after_a_failed_first_fill_is_tried_again() {
    let world = World::new().await;
    world.organisation("Bakkerij Zoet").await;
    let folder = world.folder.path().to_owned();
    let layout = history::Projector::LAYOUT;
    let writer = Generation::create(&folder, &layout, 1).await.unwrap();
    let (generation, writer) = Generation::finish(&folder, &layout, 1, writer).await.unwrap();
    runner::close(writer).await;
    let (file, away) = (folder.join("history.1.db"), folder.join("away"));
    std::fs::rename(&file, &away).unwrap();

    let seat = Arc::new(Seat::new(layout.name, Arc::new(generation), Position::START));
    let (closing, closed) = watch::channel(false);
    let runner = Runner {
        projection: Arc::new(history::Projector),
        seat: seat.clone(),
        store: world.store.clone(),
        closing: closed,
    };
    let following = tokio::spawn(async move { runner.follow_reopened(&folder, 1).await });
    let head = world.store.head();
    assert_eq!(trouble(|| seat.status(head)).await.position, Position::START);

    std::fs::rename(&away, &file).unwrap();
    let mut position = seat.position();
    let caught_up = position.wait_for(|position| *position == head);
    tokio::time::timeout(Duration::from_secs(30), caught_up).await.unwrap().unwrap();
    assert_eq!(seat.status(head).trouble, None);
    closing.send_replace(true);
    following.await.unwrap();
}
