//! A process that is killed while it writes.

use std::{
    io::{BufRead, BufReader, Write},
    path::PathBuf,
    process::{Command, Stdio},
};

use tempfile::TempDir;
use tokio::task::JoinSet;

use super::*;
use crate::store::conformance::sample::{batch, write};

const DIRECTORY: &str = "STAMROL_TEST_CRASH";
const KILLS: usize = 10;

/// Appends until it is killed, and says what was acknowledged. Only to be started by the test below.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "is the process that another test kills"]
async fn the_process_that_is_killed() {
    let path = PathBuf::from(std::env::var(DIRECTORY).unwrap()).join("events.db");
    let log = Arc::new(opened(&path).await);
    let mut writers = JoinSet::new();
    for writer in 0..16 {
        let log = Arc::clone(&log);
        writers.spawn(async move {
            loop {
                let fresh = Stream::Account(Uuid::now_v7().into());
                let own = stream(writer);
                let head = log.read(own, Version::NONE, 100_000).await.unwrap().len() as u64;
                let batch = batch([write(own, head, 2), write(fresh, 0, 1)]);
                let position = log.append(batch).await.unwrap().position;
                // One write, so that a line is there or not.
                std::io::stderr()
                    .write_all(format!("acknowledged {position}\n").as_bytes())
                    .unwrap();
            }
        });
    }
    writers.join_all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_a_kill() {
    let directory = TempDir::new().unwrap();
    let mut acknowledged = Vec::new();
    for kill in 0..KILLS {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "--nocapture"])
            .arg("store::sqlite::tests::crash::the_process_that_is_killed")
            .env(DIRECTORY, directory.path())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        // At another moment each time.
        let first = lines.by_ref().take(1 + kill * 13).collect::<Vec<_>>();
        process.kill().unwrap();
        process.wait().unwrap();
        for line in first.into_iter().chain(lines) {
            let line = line.unwrap();
            let position = line.strip_prefix("acknowledged ").unwrap_or_else(|| panic!("{line}"));
            acknowledged.push(position.parse::<u64>().unwrap());
        }

        let file = Arc::new(opened(&directory.path().join("events.db")).await);
        let log: Arc<dyn EventStore> = Arc::clone(&file) as _;
        let events = whole(&log).await;
        assert_eq!(events.len() % 3, 0, "a batch is half there");
        let last = acknowledged.iter().max().copied().unwrap();
        assert!(last <= events.len() as u64, "{last} was acknowledged and lost");
        file.close().await;
    }
    acknowledged.sort_unstable();
    let count = acknowledged.len();
    acknowledged.dedup();
    assert_eq!(acknowledged.len(), count, "a position was given twice");
}
