//! The handler over the log in memory.

mod basics;
mod model;
mod random;
