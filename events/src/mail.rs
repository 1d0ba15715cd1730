//! A mail: what became of one letter to one person.
//!
//! The log knows that it was asked for, to whom, and how its delivery went. What the letter says (a link, a code, a
//! password) is a parcel in the [vault](crate::vault::Vault::put_parcel), under the mail's id, until it has been delivered.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    AccountId, OrganisationId, Sealed,
    value::{EmailAddress, Language, MailKind, Reply},
};

/// What can happen to a mail. Stored for ever: add variants, never change one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// It is to be sent. Appended together with what is the reason for it.
    Queued {
        /// To whom, as an account.
        account: AccountId,
        /// In which organisation's name; none: in that of the installation.
        organisation: Option<OrganisationId>,
        /// What it is about.
        kind: MailKind,
        /// To which address.
        to: Sealed<EmailAddress>,
        /// In which language it is written.
        language: Language,
        /// From then on it is of no use and isn't sent any more.
        expires_at: DateTime<Utc>,
    },
    /// A mail server took it.
    Sent {
        /// To whom.
        account: AccountId,
        /// In whose name.
        organisation: Option<OrganisationId>,
        /// What it is about.
        kind: MailKind,
        /// At which try: 1 for the first.
        attempt: u32,
        /// What the server said.
        reply: Option<Sealed<Reply>>,
    },
    /// It couldn't be delivered now; it is tried again.
    Failed {
        /// To whom.
        account: AccountId,
        /// In whose name.
        organisation: Option<OrganisationId>,
        /// What it is about.
        kind: MailKind,
        /// Which try it was: 1 for the first.
        attempt: u32,
        /// What the server said, or what went wrong on the way to it.
        reply: Option<Sealed<Reply>>,
        /// When it is tried again.
        next_at: DateTime<Utc>,
    },
    /// It isn't tried any more.
    GivenUp {
        /// To whom.
        account: AccountId,
        /// In whose name.
        organisation: Option<OrganisationId>,
        /// What it is about.
        kind: MailKind,
        /// How often it was tried.
        attempts: u32,
        /// Why.
        reason: GivenUpReason,
        /// What the server said the last time.
        reply: Option<Sealed<Reply>>,
    },
    /// Somebody had it tried once more.
    Retried {
        /// To whom.
        account: AccountId,
        /// In whose name.
        organisation: Option<OrganisationId>,
        /// What it is about.
        kind: MailKind,
    },
}

impl Event {
    /// What the mail is about.
    pub const fn kind(&self) -> MailKind {
        match self {
            Self::Queued { kind, .. }
            | Self::Sent { kind, .. }
            | Self::Failed { kind, .. }
            | Self::GivenUp { kind, .. }
            | Self::Retried { kind, .. } => *kind,
        }
    }

    /// To whom the mail is, and in whose name.
    pub const fn concerns(&self) -> (AccountId, Option<OrganisationId>) {
        match self {
            Self::Queued { account, organisation, .. }
            | Self::Sent { account, organisation, .. }
            | Self::Failed { account, organisation, .. }
            | Self::GivenUp { account, organisation, .. }
            | Self::Retried { account, organisation, .. } => (*account, *organisation),
        }
    }
}

/// Why a mail is not tried any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GivenUpReason {
    /// The server refused it for good: no such address, for instance.
    Refused,
    /// It was tried as often as a mail is.
    Exhausted,
    /// What it was to say holds no longer.
    Expired,
    /// It can't be written: its contents are gone, or its template doesn't work.
    Unwritable,
}
