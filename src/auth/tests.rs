//! Signing in, as seen from the gate, over a log in memory.

mod activation;
mod fresh;
mod guessing;
mod leftovers;
mod letters;
mod messages;
mod notice;
mod passkeys;
mod passwords;
mod policies;
mod presence;
mod repeats;
mod resets;
mod second;
mod sessions;
mod setup;
mod signing_in;
mod telling;
mod world;
