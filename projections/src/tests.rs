//! The projections as a whole: events in, answers out.

mod alike;
mod parking;
mod rebuilding;
mod smoke;
mod support;
