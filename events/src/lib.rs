//! What happened: the vocabulary of events, and the log that keeps them.
//!
//! Everything that Stamrol knows follows from the events of this crate. They are
//! stored for ever, so a variant is added and never changed; older stored forms
//! are lifted to the newest one in [`codec`], once, when they are read.
//!
//! | room | what it holds |
//! |---|---|
//! | [`account`], [`organisation`], … | one `Event` enum per kind of stream |
//! | [`value`] | parsed once at the edge, valid ever after |
//! | [`envelope`] | who, on whose behalf, from where, which request, when |
//! | [`sealed`] | personal data under the person's key |
//! | [`codec`], [`keyring`] | events ⇄ what stands in the log, sealed |
//! | [`vault`] | what must be able to disappear: keys, hashes, one-time secrets |
//! | [`store`] | the log itself, a port with engines behind it |
//! | [`loader`] | reads that come at the same time share a statement |
//! | [`wal`] | checkpoints of SQLite files, beside the writer |

pub mod account;
pub mod factor;
pub mod installation;
pub mod mail;
pub mod membership;
pub mod organisation;
pub mod service_key;
pub mod session;

pub mod event;
pub mod stream;
pub mod value;

pub mod envelope;
pub mod id;
pub mod sealed;

pub mod codec;
pub mod keyring;
pub mod loader;
pub mod store;
pub mod vault;
pub mod wal;

pub use envelope::{Actor, Cause, Origin, Position, Recorded, Version};
pub use event::Event;
pub use id::{
    AccountId, ActivationId, CredentialId, EventId, FactorId, Id, InvitationLinkId, LetterId,
    LinkId, MailId, MessageId, OrganisationId, RequestId, ServiceKeyId, SessionId,
};
pub use sealed::Sealed;
pub use stream::Stream;
