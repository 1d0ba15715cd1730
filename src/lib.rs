//! The program: its edges and its wiring.

pub mod http;
