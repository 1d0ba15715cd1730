//! Secrets on their way into the vault: put there first, named by an event second, dropped where nothing came of it.
//!
//! Each is brought to its end by a task of its own: whoever hangs up meanwhile leaves nothing behind. What a crash
//! leaves behind is swept up later (see [`Sweep`](super::sweep::Sweep)).

use std::sync::Arc;

use commands::{Command, Done, Failure, Handler, Request};
use events::{
    AccountId, CredentialId,
    vault::{Token, TokenKind, Vault},
};
use secrecy::SecretString;
use tracing::warn;
use uuid::Uuid;

use super::unavailable;

/// Keeps secrets that events name.
#[derive(Clone)]
pub(super) struct Keeper {
    handler: Arc<Handler>,
    vault: Arc<Vault>,
}

/// A password hash that is about to be kept.
pub(super) struct Hashed {
    pub(super) id: CredentialId,
    pub(super) account: AccountId,
    pub(super) hash: SecretString,
}

/// What a password hash is to its account.
#[derive(Clone, Copy)]
enum Place {
    /// The account comes to be with it.
    First,
    /// It takes the place of another one, if there was one.
    Next(Option<CredentialId>),
}

impl Keeper {
    pub(super) const fn new(handler: Arc<Handler>, vault: Arc<Vault>) -> Self {
        Self { handler, vault }
    }

    /// Does a command that makes an account with this password.
    pub(super) async fn create(
        &self,
        request: &Request,
        hashed: Hashed,
        command: Command,
    ) -> Result<Done, Failure> {
        let (this, request) = (self.clone(), request.clone());
        to_its_end(async move { this.adopt(&request, hashed, Place::First, command).await }).await
    }

    /// Does a command that puts this password in the place of another one.
    pub(super) async fn replace(
        &self,
        request: &Request,
        hashed: Hashed,
        old: Option<CredentialId>,
        command: Command,
    ) -> Result<Done, Failure> {
        let (this, request) = (self.clone(), request.clone());
        to_its_end(async move { this.adopt(&request, hashed, Place::Next(old), command).await })
            .await
    }

    /// Does a command that makes a service key with this token. Where the key was made before, by the same request, its
    /// answer was lost with the token that nobody can show again: it gets this one.
    pub(super) async fn service_key(
        &self,
        request: &Request,
        token: Token,
        command: Command,
    ) -> Result<Done, Failure> {
        let (this, request) = (self.clone(), request.clone());
        to_its_end(async move { this.key(&request, token, command).await }).await
    }

    async fn adopt(
        &self,
        request: &Request,
        Hashed { id, account, hash }: Hashed,
        place: Place,
        command: Command,
    ) -> Result<Done, Failure> {
        self.vault.put_credential(id, account, hash).await.map_err(unavailable)?;
        let (done, old) = match place {
            Place::First => {
                (self.handler.handle_making(request, command, account.uuid()).await, None)
            }
            Place::Next(old) => (self.handler.handle(request, command).await, old),
        };
        let void = match &done {
            Ok(Done { replayed: false, .. }) => old,
            Ok(_) | Err(Failure::Refused(_) | Failure::Busy | Failure::Full) => Some(id),
            // Perhaps the log names it: nobody knows before the log can be read again.
            Err(Failure::Unavailable(_)) => None,
        };
        if let Some(void) = void
            && let Err(error) = self.vault.delete_credential(void).await
        {
            warn!(%error, "a password hash that is void stays until it is swept up");
        }
        done
    }

    async fn key(
        &self,
        request: &Request,
        token: Token,
        command: Command,
    ) -> Result<Done, Failure> {
        self.vault.put_token(token.clone()).await.map_err(unavailable)?;
        let done = self.handler.handle(request, command).await;
        match &done {
            Ok(Done { replayed: false, .. }) | Err(Failure::Unavailable(_)) => {}
            Ok(Done { subject: Some(first), .. }) => {
                self.drop_key(token.id).await?;
                let token = Token { id: *first, ..token };
                self.vault.put_token(token).await.map_err(unavailable)?;
            }
            Ok(Done { subject: None, .. })
            | Err(Failure::Refused(_) | Failure::Busy | Failure::Full) => {
                self.drop_key(token.id).await?;
            }
        }
        done
    }

    async fn drop_key(&self, key: Uuid) -> Result<(), Failure> {
        self.vault.delete_tokens(TokenKind::ServiceKey, &[key]).await.map_err(unavailable)
    }
}

/// Runs to its end, also when nobody waits for it any more.
async fn to_its_end(
    work: impl Future<Output = Result<Done, Failure>> + Send + 'static,
) -> Result<Done, Failure> {
    let ended = tokio::spawn(work).await;
    ended.unwrap_or_else(|error| Err(Failure::Unavailable(error.to_string())))
}
