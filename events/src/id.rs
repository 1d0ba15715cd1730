//! Identities: UUIDs that know what they identify.

use std::{
    fmt,
    hash::{Hash, Hasher},
    marker::PhantomData,
    str::FromStr,
};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// The identity of a `K`. Two ids of different kinds can't be mixed up.
pub struct Id<K>(Uuid, PhantomData<fn() -> K>);

/// Identifies an account.
pub type AccountId = Id<crate::account::Event>;
/// Identifies an organisation.
pub type OrganisationId = Id<crate::organisation::Event>;
/// Identifies a session.
pub type SessionId = Id<crate::session::Event>;
/// Identifies a service key.
pub type ServiceKeyId = Id<crate::service_key::Event>;
/// Identifies a mail.
pub type MailId = Id<crate::mail::Event>;
/// Identifies a second factor.
pub type FactorId = Id<crate::factor::Event>;
/// Identifies one event.
pub type EventId = Id<crate::Event>;
/// Identifies a request that reached the edge.
pub type RequestId = Id<crate::envelope::Cause>;
/// Identifies a link that works once, whose token's hash is in the vault.
pub type LinkId = Id<crate::vault::Token>;
/// Identifies the means to activate an account that were sent once: a link, and perhaps a code in a letter.
pub type ActivationId = Id<crate::account::Activation>;
/// Identifies a link by which people join an organisation.
pub type InvitationLinkId = Id<crate::organisation::InvitationLink>;
/// Identifies a system message to those who are signed in.
pub type MessageId = Id<crate::installation::SystemMessage>;
/// Identifies a letter that is printed and posted.
pub type LetterId = Id<crate::account::Letter>;
/// Identifies a password hash in the vault.
pub type CredentialId = Id<crate::vault::Credential>;

impl<K> Id<K> {
    /// Takes a UUID for the identity of a `K`.
    pub const fn new(uuid: Uuid) -> Self {
        Self(uuid, PhantomData)
    }

    /// The bare UUID.
    pub const fn uuid(self) -> Uuid {
        self.0
    }
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Id<K> {}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}
impl<K> Hash for Id<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<K> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
impl<K> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
impl<K> From<Uuid> for Id<K> {
    fn from(uuid: Uuid) -> Self {
        Self::new(uuid)
    }
}
impl<K> FromStr for Id<K> {
    type Err = uuid::Error;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self::new)
    }
}
impl<K> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}
impl<'de, K> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Uuid::deserialize(deserializer).map(Self::new)
    }
}

/// Where new identities come from, so that everything can be replayed in a test.
pub trait Ids: Send + Sync {
    /// An identity that was never given before; later ones sort after earlier ones (UUID version 7).
    fn next(&self) -> Uuid;
}

/// Where the time comes from, so that everything can be replayed in a test.
pub trait Clock: Send + Sync {
    /// Now, in UTC, to the microsecond.
    fn now(&self) -> chrono::DateTime<chrono::Utc>;
}
