//! No space left.

use std::path::PathBuf;

use tempfile::TempDir;
use uuid::Uuid;

use super::*;
use crate::store::{
    ClaimChange::Take,
    conformance::sample::{batch, claim, write},
};

/// A request with all that a request can have.
fn large(number: u64) -> Batch {
    let streams = [u128::from(number), 100_000 + u128::from(number)].map(stream);
    let owner = Uuid::from_u128(number.into());
    batch(streams.map(|stream| write(stream, 0, 20))).claiming([Take(claim(number), owner)])
}

/// Appends until no space is left; answers how many requests were appended.
async fn fill(log: &Arc<dyn EventStore>) -> u64 {
    for number in 0..100_000 {
        match log.append(large(number)).await {
            Ok(_) => {}
            Err(AppendError::Store(StoreError::Full)) => return number,
            Err(other) => panic!("{other}"),
        }
    }
    panic!("there is no end of space");
}

/// Nothing is lost, nothing half there, and the log can be read.
async fn assert_sound(log: &Arc<dyn EventStore>, appended: u64) {
    assert_eq!(whole(log).await.len() as u64, appended * 40);
    assert_eq!(log.read(stream(appended.into()), Version::NONE, 9).await.unwrap(), []);
    assert_eq!(log.owner_of(claim(appended)).await.unwrap(), None);
    let mut follower = log.subscribe(Position((appended - 1) * 40));
    assert_eq!(follower.next(100).await.unwrap().len(), 40);
}

#[tokio::test]
async fn a_full_file_is_read_and_written_again_once_it_may_grow() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("events.db");
    let bounded = Options { max_pages: Some(100), ..Options::default() };
    let file = Arc::new(Sqlite::open(&path, bounded).await.unwrap());
    let log: Arc<dyn EventStore> = Arc::clone(&file) as _;
    let appended = fill(&log).await;
    assert!(appended > 2);
    assert_sound(&log, appended).await;
    for _ in 0..5 {
        let again = log.append(large(appended)).await;
        assert!(matches!(again, Err(AppendError::Store(StoreError::Full))), "{again:?}");
    }
    assert_sound(&log, appended).await;
    file.close().await;

    let log: Arc<dyn EventStore> = Arc::new(opened(&path).await);
    assert_sound(&log, appended).await;
    log.append(large(appended)).await.unwrap();
    assert_sound(&log, appended + 1).await;
}

/// On a file system of a few megabytes that is named by `STAMROL_SMALL_DISK`, for instance
/// one from `mount -t tmpfs -o size=8m tmpfs /mnt/small`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a small file system"]
async fn a_full_disk_is_read_and_written_again_once_there_is_space() {
    let disk = PathBuf::from(std::env::var("STAMROL_SMALL_DISK").unwrap());
    let ballast = disk.join("ballast");
    std::fs::write(&ballast, vec![1; 2 << 20]).unwrap();
    let log: Arc<dyn EventStore> = Arc::new(opened(&disk.join("events.db")).await);
    let appended = fill(&log).await;
    assert_sound(&log, appended).await;
    std::fs::remove_file(&ballast).unwrap();

    // The same log, without being opened again.
    log.append(large(appended)).await.unwrap();
    assert_sound(&log, appended + 1).await;
}
