//! The messages of `graphql-transport-ws`, and its codes for closing.

use std::borrow::Cow;

use async_graphql::ServerError;
use axum::extract::ws::Message;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::http::{
    answer::Answer,
    credentials::{bearer, is_token},
    params::Params,
    port::{Credentials, Denied},
};

/// Longer ids of operations are refused.
const LONGEST_ID: usize = 128;

/// What a client says.
pub(super) enum Incoming<'a> {
    /// With the token of its payload, if there is one.
    ConnectionInit(Option<Credentials>),
    Ping(Option<&'a RawValue>),
    Pong,
    Subscribe {
        id: Cow<'a, str>,
        params: Params<'a>,
    },
    Complete {
        id: Cow<'a, str>,
    },
}

#[derive(Deserialize)]
struct Frame<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    #[serde(borrow, default)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    payload: Option<&'a RawValue>,
}

/// `connectionParams`: `{"authorization": "Bearer TOKEN"}` or `{"token": "TOKEN"}`.
#[derive(Default, Deserialize)]
struct Init<'a> {
    #[serde(borrow, default, alias = "Authorization")]
    authorization: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    token: Option<Cow<'a, str>>,
}

impl<'a> Incoming<'a> {
    pub(super) fn parse(text: &'a str) -> Result<Self, Close> {
        let frame: Frame<'a> = serde_json::from_str(text)
            .map_err(|_| Close::invalid("not a message of the protocol"))?;
        match frame.kind.as_ref() {
            "connection_init" => frame.credentials().map(Self::ConnectionInit),
            "ping" => Ok(Self::Ping(frame.payload)),
            "pong" => Ok(Self::Pong),
            "subscribe" => {
                let payload =
                    frame.payload.ok_or_else(|| Close::invalid("a payload is missing"))?;
                let params = Params::from_json(payload.get().as_bytes()).map_err(|_| {
                    Close::invalid("the payload of subscribe is not a GraphQL request")
                })?;
                Ok(Self::Subscribe { id: frame.id()?, params })
            }
            "complete" => Ok(Self::Complete { id: frame.id()? }),
            _ => Err(Close::invalid("unknown type")),
        }
    }
}

impl<'a> Frame<'a> {
    fn id(self) -> Result<Cow<'a, str>, Close> {
        let id = self.id.filter(|id| (1..=LONGEST_ID).contains(&id.len()));
        id.ok_or_else(|| Close::invalid("an id of 1 to 128 bytes is missing"))
    }

    /// A token that can't be one is passed on as it is, to be refused like any other wrong one.
    fn credentials(&self) -> Result<Option<Credentials>, Close> {
        let Some(payload) = self.payload else { return Ok(None) };
        let init: Option<Init> = serde_json::from_str(payload.get()).map_err(|_| {
            Close::invalid("the payload of connection_init is not an object with text in it")
        })?;
        let Init { authorization, token } = init.unwrap_or_default();
        let token = match (authorization, token) {
            (Some(text), _) => bearer(&text).ok_or_else(|| Close::denied(Denied::Invalid))?,
            (None, Some(token)) if is_token(&token) => token.as_ref().into(),
            (None, Some(_)) => return Err(Close::denied(Denied::Invalid)),
            (None, None) => return Ok(None),
        };
        Ok(Some(Credentials::Bearer(token)))
    }
}

/// What the server says.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Outgoing<'a> {
    ConnectionAck,
    Pong {
        #[serde(skip_serializing_if = "Option::is_none")]
        payload: Option<&'a RawValue>,
    },
    Next {
        id: &'a str,
        payload: &'a Answer,
    },
    Error {
        id: &'a str,
        payload: &'a [ServerError],
    },
    Complete {
        id: &'a str,
    },
}

impl Outgoing<'_> {
    pub(super) fn write(&self) -> Message {
        match serde_json::to_string(self) {
            Ok(text) => Message::Text(text.into()),
            Err(error) => {
                tracing::error!(%error, "a message can't be written as JSON");
                Message::Close(None)
            }
        }
    }
}

/// Why a socket is closed: the protocol's codes, and what a person reads beside them.
#[derive(Debug)]
pub(super) struct Close {
    pub(super) code: u16,
    pub(super) reason: String,
}

impl Close {
    /// A close frame holds no longer reason, in bytes.
    const LONGEST: usize = 123;

    fn new(code: u16, reason: impl Into<String>) -> Self {
        let mut reason = reason.into();
        reason.truncate(reason.floor_char_boundary(Self::LONGEST));
        Self { code, reason }
    }

    /// The server stops.
    pub(super) fn going_away() -> Self {
        Self::new(1001, "Going away")
    }

    pub(super) fn invalid(what: &str) -> Self {
        Self::new(4400, format!("Invalid message: {what}"))
    }

    /// An operation before the connection was acknowledged.
    pub(super) fn unauthorized() -> Self {
        Self::new(4401, "Unauthorized")
    }

    /// The session that the socket was opened with is over. 4401 tells clients not to try again by themselves.
    pub(super) fn session_ended() -> Self {
        Self::new(4401, "Session ended")
    }

    pub(super) fn forbidden(reason: &str) -> Self {
        Self::new(4403, format!("Forbidden: {reason}"))
    }

    /// Bad credentials are final; a server that can't check them now says "try again later".
    pub(super) fn denied(denied: Denied) -> Self {
        match denied {
            Denied::Invalid | Denied::Forbidden => Self::forbidden(&denied.to_string()),
            Denied::RateLimited { .. } | Denied::Unavailable => Self::new(1013, denied.to_string()),
        }
    }

    /// The client offered no protocol that is spoken here.
    pub(super) fn protocol() -> Self {
        Self::new(4406, "Subprotocol not acceptable")
    }

    pub(super) fn init_timeout() -> Self {
        Self::new(4408, "Connection initialisation timeout")
    }

    pub(super) fn duplicate(id: &str) -> Self {
        Self::new(4409, format!("Subscriber for {id} already exists"))
    }

    pub(super) fn second_init() -> Self {
        Self::new(4429, "Too many initialisation requests")
    }
}
