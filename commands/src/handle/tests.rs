//! The handler over the log in memory.

mod basics;
