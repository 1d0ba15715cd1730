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
//! | [`precheck`], [`executor`] | what runs around the library: limits before it, codes after it |
//! | `asking`, `input`, `payload` | who asks and what they see; inputs become values; what mutations answer |
//! | `problem`, `user_error` | faults at the top of an answer, refusals within it |
//! | `repeats` | what is done once although it stands in no log |
//! | `connection`, `ids`, `scalar`, `enums` | the words that all topics share |
//! | `account`, `organisation`, … | one topic each: its object, its queries and its mutations |

pub mod client;
pub mod port;
pub mod viewer;

pub mod executor;
pub mod precheck;

mod asking;
mod input;
mod payload;
mod problem;
mod repeats;
mod user_error;

mod connection;
mod enums;
mod ids;
mod scalar;

mod account;
mod activation;
mod dashboard;
mod document;
mod factor;
mod follow;
mod history;
mod invitation;
mod mail;
mod membership;
mod node;
mod operator;
mod organisation;
mod projection;
mod rate_limit;
mod service_key;
mod session;
mod system_message;

use std::{sync::Arc, time::Duration};

use async_graphql::MergedObject;
use commands::Handler;
use projections::Views;

pub use self::{
    executor::Schema,
    port::{Gate, Mailing},
    viewer::Viewer,
};

/// A field that can fail alone: null, with an error that has its path, while everything beside it is answered.
type Answer<T> = Option<Result<T, problem::Problem>>;

/// Builds the schema. Once per process: it is cheap to clone.
pub fn schema(
    handler: Arc<Handler>,
    views: Arc<Views>,
    gate: Arc<dyn Gate>,
    mailing: Arc<dyn Mailing>,
) -> Schema {
    over(asking::Api::new(handler, views, gate, mailing, PATIENCE))
}

fn over(api: asking::Api) -> Schema {
    Schema::new(builder().data(Arc::new(api)).finish())
}

/// The schema in GraphQL's own language, as in `graphql/schema.graphql`. Opens nothing.
pub fn sdl() -> String {
    let options = async_graphql::SDLExportOptions::new().include_specified_by();
    builder().finish().sdl_with_options(options)
}

/// How long an answer waits for read models to reach a position, before it is a `TIMEOUT`.
const PATIENCE: Duration = Duration::from_secs(5);

/// The sum of the weights of all fields (1 where nothing else is said) in a document; see `complexity` at the fields.
/// Pages are counted in [`precheck`].
const MOST_COMPLEX: usize = 5_000;

fn builder() -> async_graphql::SchemaBuilder<Query, Mutation, Subscription> {
    async_graphql::Schema::build(Query::default(), Mutation::default(), Subscription)
        .disable_suggestions()
        .limit_complexity(MOST_COMPLEX)
}

/// Everything that can be read. A field that fails is null, with an error; the others are answered.
#[derive(Default, MergedObject)]
pub(crate) struct Query(
    session::ViewerQueries,
    node::NodeQueries,
    organisation::OrganisationQueries,
    organisation::ServiceQueries,
    account::AccountQueries,
    dashboard::DashboardQueries,
    history::HistoryQueries,
    service_key::ServiceKeyQueries,
    document::DocumentQueries,
    operator::OperatorQueries,
    mail::MailQueries,
    mail::MailTemplateQueries,
    mail::OutboxQueries,
    projection::ProjectionQueries,
    rate_limit::RateLimitQueries,
);

/// Everything that can be done: one field per business action.
#[derive(Default, MergedObject)]
pub(crate) struct Mutation(
    operator::OperatorMutations,
    session::SessionMutations,
    session::SecondMutations,
    session::FirstMutations,
    session::PasskeyMutations,
    session::PresenceMutations,
    session::NoticeMutations,
    session::PasswordMutations,
    session::ResetMutations,
    factor::FactorMutations,
    organisation::OrganisationMutations,
    organisation::PolicyMutations,
    account::AccountCreation,
    account::AccountMutations,
    account::ProfileMutations,
    account::HoursMutations,
    activation::ActivationMutations,
    activation::ActivationSending,
    document::DocumentMutations,
    invitation::InvitationMutations,
    membership::MembershipMutations,
    membership::MailboxMutations,
    service_key::ServiceKeyMutations,
    mail::MailMutations,
    mail::MailRetrying,
    mail::MailTemplateMutations,
    system_message::MessageMutations,
    projection::ProjectionMutations,
);

use follow::Subscriptions as Subscription;

#[cfg(test)]
mod tests;
