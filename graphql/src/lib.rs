//! The API: queries, mutations and subscriptions.
//!
//! ```text
//!  transport ──Viewer, Client──▶ Schema ──▶ resolver: who asks, the command, wait, read, return
//!                                              │            │              │
//!                                            port        commands      projections
//! ```
//!
//! | room | what it holds |
//! |---|---|
//! | [`viewer`], [`client`] | who asks, and what the transport knows of the request |
//! | [`port`] | what the program gives: passwords and tokens |
//! | [`problem`] | user errors and faults |
//! | [`connection`], [`ids`], [`scalar`], [`enums`] | the words that all topics share |
//! | [`precheck`], [`executor`] | what runs around the library: limits before it, codes after it |

pub mod client;
pub mod port;
pub mod viewer;

pub mod executor;
pub mod precheck;

#[expect(dead_code, reason = "the lists come next")]
pub mod connection;
pub mod enums;
pub mod ids;
pub mod problem;
pub mod scalar;

#[expect(dead_code, reason = "the resolvers come next")]
mod asking;

use std::sync::Arc;

use async_graphql::{EmptyMutation, EmptySubscription, Object, SchemaBuilder};
use commands::Handler;
use projections::Views;

pub use self::{executor::Schema, port::Gate, viewer::Viewer};

/// Builds the schema. Once per process: it is cheap to clone.
pub fn schema(handler: Arc<Handler>, views: Arc<Views>, gate: Arc<dyn Gate>) -> Schema {
    let api = asking::Api { handler, views, gate };
    Schema::new(builder().data(api).finish())
}

/// The schema in GraphQL's own language, as in `graphql/schema.graphql`. Opens nothing.
pub fn sdl() -> String {
    Schema::new(builder().finish()).sdl()
}

fn builder() -> SchemaBuilder<Query, Mutation, Subscription> {
    async_graphql::Schema::build(Query, EmptyMutation, EmptySubscription).disable_suggestions()
}

/// Everything that can be read.
pub struct Query;

type Mutation = EmptyMutation;
type Subscription = EmptySubscription;

/// Everything that can be read.
#[Object]
impl Query {
    /// The release of the product.
    async fn release(&self) -> &str {
        env!("CARGO_PKG_VERSION")
    }
}
