//! Mails, from the command that queues one to a server that takes it, or doesn't.

mod delivering;
mod many;
mod saying;
#[expect(dead_code, reason = "the tests of the whole program ask more of it")]
#[path = "../../tests/support/smtp.rs"]
mod server;
mod settings;
mod world;
