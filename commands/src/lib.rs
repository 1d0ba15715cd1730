//! What one may ask: the business actions, who may ask them, and the rules.
//!
//! A command is decided on the write side's own state, folded from the log, never on a read model.
//!
//! | room | what it holds |
//! |---|---|
//! | [`command`] | the list of all business actions |
//! | [`request`] | who asks, and what may surround a command |
//! | [`access`] | who may do what: the whole matrix |
//! | [`refusal`] | everything that can be refused, with a message that says how to mend it |
//! | [`handle`] | the only I/O here: access → read → decide → seal → append |

pub mod command;
pub mod request;

pub mod access;
pub mod refusal;

pub mod handle;

pub use access::{Action, Standing};
pub use command::Command;
pub use handle::{Done, Failure, Handler};
pub use refusal::Refusal;
pub use request::{IdempotencyKey, Request};
