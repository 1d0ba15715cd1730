//! Challenges: what an authenticator signs, once, so that nobody can show again what was shown before (S13).
//!
//! The vault has them, by keyed hash, each in its place: what is asked anew in one place ends what was asked there before,
//! and there are only so many places for those who have not said who they are. So nobody can fill the vault by asking.

use chrono::{DateTime, Utc};
use events::{
    FactorId, SessionId,
    vault::{Token, TokenKind},
};
use graphql::port::Denied;
use uuid::Uuid;

use super::super::no_randomness;
use crate::auth::{Auth, closed};

/// Bytes of a challenge; 16 are asked for (`WebAuthn` Level 3, 13.4.3).
const LENGTH: usize = 32;

/// What a challenge is for. It is good for nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::auth) enum Purpose {
    /// To set this factor up.
    SetUp(FactorId),
    /// To end this sign-in in two steps.
    Finish(Uuid),
    /// To prove anew who is signed in.
    StepUp(SessionId),
    /// To sign in with nothing else.
    SignIn,
}

impl Purpose {
    fn text(self) -> String {
        match self {
            Self::SetUp(factor) => format!("set_up {factor}"),
            Self::Finish(attempt) => format!("finish {attempt}"),
            Self::StepUp(session) => format!("step_up {session}"),
            Self::SignIn => "sign_in".to_owned(),
        }
    }

    /// Where a challenge is kept. Those who have not said who they are share 65,536 places by chance.
    fn place(self, challenge: &[u8]) -> String {
        match (self, challenge) {
            (Self::SignIn, [one, other, ..]) => format!("sign_in {one} {other}"),
            _ => self.text(),
        }
    }
}

impl Auth {
    /// A new challenge, which works once, until a moment.
    pub(super) async fn challenge(
        &self,
        purpose: Purpose,
        expires_at: DateTime<Utc>,
    ) -> Result<[u8; LENGTH], Denied> {
        let mut challenge = [0; LENGTH];
        getrandom::fill(&mut challenge).map_err(|_| no_randomness())?;
        self.keep_challenge(purpose, &challenge, expires_at).await?;
        Ok(challenge)
    }

    /// Puts a challenge in its place, instead of what was there.
    pub(in crate::auth) async fn keep_challenge(
        &self,
        purpose: Purpose,
        challenge: &[u8; LENGTH],
        expires_at: DateTime<Utc>,
    ) -> Result<(), Denied> {
        let place = self.vault.pepper().hash("passkey_place", purpose.place(challenge).as_bytes());
        let mut id = [0; 16];
        id.copy_from_slice(&place[..16]);
        let now = self.clock.now();
        let kept = Token {
            kind: TokenKind::PasskeyChallenge,
            id: Uuid::from_bytes(id),
            account: None,
            hash: self.hash_of_challenge(purpose, challenge),
            created_at: now,
            last_used_at: now,
            expires_at: Some(expires_at),
        };
        self.vault.put_token(kept).await.map_err(closed)
    }

    /// Uses a challenge up, and tells whether it was one. Asked one after the other: by whoever has the account's turn, or
    /// that of the challenge.
    pub(in crate::auth) async fn redeem(
        &self,
        purpose: Purpose,
        challenge: &[u8],
    ) -> Result<bool, Denied> {
        let hash = self.hash_of_challenge(purpose, challenge);
        let kept = self.vault.find_token(&hash).await.map_err(closed)?;
        let Some(kept) = kept.filter(|kept| kept.kind == TokenKind::PasskeyChallenge) else {
            return Ok(false);
        };
        let gone = self.vault.delete_tokens(TokenKind::PasskeyChallenge, &[kept.id]).await;
        gone.map_err(closed)?;
        Ok(kept.expires_at.is_some_and(|end| self.clock.now() < end))
    }

    fn hash_of_challenge(&self, purpose: Purpose, challenge: &[u8]) -> [u8; 32] {
        let text = [purpose.text().as_bytes(), &[0], challenge].concat();
        self.vault.pepper().hash("passkey_challenge", &text)
    }
}
