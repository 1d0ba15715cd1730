//! Personal data under the person's key: what is erased with the key, while the log stays as it is.
//!
//! XChaCha20-Poly1305 under a key per person, with a random nonce. The associated data
//! binds a ciphertext to its place (event, field, person, key version): moved elsewhere, it doesn't open.

pub(crate) mod cipher;

use std::{borrow::Cow, fmt};

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD as BASE64};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned, ser};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::AccountId;

/// A value about a person.
///
/// Rules see it open; the log keeps it closed. Writing an open one to the log is an error, never a leak.
#[derive(Clone, PartialEq)]
pub enum Sealed<T> {
    /// Readable, in memory only.
    Open {
        /// Whom it is about.
        subject: AccountId,
        /// The value.
        value: T,
    },
    /// As it stands in the log.
    Closed {
        /// Whom it is about.
        subject: AccountId,
        /// The version of the person's key.
        key: u32,
        /// Nonce and ciphertext.
        cipher: Box<[u8]>,
    },
    /// The person's key was destroyed: nobody can ever read it.
    Erased {
        /// Whom it was about.
        subject: AccountId,
    },
}

impl<T> Sealed<T> {
    /// A readable value about a person.
    pub const fn new(subject: AccountId, value: T) -> Self {
        Self::Open { subject, value }
    }

    /// The value; none while it is closed or when it was erased.
    pub const fn value(&self) -> Option<&T> {
        match self {
            Self::Open { value, .. } => Some(value),
            Self::Closed { .. } | Self::Erased { .. } => None,
        }
    }

    /// Whom it is about.
    pub const fn about(&self) -> AccountId {
        match self {
            Self::Open { subject, .. }
            | Self::Closed { subject, .. }
            | Self::Erased { subject } => *subject,
        }
    }
}

impl<T> fmt::Debug for Sealed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self {
            Self::Open { .. } => "Open",
            Self::Closed { .. } => "Closed",
            Self::Erased { .. } => "Erased",
        };
        write!(f, "Sealed::{state}({})", self.about())
    }
}

/// The key of one person.
#[derive(Clone)]
pub struct PersonKey {
    /// Its version: 1 for the first.
    pub version: u32,
    /// 256 bits from the system's generator.
    pub bytes: Zeroizing<[u8; 32]>,
}

impl fmt::Debug for PersonKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PersonKey(version {})", self.version)
    }
}

/// The place of a sealed field: a ciphertext opens nowhere else.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The event that holds it, or the request for what surrounds an event.
    pub id: Uuid,
    /// The stored kind of the event, for instance `account.created`.
    pub kind: &'a str,
    /// The name of the field.
    pub field: &'a str,
}

/// Why a field can't be sealed or opened.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The system gives no random numbers now.
    #[error("no random numbers are to be had")]
    NoRandomness,
    /// The ciphertext was altered or moved, or the key is another one.
    #[error("a sealed field doesn't open in its place")]
    DoesNotOpen,
    /// The sealed value is not what the field holds.
    #[error("a sealed field holds something else: {0}")]
    Content(#[from] serde_json::Error),
}

/// A sealed field of any type.
pub trait SealedField {
    /// Whom it is about.
    fn subject(&self) -> AccountId;
    /// Whether it is readable now.
    fn is_open(&self) -> bool;
    /// Whether it is as it stands in the log.
    fn is_closed(&self) -> bool;
    /// Closes it for the log; a field that is not open stays as it is.
    fn seal(&mut self, key: &PersonKey, place: Place<'_>) -> Result<(), SealError>;
    /// Opens it; a field that is not closed stays as it is.
    fn open(&mut self, key: &PersonKey, place: Place<'_>) -> Result<(), SealError>;
    /// Marks it as erased.
    fn erase(&mut self);
    /// Its value, to be shown to people; none while it is closed or when it was erased.
    fn shown(&self) -> Option<serde_json::Value>;
}

impl<T: Serialize + DeserializeOwned> SealedField for Sealed<T> {
    fn subject(&self) -> AccountId {
        self.about()
    }

    fn is_open(&self) -> bool {
        self.value().is_some()
    }

    fn is_closed(&self) -> bool {
        matches!(self, Self::Closed { .. })
    }

    fn seal(&mut self, key: &PersonKey, place: Place<'_>) -> Result<(), SealError> {
        if let Self::Open { subject, value } = self {
            let plain = Zeroizing::new(serde_json::to_vec(value)?);
            let place = place.bytes(*subject, key.version);
            let cipher = cipher::close(&key.bytes, &plain, &place)?;
            *self = Self::Closed { subject: *subject, key: key.version, cipher };
        }
        Ok(())
    }

    fn open(&mut self, key: &PersonKey, place: Place<'_>) -> Result<(), SealError> {
        if let Self::Closed { subject, key: version, cipher } = self {
            let plain = cipher::open(&key.bytes, cipher, &place.bytes(*subject, *version))?;
            *self = Self::Open { subject: *subject, value: serde_json::from_slice(&plain)? };
        }
        Ok(())
    }

    fn erase(&mut self) {
        *self = Self::Erased { subject: self.about() };
    }

    fn shown(&self) -> Option<serde_json::Value> {
        self.value().and_then(|value| serde_json::to_value(value).ok())
    }
}

impl Place<'_> {
    /// The associated data: fixed lengths first, so that no two places read the same.
    fn bytes(&self, subject: AccountId, key: u32) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(96);
        bytes.extend_from_slice(self.id.as_bytes());
        bytes.extend_from_slice(subject.uuid().as_bytes());
        bytes.extend_from_slice(&key.to_be_bytes());
        bytes.extend_from_slice(self.kind.as_bytes());
        bytes.push(0);
        bytes.extend_from_slice(self.field.as_bytes());
        bytes
    }
}

#[derive(Serialize, Deserialize)]
struct Stored<'a> {
    subject: AccountId,
    key: u32,
    #[serde(borrow)]
    cipher: Cow<'a, str>,
}

impl<T> Serialize for Sealed<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Closed { subject, key, cipher } => {
                Stored { subject: *subject, key: *key, cipher: BASE64.encode(cipher).into() }
                    .serialize(serializer)
            }
            Self::Open { .. } => {
                Err(ser::Error::custom("personal data must be sealed before it is kept"))
            }
            Self::Erased { .. } => {
                Err(ser::Error::custom("erased personal data can't be kept again"))
            }
        }
    }
}

impl<'de, T> Deserialize<'de> for Sealed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Stored { subject, key, cipher } = Stored::deserialize(deserializer)?;
        let cipher = BASE64.decode(&*cipher).map_err(serde::de::Error::custom)?.into();
        Ok(Self::Closed { subject, key, cipher })
    }
}
