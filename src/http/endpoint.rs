//! `/graphql`: which protocol is spoken, and may this request speak it.

use std::sync::Arc;

use async_graphql::parser::types::OperationType;
use axum::{
    body::Body,
    extract::{FromRequestParts, Request, State, WebSocketUpgrade},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts},
    response::Response,
};
use graphql::client::{Change, Client};
use tokio::time::Instant;

use super::{
    Edge,
    answer::Answer,
    cors,
    credentials::{Kind, set_cookie},
    media::Media,
    operation::{Asker, Operation, Rejected},
    params::{Params, read_body},
    port::{Credentials, Denied},
    refusal::Refusal,
    sse, websocket,
};

const COST: HeaderName = HeaderName::from_static("x-graphql-cost");
const AT_LEAST: HeaderName = HeaderName::from_static("x-at-least");

/// The handler of all methods.
pub(super) async fn graphql(State(edge): State<Arc<Edge>>, request: Request) -> Response {
    let origin = request.headers().get(header::ORIGIN).cloned();
    let mut response = respond(edge.clone(), request).await;
    cors::share(response.headers_mut(), origin, &edge.origins);
    response
}

async fn respond(edge: Arc<Edge>, request: Request) -> Response {
    let deadline = Instant::now() + edge.settings.request_timeout;
    let (mut parts, body) = request.into_parts();
    if let Some(answered) = cors::preflight(&parts, &edge.origins) {
        return answered.unwrap_or_else(|refusal| refusal.answer(Media::Json));
    }
    if parts.method == Method::GET && parts.headers.contains_key(header::UPGRADE) {
        return match WebSocketUpgrade::from_request_parts(&mut parts, &edge).await {
            Ok(upgrade) => websocket::open(edge, upgrade, parts),
            Err(_) => Refusal::bad_request("Only WebSocket upgrades (version 13) are understood.")
                .answer(Media::Json),
        };
    }
    let Some(media) = Media::negotiate(&parts.headers) else {
        let message =
            "Accept application/graphql-response+json, application/json or text/event-stream.";
        return Refusal::new(StatusCode::NOT_ACCEPTABLE, message).answer(Media::Json);
    };
    let answered = match parts.method {
        Method::POST => post(&edge, &mut parts, body, media, deadline).await,
        Method::GET => get(&edge, &mut parts, media, deadline).await,
        _ => Err(not_allowed("Use GET for queries and POST for everything.", "GET, POST")),
    };
    answered.unwrap_or_else(|refusal| refusal.answer(media))
}

async fn post(
    edge: &Arc<Edge>,
    parts: &mut Parts,
    body: Body,
    media: Media,
    deadline: Instant,
) -> Result<Response, Refusal> {
    let body = read_body(&parts.headers, body, edge.settings.body_limit, deadline).await?;
    let params = Params::from_json(&body)?;
    execute(edge, parts, params, media, deadline).await
}

async fn get(
    edge: &Arc<Edge>,
    parts: &mut Parts,
    media: Media,
    deadline: Instant,
) -> Result<Response, Refusal> {
    let uri = std::mem::take(&mut parts.uri);
    let params = Params::from_query_string(uri.query().unwrap_or_default())?;
    execute(edge, parts, params, media, deadline).await
}

async fn execute(
    edge: &Arc<Edge>,
    parts: &mut Parts,
    params: Params<'_>,
    media: Media,
    deadline: Instant,
) -> Result<Response, Refusal> {
    let operation = match edge.operation(params, parts.headers.contains_key(COST)) {
        Ok(operation) => operation,
        Err(Rejected::Refused(refusal)) => return Err(refusal),
        Err(Rejected::Invalid(rejection)) => {
            return Ok(write(edge, &Answer::invalid(rejection.into()), media));
        }
    };
    // Links, images and prefetching mail scanners send GETs: those must not change anything (S9, S17).
    if operation.kind == OperationType::Mutation && parts.method == Method::GET {
        return Err(not_allowed("Mutations need POST.", "POST"));
    }
    let credentials = Credentials::read(&parts.headers, &edge.settings)?;
    let kind = credentials.kind();
    edge.origins.check(&parts.headers, kind)?;
    let client = client(parts)?;
    let viewer = edge
        .admit(credentials, &client, deadline)
        .await
        .map_err(|denied| refuse(edge, denied, kind))?;
    let asker = Asker { viewer, client };
    let operation = edge.pay(operation, &asker)?;
    if media == Media::EventStream && operation.kind == OperationType::Subscription {
        return sse::open(edge, operation, asker);
    }
    Ok(answer(edge, operation, asker, media, deadline).await)
}

async fn answer(
    edge: &Arc<Edge>,
    operation: Operation,
    asker: Asker,
    media: Media,
    deadline: Instant,
) -> Response {
    if operation.kind == OperationType::Subscription {
        return Refusal::bad_request(
            "Subscriptions need a WebSocket, or Accept: text/event-stream.",
        )
        .answer(media);
    }
    let answer = edge.run(operation, asker, deadline).await;
    write(edge, &answer, media)
}

/// An answer as an HTTP response; on an event stream it is the only event.
fn write(edge: &Edge, answer: &Answer, media: Media) -> Response {
    let mut response = if media == Media::EventStream {
        sse::only(answer)
    } else {
        let mut response = Response::new(Body::from(answer.to_json()));
        *response.status_mut() = answer.status(media);
        response.headers_mut().insert(header::CONTENT_TYPE, media.content_type());
        response
    };
    if let Some(cookie) = answer.session().and_then(|change| set_cookie(change, &edge.settings)) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

/// A browser can't drop a dead `HttpOnly` cookie by itself, and would never get to sign in with it.
fn refuse(edge: &Edge, denied: Denied, kind: Kind) -> Refusal {
    let refusal = Refusal::from(denied);
    match (denied, kind, set_cookie(&Change::Clear, &edge.settings)) {
        (Denied::Invalid, Kind::Cookie, Some(cookie)) => refusal.with(header::SET_COOKIE, cookie),
        _ => refusal,
    }
}

fn not_allowed(message: &str, allow: &'static str) -> Refusal {
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, message)
        .with(header::ALLOW, HeaderValue::from_static(allow))
}

/// Who the envelope found to be asking, with what this request asks of the read models.
pub(super) fn client(parts: &mut Parts) -> Result<Arc<Client>, Refusal> {
    let at_least = at_least(&parts.headers)?;
    match parts.extensions.remove::<Client>() {
        Some(client) => Ok(Arc::new(Client { at_least, ..client })),
        None => Err(Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong.")),
    }
}

fn at_least(headers: &HeaderMap) -> Result<Option<u64>, Refusal> {
    let position = |value: &HeaderValue| value.to_str().ok()?.parse().ok();
    match headers.get(AT_LEAST).map(position) {
        None => Ok(None),
        Some(Some(position)) => Ok(Some(position)),
        Some(None) => {
            Err(Refusal::bad_request("The header x-at-least must be a position, a number."))
        }
    }
}
