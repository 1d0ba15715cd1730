//! Batches to try an engine with.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta};
use uuid::Uuid;

use crate::{
    Position, Stream, Version,
    store::{Batch, Claim, ClaimChange, ClaimKind, EventStore, NewEvent, Receipt, Stored, Write},
};

/// An account's stream.
pub(crate) fn stream(number: u128) -> Stream {
    Stream::Account(Uuid::from_u128(number).into())
}

/// Batch with one event for one stream.
pub(crate) fn one(stream: Stream, expected: u64) -> Batch {
    batch([write(stream, expected, 1)])
}

/// A batch of writes.
pub(crate) fn batch(writes: impl IntoIterator<Item = Write>) -> Batch {
    Batch {
        writes: writes.into_iter().collect(),
        claims: Vec::new(),
        receipt: None,
        at: DateTime::UNIX_EPOCH + TimeDelta::microseconds(1_795_300_000_123_456),
        cause: r#"{"actor":{"type":"system"},"action":"sample — ü"}"#.into(),
    }
}

/// As many events for a stream.
pub(crate) fn write(stream: Stream, expected: u64, events: u64) -> Write {
    let events = (0..events).map(|number| event(&format!("{stream} {}", expected + number)));
    Write { stream, expected: Version(expected), events: events.collect() }
}

/// An event that says something, with everything that JSON has to escape.
pub(crate) fn event(text: &str) -> NewEvent {
    let data = serde_json::json!({ "text": text, "odd": "\"\\\u{0}\n😀é" });
    NewEvent {
        id: Uuid::now_v7().into(),
        kind: "sample.happened.v1".into(),
        data: data.to_string().into(),
    }
}

/// A username's claim.
pub(crate) fn claim(number: u64) -> Claim {
    let mut hash = [7; 32];
    hash[..8].copy_from_slice(&number.to_be_bytes());
    Claim { kind: ClaimKind::Username, hash }
}

/// A receipt's key and fingerprint.
pub(crate) fn receipt(key: u8, fingerprint: u8) -> Receipt {
    Receipt {
        key: [key; 32],
        fingerprint: [fingerprint; 32],
        subject: Some(Uuid::from_u128(u128::from(key))),
    }
}

impl Batch {
    /// With changes of claims.
    pub(crate) fn claiming(mut self, claims: impl IntoIterator<Item = ClaimChange>) -> Self {
        self.claims.extend(claims);
        self
    }

    /// With a receipt.
    pub(crate) fn receipted(mut self, receipt: Receipt) -> Self {
        self.receipt = Some(receipt);
        self
    }
}

/// The whole log, read in pages. Fails where the order has a gap or a stream's versions have one.
pub(crate) async fn whole(log: &Arc<dyn EventStore>) -> Vec<Stored> {
    let mut events: Vec<Stored> = Vec::new();
    loop {
        let page = log.read_all(Position(events.len() as u64), 1000).await.expect("a page");
        if page.is_empty() {
            break;
        }
        events.extend(page);
    }
    assert_in_order(&events);
    assert_eq!(log.head(), Position(events.len() as u64));
    events
}

/// Fails unless the events are the whole log from its start.
#[track_caller]
pub(crate) fn assert_in_order(events: &[Stored]) {
    let mut versions = std::collections::HashMap::new();
    for (number, event) in (1..).zip(events) {
        assert_eq!(event.position, Position(number), "the order has a gap");
        let version = versions.entry(event.stream).or_insert(Version::NONE);
        version.0 += 1;
        assert_eq!(event.version, *version, "{} has a gap", event.stream);
    }
}
