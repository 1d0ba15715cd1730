//! Reads by id that come at the same time share a statement.

use std::{future::Future, hash::Hash};

use rustc_hash::FxHashMap;
use tokio::sync::{mpsc, oneshot};

use crate::QueryError;

/// How many reads wait at most; further callers wait for a place.
const QUEUE: usize = 1_024;

/// How many ids go into one statement at most.
const MOST: usize = 500;

type Answer<V> = oneshot::Sender<Result<Option<V>, QueryError>>;

/// Merges reads by id: while one statement runs, all that come wait, and are the next statement.
/// Nothing is kept, so nothing is ever stale.
pub(crate) struct Batch<K, V>(mpsc::Sender<(K, Answer<V>)>);

impl<K, V> Clone for Batch<K, V> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<K, V> Batch<K, V>
where
    K: Copy + Eq + Hash + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// Starts the task that reads. It ends with the last clone.
    pub(crate) fn new<R>(read: impl Fn(Vec<K>) -> R + Send + Sync + 'static) -> Self
    where
        R: Future<Output = Result<FxHashMap<K, V>, QueryError>> + Send,
    {
        let (sender, mut waiting) = mpsc::channel::<(K, Answer<V>)>(QUEUE);
        tokio::spawn(async move {
            let mut batch = Vec::new();
            while waiting.recv_many(&mut batch, MOST).await > 0 {
                let mut ids: Vec<K> = Vec::with_capacity(batch.len());
                ids.extend(batch.iter().map(|(id, _)| *id));
                let found = read(ids).await;
                for (id, answer) in batch.drain(..) {
                    // Who no longer waits doesn't need the answer.
                    let _ = answer.send(match &found {
                        Ok(found) => Ok(found.get(&id).cloned()),
                        Err(error) => Err(error.clone()),
                    });
                }
            }
        });
        Self(sender)
    }

    /// Reads one value.
    pub(crate) async fn get(&self, id: K) -> Result<Option<V>, QueryError> {
        let (answer, answered) = oneshot::channel();
        if self.0.send((id, answer)).await.is_err() {
            return Err(closed());
        }
        answered.await.unwrap_or_else(|_| Err(closed()))
    }
}

fn closed() -> QueryError {
    sqlx::Error::PoolClosed.into()
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use super::*;

    #[tokio::test]
    async fn reads_that_come_at_the_same_time_share_a_statement() {
        let statements = Arc::new(AtomicUsize::new(0));
        let counted = statements.clone();
        let batch = Batch::new(move |ids: Vec<u32>| {
            counted.fetch_add(1, Ordering::Relaxed);
            async move {
                tokio::task::yield_now().await;
                Ok(ids.into_iter().filter(|id| id % 2 == 0).map(|id| (id, id * 10)).collect())
            }
        });
        let reads = (0..300).map(|id| {
            let batch = batch.clone();
            tokio::spawn(async move { (id, batch.get(id).await.unwrap()) })
        });
        for read in reads.collect::<Vec<_>>() {
            let (id, value) = read.await.unwrap();
            assert_eq!(value, (id % 2 == 0).then_some(id * 10));
        }
        assert!(statements.load(Ordering::Relaxed) < 10);
    }
}
