//! Rebuilding while everything goes on, and after everything stopped.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use commands::testing::{Bench, Script, play};
use events::Position;

use super::support::{World, told};
use crate::{
    Name, PageRequest, State, Visible,
    directory::{AccountFilter, AccountOrder},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rebuild_goes_on_while_others_write_and_read() {
    let bench = Bench::in_memory().await;
    let world = World::over(bench.store.clone(), bench.vault.clone());
    let views = Arc::new(world.views().await);
    let mut script = Script::new(5, 100).activating();
    play(&bench, &mut script, 500).await;
    world.settle(&views).await;

    let done = Arc::new(AtomicBool::new(false));
    let reader = tokio::spawn({
        let (views, done) = (views.clone(), done.clone());
        async move {
            let (mut before, mut reads) = (Position::START, 0);
            while !done.load(Ordering::Relaxed) {
                for name in Name::ALL {
                    let _ = views.status(name);
                }
                let request = PageRequest::First { count: 100, after: None };
                let page = views
                    .directory()
                    .accounts(
                        Visible::Everything,
                        &AccountFilter::ALL,
                        AccountOrder::default(),
                        &request,
                    )
                    .await
                    .unwrap();
                assert!(!page.edges.is_empty(), "rows are gone for a while");
                assert!(page.position >= before, "the position went back");
                before = page.position;
                reads += 1;
            }
            reads
        }
    });
    let mut rebuilt = 0;
    for _ in 0..8 {
        let running: Vec<_> =
            Name::ALL.into_iter().filter_map(|name| views.rebuild(name).ok()).collect();
        play(&bench, &mut script, 100).await;
        for mut progress in running {
            let ended =
                progress.wait_for(|progress| progress.outcome.is_some()).await.unwrap().clone();
            assert_eq!(ended.outcome, Some(Ok(())));
            assert!(ended.done <= ended.total && ended.done > 0);
            rebuilt += 1;
        }
    }
    done.store(true, Ordering::Relaxed);
    assert!(reader.await.unwrap() > 0);
    assert_eq!(rebuilt, 16);
    world.settle(&views).await;
    let clean = world.views_in("clean").await;
    world.settle(&clean).await;
    for name in Name::ALL {
        assert_eq!(world.dump("views", name).await, world.dump("clean", name).await);
    }
    views.close().await;
    clean.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_rebuild_of_the_same_projection_is_refused() {
    let bench = Bench::in_memory().await;
    let world = World::over(bench.store.clone(), bench.vault.clone());
    play(&bench, &mut Script::new(6, 50).activating(), 200).await;
    let views = world.views().await;
    world.settle(&views).await;
    let mut first = views.rebuild(Name::History).unwrap();
    // Unless it has ended already.
    if first.borrow().outcome.is_none() {
        assert!(views.rebuild(Name::History).is_err() || first.borrow().outcome.is_some());
    }
    first.wait_for(|progress| progress.outcome.is_some()).await.unwrap();
    views.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_of_a_crash_of_another_release_and_of_another_log_are_filled_anew() {
    let world = World::new().await;
    let firm = world.organisation("Bakkerij Zoet").await;
    world.member(firm, "Anna").await;
    let folder = world.folder.path().join("views");
    let change = async |name: Name, sql: &'static str| {
        use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
        let file = std::fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .find(|path| path.file_name().unwrap().to_str().unwrap().starts_with(name.as_str()))
            .unwrap();
        let mut connection = SqliteConnection::connect_with(
            &SqliteConnectOptions::new().filename(file).foreign_keys(false),
        )
        .await
        .unwrap();
        sqlx::query(sql).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    };
    let rows = {
        let views = world.views().await;
        world.settle(&views).await;
        views.close().await;
        world.dump("views", Name::Directory).await
    };
    for harm in [
        "update generation set ready = 0",
        "update generation set layout = 'of another release'",
        "update generation set position = 1000000",
        "drop table generation",
    ] {
        change(Name::Directory, harm).await;
        change(Name::Directory, "delete from accounts").await;
        std::fs::write(folder.join("history.77.db"), "no database at all").unwrap();
        let views = world.views().await;
        world.settle(&views).await;
        assert_eq!(views.status(Name::Directory).state, State::Live);
        views.close().await;
        let files = std::fs::read_dir(&folder).unwrap().count();
        assert_eq!(files, 2, "{harm}");
        assert_eq!(world.dump("views", Name::Directory).await, rows, "{harm}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_closed_in_the_middle_goes_on_where_it_was() {
    let bench = Bench::in_memory().await;
    let world = World::over(bench.store.clone(), bench.vault.clone());
    let mut script = Script::new(8, 100).activating();
    for _ in 0..5 {
        let views = world.views().await;
        play(&bench, &mut script, 100).await;
        // In the middle of it, and of a rebuild.
        let _ = views.rebuild(Name::Directory);
        views.close().await;
    }
    let views = world.views().await;
    world.settle(&views).await;
    views.all_caught_up(world.store.head(), Duration::from_secs(30)).await.unwrap();
    let clean = world.views_in("clean").await;
    world.settle(&clean).await;
    for name in Name::ALL {
        assert_eq!(world.dump("views", name).await, world.dump("clean", name).await);
    }
    views.close().await;
    clean.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_changes_about_a_projection_is_told() {
    let world = World::new().await;
    let views = world.views().await;
    let firm = world.organisation("Bakkerij Zoet").await;
    let head = world.store.head();
    told(&views, Name::History, |status| (status.position >= head).then_some(())).await;
    world.member(firm, "Anna").await;
    world.settle(&views).await;

    // That it begins is told, how far it is, and that it has ended.
    let mut news = views.news(Name::History);
    let progress = views.rebuild(Name::History).unwrap();
    assert!(news.has_changed().unwrap());
    let ended = |_| progress.borrow().outcome.clone();
    assert_eq!(told(&views, Name::History, ended).await, Ok(()));
    // What happens to one is no news of another.
    news.borrow_and_update();
    let other = views.news(Name::Directory);
    views.rebuild(Name::History).unwrap().wait_for(|it| it.outcome.is_some()).await.unwrap();
    assert!(news.has_changed().unwrap() && !other.has_changed().unwrap());
    views.close().await;
}
