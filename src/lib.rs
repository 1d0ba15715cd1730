//! The program: its edges and its wiring.

pub mod cli;
pub mod config;

pub mod app;

pub mod auth;
pub mod bench;
pub mod documents;
pub mod http;
pub mod letters;
pub mod mail;
pub mod outgoing;
pub mod reactors;
pub mod sms;

pub mod control;
pub mod demo;
mod private_file;
pub mod stopping;
pub mod telemetry;

#[cfg(test)]
mod testing;
