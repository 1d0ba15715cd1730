//! What a caller may still ask.

use async_graphql::{Context, Object, SimpleObject};
use chrono::{DateTime, Utc};

use crate::client;

/// What a caller may ask in a minute. Each field of a document costs a point, and a page costs as many times what
/// stands in it as it can have items; `extensions.cost` tells the cost of a document, where the request asks for it by
/// `extensions: { cost: true }` or the header `x-graphql-cost`. A document that can't be paid for isn't run: it is
/// answered with 429, `RATE_LIMITED` and `Retry-After`. Every event of a subscription costs what its document costs;
/// one that can't be paid for waits.
#[derive(Clone, Copy, Debug, SimpleObject)]
pub(crate) struct RateLimit {
    /// Points for a minute.
    limit: u64,
    /// What this document costs.
    cost: u64,
    /// Points that are left.
    remaining: u64,
    /// When all points are there again.
    reset_at: DateTime<Utc>,
}

/// Queries about what a caller may still ask.
#[derive(Default)]
pub(crate) struct RateLimitQueries;

/// Queries about what a caller may still ask.
#[Object]
impl RateLimitQueries {
    /// What the caller may still ask. A person or program has one account for all of its sessions, those who have not
    /// signed in have one for their address. Null where nothing is counted.
    async fn rate_limit(&self, ctx: &Context<'_>) -> Option<RateLimit> {
        let client::RateLimit { limit, cost, remaining, reset_at } =
            (*ctx.data_opt::<Option<client::RateLimit>>()?)?;
        Some(RateLimit { limit, cost, remaining, reset_at })
    }
}
