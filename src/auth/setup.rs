//! The first operator: no built-in account, no default password, but a one-time token on the console.

use chrono::{DateTime, TimeDelta, Utc};
use commands::Failure;
use events::{
    Stream, Version,
    store::EventStore,
    vault::{Token, TokenKind},
};
use secrecy::SecretString;
use uuid::Uuid;

use super::{
    Auth, closed,
    token::{self, Kind},
    unavailable,
};
use graphql::port::Denied;

/// How long a token for the first operator works; every start makes a new one.
const LIFETIME: TimeDelta = TimeDelta::hours(24);
/// One token at a time: a new one takes the place of the one before.
const THE_ONE: Uuid = Uuid::nil();

/// What the console shows while there is no operator.
pub struct FirstOperator {
    /// Lets whoever has it become the first operator, once.
    pub token: SecretString,
    /// Until when.
    pub expires_at: DateTime<Utc>,
}

impl Auth {
    /// A new token for the first operator, which voids the one before; none once there is an operator.
    pub async fn first_operator(
        &self,
        store: &dyn EventStore,
    ) -> Result<Option<FirstOperator>, Failure> {
        let set_up = !store.read(Stream::Installation, Version::NONE, 1).await?.is_empty();
        if set_up {
            let gone = self.vault.delete_tokens(TokenKind::OperatorSetup, &[THE_ONE]);
            gone.await.map_err(unavailable)?;
            return Ok(None);
        }
        let (token, hash) = token::generate(self.vault.pepper(), Kind::Setup)
            .map_err(|error| Failure::Unavailable(error.to_string()))?;
        let now = self.clock.now();
        let expires_at = now + LIFETIME;
        let kept = Token {
            kind: TokenKind::OperatorSetup,
            id: THE_ONE,
            account: None,
            hash,
            created_at: now,
            last_used_at: now,
            expires_at: Some(expires_at),
        };
        self.vault.put_token(kept).await.map_err(unavailable)?;
        Ok(Some(FirstOperator { token, expires_at }))
    }

    /// The id of a token that still makes an operator.
    pub(super) async fn setup_token(&self, token: &SecretString) -> Result<Option<Uuid>, Denied> {
        if token::kind(token) != Some(Kind::Setup) {
            return Ok(None);
        }
        let hash = token::hash(self.vault.pepper(), token);
        let kept = self.vault.find_token(&hash).await.map_err(closed)?;
        let now = self.clock.now();
        let works = |kept: &Token| {
            kept.kind == TokenKind::OperatorSetup
                && kept.expires_at.is_some_and(|until| now < until)
        };
        Ok(kept.filter(works).map(|kept| kept.id))
    }
}
