//! What goes around every request, whatever its route: request id, client, log span, metrics, panics, headers.

use std::{
    net::{IpAddr, SocketAddr},
    panic::AssertUnwindSafe,
    sync::Arc,
    time::Instant,
};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::Response,
};
use futures_util::FutureExt;
use graphql::client::Client;
use tracing::{Instrument, debug, error, info_span};
use uuid::Uuid;

use super::{Edge, media::Media, refusal::Refusal};
use crate::config::Network;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Headers of every answer (S12, S30). Nothing here is a page, so that the strictest policy fits.
const HEADERS: [(HeaderName, HeaderValue); 5] = [
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
        ),
    ),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
];
const HSTS: HeaderValue = HeaderValue::from_static("max-age=63072000; includeSubDomains");

/// The other end of the connection.
#[derive(Clone, Copy)]
pub(super) struct Peer(pub(super) SocketAddr);

/// Who asked, as the proxies between tell it: the client's address and whether it came over https.
struct Route {
    address: IpAddr,
    https: bool,
    /// Whether a listed proxy sent it.
    listed_proxy: bool,
    /// Whether somebody unlisted claims to forward for somebody else.
    unlisted_proxy: bool,
}

/// Whether the request came over a proxy that isn't listed, so that its address isn't its client's.
#[derive(Clone, Copy)]
pub(super) struct UnlistedProxy(pub(super) bool);

/// The middleware.
pub(super) async fn wrap(
    State(edge): State<Arc<Edge>>,
    mut request: Request,
    next: Next,
) -> Response {
    let started = Instant::now();
    let route = route(&edge, &request);
    let id = request_id(request.headers(), &route);
    let span = info_span!("request", %id, method = %request.method(), path = request.uri().path());
    let client = Client {
        address: route.address,
        request_id: id.clone(),
        user_agent: text(request.headers(), &header::USER_AGENT),
        accept_language: text(request.headers(), &header::ACCEPT_LANGUAGE),
        at_least: None,
    };
    request.extensions_mut().insert(client);
    request.extensions_mut().insert(UnlistedProxy(route.unlisted_proxy));

    let run = AssertUnwindSafe(next.run(request)).catch_unwind();
    let mut response = async {
        let response = run.await.unwrap_or_else(|_| {
            error!("a request handler panicked");
            Refusal::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                format!("Something went wrong; tell the request id {id}."),
            )
            .answer(Media::Json)
        });
        debug!(status = response.status().as_u16(), micros = micros(started), "answered");
        response
    }
    .instrument(span)
    .await;

    count(&response, started);
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(value);
    }
    if route.https || edge.settings.is_https() || edge.settings.hsts {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HSTS);
    }
    if let Ok(id) = HeaderValue::try_from(id) {
        headers.insert(REQUEST_ID, id);
    }
    response
}

/// Follows `X-Forwarded-For` from its near end as long as listed proxies wrote it.
fn route(edge: &Edge, request: &Request) -> Route {
    let listed = |address| Network::any_contains(&edge.settings.trusted_proxies, address);
    let Some(Peer(peer)) = request.extensions().get::<Peer>() else {
        let address = IpAddr::from([0, 0, 0, 0]);
        return Route { address, https: false, listed_proxy: false, unlisted_proxy: true };
    };
    let mut address = peer.ip().to_canonical();
    let headers = request.headers();
    if !listed(address) {
        let unlisted_proxy =
            headers.contains_key(FORWARDED_FOR) || headers.contains_key(header::FORWARDED);
        return Route { address, https: false, listed_proxy: false, unlisted_proxy };
    }
    let lines: Vec<_> =
        headers.get_all(FORWARDED_FOR).iter().filter_map(|value| value.to_str().ok()).collect();
    for hop in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
        let Ok(hop) = hop.trim().parse::<IpAddr>() else { break };
        address = hop.to_canonical();
        if !listed(address) {
            break;
        }
    }
    let https = headers
        .get(FORWARDED_PROTO)
        .is_some_and(|scheme| scheme.as_bytes().eq_ignore_ascii_case(b"https"));
    Route { address, https, listed_proxy: true, unlisted_proxy: false }
}

/// The id that a listed proxy gives if it is a sane one, else a new one. Events are filed under it, so that nobody else
/// may make two requests look like one.
fn request_id(headers: &HeaderMap, route: &Route) -> String {
    let sane = |id: &&str| {
        (1..=64).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
    };
    let given = headers.get(REQUEST_ID).filter(|_| route.listed_proxy);
    let given = given.and_then(|id| id.to_str().ok()).filter(sane);
    given.map_or_else(|| Uuid::now_v7().simple().to_string(), str::to_owned)
}

/// A header as text, unless it is longer than anybody honest would send.
fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().filter(|text| text.len() <= 256).map(str::to_owned)
}

fn micros(started: Instant) -> u64 {
    u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX)
}

fn count(response: &Response, started: Instant) {
    let class = match response.status().as_u16() {
        ..200 => "1xx",
        200..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        500.. => "5xx",
    };
    metrics::counter!("http_requests_total", "status" => class).increment(1);
    metrics::histogram!("http_request_seconds").record(started.elapsed());
}
