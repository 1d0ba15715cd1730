//! What one may ask: the business actions, who may ask them, and the rules.
//!
//! A command is decided on the write side's own state, folded from the log, never on a read model.
//!
//! | room | what it holds |
//! |---|---|
//! | [`command`] | the list of all business actions |
//! | [`request`] | who asks, and what may surround a command |
//! | [`access`] | who may do what, and what a session must have shown for it: both whole matrices |
//! | [`aggregate`] | what every aggregate is, and its tests in three words |
//! | [`account`], [`organisation`], … | one aggregate per kind of stream: its memory and its rules |
//! | [`refusal`] | everything that can be refused, with a message that says how to mend it |
//! | [`handle`] | the only I/O here: access → read → decide → seal → append |

pub mod command;
pub mod request;

pub mod access;
pub mod refusal;

pub mod account;
pub mod factors;
pub mod installation;
pub mod mail;
pub mod membership;
pub mod organisation;
pub mod service_key;
pub mod session;
pub mod system_message;

pub mod aggregate;
pub mod handle;

#[cfg(any(test, feature = "testing"))]
pub mod testing;

mod plan;
mod scene;
mod state;

pub use access::{Action, Standing};
pub use command::Command;
pub use handle::{Done, Failure, Handler, MailState};
pub use refusal::{Few, Refusal};
pub use request::{IdempotencyKey, Request};
