//! What surrounds every event: who, on whose behalf, from where, by which request, when.

use std::{fmt, net::IpAddr, sync::Arc};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{AccountId, EventId, RequestId, Sealed, ServiceKeyId, SessionId, Stream};

/// The place of an event in the log: 1 for the first, without gaps. Never a clock.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Position(pub u64);

/// The number of events in a stream up to and including this one: 1 for the first.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Version(pub u64);

impl Position {
    /// Before the first event.
    pub const START: Self = Self(0);
}

impl Version {
    /// Of a stream without events.
    pub const NONE: Self = Self(0);
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Who did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Actor {
    /// Somebody at the console of the machine: the first operator's set-up, the command line.
    Console,
    /// The product itself, for instance a reactor.
    System,
    /// Somebody who has not signed in, for instance a failed sign-in.
    Anonymous,
    /// A person, through a session.
    Account {
        /// Who.
        account: AccountId,
        /// Through which session.
        session: SessionId,
    },
    /// A program, through a service key.
    ServiceKey {
        /// Which key.
        key: ServiceKeyId,
    },
}

/// From where a request came. Personal data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The client's address, as far as listed proxies let it be known.
    pub address: IpAddr,
    /// What the client says that it is (`User-Agent`), at most 256 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
}

/// Why events were appended: the same for all events of one request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cause {
    /// Who asked.
    pub actor: Actor,
    /// The account in whose name the actor acted (impersonation).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<AccountId>,
    /// From where, sealed under the key of the actor, or of the account concerned where nobody has signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Sealed<Origin>>,
    /// Which request, as in the answer's `x-request-id` and in the log.
    pub request: RequestId,
    /// Which action was asked, for instance `accountCreate`.
    pub action: String,
    /// The event that led to this request, where a reactor asked it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<EventId>,
}

/// An event as it stands in the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded<E> {
    /// Its place in the log.
    pub position: Position,
    /// The stream that it belongs to.
    pub stream: Stream,
    /// Its place in the stream.
    pub version: Version,
    /// Its identity.
    pub id: EventId,
    /// When it was appended, by the clock of the node that asked; informative, never an order.
    pub at: DateTime<Utc>,
    /// Who and why.
    pub cause: Arc<Cause>,
    /// What happened.
    pub event: E,
}
