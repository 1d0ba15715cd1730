//! Requests that are refused before any of them is run.

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};
use serde_json::json;

use super::{media::Media, port::Denied};

/// A request that isn't run: a status, and the same told as a GraphQL error.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    /// `extensions.code`; `BAD_REQUEST` for faults of the HTTP request itself.
    code: &'static str,
    message: String,
    header: Option<(HeaderName, HeaderValue)>,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        let code = match status {
            StatusCode::UNAUTHORIZED => "UNAUTHENTICATED",
            StatusCode::FORBIDDEN => "FORBIDDEN",
            StatusCode::REQUEST_TIMEOUT => "TIMEOUT",
            StatusCode::TOO_MANY_REQUESTS => "RATE_LIMITED",
            StatusCode::SERVICE_UNAVAILABLE => "SERVICE_UNAVAILABLE",
            StatusCode::INTERNAL_SERVER_ERROR => "INTERNAL_SERVER_ERROR",
            _ => "BAD_REQUEST",
        };
        Self { status, code, message: message.into(), header: None }
    }

    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub(super) fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, message)
    }

    pub(super) fn code(&self) -> &'static str {
        self.code
    }

    pub(super) fn message(&self) -> &str {
        &self.message
    }

    /// With one more header.
    pub(super) fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.header = Some((name, value));
        self
    }

    /// In the form that was negotiated, or `application/json` before that and for event streams.
    pub(super) fn answer(self, media: Media) -> Response {
        let media = if media == Media::EventStream { Media::Json } else { media };
        let body =
            json!({ "errors": [{ "message": self.message, "extensions": { "code": self.code } }] });
        let mut response = Response::new(Body::from(body.to_string()));
        *response.status_mut() = self.status;
        response.headers_mut().insert(header::CONTENT_TYPE, media.content_type());
        if let Some((name, value)) = self.header {
            response.headers_mut().insert(name, value);
        }
        response
    }
}

impl From<Denied> for Refusal {
    fn from(denied: Denied) -> Self {
        let message = denied.to_string();
        match denied {
            Denied::Invalid => Self::new(StatusCode::UNAUTHORIZED, message).with(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer error=\"invalid_token\""),
            ),
            Denied::Forbidden => Self::forbidden(message),
            Denied::RateLimited { retry_after } => {
                Self::new(StatusCode::TOO_MANY_REQUESTS, message)
                    .with(header::RETRY_AFTER, HeaderValue::from(retry_after.as_secs().max(1)))
            }
            Denied::Unavailable => Self::new(StatusCode::SERVICE_UNAVAILABLE, message)
                .with(header::RETRY_AFTER, HeaderValue::from(1)),
        }
    }
}
