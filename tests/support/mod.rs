//! What several topics need: the real program as a process, a client that speaks to it, and what must hold in its files.

pub(crate) mod audit;
#[expect(clippy::unwrap_used, reason = "a device that fails fails its test")]
pub(crate) mod authenticator;
pub(crate) mod client;
pub(crate) mod process;
mod rows;
#[expect(dead_code, reason = "the unit tests of mail let it do more")]
#[expect(clippy::unwrap_used, reason = "a test that can't go on fails")]
pub(crate) mod smtp;
