//! XChaCha20-Poly1305 with a random nonce in front of the ciphertext.

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use zeroize::Zeroizing;

use super::SealError;

const NONCE: usize = 24;

/// Encrypts for one place only: the same `place` must be given to open it.
pub(crate) fn close(key: &[u8; 32], plain: &[u8], place: &[u8]) -> Result<Box<[u8]>, SealError> {
    let mut nonce = [0; NONCE];
    getrandom::fill(&mut nonce).map_err(|_| SealError::NoRandomness)?;
    let cipher = XChaCha20Poly1305::new(key.into())
        .encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: place })
        .map_err(|_| SealError::DoesNotOpen)?;
    Ok([&nonce[..], &cipher].concat().into())
}

/// Decrypts what [`close`] made for this place under this key. The tag is compared in constant time.
pub(crate) fn open(
    key: &[u8; 32],
    cipher: &[u8],
    place: &[u8],
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let (nonce, cipher) = cipher.split_first_chunk::<NONCE>().ok_or(SealError::DoesNotOpen)?;
    XChaCha20Poly1305::new(key.into())
        .decrypt(&XNonce::from(*nonce), Payload { msg: cipher, aad: place })
        .map(Zeroizing::new)
        .map_err(|_| SealError::DoesNotOpen)
}
