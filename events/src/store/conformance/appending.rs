//! Appending and reading back.

use std::{
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
};

use super::{
    Fresh,
    sample::{batch, claim, one, stream, whole, write},
};
use crate::{
    Position, Version,
    store::{AppendError, Appended, BEGINNING, ClaimChange},
};

pub(super) async fn an_empty_log_has_nothing(log: Fresh) {
    assert_eq!(log.head(), Position::START);
    assert_eq!(log.read_all(Position::START, 10).await.unwrap(), []);
    assert_eq!(log.read(stream(1), Version::NONE, 10).await.unwrap(), []);
    assert_eq!(log.owner_of(claim(1)).await.unwrap(), None);
    let nothing = log.append(batch([])).await.unwrap();
    assert_eq!(nothing, Appended { position: Position::START, replayed: None });
}

pub(super) async fn what_was_appended_is_read_back(log: Fresh) {
    let batch = batch([write(stream(1), 0, 2), write(stream(2), 0, 1)]);
    let appended = log.append(batch.clone()).await.unwrap();
    assert_eq!(appended, Appended { position: Position(3), replayed: None });
    assert_eq!(log.head(), Position(3));

    let all = whole(&log).await;
    let expected: Vec<_> = batch.stored(Position::START).collect();
    assert_eq!(all.iter().collect::<Vec<_>>(), expected.iter().map(|e| &**e).collect::<Vec<_>>());
    assert_eq!(log.read(stream(1), Version::NONE, 10).await.unwrap(), all[..2]);
    assert_eq!(log.read(stream(2), Version::NONE, 10).await.unwrap(), all[2..]);
}

pub(super) async fn pages_are_bounded(log: Fresh) {
    log.append(batch([write(stream(1), 0, 9)])).await.unwrap();
    let all = whole(&log).await;
    assert_eq!(log.read_all(Position(2), 3).await.unwrap(), all[2..5]);
    assert_eq!(log.read_all(Position(8), 3).await.unwrap(), all[8..]);
    assert_eq!(log.read_all(Position(9), 3).await.unwrap(), []);
    assert_eq!(log.read_all(Position(u64::MAX), 3).await.unwrap(), []);
    assert_eq!(log.read(stream(1), Version(4), 2).await.unwrap(), all[4..6]);
    assert_eq!(log.read(stream(1), Version(9), 2).await.unwrap(), []);
}

pub(super) async fn beginnings(log: Fresh) {
    let events = u64::from(BEGINNING) + 9;
    log.append(batch([write(stream(1), 0, events), write(stream(2), 0, 3)])).await.unwrap();
    log.append(one(stream(2), 3)).await.unwrap();
    // In the order in which they are asked for; of none there is nothing, and twice is twice.
    let asked = [stream(2), stream(3), stream(1), stream(2)];
    let found = log.beginnings(&asked).await.unwrap();
    for (stream, found) in asked.into_iter().zip(found) {
        let whole = log.read(stream, Version::NONE, BEGINNING).await.unwrap();
        assert_eq!(*found, *whole);
    }
    assert_eq!(log.beginnings(&[stream(1)]).await.unwrap()[0].len(), BEGINNING as usize);
}

pub(super) async fn another_version_is_refused(log: Fresh) {
    log.append(one(stream(1), 0)).await.unwrap();
    for (wrong, stream, actual) in [(0, stream(1), 1), (2, stream(1), 1), (1, stream(2), 0)] {
        match log.append(one(stream, wrong)).await.unwrap_err() {
            AppendError::Conflict { stream: named, expected, actual: found } => {
                assert_eq!((named, expected, found), (stream, Version(wrong), Version(actual)));
            }
            other => panic!("{other}"),
        }
    }
    log.append(one(stream(1), 1)).await.unwrap();
    assert_eq!(whole(&log).await.len(), 2);
}

pub(super) async fn an_empty_write_guards(log: Fresh) {
    log.append(one(stream(1), 0)).await.unwrap();
    for (guarded, version) in [(stream(1), 0), (stream(1), 2), (stream(2), 1)] {
        let guard = write(guarded, version, 0);
        let refused = log.append(batch([write(stream(3), 0, 1), guard])).await;
        assert!(matches!(refused, Err(AppendError::Conflict { .. })), "{refused:?}");
    }
    let guards = [write(stream(1), 1, 0), write(stream(2), 0, 0)];
    let appended = log.append(batch(guards.clone())).await.unwrap();
    assert_eq!(appended.position, Position(1));
    log.append(batch(guards.into_iter().chain([write(stream(3), 0, 1)]))).await.unwrap();
    assert_eq!(whole(&log).await.len(), 2);
}

pub(super) async fn a_batch_is_all_or_nothing(log: Fresh) {
    log.append(one(stream(1), 0)).await.unwrap();
    let owner = uuid::Uuid::from_u128(1);
    let late = [write(stream(2), 0, 3), write(stream(1), 0, 1)];
    log.append(batch(late).claiming([ClaimChange::Take(claim(1), owner)])).await.unwrap_err();
    assert_eq!(whole(&log).await.len(), 1);
    assert_eq!(log.read(stream(2), Version::NONE, 10).await.unwrap(), []);
    assert_eq!(log.owner_of(claim(1)).await.unwrap(), None);

    let good = [write(stream(2), 0, 3), write(stream(1), 1, 1)];
    log.append(batch(good).claiming([ClaimChange::Take(claim(1), owner)])).await.unwrap();
    assert_eq!(whole(&log).await.len(), 5);
    assert_eq!(log.owner_of(claim(1)).await.unwrap(), Some(owner));
}

/// Whoever is dropped may have been appended, all of it or nothing.
pub(super) async fn a_dropped_caller(log: Fresh) {
    for number in 0..50 {
        let batch = batch([write(stream(number), 0, 2), write(stream(1000 + number), 0, 2)]);
        let mut append = pin!(log.append(batch));
        // Asked once, and never again.
        if let Poll::Ready(answer) = append.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            answer.unwrap();
        }
    }
    // Requests of the same log are decided in order: when this is done, so are the others.
    log.append(one(stream(5000), 0)).await.unwrap();
    let mut versions = std::collections::HashMap::<_, u64>::new();
    for event in whole(&log).await {
        *versions.entry(event.stream).or_default() += 1;
    }
    for number in 0..50 {
        let both = [stream(number), stream(1000 + number)].map(|stream| versions.get(&stream));
        assert!(both == [None, None] || both == [Some(&2), Some(&2)], "{both:?}");
    }
}
