//! How many of something each of many has at once.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

/// A count for everybody who has one of something. Bounded by how many of it there are in all: whoever has none
/// isn't in it.
#[derive(Debug)]
pub(super) struct Tally<K: Eq + Hash> {
    most: usize,
    held: Mutex<HashMap<K, usize>>,
}

/// One of something, given back when dropped.
#[derive(Debug)]
pub(super) struct Held<K: Eq + Hash> {
    tally: Arc<Tally<K>>,
    who: K,
}

impl<K: Copy + Eq + Hash> Tally<K> {
    /// Lets each have `most` at once.
    pub(super) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { most, held: Mutex::default() })
    }

    /// One more for `who`; none where they have the most already.
    pub(super) fn take(self: &Arc<Self>, who: K) -> Option<Held<K>> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let count = held.get(&who).copied().unwrap_or_default();
        if count >= self.most {
            return None;
        }
        held.insert(who, count + 1);
        Some(Held { tally: self.clone(), who })
    }
}

impl<K: Eq + Hash> Drop for Held<K> {
    fn drop(&mut self) {
        let mut held = self.tally.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = held.get_mut(&self.who) {
            *count -= 1;
            if *count == 0 {
                held.remove(&self.who);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_its_own_count_and_what_is_given_back_leaves_nothing_behind() {
        let tally = Tally::new(2);
        let (first, second) = (tally.take("a"), tally.take("a"));
        assert!(first.is_some() && second.is_some());
        assert!(tally.take("a").is_none());
        let other = tally.take("b");
        assert!(other.is_some());
        drop(first);
        assert!(tally.take("a").is_some());
        drop((second, other));
        assert!(tally.held.lock().unwrap().is_empty());
    }
}
