//! What this engine keeps to beyond the rules of all.

mod crash;
mod format;
mod space;

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use tempfile::TempDir;

use super::*;
use crate::store::conformance::{
    self,
    sample::{batch, one, receipt, stream, whole, write},
};

async fn opened(path: &Path) -> Sqlite {
    Sqlite::open(path, Options::default()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_in_a_file_keeps_the_rules() {
    let directory = TempDir::new().unwrap();
    let number = AtomicU32::new(0);
    conformance::run(|| async {
        let own = directory.path().join(number.fetch_add(1, Ordering::Relaxed).to_string());
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
    let late = log.append(one(stream(1), 1)).await;
    assert!(matches!(late, Err(AppendError::Store(StoreError::Closed))), "{late:?}");
    assert!(matches!(follower.next(1).await, Err(StoreError::Closed)));

    let log: Arc<dyn EventStore> = Arc::new(opened(&path).await);
    assert_eq!(whole(&log).await.len(), 1);
    let again = log.append(one(stream(1), 0).receipted(receipt(1, 1))).await.unwrap();
    assert!(again.replayed.is_some());
    log.append(one(stream(1), 1)).await.unwrap();
    assert_eq!(whole(&log).await.len(), 2);
}

/// What the process before knew is found in the file.
#[tokio::test]
async fn versions_are_known_after_opening_again() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("events.db");
    let log = opened(&path).await;
    log.append(one(stream(1), 0)).await.unwrap();
    log.close().await;

    for guard in [batch([write(stream(1), 0, 0)]), one(stream(1), 0), one(stream(1), 2)] {
        let log = opened(&path).await;
        match log.append(guard).await {
            Err(AppendError::Conflict { actual, .. }) => assert_eq!(actual, Version(1)),
            other => panic!("{other:?}"),
        }
        log.close().await;
    }
    opened(&path).await.append(one(stream(1), 1)).await.unwrap();
}

#[tokio::test]
async fn one_process_writes_and_others_read() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("events.db");
    let log = opened(&path).await;
    log.append(one(stream(1), 0)).await.unwrap();
    let second = Sqlite::open(&path, Options::default()).await.err();
    assert!(matches!(second, Some(StoreError::InUse)), "{second:?}");

    let reader: Arc<dyn EventStore> = Arc::new(Sqlite::open_read_only(&path).await.unwrap());
    assert_eq!(whole(&reader).await.len(), 1);
    assert_eq!(reader.subscribe(Position::START).next(9).await.unwrap().len(), 1);
    let refused = reader.append(one(stream(1), 1)).await;
    assert!(matches!(refused, Err(AppendError::Store(StoreError::ReadOnly))), "{refused:?}");

    log.append(one(stream(1), 1)).await.unwrap();
    assert_eq!(reader.read_all(Position::START, 9).await.unwrap().len(), 2);
    log.close().await;
    opened(&path).await;
}

#[test]
fn a_lock_that_was_given_back_is_free_while_a_new_process_still_has_its_file() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("events.db");
    let lock = open::lock(&path).unwrap();
    // As between the two halves of starting a process.
    let inherited = lock.try_clone().unwrap();
    assert!(matches!(open::lock(&path), Err(StoreError::InUse)));
    open::unlock(&lock);
    drop(lock);
    open::lock(&path).unwrap();
    drop(inherited);
}

#[tokio::test]
async fn more_requests_than_the_queue_holds_are_refused() {
    let directory = TempDir::new().unwrap();
    let options = Options { queue: 4, ..Options::default() };
    let log = Sqlite::open(&directory.path().join("events.db"), options).await.unwrap();
    // On one thread, all are handed in before the writer gets to work.
    let requests = (0..10).map(|number| log.append(one(stream(number), 0)));
    let answers = futures_util::future::join_all(requests).await;
    let busy = |answer: &&Result<_, _>| matches!(answer, Err(AppendError::Store(StoreError::Busy)));
    assert_eq!(answers.iter().filter(busy).count(), 6);
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 4);
    log.append(one(stream(9), 0)).await.unwrap();
}

#[tokio::test]
async fn old_receipts_are_forgotten_as_new_ones_come() {
    let directory = TempDir::new().unwrap();
    let log = opened(&directory.path().join("events.db")).await;
    for key in 0..10 {
        log.append(batch([]).receipted(receipt(key, 1))).await.unwrap();
    }
    let mut later = batch([]).receipted(receipt(100, 1));
    later.at += crate::store::RECEIPT_RETENTION;
    log.append(later.clone()).await.unwrap();
    let count = async || {
        let sql = "select count(*) from receipts";
        sqlx::query_scalar::<_, i64>(sql).fetch_one(&log.pool).await.unwrap()
    };
    assert_eq!(count().await, 11, "a receipt was forgotten before its time");
    later.at += chrono::TimeDelta::microseconds(1);
    later.receipt = Some(receipt(101, 1));
    log.append(later).await.unwrap();
    assert_eq!(count().await, 10);
}

#[tokio::test]
async fn a_commit_is_flushed_to_the_disk() {
    let directory = TempDir::new().unwrap();
    let options = open::writing(&directory.path().join("events.db"), &Options::default());
    let mut connection = sqlx::ConnectOptions::connect(&options).await.unwrap();
    let setting: i64 =
        sqlx::query_scalar("pragma synchronous").fetch_one(&mut connection).await.unwrap();
    assert_eq!(setting, 2, "not FULL");
}

#[tokio::test]
async fn a_gap_is_damage() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("events.db");
    let log = opened(&path).await;
    log.append(batch([write(stream(1), 0, 9)])).await.unwrap();
    let options = open::writing(&path, &Options::default());
    let mut connection = sqlx::ConnectOptions::connect(&options).await.unwrap();
    sqlx::query("delete from events where position = 5").execute(&mut connection).await.unwrap();
    assert_eq!(log.read_all(Position(5), 9).await.err().map(|e| e.to_string()), None);
    for damaged in [
        log.read_all(Position(0), 9).await,
        log.read_all(Position(4), 9).await,
        log.read(stream(1), Version(0), 9).await,
    ] {
        assert!(matches!(damaged, Err(StoreError::Damaged(_))), "{damaged:?}");
    }
}
