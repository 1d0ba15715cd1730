//! A session: somebody is signed in.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{AccountId, Sealed, value::Text};

/// What can happen to a session. Stored for ever: add variants, never change one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// Somebody signed in.
    Opened {
        /// Who.
        account: AccountId,
        /// Until when it counts that they have shown who they are; none where it was stored before that counted.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<DateTime<Utc>>,
    },
    /// An operator acts for somebody from now on, through a session of that person's account.
    Impersonated {
        /// Whose account it is.
        account: AccountId,
        /// Who acts.
        by: AccountId,
        /// Why, in the operator's words.
        reason: Sealed<Text>,
        /// When it ends at the latest.
        until: DateTime<Utc>,
    },
    /// Its owner has proved anew who they are; the session has another token since.
    SteppedUp {
        /// Whose session it is.
        account: AccountId,
        /// Until when that counts.
        until: DateTime<Utc>,
    },
    /// The session is over; its token works no longer.
    Ended {
        /// Whose session it was.
        account: AccountId,
        /// Why.
        reason: EndReason,
    },
}

/// Why a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// Signed out.
    SignedOut,
    /// Idle for too long, or older than a session may be.
    Expired,
    /// The password changed elsewhere.
    PasswordChanged,
    /// The account was deactivated, locked or deleted.
    Barred,
    /// It was outside the hours in which the account may be signed in to.
    OutsideHours,
    /// Somebody ended it from elsewhere: its owner, or whoever manages the account.
    Ended,
}
