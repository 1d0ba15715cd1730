//! Rebuilt rows equal those that came to be one by one.

use super::support::World;
use crate::Name;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rebuild_gives_equal_rows_and_removes_the_former_file() {
    let world = World::new().await;
    let views = world.views().await;
    let firm = world.organisation("Bakkerij Zoet").await;
    world.member(firm, "Anna de Vries").await;
    world.settle(&views).await;
    for name in Name::ALL {
        let before = world.dump("views", name).await;
        let mut progress = views.rebuild(name).unwrap();
        let ended = progress.wait_for(|progress| progress.outcome.is_some()).await.unwrap().clone();
        assert_eq!(ended.outcome, Some(Ok(())));
        assert_eq!(world.dump("views", name).await, before);
    }
    views.close().await;
    let files = std::fs::read_dir(world.folder.path().join("views")).unwrap();
    let mut names: Vec<_> =
        files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, ["directory.2.db", "history.2.db"]);
}
