//! What browsers are told about pages of other origins: those that are listed may ask and read, others may not.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts},
    response::Response,
};

use super::{origin::Origins, refusal::Refusal};

/// Headers that pages may send.
const REQUEST_HEADERS: HeaderValue = HeaderValue::from_static(
    "authorization, content-type, x-at-least, x-graphql-cost, x-request-id",
);
/// Headers that pages may read, beside those that they always may.
const ANSWER_HEADERS: HeaderValue = HeaderValue::from_static("retry-after, x-request-id");
/// For how many seconds a browser may remember the answer to a preflight.
const MAX_AGE: HeaderValue = HeaderValue::from_static("600");

/// The answer to a browser that asks whether a page may send a request; none for what isn't such a question.
pub(super) fn preflight(parts: &Parts, origins: &Origins) -> Option<Result<Response, Refusal>> {
    let asks = parts.headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let origin = parts.headers.get(header::ORIGIN)?;
    if parts.method != Method::OPTIONS || !asks {
        return None;
    }
    if !origins.lists(origin) {
        return Some(Err(Refusal::forbidden("Requests from that origin are not allowed.")));
    }
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    for (name, value) in [
        (header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST")),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS),
        (header::ACCESS_CONTROL_MAX_AGE, MAX_AGE),
    ] {
        response.headers_mut().insert(name, value);
    }
    Some(Ok(response))
}

/// Lets the page that asked read the answer, where its origin is listed.
pub(super) fn share(answer: &mut HeaderMap, origin: Option<HeaderValue>, origins: &Origins) {
    // Caches and browsers must not take an answer to one page for an answer to another.
    answer.append(header::VARY, HeaderValue::from_name(HeaderName::from_static("origin")));
    let Some(origin) = origin.filter(|origin| origins.lists(origin)) else { return };
    answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    answer.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    answer.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, ANSWER_HEADERS);
}
