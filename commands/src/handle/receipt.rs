//! A repeated request is recognised by its key, and answered like the first.

use events::{Actor, Position, store::EventStore, store::Receipt, vault::Pepper};

use super::{Failure, unavailable};
use crate::{Command, Refusal, Request};

/// What identifies a request that may be repeated.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ticket {
    key: [u8; 32],
    fingerprint: [u8; 32],
}

impl Ticket {
    /// The ticket of a request; none where it gave no key. The same person is the same through any session.
    pub(super) fn of(
        pepper: &Pepper,
        request: &Request,
        command: &Command,
    ) -> Result<Option<Self>, Failure> {
        let Some(key) = &request.idempotency_key else { return Ok(None) };
        let actor = match request.actor {
            Actor::Console => "console".to_owned(),
            Actor::System => "system".to_owned(),
            Actor::Anonymous => "anonymous".to_owned(),
            Actor::Account { account, .. } => account.to_string(),
            Actor::ServiceKey { key } => key.to_string(),
        };
        let asker = format!("{actor} {}", key.as_str());
        let input = match request.secret {
            None => serde_json::to_vec(&(command, request.on_behalf_of)),
            Some(secret) => serde_json::to_vec(&(command, request.on_behalf_of, secret)),
        };
        let input = input.map_err(unavailable)?;
        Ok(Some(Self {
            key: pepper.hash("idempotency.key", asker.as_bytes()),
            fingerprint: pepper.hash("idempotency.input", &input),
        }))
    }

    /// The receipt to keep with what is appended.
    pub(super) const fn receipt(self, subject: Option<uuid::Uuid>) -> Receipt {
        Receipt { key: self.key, fingerprint: self.fingerprint, subject }
    }

    /// What the request did when it came before.
    pub(super) async fn earlier(
        self,
        store: &dyn EventStore,
    ) -> Result<Option<(Receipt, Position)>, Failure> {
        match store.receipt(self.key).await? {
            Some((receipt, _)) if receipt.fingerprint != self.fingerprint => {
                Err(Failure::Refused(Refusal::KeyReused))
            }
            found => Ok(found),
        }
    }
}
