//! Where a folder says something about many.

use super::entry::{Entry, Masks, Subject};
use crate::persistent::dense;

/// The entries of a node, to be found by subject: in buckets by hash, each with a signature of its own, so
/// that most searches for somebody who isn't there end at one bit.
#[derive(Debug)]
pub(crate) struct Crowd {
    /// By bucket.
    entries: Vec<Entry>,
    /// A power of two of them, about half as many as entries; then one that is empty.
    buckets: Vec<Bucket>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Bucket {
    /// The bits of its entries' hashes.
    signature: u64,
    /// The first of its entries.
    start: u32,
}

impl Crowd {
    /// The crowd of these entries. O(n log n).
    pub(crate) fn new(mut entries: Vec<Entry>) -> Self {
        let count = (entries.len() / 2).next_power_of_two();
        entries.sort_unstable_by_key(|entry| (place(entry.subject, count), entry.subject));
        let mut buckets = vec![Bucket::default(); count + 1];
        for entry in &entries {
            let bucket = place(entry.subject, count);
            buckets[bucket].signature |= bit(entry.subject);
            buckets[bucket + 1].start += 1;
        }
        let mut start = 0;
        for bucket in &mut buckets {
            start += bucket.start;
            bucket.start = start;
        }
        debug_assert_eq!(start, dense(entries.len()));
        Self { entries, buckets }
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// What is said about somebody, if anything is. O(1) expected.
    #[inline]
    pub(crate) fn find(&self, subject: Subject) -> Option<Masks> {
        let bucket = &self.buckets[place(subject, self.buckets.len() - 1)];
        if bucket.signature & bit(subject) == 0 { None } else { self.search(subject) }
    }

    /// The rest of a search that isn't over after the signature; apart, so that what comes before stays short.
    #[cold]
    fn search(&self, subject: Subject) -> Option<Masks> {
        let place = place(subject, self.buckets.len() - 1);
        let [start, end] = [place, place + 1].map(|place| self.buckets[place].start as usize);
        let entry = self.entries[start..end].iter().find(|entry| entry.subject == subject);
        entry.map(|entry| entry.masks)
    }
}

/// The bucket of a subject among a power of two of them.
fn place(subject: Subject, count: usize) -> usize {
    (subject.holder().hash() >> 6) as usize & (count - 1)
}

/// The bit of a subject in its bucket's signature.
fn bit(subject: Subject) -> u64 {
    subject.holder().bit()
}
