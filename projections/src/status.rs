//! How the projections are doing.

use std::fmt;

use chrono::{DateTime, Utc};
use events::Position;

/// A projection, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Name {
    /// Who and what there is now.
    Directory,
    /// What happened.
    History,
}

impl Name {
    /// All projections.
    pub const ALL: [Self; 2] = [Self::Directory, Self::History];

    /// The name, as in files, metrics and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Directory => "directory",
            Self::History => "history",
        }
    }

    /// The projection of this name, if there is one.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == name)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How one projection is doing.
#[derive(Clone, Debug, PartialEq)]
pub struct Status {
    /// Which projection.
    pub name: Name,
    /// Everything up to here is visible.
    pub position: Position,
    /// The newest event of the log.
    pub head: Position,
    /// Events per second, lately.
    pub events_per_second: f64,
    /// What it does.
    pub state: State,
    /// Why the last attempt to write failed, while it is being repeated (disk full, busy).
    pub trouble: Option<String>,
}

impl Status {
    /// How many events are not visible yet.
    pub const fn lag(&self) -> u64 {
        self.head.0.saturating_sub(self.position.0)
    }
}

/// What a projection does.
#[derive(Clone, Debug, PartialEq)]
pub enum State {
    /// Follows the log.
    Live,
    /// Follows the log while a second generation is filled, which then takes its place.
    Rebuilding(Progress),
    /// Stopped at an event that it can't apply; shows everything before it.
    Parked(Parked),
}

/// The event that a projection can't apply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parked {
    /// Its position.
    pub position: Position,
    /// Its stored kind.
    pub kind: String,
    /// Why it can't be applied.
    pub error: String,
    /// Since when, by the clock of this node.
    pub since: DateTime<Utc>,
}

/// How far a rebuild is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Events applied.
    pub done: u64,
    /// Events in the log.
    pub total: u64,
    /// How it ended; none while it runs.
    pub outcome: Option<Result<(), String>>,
}

/// The wait for a projection took too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the projection `{name}` is at {at}, which is before {wanted}")]
pub struct Late {
    /// Which projection.
    pub name: Name,
    /// Where it is.
    pub at: Position,
    /// Where it should be.
    pub wanted: Position,
}

/// The projection isn't parked, so there is nothing to resume.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the projection `{0}` isn't parked")]
pub struct NotParked(pub Name);

/// Why a rebuild doesn't begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RebuildError {
    /// One is going on.
    #[error("the projection `{0}` is being rebuilt already")]
    AlreadyRunning(Name),
    /// The views are closing.
    #[error("the projections are closing")]
    Closing,
}
