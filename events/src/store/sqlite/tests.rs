//! What this engine keeps to beyond the rules of all.

use std::{path::Path, sync::Arc};

use tempfile::TempDir;

use super::*;
use crate::store::conformance::{
    self,
    sample::{one, receipt, stream, whole},
};

async fn opened(path: &Path) -> Sqlite {
    Sqlite::open(path, Options::default()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_in_a_file_keeps_the_rules() {
    let directory = TempDir::new().unwrap();
    let number = std::sync::atomic::AtomicU32::new(0);
    conformance::run(|| async {
        let number = number.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let own = directory.path().join(number.to_string());
        std::fs::create_dir(&own).unwrap();
        Arc::new(opened(&own.join("events.db")).await) as Arc<dyn EventStore>
    })
    .await;
}

#[tokio::test]
async fn a_log_that_was_closed_is_opened_again() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("events.db");
    let log = opened(&path).await;
    log.append(one(stream(1), 0).receipted(receipt(1, 1))).await.unwrap();
    let mut follower = log.subscribe(Position(1));
    log.close().await;
    assert!(matches!(
        log.append(one(stream(1), 1)).await,
        Err(AppendError::Store(StoreError::Closed))
    ));
    assert!(matches!(follower.next(1).await, Err(StoreError::Closed)));

    let log: Arc<dyn EventStore> = Arc::new(opened(&path).await);
    assert_eq!(whole(&log).await.len(), 1);
    let again = log.append(one(stream(1), 0).receipted(receipt(1, 1))).await.unwrap();
    assert!(again.replayed.is_some());
    log.append(one(stream(1), 1)).await.unwrap();
    assert_eq!(whole(&log).await.len(), 2);
}
