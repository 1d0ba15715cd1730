//! The API: queries, mutations and subscriptions.

pub mod client;
pub mod precheck;
