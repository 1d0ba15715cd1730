//! Signing in, as seen from the gate, over a log in memory.

mod passwords;
mod sessions;
mod setup;
mod signing_in;
mod world;
