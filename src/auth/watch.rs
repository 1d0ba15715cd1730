//! Refused sign-ins, for whoever watches over the server: all are counted, and a line now and then says from where.
//!
//! A wrong password of an account is an event in its history. What nobody's account is tried with is nowhere else.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use events::Origin;
use metrics::counter;
use tracing::warn;

/// Between two lines; those in between are only counted.
const PAUSE: Duration = Duration::from_secs(1);

/// Why somebody was not let in. Never said to whoever tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// Nobody has the name.
    Unknown,
    /// The account is pending, locked, deactivated or deleted.
    Barred,
    /// The password is another one.
    Wrong,
    /// Too many tries.
    TooMany,
}

impl Why {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Barred => "barred",
            Self::Wrong => "wrong",
            Self::TooMany => "too_many",
        }
    }
}

/// Counts sign-ins, and tells of those that are refused.
#[derive(Default)]
pub(super) struct Watch(Mutex<Told>);

#[derive(Default)]
struct Told {
    last: Option<Instant>,
    /// Refused since, without a line.
    untold: u64,
}

impl Watch {
    /// Somebody was let in.
    #[expect(clippy::unused_self, reason = "one who is let in is counted beside those who aren't")]
    pub(super) fn let_in(&self) {
        counter!("stamrol_sign_ins_total", "outcome" => "let_in").increment(1);
    }

    /// Somebody was refused.
    pub(super) fn refused(&self, why: Why, origin: Option<&Origin>) {
        counter!("stamrol_sign_ins_total", "outcome" => why.as_str()).increment(1);
        if let Some(untold) = self.turn(Instant::now()) {
            let address = origin.map(|origin| origin.address.to_string());
            let why = why.as_str();
            warn!(address, why, untold, "a sign-in was refused");
        }
    }

    /// How many were not told of since the last line, when one is due.
    fn turn(&self, now: Instant) -> Option<u64> {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if told.last.is_some_and(|last| now < last + PAUSE) {
            told.untold += 1;
            return None;
        }
        told.last = Some(now);
        Some(std::mem::take(&mut told.untold))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s29_one_line_a_second_says_how_many_had_none() {
        let (watch, start) = (Watch::default(), Instant::now());
        assert_eq!(watch.turn(start), Some(0));
        for _ in 0..1_000 {
            assert_eq!(watch.turn(start + PAUSE / 2), None);
        }
        assert_eq!(watch.turn(start + PAUSE), Some(1_000));
        assert_eq!(watch.turn(start + PAUSE * 2), Some(0));
    }
}
