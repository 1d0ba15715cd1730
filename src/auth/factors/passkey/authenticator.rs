//! What an authenticator says of itself and signs (`WebAuthn` Level 3, 6.1 and 6.5).

use super::{cbor::Reader, key::PublicKey};

/// Somebody touched it.
const PRESENT: u8 = 1;
/// It knows that it was its owner: by a finger, a face, a code.
const VERIFIED: u8 = 1 << 2;
/// The key may be copied to other devices of its owner.
const MAY_BE_BACKED_UP: u8 = 1 << 3;
/// It was.
const IS_BACKED_UP: u8 = 1 << 4;
/// A new credential is told.
const HAS_CREDENTIAL: u8 = 1 << 6;
/// Extensions follow.
const HAS_EXTENSIONS: u8 = 1 << 7;
/// Bytes of a credential's id at most (6.5.1).
const MOST_ID: usize = 1_023;

/// The authenticator data of an answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct AuthenticatorData<'a> {
    /// SHA-256 of the relying party's id.
    pub(super) party: &'a [u8; 32],
    /// How many signatures it has made, as far as it counts them; 0: it doesn't.
    pub(super) count: u32,
    /// The credential that was made.
    pub(super) made: Option<Credential<'a>>,
    flags: u8,
}

/// A credential that was made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Credential<'a> {
    pub(super) id: &'a [u8],
    /// Its public key as it was told, which [`PublicKey::read`] reads.
    pub(super) key: &'a [u8],
}

impl<'a> AuthenticatorData<'a> {
    /// Reads all of it; none where it isn't what an authenticator says.
    pub(super) fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        let party = reader.array()?;
        let [flags] = *reader.array()?;
        let count = u32::from_be_bytes(*reader.array()?);
        let made = match flags & HAS_CREDENTIAL {
            0 => None,
            _ => Some(Credential::read(&mut reader)?),
        };
        if flags & HAS_EXTENSIONS != 0 {
            // None was asked for; some are told all the same.
            reader.skip()?;
        }
        // A copy of what can't be copied means nothing (6.1.3).
        let backed_up = flags & (MAY_BE_BACKED_UP | IS_BACKED_UP);
        let is_sound = reader.rest().is_empty() && backed_up != IS_BACKED_UP;
        is_sound.then_some(Self { party, count, made, flags })
    }

    /// Whether somebody was there.
    pub(super) const fn somebody_was_there(&self) -> bool {
        self.flags & PRESENT != 0
    }

    /// Whether it was the owner.
    pub(super) const fn it_was_the_owner(&self) -> bool {
        self.flags & VERIFIED != 0
    }
}

impl<'a> Credential<'a> {
    fn read(reader: &mut Reader<'a>) -> Option<Self> {
        // Which model it is, which nobody asks here.
        reader.take(16)?;
        let length = usize::from(u16::from_be_bytes(*reader.array()?));
        let id = reader.take(length).filter(|id| (1..=MOST_ID).contains(&id.len()))?;
        let from = reader.rest();
        PublicKey::read(reader)?;
        let key = from.get(..from.len() - reader.rest().len())?;
        Some(Self { id, key })
    }
}
