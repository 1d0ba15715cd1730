//! Reads by id that come at the same time share a statement.

use std::{
    collections::HashMap,
    future::Future,
    hash::{BuildHasher, Hash},
};

use tokio::sync::{mpsc, oneshot};

/// How many callers wait at most; further ones wait for a place.
const QUEUE: usize = 1_024;
/// How many callers share a statement at most.
const MOST: usize = 256;

/// Why nothing can be read any more: the task that reads has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed;

/// Merges reads by id: while one statement runs, all that come wait, and are the next statement.
/// Nothing is kept, so nothing is ever stale.
#[derive(Debug)]
pub struct Loader<K, V, E>(mpsc::Sender<Call<K, V, E>>);

/// The ids that somebody asks for, and where the answer goes.
type Call<K, V, E> = (Vec<K>, oneshot::Sender<Result<Vec<Option<V>>, E>>);

impl<K, V, E> Clone for Loader<K, V, E> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<K, V, E> Loader<K, V, E>
where
    K: Copy + Eq + Hash + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
    E: Clone + From<Closed> + Send + Sync + 'static,
{
    /// Starts the task that reads; an id may come to it twice. It ends with the last clone.
    pub fn new<R, S>(read: impl Fn(Vec<K>) -> R + Send + Sync + 'static) -> Self
    where
        R: Future<Output = Result<HashMap<K, V, S>, E>> + Send,
        S: BuildHasher + Send + Sync,
    {
        let (sender, mut waiting) = mpsc::channel::<Call<K, V, E>>(QUEUE);
        tokio::spawn(async move {
            let mut calls = Vec::new();
            while waiting.recv_many(&mut calls, MOST).await > 0 {
                let found = read(calls.iter().flat_map(|(ids, _)| ids).copied().collect()).await;
                for (ids, answer) in calls.drain(..) {
                    // Who no longer waits doesn't need the answer.
                    let _ = answer.send(match &found {
                        Ok(found) => Ok(ids.iter().map(|id| found.get(id).cloned()).collect()),
                        Err(error) => Err(error.clone()),
                    });
                }
            }
        });
        Self(sender)
    }

    /// Reads one value.
    pub async fn get(&self, id: K) -> Result<Option<V>, E> {
        Ok(self.get_many(vec![id]).await?.pop().flatten())
    }

    /// Reads a few values, in the order of their ids. Whoever wants many reads them by a statement of their own.
    pub async fn get_many(&self, ids: Vec<K>) -> Result<Vec<Option<V>>, E> {
        let (answer, answered) = oneshot::channel();
        if self.0.send((ids, answer)).await.is_err() {
            return Err(Closed.into());
        }
        answered.await.unwrap_or_else(|_| Err(Closed.into()))
    }
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
        let loader = Loader::new(move |ids: Vec<u32>| {
            counted.fetch_add(1, Ordering::Relaxed);
            async move {
                tokio::task::yield_now().await;
                let even = ids.into_iter().filter(|id| id % 2 == 0);
                Ok::<_, Closed>(even.map(|id| (id, id * 10)).collect::<HashMap<_, _>>())
            }
        });
        let reads = (0..300).map(|id| {
            let loader = loader.clone();
            tokio::spawn(async move { (id, loader.get_many(vec![id, id + 1]).await.unwrap()) })
        });
        for read in reads.collect::<Vec<_>>() {
            let (id, values) = read.await.unwrap();
            let value = |id: u32| id.is_multiple_of(2).then_some(id * 10);
            assert_eq!(values, [value(id), value(id + 1)]);
        }
        assert!(statements.load(Ordering::Relaxed) < 10);
    }

    #[tokio::test]
    async fn a_failure_reaches_all_who_asked() {
        let loader = Loader::<u32, u32, Closed>::new(|_| async { Err::<HashMap<_, _>, _>(Closed) });
        let (one, other) = tokio::join!(loader.get(1), loader.get(2));
        assert_eq!((one, other), (Err(Closed), Err(Closed)));
    }
}
