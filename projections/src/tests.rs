//! The projections as a whole: events in, answers out.

mod everything;
mod support;

mod alike;
mod lists;
mod measure;
mod messages;
mod parking;
mod past;
mod rebuilding;
mod seeing;
mod smoke;
mod telling;
mod trouble;
