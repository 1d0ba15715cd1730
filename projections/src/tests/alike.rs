//! Rebuilt rows equal those that came to be one by one.

use commands::testing::{Bench, Script, play};

use super::support::World;
use crate::{Name, State, Views, Visible, history::AsOf};

/// Rows that followed every command, rows filled in bulk, and rows rebuilt beside serving ones.
async fn rows_are_alike(seed: u64, members: u64, commands: usize) {
    let bench = Bench::in_memory().await;
    let world = World::over(bench.store.clone(), bench.vault.clone());
    let followed = world.views_in("followed").await;
    let mut script = Script::new(seed, members).activating();
    let (done, _) = play(&bench, &mut script, commands).await;
    assert!(done > commands / 4, "most commands were refused");
    world.settle(&followed).await;
    let filled = world.views_in("filled").await;
    world.settle(&filled).await;
    for name in Name::ALL {
        assert_eq!(followed.status(name).state, State::Live);
        assert_eq!(filled.status(name).state, State::Live);
        let rows = world.dump("followed", name).await;
        assert!(rows.len() > done / 10, "there are no rows");
        assert_same(&world.dump("filled", name).await, &rows);
        rebuild(&followed, name).await;
        assert_same(&world.dump("followed", name).await, &rows);
    }
    now_and_then_agree(&followed, &script).await;
    followed.close().await;
    filled.close().await;
}

/// What is filed of an account is what its history adds up to.
async fn now_and_then_agree(views: &Views, script: &Script) {
    let head = AsOf::Position(views.position(Name::History));
    for (organisation, account) in script.members() {
        for visible in [Visible::Everything, Visible::Organisation(*organisation)] {
            let now = views.directory().account(visible, *account).await.unwrap();
            let then = views.history().account_as_of(visible, *account, head).await.unwrap();
            assert_eq!(now, then);
        }
    }
}

async fn rebuild(views: &Views, name: Name) {
    let mut progress = views.rebuild(name).unwrap();
    let ended = progress.wait_for(|progress| progress.outcome.is_some()).await.unwrap().clone();
    assert_eq!(ended.outcome, Some(Ok(())));
}

/// Tells the first row that differs, not all of them.
#[track_caller]
fn assert_same(found: &[String], wanted: &[String]) {
    let differs = found.iter().zip(wanted).find(|(found, wanted)| found != wanted);
    assert_eq!(differs, None);
    assert_eq!(found.len(), wanted.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_are_alike_after_random_commands() {
    rows_are_alike(1, 100, 2_000).await;
    rows_are_alike(2, 20, 500).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes; run once per change of a projection"]
async fn rows_are_alike_after_100_000_random_commands() {
    rows_are_alike(3, 2_000, 100_000).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rebuild_removes_the_former_file() {
    let world = World::new().await;
    let views = world.views().await;
    let firm = world.organisation("Bakkerij Zoet").await;
    world.member(firm, "Anna de Vries").await;
    world.settle(&views).await;
    for name in Name::ALL {
        rebuild(&views, name).await;
    }
    views.close().await;
    let files = std::fs::read_dir(world.folder.path().join("views")).unwrap();
    let mut names: Vec<_> =
        files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, ["directory.2.db", "history.2.db"]);
}
