//! Which batches may be appended: the rules of the log, the same for every engine.
//!
//! A [`Register`] holds what decides about a batch: the versions of streams, the owners of
//! claims and the receipts. What it doesn't hold counts as absent.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use uuid::Uuid;

use super::{AppendError, Appended, Batch, Claim, ClaimChange, Receipt, Stored};
use crate::{Position, Stream, Version};

/// What decides about a batch.
#[derive(Debug, Default)]
pub(super) struct Register {
    /// The position of the newest event.
    pub(super) head: Position,
    /// The version of every stream that is known to have events.
    pub(super) versions: HashMap<Stream, Version>,
    /// Who has which claim; `None` where it is known that nobody does.
    pub(super) owners: HashMap<Claim, Option<Uuid>>,
    /// The receipts of earlier requests, by their key.
    pub(super) receipts: HashMap<[u8; 32], Kept>,
}

/// A receipt, and where its request ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kept {
    /// What was kept.
    pub(super) receipt: Receipt,
    /// Where the request's events end.
    pub(super) position: Position,
}

/// What becomes of a batch that isn't refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Admission {
    /// It was appended before.
    Replayed(Appended),
    /// Its events come right after this position.
    After(Position),
}

impl Register {
    /// Decides about a batch, and takes it in when it is admitted.
    pub(super) fn admit(&mut self, batch: &Batch) -> Result<Admission, AppendError> {
        if let Some(receipt) = &batch.receipt
            && let Some(kept) = self.receipts.get(&receipt.key)
        {
            return kept.answer(receipt).map(Admission::Replayed);
        }
        let versions = self.versions_after(batch)?;
        let owners = self.owners_after(batch)?;

        let before = self.head;
        self.head = Position(before.0 + batch.len());
        self.versions.extend(versions);
        self.owners.extend(owners);
        if let Some(receipt) = batch.receipt {
            self.receipts.insert(receipt.key, Kept { receipt, position: self.head });
        }
        Ok(Admission::After(before))
    }

    fn versions_after(&self, batch: &Batch) -> Result<BTreeMap<Stream, Version>, AppendError> {
        let mut after = BTreeMap::new();
        for write in &batch.writes {
            let (stream, expected) = (write.stream, write.expected);
            let actual = after.get(&stream).or_else(|| self.versions.get(&stream));
            let actual = actual.copied().unwrap_or(Version::NONE);
            if actual != expected {
                return Err(AppendError::Conflict { stream, expected, actual });
            }
            if !write.events.is_empty() {
                after.insert(stream, Version(actual.0 + write.events.len() as u64));
            }
        }
        Ok(after)
    }

    fn owners_after(&self, batch: &Batch) -> Result<HashMap<Claim, Option<Uuid>>, AppendError> {
        let mut after = HashMap::new();
        for change in &batch.claims {
            let claim = change.claim();
            let holder = after.get(&claim).or_else(|| self.owners.get(&claim)).copied().flatten();
            match (*change, holder) {
                (ClaimChange::Take(claim, _), Some(owner)) => {
                    return Err(AppendError::ClaimTaken { claim, owner });
                }
                (ClaimChange::Take(claim, owner), None) => {
                    after.insert(claim, Some(owner));
                }
                (ClaimChange::Release(claim, owner), Some(holder)) if holder == owner => {
                    after.insert(claim, None);
                }
                (ClaimChange::Release(..), _) => {}
            }
        }
        Ok(after)
    }
}

impl Kept {
    fn answer(&self, asked: &Receipt) -> Result<Appended, AppendError> {
        if self.receipt.fingerprint != asked.fingerprint {
            return Err(AppendError::KeyReused);
        }
        Ok(Appended { position: self.position, replayed: Some(self.receipt.subject) })
    }
}

impl Batch {
    /// How many events it holds.
    pub(super) fn len(&self) -> u64 {
        self.writes.iter().map(|write| write.events.len() as u64).sum()
    }

    /// Its events as they stand in the log after `position`.
    pub(super) fn stored(&self, position: Position) -> impl Iterator<Item = Arc<Stored>> {
        let events = self.writes.iter().flat_map(|write| {
            (write.expected.0 + 1..)
                .zip(&write.events)
                .map(|(version, event)| (write.stream, Version(version), event))
        });
        (position.0 + 1..).zip(events).map(|(position, (stream, version, event))| {
            Arc::new(Stored {
                position: Position(position),
                stream,
                version,
                id: event.id,
                at: self.at,
                kind: Arc::clone(&event.kind),
                data: Arc::from(&*event.data),
                cause: Arc::clone(&self.cause),
            })
        })
    }
}

impl ClaimChange {
    /// Which claim it is about.
    pub(super) fn claim(&self) -> Claim {
        let (Self::Take(claim, _) | Self::Release(claim, _)) = self;
        *claim
    }
}
