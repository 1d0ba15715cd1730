//! Passwords of the installation's own, with which it signs in elsewhere: encrypted, for they must be read again.
//!
//! They stand among the password hashes, as nobody's.

use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{Vault, VaultError, hex, unhex};
use crate::CredentialId;

impl Vault {
    /// Keeps a password of the installation's own.
    pub async fn put_password(
        &self,
        id: CredentialId,
        password: &SecretString,
    ) -> Result<(), VaultError> {
        let plain = password.expose_secret().as_bytes();
        let closed = self.keys.master().close(plain, &place(id))?;
        self.put_credential(id, Uuid::nil().into(), hex(&closed).into()).await
    }

    /// A password of the installation's own, if there is one under this id.
    pub async fn password(&self, id: CredentialId) -> Result<Option<SecretString>, VaultError> {
        let Some(closed) = self.credential(id).await? else { return Ok(None) };
        let damaged = || VaultError::Damaged("a password is no hexadecimal text".into());
        let closed = unhex(closed.expose_secret()).ok_or_else(damaged)?;
        let plain = self.keys.master().open(&closed, &place(id))?;
        let text = String::from_utf8(plain.to_vec()).map(Zeroizing::new);
        let text = text.map_err(|_| VaultError::Damaged("a password is no text".into()))?;
        Ok(Some(SecretString::from(text.as_str())))
    }
}

fn place(id: CredentialId) -> Vec<u8> {
    [b"password".as_slice(), id.uuid().as_bytes()].concat()
}
