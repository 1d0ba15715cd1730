//! Deciding about a group of requests, and what a group writes.

use std::{collections::HashSet, sync::Arc};

use serde::Serialize;
use uuid::Uuid;

use super::rows;
use crate::{
    Position,
    store::{
        AppendError, Appended, Batch, Claim, ClaimChange, Stored,
        admission::{Admission, Kept, Register},
    },
};

/// What a group comes to.
pub(super) struct Decided {
    /// One answer per request, true once the group is written.
    pub(super) answers: Vec<Result<Appended, AppendError>>,
    /// What is known afterwards.
    pub(super) register: Register,
    /// The events of all that were admitted.
    pub(super) events: Vec<Arc<Stored>>,
    claims: Vec<ClaimChange>,
    receipts: Vec<(Kept, i64)>,
}

/// Decides about each request on its own, one after the other.
pub(super) fn decide(mut register: Register, group: &[Batch]) -> Decided {
    let mut decided = Decided {
        answers: Vec::with_capacity(group.len()),
        register: Register::default(),
        events: Vec::new(),
        claims: Vec::new(),
        receipts: Vec::new(),
    };
    for batch in group {
        let answer = register.admit(batch).map(|admission| match admission {
            Admission::Replayed(appended) => appended,
            Admission::After(before) => {
                let position = register.head;
                decided.events.extend(batch.stored(before));
                decided.claims.extend(&batch.claims);
                let kept = batch.receipt.map(|receipt| Kept { receipt, position });
                decided.receipts.extend(kept.map(|kept| (kept, batch.at.timestamp_micros())));
                Appended { position, replayed: None }
            }
        });
        decided.answers.push(answer);
    }
    decided.register = register;
    decided
}

/// A group as the engine takes it: one JSON text per table, one statement per text.
#[derive(Default)]
pub(super) struct Rows {
    /// `[position, stream, version, id, at, kind, data, cause]` each.
    pub(super) events: Option<String>,
    /// `[kind, hash, owner]` each: claims that were given back.
    pub(super) released: Option<String>,
    /// `[kind, hash, owner]` each: claims that have an owner in the end.
    pub(super) taken: Option<String>,
    /// `[key, fingerprint, subject, position, at]` each.
    pub(super) receipts: Option<String>,
    /// How many receipts.
    pub(super) receipt_count: usize,
    /// The time of the newest receipt, in microseconds since 1970.
    pub(super) newest_receipt: i64,
}

impl Decided {
    /// Where the log ended before.
    pub(super) fn before(&self) -> Position {
        Position(self.register.head.0 - self.events.len() as u64)
    }

    /// Whether a request was refused.
    pub(super) fn refuses(&self) -> bool {
        self.answers.iter().any(Result::is_err)
    }

    /// The rows of this group.
    pub(super) fn rows(&self) -> Result<Rows, serde_json::Error> {
        let events = self.events.iter().map(|event| {
            let (position, version) = (event.position.0, event.version.0);
            let (stream, id) = (event.stream.to_string(), event.id.uuid().simple().to_string());
            let at = event.at.timestamp_micros();
            (position, stream, version, id, at, &event.kind, &event.data, &event.cause)
        });
        let released = self.claims.iter().filter_map(|change| match change {
            ClaimChange::Release(claim, owner) => Some(claim_row(*claim, *owner)),
            ClaimChange::Take(..) => None,
        });
        let wanted: HashSet<Claim> = self
            .claims
            .iter()
            .filter_map(|change| match change {
                ClaimChange::Take(claim, _) => Some(*claim),
                ClaimChange::Release(..) => None,
            })
            .collect();
        let taken = wanted.into_iter().filter_map(|claim| {
            let owner = self.register.owners.get(&claim).copied().flatten()?;
            Some(claim_row(claim, owner))
        });
        let receipts = self.receipts.iter().map(|(kept, at)| {
            let receipt = &kept.receipt;
            let subject = receipt.subject.map(|subject| subject.simple().to_string());
            (hex(&receipt.key), hex(&receipt.fingerprint), subject, kept.position.0, at)
        });
        Ok(Rows {
            events: json(events)?,
            released: json(released)?,
            taken: json(taken)?,
            receipts: json(receipts)?,
            receipt_count: self.receipts.len(),
            newest_receipt: self.receipts.iter().map(|(_, at)| *at).max().unwrap_or_default(),
        })
    }
}

fn claim_row(claim: Claim, owner: Uuid) -> (&'static str, String, String) {
    (rows::kind_name(claim.kind), hex(&claim.hash), owner.simple().to_string())
}

/// A JSON array; `None` where there is nothing.
fn json<T: Serialize>(rows: impl Iterator<Item = T>) -> Result<Option<String>, serde_json::Error> {
    let rows: Vec<T> = rows.collect();
    if rows.is_empty() { Ok(None) } else { serde_json::to_string(&rows).map(Some) }
}

/// Bytes for `unhex`.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
