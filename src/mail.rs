//! Mail: from the wish to tell somebody something to a letter that a server took.
//!
//! ```text
//!  Post::order ─▶ parcel in the vault ─▶ Order ─▶ a command queues it, in the batch of what it tells of
//!  mail.queued ─▶ reactor ─▶ Outbox ─▶ Delivery: written, carried, noted; the parcel is destroyed
//! ```
//!
//! | room | what it holds |
//! |---|---|
//! | [`post`] | takes orders: what a mail says goes into the vault before the log hears of it |
//! | [`outbox`], [`delivery`] | what waits, when it is tried, and what became of it |
//! | [`template`], [`builtin`], `words` | what mails say, in Dutch, German and English |
//! | [`message`] | a letter in its envelope |
//! | [`carriage`], [`carrier`], [`smtp`] | which way it goes: to a mail server, or into a folder |
//! | [`mailroom`] | what operators set about that, and try out |

pub mod post;

pub mod delivery;
pub mod outbox;

pub mod builtin;
pub mod message;
pub mod template;
mod words;

pub mod carriage;
pub mod carrier;
pub mod smtp;

pub mod mailroom;

#[cfg(test)]
mod tests;

pub use outbox::{Equipment, Outbox};
pub use post::{Addressee, Fields, Post};
