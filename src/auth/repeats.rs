//! What makes a repeated request the same one, beside what is asked: secrets, which no command holds.

use std::fmt::Write;

use commands::{Failure, IdempotencyKey, Request};
use events::AccountId;
use graphql::port::Denied;
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::{Auth, password};

impl Auth {
    /// The request with these passwords: with others it is another one. What can't be a password is none.
    pub(super) fn with_secret(&self, request: &Request, passwords: &[&SecretString]) -> Request {
        let mut text = Zeroizing::new(Vec::new());
        for password in passwords {
            let normal = password::normal(password).unwrap_or_default();
            text.extend_from_slice(normal.expose_secret().as_bytes());
            // Stands in no password.
            text.push(0);
        }
        let secret = self.vault.pepper().hash("idempotency.password", &text);
        Request { secret: Some(secret), ..request.clone() }
    }

    /// The set-up, which is nobody's: only whoever had the token finds the answer again.
    pub(super) fn with_token(
        &self,
        request: &Request,
        token: &SecretString,
    ) -> Result<Request, Denied> {
        self.bound(request, "idempotency.setup", token.expose_secret())
    }

    /// The part of a request for several accounts that is about one of them: each can be repeated by itself.
    pub(super) fn with_account(
        &self,
        request: &Request,
        account: AccountId,
    ) -> Result<Request, Denied> {
        self.bound(request, "idempotency.account", &account.to_string())
    }

    /// The request under a key that follows from its own and something else.
    fn bound(&self, request: &Request, context: &'static str, to: &str) -> Result<Request, Denied> {
        let Some(key) = &request.idempotency_key else { return Ok(request.clone()) };
        let both = Zeroizing::new(format!("{to} {}", key.as_str()));
        let hash = self.vault.pepper().hash(context, both.as_bytes());
        let text = hash.iter().fold(String::with_capacity(64), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        });
        let key = IdempotencyKey::parse(&text)
            .map_err(|invalid| Failure::Unavailable(format!("{invalid:?}")))?;
        Ok(Request { idempotency_key: Some(key), ..request.clone() })
    }
}
