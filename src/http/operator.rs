//! What those who run the server ask it: is it alive, is it ready, how is it doing.

use std::sync::Arc;

use axum::{
    Extension,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use graphql::client::Client;

use super::{Edge, envelope::UnlistedProxy};
use crate::config::Network;

/// The process runs and answers.
pub(super) async fn live() -> &'static str {
    "live\n"
}

/// The node should get traffic: it has caught up and isn't stopping.
pub(super) async fn ready(State(edge): State<Arc<Edge>>) -> Response {
    let state =
        if *edge.stopping.borrow() { Err("stopping".to_owned()) } else { edge.ready.ready() };
    match state {
        Ok(()) => "ready\n".into_response(),
        Err(reason) => {
            (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "1")], format!("{reason}\n"))
                .into_response()
        }
    }
}

/// Metrics in Prometheus' text format, for listed readers; for others the page isn't there.
pub(super) async fn metrics(
    State(edge): State<Arc<Edge>>,
    Extension(client): Extension<Client>,
    Extension(UnlistedProxy(unlisted)): Extension<UnlistedProxy>,
) -> Response {
    match &edge.metrics {
        Some(metrics)
            if !unlisted
                && Network::any_contains(&edge.settings.metrics_readers, client.address) =>
        {
            ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], metrics.render())
                .into_response()
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}
