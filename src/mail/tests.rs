//! Mails, from the command that queues one to a server that takes it, or doesn't.

mod delivering;
mod many;
mod saying;
#[path = "../../tests/support/smtp.rs"]
mod server;
mod settings;
mod world;
