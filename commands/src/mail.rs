//! A mail: one letter to one person, from the wish to send it until it was sent or given up.

#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use serde::Serialize;

use events::{
    AccountId, MailId, OrganisationId, Sealed,
    mail::{Event, GivenUpReason},
    value::{EmailAddress, Language, MailKind, Reply},
};

use crate::{Refusal, aggregate::Aggregate};

/// What a mail needs to be sent. Its contents are in the vault already, under the mail's id.
///
/// A [`Command`](crate::Command) that is the reason for a mail carries one of these, and the mail is queued in the same
/// batch as what it tells of: none is lost, and none is sent for something that didn't happen. As part of what is asked
/// it serialises without what is made anew for every request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Order {
    /// Under which id the vault keeps what it says.
    #[serde(skip)]
    pub mail: MailId,
    /// To whom.
    pub account: AccountId,
    /// In which organisation's name; none: in that of the installation.
    pub organisation: Option<OrganisationId>,
    /// What it is about.
    pub kind: MailKind,
    /// To which address.
    pub to: EmailAddress,
    /// In which language.
    pub language: Language,
    /// From when on it is of no use.
    #[serde(skip)]
    pub expires_at: DateTime<Utc>,
}

/// What one may ask of a mail.
#[derive(Clone, Debug)]
pub enum Command {
    /// Lets it be sent.
    Queue(Order),
    /// Notes that a server took it.
    Send {
        /// What the server said.
        reply: Option<Reply>,
    },
    /// Notes that it couldn't be delivered now.
    Fail {
        /// What went wrong.
        reply: Option<Reply>,
        /// When it is tried again.
        next_at: DateTime<Utc>,
    },
    /// Notes that it isn't tried any more.
    GiveUp {
        /// Why.
        reason: GivenUpReason,
        /// Whether it was tried just now.
        tried: bool,
        /// What went wrong.
        reply: Option<Reply>,
    },
    /// Has it tried once more.
    Retry {
        /// In whose name it is thought to be.
        organisation: Option<OrganisationId>,
        /// Now.
        now: DateTime<Utc>,
    },
}

/// A mail, as far as rules need it.
#[derive(Clone, Copy, Debug, Default)]
pub enum Mail {
    /// There is none.
    #[default]
    Unknown,
    /// It waits to be sent, for the first time or once more.
    Waiting(Letter),
    /// It was sent.
    Sent(Letter),
    /// It was given up.
    GivenUp(Letter),
}

/// What stays the same about a mail, and how often it was tried.
#[derive(Clone, Copy, Debug)]
pub struct Letter {
    account: AccountId,
    organisation: Option<OrganisationId>,
    kind: MailKind,
    attempts: u32,
    expires_at: DateTime<Utc>,
}

impl Aggregate for Mail {
    type Command = Command;
    type Event = Event;

    fn evolve(self, event: &Event) -> Self {
        match (self, event) {
            (_, Event::Queued { account, organisation, kind, expires_at, .. }) => {
                Self::Waiting(Letter {
                    account: *account,
                    organisation: *organisation,
                    kind: *kind,
                    attempts: 0,
                    expires_at: *expires_at,
                })
            }
            (Self::Unknown, _) => Self::Unknown,
            (Self::Waiting(letter) | Self::Sent(letter) | Self::GivenUp(letter), event) => {
                match event {
                    Event::Sent { attempt, .. } => Self::Sent(letter.tried(*attempt)),
                    Event::Failed { attempt, .. } => Self::Waiting(letter.tried(*attempt)),
                    Event::GivenUp { attempts, .. } => Self::GivenUp(letter.tried(*attempts)),
                    Event::Retried { .. } | Event::Queued { .. } => Self::Waiting(letter),
                }
            }
        }
    }

    fn decide(&self, command: Command) -> Result<Vec<Event>, Refusal> {
        match (self, command) {
            (Self::Unknown, Command::Queue(order)) => Ok(vec![Event::Queued {
                account: order.account,
                organisation: order.organisation,
                kind: order.kind,
                to: Sealed::new(order.account, order.to),
                language: order.language,
                expires_at: order.expires_at,
            }]),
            (Self::Waiting(letter), Command::Send { reply }) => Ok(vec![Event::Sent {
                account: letter.account,
                organisation: letter.organisation,
                kind: letter.kind,
                attempt: letter.attempts + 1,
                reply: letter.seal(reply),
            }]),
            (Self::Waiting(letter), Command::Fail { reply, next_at }) => Ok(vec![Event::Failed {
                account: letter.account,
                organisation: letter.organisation,
                kind: letter.kind,
                attempt: letter.attempts + 1,
                reply: letter.seal(reply),
                next_at,
            }]),
            (Self::Waiting(letter), Command::GiveUp { reason, tried, reply }) => {
                Ok(vec![Event::GivenUp {
                    account: letter.account,
                    organisation: letter.organisation,
                    kind: letter.kind,
                    attempts: letter.attempts + u32::from(tried),
                    reason,
                    reply: letter.seal(reply),
                }])
            }
            (
                Self::Waiting(letter) | Self::Sent(letter) | Self::GivenUp(letter),
                Command::Retry { organisation, .. },
            ) if letter.organisation != organisation => Err(Refusal::MailNotFound),
            // Somebody else noted it before, or asked it before: already so.
            (
                Self::Sent(_) | Self::GivenUp(_),
                Command::Send { .. } | Command::Fail { .. } | Command::GiveUp { .. },
            )
            | (Self::Waiting(_), Command::Retry { .. }) => Ok(vec![]),
            (Self::Sent(_), Command::Retry { .. }) => Err(Refusal::MailSent),
            (Self::GivenUp(letter), Command::Retry { now, .. }) if letter.expires_at <= now => {
                Err(Refusal::MailGone)
            }
            (Self::GivenUp(letter), Command::Retry { organisation, .. }) => {
                Ok(vec![Event::Retried {
                    account: letter.account,
                    organisation,
                    kind: letter.kind,
                }])
            }
            // Identities are given once, so nobody can queue one twice.
            (Self::Unknown, _) | (_, Command::Queue(_)) => Err(Refusal::MailNotFound),
        }
    }
}

impl Letter {
    /// To whom it is.
    pub const fn account(self) -> AccountId {
        self.account
    }

    /// How often it was tried.
    pub const fn attempts(self) -> u32 {
        self.attempts
    }

    const fn tried(self, attempts: u32) -> Self {
        Self { attempts, ..self }
    }

    fn seal(self, reply: Option<Reply>) -> Option<Sealed<Reply>> {
        reply.map(|reply| Sealed::new(self.account, reply))
    }
}
