//! What the edge needs of the product behind it: who is asking, the schema, and whether the node is ready.

use std::{sync::Arc, time::Duration};

use async_graphql::{Data, Request, Response};
use async_trait::async_trait;
use futures_util::stream::BoxStream;
use graphql::client::Client;
use secrecy::SecretString;
use uuid::Uuid;

/// What a request brought along to prove who it is.
#[derive(Debug)]
pub enum Credentials {
    /// Nothing; only what needs no session is open to it (signing in, above all).
    None,
    /// A token from `Authorization: Bearer …`, or from `connection_init` on a WebSocket.
    Bearer(SecretString),
    /// The session cookie of a browser, whose origin was checked already.
    Cookie(SecretString),
}

/// Turns credentials into a viewer.
#[async_trait]
pub trait Authenticate: Send + Sync + 'static {
    /// Answers who `credentials` belong to. [`Credentials::None`] gives an anonymous viewer.
    async fn authenticate(
        &self,
        credentials: Credentials,
        client: &Client,
    ) -> Result<Arc<dyn Viewer>, Denied>;
}

/// Who is asking, as far as the edge is concerned.
#[async_trait]
pub trait Viewer: Send + Sync + 'static {
    /// Whether there is a session or a service key; introspection and subscriptions may ask for one.
    fn is_signed_in(&self) -> bool;

    /// Whose purse pays for what is asked: one for each person or program, whatever the session. None for somebody
    /// who has not signed in.
    fn payer(&self) -> Option<Uuid>;

    /// Puts into the request what the resolvers read with `Context::data`.
    fn attach(self: Arc<Self>, data: &mut Data);

    /// Whether the session still holds. Asked before every event of a subscription and every second or so between
    /// them, so it must be cheap. Once false, open subscriptions are closed. An anonymous viewer is always valid.
    async fn still_valid(&self) -> bool;
}

/// Why credentials were refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// Unknown, expired or revoked: all the same to the client. Answered with 401.
    #[error("The token is not valid. Sign in again.")]
    Invalid,
    /// Known, but not allowed now or from here. Answered with 403.
    #[error("Signing in is not allowed now.")]
    Forbidden,
    /// Too many tries. Answered with 429.
    #[error("Too many requests. Try again later.")]
    RateLimited {
        /// When trying again makes sense.
        retry_after: Duration,
    },
    /// It can't be checked at this moment (the store is away, say). Answered with 503.
    #[error("Credentials can't be checked right now. Try again later.")]
    Unavailable,
}

/// The schema, without its type parameters.
#[async_trait]
pub trait Api: Send + Sync + 'static {
    /// Runs a query or mutation.
    async fn execute(&self, request: Request) -> Response;

    /// Runs any operation as a stream of answers: many for a subscription, one for everything else.
    fn subscribe(&self, request: Request) -> BoxStream<'static, Response>;
}

#[async_trait]
impl<T: async_graphql::Executor> Api for T {
    async fn execute(&self, request: Request) -> Response {
        async_graphql::Executor::execute(self, request).await
    }

    fn subscribe(&self, request: Request) -> BoxStream<'static, Response> {
        self.execute_stream(request, None)
    }
}

/// Hands out documents.
#[async_trait]
pub trait Documents: Send + Sync + 'static {
    /// A document; none where there is none, and where it isn't for whoever asks. An error: try again later.
    async fn fetch(
        &self,
        credentials: Credentials,
        client: &Client,
        id: &str,
    ) -> Result<Option<Document>, ()>;
}

/// A file that is handed out once and not kept.
pub struct Document {
    /// What to call it, without an ending: ASCII letters, digits and hyphens.
    pub name: String,
    /// A PDF.
    pub content: Vec<u8>,
}

/// Tells whether this node should get traffic.
pub trait Ready: Send + Sync + 'static {
    /// `Ok` when the read models have caught up; otherwise what is being waited for, in plain words without secrets.
    fn ready(&self) -> Result<(), String>;
}
