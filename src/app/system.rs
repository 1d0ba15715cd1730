//! The system's clock and identities; tests put others in their place.

use chrono::{DateTime, SubsecRound, Utc};
use events::id::{Clock, Ids};
use uuid::Uuid;

/// The system's clock.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now().trunc_subsecs(6)
    }
}

/// UUIDs of version 7, ascending within the process.
#[derive(Clone, Copy, Debug)]
pub struct SystemIds;

impl Ids for SystemIds {
    fn next(&self) -> Uuid {
        Uuid::now_v7()
    }
}
