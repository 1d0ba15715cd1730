//! Answers: error codes where the library gives none, statuses, and the JSON.

use std::collections::BTreeMap;

use async_graphql::{Response, ServerError, Value};
use axum::http::StatusCode;
use graphql::{
    client::{Change, Client},
    precheck::Cost,
};
use serde::{Serialize, Serializer, ser::SerializeMap};
use tracing::{error, warn};

use super::media::Media;

/// More errors than this in an invalid document only repeat themselves.
const INVALID_ERRORS: usize = 20;

/// What a client is told about one operation.
pub(super) struct Answer {
    outcome: Outcome,
    errors: Vec<ServerError>,
    data: Value,
    extensions: BTreeMap<String, Value>,
    session: Option<Change>,
}

/// How far the operation came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// Not begun: the document or its variables are wrong. The answer has no `data`.
    Invalid,
    /// Begun, and told about in `data`.
    Executed,
    /// Begun and lost.
    Failed(StatusCode),
}

impl Answer {
    /// The library's answer. It makes no difference between a document that is invalid and one whose execution failed
    /// up to the root, but only errors of execution have a path.
    pub(super) fn of(response: Response, client: &Client) -> Self {
        let Response { mut errors, data, extensions, .. } = response;
        let begun = errors.is_empty()
            || data != Value::Null
            || errors.iter().any(|error| !error.path.is_empty());
        for error in &mut errors {
            complete(error, begun, client);
        }
        if !begun {
            errors.truncate(INVALID_ERRORS);
        }
        let outcome = if begun { Outcome::Executed } else { Outcome::Invalid };
        Self { outcome, errors, data, extensions, session: None }
    }

    /// The answer to a document that isn't run.
    pub(super) fn invalid(error: ServerError) -> Self {
        Self::only(Outcome::Invalid, error)
    }

    /// The answer to those who may not read the schema.
    pub(super) fn hidden_schema() -> Self {
        let mut error = ServerError::new("Sign in to read the schema.", None);
        error.extensions.get_or_insert_default().set("code", "UNAUTHENTICATED");
        Self::invalid(error)
    }

    /// The answer when a resolver panicked.
    pub(super) fn panicked(client: &Client) -> Self {
        error!("a resolver panicked");
        let mut error = ServerError::new("", None);
        internal(&mut error, client);
        Self::only(Outcome::Failed(StatusCode::INTERNAL_SERVER_ERROR), error)
    }

    /// The answer when the time for a request is over.
    pub(super) fn timed_out(client: &Client) -> Self {
        warn!("a request took too long");
        let mut error = ServerError::new("The request took too long.", None);
        let extensions = error.extensions.get_or_insert_default();
        extensions.set("code", "TIMEOUT");
        extensions.set("requestId", client.request_id.as_str());
        Self::only(Outcome::Failed(StatusCode::GATEWAY_TIMEOUT), error)
    }

    fn only(outcome: Outcome, error: ServerError) -> Self {
        Self {
            outcome,
            errors: vec![error],
            data: Value::Null,
            extensions: BTreeMap::new(),
            session: None,
        }
    }

    /// Adds `extensions.cost`.
    pub(super) fn with_cost(mut self, cost: Option<Cost>) -> Self {
        if let Some(cost) = cost {
            self.extensions.insert("cost".to_owned(), cost.to_value());
        }
        self
    }

    /// Remembers what is to happen to the session cookie.
    pub(super) fn with_session(self, session: Option<Change>) -> Self {
        Self { session, ..self }
    }

    /// What is to happen to the session cookie.
    pub(super) fn session(&self) -> Option<&Change> {
        self.session.as_ref()
    }

    /// The errors, if the operation was never begun.
    pub(super) fn as_invalid(&self) -> Option<&[ServerError]> {
        (self.outcome == Outcome::Invalid).then_some(&self.errors)
    }

    /// The status in that form.
    pub(super) fn status(&self, media: Media) -> StatusCode {
        match (media, self.outcome) {
            (Media::Json | Media::EventStream, _) | (_, Outcome::Executed) => StatusCode::OK,
            (Media::GraphqlResponse, Outcome::Invalid) => StatusCode::BAD_REQUEST,
            (Media::GraphqlResponse, Outcome::Failed(status)) => status,
        }
    }

    /// As JSON.
    pub(super) fn to_json(&self) -> Vec<u8> {
        let mut json = Vec::with_capacity(1024);
        if let Err(error) = serde_json::to_writer(&mut json, self) {
            error!(%error, "an answer can't be written as JSON");
            return br#"{"errors":[{"message":"Something went wrong.","extensions":{"code":"INTERNAL_SERVER_ERROR"}}]}"#
                .to_vec();
        }
        json
    }
}

impl Serialize for Answer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if !self.errors.is_empty() {
            map.serialize_entry("errors", &self.errors)?;
        }
        if self.outcome != Outcome::Invalid {
            map.serialize_entry("data", &self.data)?;
        }
        if !self.extensions.is_empty() {
            map.serialize_entry("extensions", &self.extensions)?;
        }
        map.end()
    }
}

/// Gives an error the code that the library leaves out, and hides what isn't meant for clients (S29).
fn complete(error: &mut ServerError, begun: bool, client: &Client) {
    let code = error.extensions.as_ref().and_then(|extensions| extensions.get("code"));
    if code.is_some_and(|code| *code == Value::from("INTERNAL_SERVER_ERROR")) {
        error.extensions.get_or_insert_default().set("requestId", client.request_id.as_str());
    } else if code.is_some() {
        // The resolver said what it is.
    } else if is_coercion(error) {
        error.extensions.get_or_insert_default().set("code", "BAD_USER_INPUT");
    } else if !begun {
        error.extensions.get_or_insert_default().set("code", "GRAPHQL_VALIDATION_FAILED");
    } else {
        error!(reason = %error.message, path = ?error.path, "a resolver failed without a code");
        internal(error, client);
    }
}

/// Whether a value, in the document or in a variable, isn't of its type. The library says so only in its message, and
/// never with a source; resolvers' own errors made with `?` have one.
fn is_coercion(error: &ServerError) -> bool {
    const BEGINNINGS: [&str; 4] = [
        "Invalid value for argument ",
        "Failed to parse \"",
        "Expected input type \"",
        "Invalid default value for argument",
    ];
    error.source.is_none()
        && BEGINNINGS.iter().any(|beginning| error.message.starts_with(beginning))
}

fn internal(error: &mut ServerError, client: &Client) {
    "Something went wrong on the server.".clone_into(&mut error.message);
    error.source = None;
    let extensions = error.extensions.insert(async_graphql::ErrorExtensionValues::default());
    extensions.set("code", "INTERNAL_SERVER_ERROR");
    extensions.set("requestId", client.request_id.as_str());
}
