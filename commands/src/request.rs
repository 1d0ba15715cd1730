//! Who asks, and what may surround a command.

use events::{
    AccountId, Actor, EventId, OrganisationId, Origin, RequestId, Version, value::Invalid,
};

/// Everything about a command that is not the command: who, from where, and on which conditions.
#[derive(Clone, Debug)]
pub struct Request {
    /// Who asks, as the edge found out.
    pub actor: Actor,
    /// The account in whose name the actor acts (impersonation): its standing counts, not the actor's own.
    pub on_behalf_of: Option<AccountId>,
    /// From where; kept sealed.
    pub origin: Option<Origin>,
    /// Which request, as in the answer's `x-request-id` and in the log.
    pub id: RequestId,
    /// Makes the request repeatable: a second one with the same key and input is answered like the first.
    pub idempotency_key: Option<IdempotencyKey>,
    /// The version that the guarding stream (see [`Command::guard`](crate::Command::guard)) must have;
    /// otherwise the answer is [`Refusal::Conflict`](crate::Refusal::Conflict).
    pub expected_version: Option<Version>,
    /// A keyed hash of the password that the request comes with, which no command holds: with another password it is
    /// another request, whatever its key.
    pub secret: Option<[u8; 32]>,
    /// The organisation of the session or of the service key.
    pub organisation: Option<OrganisationId>,
    /// The event that led to this request, where a reactor asks it.
    pub caused_by: Option<EventId>,
}

impl Request {
    /// A request without conditions.
    pub const fn new(actor: Actor, id: RequestId) -> Self {
        Self {
            actor,
            on_behalf_of: None,
            origin: None,
            id,
            idempotency_key: None,
            expected_version: None,
            secret: None,
            organisation: None,
            caused_by: None,
        }
    }

    /// The account whose standing counts, if an account asks.
    pub const fn account(&self) -> Option<AccountId> {
        match (self.on_behalf_of, self.actor) {
            (Some(account), _) | (None, Actor::Account { account, .. }) => Some(account),
            (
                None,
                Actor::Console | Actor::System | Actor::Anonymous | Actor::ServiceKey { .. },
            ) => None,
        }
    }
}

/// What a client gives so that a repeated request is done once: 1 to 128 printable ASCII characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// The greatest number of characters.
    pub const MAX: usize = 128;

    /// Reads a key.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        if text.is_empty() {
            return Err(Invalid::Empty);
        }
        if text.len() > Self::MAX {
            return Err(Invalid::TooLong { max: Self::MAX });
        }
        if let Some(character) = text.chars().find(|c| !c.is_ascii_graphic()) {
            return Err(Invalid::Character { character });
        }
        Ok(Self(text.to_owned()))
    }

    /// The key.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
