//! The program: its edges and its wiring.

pub mod auth;
pub mod cli;
pub mod config;
pub mod http;
pub mod telemetry;

#[cfg(test)]
mod testing;
