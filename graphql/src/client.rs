//! What the transport tells resolvers about a request, and the one thing that they may tell it back.
//!
//! They are in the data of every request: `ctx.data::<Arc<Client>>()`, `ctx.data::<Option<RateLimit>>()` and
//! `ctx.data::<Arc<SessionCookie>>()`.

use std::{
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use secrecy::SecretString;

/// Where a request came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// The address of the client; behind a listed proxy the one that the proxy names, never a client's own claim.
    pub address: IpAddr,
    /// Identifies the request in logs, errors and events; 1 to 64 characters of `A-Z a-z 0-9 . _ -`.
    pub request_id: String,
    /// The `User-Agent`, at most 256 bytes, as it came: untrusted text.
    pub user_agent: Option<String>,
    /// The `Accept-Language` header, at most 256 bytes, as it came: for messages in the caller's language.
    pub accept_language: Option<String>,
    /// From the header `x-at-least`: read models must have reached this position before a query is answered.
    pub at_least: Option<u64>,
}

/// How the purse of whoever asks stands, once the request is paid for; in the data of every request as
/// `Option<RateLimit>`. Costs are those of [`precheck`](crate::precheck).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// What a full purse holds.
    pub limit: u64,
    /// What the request costs.
    pub cost: u64,
    /// What is left.
    pub remaining: u64,
    /// When the purse is full again.
    pub reset_at: DateTime<Utc>,
}

/// Lets a mutation that starts or ends a session set the browser's cookie without knowing about HTTP.
#[derive(Debug, Default)]
pub struct SessionCookie(Mutex<Option<Change>>);

/// What is to happen to the session cookie.
#[derive(Debug)]
pub enum Change {
    /// Keep this token for that long.
    Set {
        /// The session token.
        token: SecretString,
        /// After this the browser forgets it; the session's absolute limit.
        max_age: Duration,
    },
    /// Forget it.
    Clear,
}

impl SessionCookie {
    /// Gives the browser a new token.
    pub fn set(&self, token: SecretString, max_age: Duration) {
        self.put(Change::Set { token, max_age });
    }

    /// Makes the browser forget its token.
    pub fn clear(&self) {
        self.put(Change::Clear);
    }

    /// For the transport: the last change asked for, if any.
    pub fn take(&self) -> Option<Change> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn put(&self, change: Change) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(change);
    }
}
