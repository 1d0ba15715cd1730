//! The key that wraps all other keys. It never stands in the vault.

use zeroize::Zeroizing;

use super::VaultError;
use crate::sealed::cipher;

/// 256 bits that the program keeps outside of the vault.
pub struct MasterKey(Zeroizing<[u8; 32]>);

impl MasterKey {
    /// Takes the bytes of a master key.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Encrypts a key for one place in the vault.
    pub(super) fn wrap(&self, key: &[u8; 32], place: &[u8]) -> Result<Box<[u8]>, VaultError> {
        cipher::close(&self.0, key, place).map_err(|error| VaultError::Damaged(error.to_string()))
    }

    /// Decrypts what [`MasterKey::wrap`] made for this place.
    pub(super) fn unwrap(
        &self,
        wrapped: &[u8],
        place: &[u8],
    ) -> Result<Zeroizing<[u8; 32]>, VaultError> {
        let plain =
            cipher::open(&self.0, wrapped, place).map_err(|_| VaultError::WrongMasterKey)?;
        let bytes = <[u8; 32]>::try_from(&**plain)
            .map_err(|_| VaultError::Damaged("a key is not 32 bytes long".into()))?;
        Ok(Zeroizing::new(bytes))
    }
}

impl MasterKey {
    /// Encrypts bytes of any length for one place in the vault.
    pub(super) fn close(&self, plain: &[u8], place: &[u8]) -> Result<Box<[u8]>, VaultError> {
        cipher::close(&self.0, plain, place).map_err(|error| VaultError::Damaged(error.to_string()))
    }

    /// Decrypts what [`MasterKey::close`] made for this place.
    pub(super) fn open(
        &self,
        closed: &[u8],
        place: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        cipher::open(&self.0, closed, place).map_err(|_| VaultError::WrongMasterKey)
    }
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterKey")
    }
}
