//! Many writers at once.

use std::{collections::HashSet, sync::Arc};

use futures_util::future::join_all;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{
    Fresh,
    sample::{batch, claim, one, stream, whole, write},
};
use crate::{
    Version,
    store::{AppendError, ClaimChange::Take},
};

const WRITERS: u64 = 64;

pub(super) async fn one_order(log: Fresh) {
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let log = Arc::clone(&log);
        writers.spawn(async move {
            let mut positions = Vec::new();
            for round in 0..20 {
                let own = stream(u128::from(writer));
                let fresh = stream(u128::from(1000 + writer * 100 + round));
                let batch = batch([write(own, round * 2, 2), write(fresh, 0, 1)]);
                positions.push(log.append(batch).await.unwrap().position);
            }
            assert!(positions.is_sorted());
            positions
        });
    }
    let positions: HashSet<_> = writers.join_all().await.into_iter().flatten().collect();
    assert_eq!(positions.len() as u64, WRITERS * 20);
    assert_eq!(whole(&log).await.len() as u64, WRITERS * 20 * 3);
}

pub(super) async fn a_refusal_leaves_the_others(log: Fresh) {
    log.append(one(stream(0), 0)).await.unwrap();
    // All at once: as many as are waiting share a transaction.
    let answers = join_all((1..=200).map(|number| {
        let wrong = u64::from(number % 3 == 0);
        log.append(batch([write(stream(number), 0, 1), write(stream(0), 1 + wrong, 0)]))
    }))
    .await;
    for (number, answer) in (1..).zip(&answers) {
        assert_eq!(answer.is_err(), number % 3 == 0, "{number}: {answer:?}");
        let events = log.read(stream(number), Version::NONE, 2).await.unwrap();
        assert_eq!(events.len(), usize::from(answer.is_ok()));
    }
    whole(&log).await;
}

/// 64 writers ask for the same 1,000 names.
pub(super) async fn each_name_is_won_once(log: Fresh) {
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let log = Arc::clone(&log);
        writers.spawn(async move {
            let mut won = Vec::new();
            for name in 0..1000 {
                let owner = Uuid::from_u128(u128::from(writer * 1000 + name));
                let mut batch = one(stream(owner.as_u128()), 0);
                batch.claims.push(Take(claim(name), owner));
                match log.append(batch).await {
                    Ok(_) => won.push((name, owner)),
                    Err(AppendError::ClaimTaken { .. }) => {}
                    Err(other) => panic!("{other}"),
                }
            }
            won
        });
    }
    let mut won = writers.join_all().await.concat();
    won.sort_unstable();
    assert_eq!(
        won.iter().map(|(name, _)| *name).collect::<Vec<_>>(),
        (0..1000).collect::<Vec<_>>()
    );
    assert_eq!(whole(&log).await.len(), 1000);
    for (name, owner) in won {
        assert_eq!(log.owner_of(claim(name)).await.unwrap(), Some(owner));
    }
}

pub(super) async fn each_version_is_won_once(log: Fresh) {
    for round in 0..50 {
        let answers = join_all((0..WRITERS).map(|_| log.append(one(stream(1), round)))).await;
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    }
    assert_eq!(whole(&log).await.len(), 50);
}
