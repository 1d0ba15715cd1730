//! The projections as a whole: events in, answers out.

mod alike;
mod lists;
mod measure;
mod parking;
mod rebuilding;
mod smoke;
mod support;
mod telling;
mod trouble;
