//! Codes that are sent to somebody, typed within minutes, and work once.

use chrono::{DateTime, Utc};
use commands::{Command, Failure};
use events::{AccountId, value::MailKind};
use graphql::port::Denied;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{Auth, code::SENT, standing::works_in};
use crate::mail::post::{Addressee, Fields};

/// A code that was sent, as far as it is kept.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(super) struct Sent {
    hash: [u8; 32],
    expires_at: DateTime<Utc>,
}

impl Sent {
    /// Until when the code works.
    pub(super) const fn expires_at(&self) -> DateTime<Utc> {
        self.expires_at
    }
}

impl Auth {
    /// Mails a new code that works for whatever has the identity `of`, until a moment. None where the account has no
    /// address.
    pub(super) async fn mail_code(
        &self,
        of: Uuid,
        account: AccountId,
        expires_at: DateTime<Utc>,
    ) -> Result<Option<Sent>, Denied> {
        let Some((contact, language)) = self.handler.contact(account).await? else {
            return Ok(None);
        };
        let Some(to) = contact.email else { return Ok(None) };
        self.mails.count_own(account)?;
        let state = self.handler.account_state(account).await?;
        let organisation = state.and_then(|state| works_in(&state).ok()).flatten();
        let (code, sent) = self.new_sent(of, expires_at)?;
        let fields = Fields::new().with_secret("code", &code);
        let addressee = Addressee { account, organisation, to, language };
        let order = self.post.order(MailKind::Passcode, addressee, &fields, expires_at).await?;
        let mail = Command::MailOrder { order: order.clone() };
        if let Err(failure) = self.handler.handle(&self.own_request(), mail).await {
            self.post.withdraw(&order).await;
            return Err(failure.into());
        }
        Ok(Some(sent))
    }

    /// A new code, and what is kept of it.
    pub(super) fn new_sent(
        &self,
        of: Uuid,
        expires_at: DateTime<Utc>,
    ) -> Result<(SecretString, Sent), Denied> {
        let code = SENT.draw().map_err(|error| Failure::Unavailable(error.to_string()))?;
        let sent = Sent { hash: self.hash_of_code(of, &code), expires_at };
        Ok((code, sent))
    }

    /// Whether this is the code that was sent, and works still.
    pub(super) fn is_sent(&self, of: Uuid, sent: Sent, code: &SecretString) -> bool {
        let fits = bool::from(sent.hash.ct_eq(&self.hash_of_code(of, code)));
        fits && self.clock.now() < sent.expires_at
    }

    fn hash_of_code(&self, of: Uuid, code: &SecretString) -> [u8; 32] {
        let mut text = Zeroizing::new(of.as_bytes().to_vec());
        text.extend_from_slice(&SENT.typed(code));
        self.vault.pepper().hash("passcode", &text)
    }
}
