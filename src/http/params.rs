//! The GraphQL request inside an HTTP request or a WebSocket message.

use std::borrow::Cow;

use async_graphql::Variables;
use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, StatusCode, header},
};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::Deserialize;
use tokio::time::{Instant, timeout_at};

use super::{media, refusal::Refusal};

/// A request of GraphQL over HTTP. Borrows from the body where it can.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Params<'a> {
    /// The document.
    #[serde(borrow)]
    pub(super) query: Cow<'a, str>,
    /// Which of the document's operations to run.
    #[serde(borrow, default)]
    pub(super) operation_name: Option<Cow<'a, str>>,
    #[serde(default)]
    pub(super) variables: Variables,
    #[serde(default)]
    extensions: Option<Extensions>,
    /// The length of the whole, for the limit on signing in.
    #[serde(skip)]
    pub(super) bytes: usize,
}

/// The protocol extensions that are known here; others are ignored, as the specification asks.
#[derive(Clone, Copy, Default, Deserialize)]
struct Extensions {
    /// Whether the answer shall tell its cost.
    #[serde(default)]
    cost: bool,
}

/// The parameters of a GET, each of them text; two of them JSON inside.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct QueryString {
    query: Option<String>,
    operation_name: Option<String>,
    variables: Option<String>,
    extensions: Option<String>,
}

impl<'a> Params<'a> {
    /// Whether the client asks for `extensions.cost`.
    pub(super) fn wants_cost(&self) -> bool {
        self.extensions.is_some_and(|extensions| extensions.cost)
    }

    /// Reads the body of a POST.
    pub(super) fn from_json(body: &'a [u8]) -> Result<Self, Refusal> {
        match body.iter().find(|byte| !byte.is_ascii_whitespace()) {
            None => {
                return Err(Refusal::bad_request(
                    "The body is empty; it must be a JSON object with a \"query\".",
                ));
            }
            Some(b'[') => {
                return Err(Refusal::bad_request(
                    "Batches are not supported; send one request at a time.",
                ));
            }
            Some(_) => {}
        }
        let params: Self = serde_json::from_slice(body).map_err(|error| unreadable(&error))?;
        Ok(Self { bytes: body.len(), ..params })
    }

    /// Reads the query string of a GET.
    pub(super) fn from_query_string(text: &str) -> Result<Params<'static>, Refusal> {
        let uri = format!("/?{text}")
            .parse()
            .map_err(|_| Refusal::bad_request("The query string can't be read."))?;
        let axum::extract::Query(string) = axum::extract::Query::<QueryString>::try_from_uri(&uri)
            .map_err(|_| {
                Refusal::bad_request(
                    "The query string can't be read; each parameter may be there once.",
                )
            })?;
        let Some(query) = string.query else {
            return Err(Refusal::bad_request("The parameter \"query\" is missing."));
        };
        let unreadable = |name| {
            move |_| {
                Refusal::bad_request(format!("The parameter \"{name}\" must be a JSON object."))
            }
        };
        Ok(Params {
            query: Cow::Owned(query),
            operation_name: string.operation_name.filter(|name| !name.is_empty()).map(Cow::Owned),
            variables: json(string.variables.as_deref()).map_err(unreadable("variables"))?,
            extensions: json(string.extensions.as_deref()).map_err(unreadable("extensions"))?,
            bytes: text.len(),
        })
    }
}

fn json<T: Default + serde::de::DeserializeOwned>(text: Option<&str>) -> serde_json::Result<T> {
    text.filter(|text| !text.is_empty()).map_or_else(|| Ok(T::default()), serde_json::from_str)
}

/// Says what is wrong without repeating what was sent.
fn unreadable(error: &serde_json::Error) -> Refusal {
    if error.is_data() {
        Refusal::bad_request(
            "The body must be a JSON object: \"query\" a string; where given, \"operationName\" a string, \
             \"variables\" and \"extensions\" objects.",
        )
    } else {
        Refusal::bad_request(format!(
            "The body is not JSON (line {}, column {}).",
            error.line(),
            error.column()
        ))
    }
}

/// Takes in the body of a POST: JSON of at most `limit` bytes that arrives before `deadline`.
pub(super) async fn read_body(
    headers: &HeaderMap,
    body: Body,
    limit: usize,
    deadline: Instant,
) -> Result<Bytes, Refusal> {
    if !media::is_json(headers) || headers.contains_key(header::CONTENT_ENCODING) {
        return Err(Refusal::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "The Content-Type must be application/json (UTF-8, not compressed).",
        ));
    }
    let announced =
        headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length: usize| length > limit) {
        return Err(too_large(limit));
    }
    match timeout_at(deadline, Limited::new(body, limit).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large(limit)),
        Ok(Err(_)) => Err(Refusal::bad_request("The body ended early.")),
        Err(_) => Err(Refusal::new(StatusCode::REQUEST_TIMEOUT, "The body took too long.")),
    }
}

/// 413, with the limit.
pub(super) fn too_large(limit: usize) -> Refusal {
    Refusal::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        format!("The body is too large; at most {limit} bytes are allowed."),
    )
}
