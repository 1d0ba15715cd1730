//! The schema from outside: requests and answers, in process, over the log in memory.

mod support;

mod form;
mod mail;
mod messages;
mod mutations;
mod policies;
mod reading;
mod subscriptions;
mod traps;

mod leaks;
