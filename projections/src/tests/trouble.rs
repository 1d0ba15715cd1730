//! What doesn't work for a while.

use std::{path::PathBuf, time::Duration};

use sqlx::{AssertSqlSafe, Connection, SqliteConnection, sqlite::SqliteConnectOptions};

use super::support::World;
use crate::{Name, State};

async fn run(file: &PathBuf, sql: &'static str) {
    let options = SqliteConnectOptions::new().filename(file);
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
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
    let trouble = tokio::time::timeout(Duration::from_secs(30), async {
        loop {
            let status = views.status(Name::History);
            if let Some(trouble) = status.trouble {
                // It isn't the event's fault, so nothing is parked.
                assert_eq!(status.state, State::Live);
                return trouble;
            }
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
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
