//! The HTTP edge: everything between a socket and the GraphQL schema.
//!
//! It knows the protocols (GraphQL over HTTP, `graphql-transport-ws`, `graphql-sse`) and the rules of safety around
//! them, and nothing of the domain: what it needs of the product stands in [`port`].
//!
//! ```text
//! socket ─▶ server ─▶ envelope ─▶ endpoint ─┬─▶ operation ─▶ port::Api      POST and GET
//!           limits    request id   method,  ├─▶ sse                         text/event-stream
//!                     headers      media,   └─▶ websocket                   graphql-transport-ws
//!                     panics       origin,
//!                                  budget
//! ```

pub mod documents;
pub mod port;
pub mod settings;

mod server;

mod envelope;
mod operator;

mod budget;
mod cors;
mod credentials;
mod endpoint;
mod media;
mod origin;
mod params;
mod refusal;
mod tally;

mod answer;
mod operation;
mod sse;
mod websocket;

use std::{net::IpAddr, sync::Arc};

use axum::{
    Router,
    http::{HeaderValue, StatusCode, header},
    middleware::from_fn_with_state,
    routing::{any, get},
};
use graphql::{client::Client, precheck::Documents};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    time::{Instant, timeout_at},
};

use self::{
    budget::Budget,
    origin::Origins,
    port::{Api, Authenticate, Credentials, Denied, Ready, Viewer},
    refusal::Refusal,
    settings::Settings,
    tally::{Held, Tally},
};

pub use server::serve;

use crate::config::Network;

/// The right to keep a WebSocket or event stream open.
struct Place {
    _of_address: Option<Held<IpAddr>>,
    _permit: OwnedSemaphorePermit,
}

/// The edge with everything behind it; made once, shared by all requests.
pub struct Edge {
    settings: Settings,
    api: Arc<dyn Api>,
    authenticate: Arc<dyn Authenticate>,
    ready: Arc<dyn Ready>,
    metrics: Option<PrometheusHandle>,
    origins: Origins,
    documents: Documents,
    budget: Arc<Budget>,
    /// One permit per mutation that runs.
    mutations: Arc<Semaphore>,
    /// One permit per open WebSocket and event stream.
    streams: Arc<Semaphore>,
    /// The same, by the address that they go to.
    streams_by_address: Arc<Tally<IpAddr>>,
    /// Becomes true once, when the server begins to stop.
    stopping: watch::Sender<bool>,
}

impl Edge {
    /// Puts the edge together; opens nothing yet.
    pub fn new(
        settings: Settings,
        api: Arc<dyn Api>,
        authenticate: Arc<dyn Authenticate>,
        ready: Arc<dyn Ready>,
        metrics: Option<PrometheusHandle>,
    ) -> Arc<Self> {
        Arc::new(Self {
            origins: Origins::new(&settings),
            documents: Documents::default(),
            budget: Arc::new(Budget::new(settings.budget)),
            mutations: Arc::new(Semaphore::new(settings.connections)),
            streams: Arc::new(Semaphore::new(settings.streams)),
            streams_by_address: Tally::new(settings.streams_per_address),
            stopping: watch::Sender::new(false),
            settings,
            api,
            authenticate,
            ready,
            metrics,
        })
    }

    /// All routes. `more` are routes of the product's own (imports, avatars), with limits of their own; they get the
    /// same headers, request ids and logs.
    pub fn router(self: &Arc<Self>, more: Router) -> Router {
        Router::new()
            .route("/graphql", any(endpoint::graphql))
            .route("/health/live", get(operator::live))
            .route("/health/ready", get(operator::ready))
            .route("/metrics", get(operator::metrics))
            .with_state(self.clone())
            .merge(more)
            .layer(from_fn_with_state(self.clone(), envelope::wrap))
    }

    /// Asks who the credentials belong to, until `deadline`.
    async fn admit(
        &self,
        credentials: Credentials,
        client: &Client,
        deadline: Instant,
    ) -> Result<Arc<dyn Viewer>, Denied> {
        let authenticated =
            timeout_at(deadline, self.authenticate.authenticate(credentials, client));
        authenticated.await.unwrap_or(Err(Denied::Unavailable))
    }

    /// A place for a WebSocket or event stream to an address, while it is open.
    fn place(&self, address: IpAddr) -> Result<Place, Refusal> {
        let busy = |message| {
            Refusal::new(StatusCode::SERVICE_UNAVAILABLE, message)
                .with(header::RETRY_AFTER, HeaderValue::from_static("5"))
        };
        let of_address = if self.settings.is_counted(address) {
            let place = self.streams_by_address.take(Network::household(address));
            Some(place.ok_or_else(|| busy("Too many streams to your address. End one first."))?)
        } else {
            None
        };
        let permit = self.streams.clone().try_acquire_owned();
        let permit = permit.map_err(|_| busy("Too many open streams. Try again later."))?;
        Ok(Place { _of_address: of_address, _permit: permit })
    }

    /// Resolves when the server begins to stop.
    async fn stopped(&self) {
        // An error would mean that the sender is gone, and with it the server.
        let _ = self.stopping.subscribe().wait_for(|stopping| *stopping).await;
    }
}
