//! Sweeps up secrets that no event names: a crash came between vault and log, or the log's answer never came.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use commands::{Failure, Handler};
use events::{
    AccountId, CredentialId, FactorId, ServiceKeyId,
    id::Clock,
    vault::{SecretKind, TokenKind, Vault},
};
use tracing::info;
use uuid::Uuid;

use super::{
    activation::{Works, drop_void},
    unavailable,
};

/// Secrets of each sort that are looked at in one go. With a go every ten seconds, 100,000 accounts take some four
/// hours, and neither the log nor the cache of states notices.
const GO: u32 = 64;
/// What is younger may still be on its way.
const AGE: Duration = Duration::from_hours(1);

/// Looks through the vault, a little at a time, over and over.
pub(super) struct Sweep {
    handler: Arc<Handler>,
    vault: Arc<Vault>,
    clock: Arc<dyn Clock>,
    /// Up to where it has come.
    at: Mutex<At>,
}

#[derive(Clone, Copy, Default)]
struct At {
    credential: Uuid,
    key: Uuid,
    factor: Uuid,
    recovery_codes: Uuid,
    link: Uuid,
    code: Uuid,
}

impl Sweep {
    pub(super) fn new(handler: Arc<Handler>, vault: Arc<Vault>, clock: Arc<dyn Clock>) -> Self {
        Self { handler, vault, clock, at: Mutex::default() }
    }

    /// Looks at some more.
    pub(super) async fn go(&self) -> Result<(), Failure> {
        let At { credential, key, factor, recovery_codes, link, code } =
            *self.at.lock().unwrap_or_else(PoisonError::into_inner);
        let at = At {
            credential: self.credentials(credential).await?,
            key: self.keys(key).await?,
            factor: self.secrets(SecretKind::Factor, factor).await?,
            recovery_codes: self.secrets(SecretKind::RecoveryCodes, recovery_codes).await?,
            link: self.activations(TokenKind::Activation, link).await?,
            code: self.activations(TokenKind::ActivationCode, code).await?,
        };
        *self.at.lock().unwrap_or_else(PoisonError::into_inner) = at;
        Ok(())
    }

    async fn credentials(&self, after: Uuid) -> Result<Uuid, Failure> {
        let page = self.vault.credentials_after(after.into(), GO).await.map_err(unavailable)?;
        for (credential, account) in &page {
            if self.is_settled(credential.uuid()) && !self.is_named(*credential, *account).await? {
                info!(%credential, "a password hash that nothing refers to is dropped");
                self.vault.delete_credential(*credential).await.map_err(unavailable)?;
            }
        }
        Ok(next(page.len(), page.last().map(|(credential, _)| credential.uuid())))
    }

    async fn is_named(
        &self,
        credential: CredentialId,
        account: AccountId,
    ) -> Result<bool, Failure> {
        // Earlier versions kept the first password of an account as nobody's.
        if account.uuid().is_nil() {
            return Ok(true);
        }
        let state = self.handler.account_state(account).await?;
        let current = state.filter(|state| !state.deleted).and_then(|state| state.credential);
        Ok(current == Some(credential))
    }

    async fn keys(&self, after: Uuid) -> Result<Uuid, Failure> {
        let kind = TokenKind::ServiceKey;
        let page = self.vault.tokens_after(kind, after, GO).await.map_err(unavailable)?;
        for (key, _) in &page {
            let state = self.handler.service_key_state(ServiceKeyId::new(*key)).await?;
            if self.is_settled(*key) && state.is_none_or(|state| state.revoked) {
                info!(%key, "the token of a service key that is none is dropped");
                self.vault.delete_tokens(kind, &[*key]).await.map_err(unavailable)?;
            }
        }
        Ok(next(page.len(), page.last().map(|(key, _)| *key)))
    }

    /// What would activate accounts, and does so no longer.
    async fn activations(&self, kind: TokenKind, after: Uuid) -> Result<Uuid, Failure> {
        let page = self.vault.tokens_after(kind, after, GO).await.map_err(unavailable)?;
        for (id, account) in &page {
            let Some(account) = account.filter(|_| self.is_settled(*id)) else { continue };
            let state = self.handler.account_state(account).await?;
            drop_void(&self.vault, Works::of(state.as_ref()), kind, *id).await?;
        }
        Ok(next(page.len(), page.last().map(|(id, _)| *id)))
    }

    /// What second factors know that aren't any, and recovery codes that others have replaced.
    async fn secrets(&self, kind: SecretKind, after: Uuid) -> Result<Uuid, Failure> {
        let page = self.vault.secrets_after(kind, after, GO).await.map_err(unavailable)?;
        for (id, account) in &page {
            if !self.is_settled(*id) {
                continue;
            }
            let state = self.handler.account_state(*account).await?;
            let factors = self.handler.factors_of(*account).await?;
            let codes = factors.recovery().map(|recovery| recovery.codes.uuid());
            let is_named = state.is_some_and(|state| !state.deleted)
                && (codes == Some(*id) || factors.find(FactorId::new(*id)).is_some());
            if !is_named {
                info!(secret = %id, "a secret of a second factor that nothing refers to is dropped");
                self.vault.delete_secrets(&[*id]).await.map_err(unavailable)?;
                let passkey = self.vault.delete_tokens(TokenKind::Passkey, &[*id]).await;
                passkey.map_err(unavailable)?;
            }
        }
        Ok(next(page.len(), page.last().map(|(id, _)| *id)))
    }

    /// Whether what was named so is not on its way any more. Identities tell when they were given.
    fn is_settled(&self, id: Uuid) -> bool {
        let given = id.get_timestamp().map(|time| time.to_unix());
        let given = given.and_then(|(seconds, _)| i64::try_from(seconds).ok());
        let given = given.and_then(|seconds| DateTime::<Utc>::from_timestamp(seconds, 0));
        given.is_none_or(|given| given + AGE < self.clock.now())
    }
}

/// Where to go on: after the last one of a full page, else from the beginning.
fn next(count: usize, last: Option<Uuid>) -> Uuid {
    last.filter(|_| count == GO as usize).unwrap_or_default()
}
