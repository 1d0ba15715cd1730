//! `graphql-transport-ws`, the protocol of the `graphql-ws` library, and no other.
//!
//! One task per socket does everything in turn: it reads, runs up to a bounded number of operations, and sends. While
//! the client doesn't take what is sent nothing more is taken from the operations, so a slow client costs no memory;
//! one that takes nothing for too long loses its connection (see `server::patience`). Reading and running take turns
//! by chance, so that neither a client that never stops talking nor an operation that never pauses starves the other.

mod message;
mod operations;

use std::sync::Arc;

use async_graphql::{ServerError, parser::types::OperationType};
use axum::{
    extract::{
        WebSocketUpgrade,
        ws::{CloseFrame, Message, WebSocket},
    },
    http::request::Parts,
    response::Response,
};
use graphql::client::Client;
use tokio::time::{Duration, Instant, sleep, timeout};
use tracing::Instrument;

use self::{
    message::{Close, Incoming, Outgoing},
    operations::{Event, Operations},
};
use super::{
    Edge, Place,
    endpoint::client,
    media::Media,
    operation::{Asker, Rejected},
    params::Params,
    port::{Credentials, Viewer},
    refusal::Refusal,
    sse::ticks,
};

const PROTOCOL: &str = "graphql-transport-ws";
/// How long a client may take to answer a close.
const FAREWELL: Duration = Duration::from_secs(1);

/// Answers the handshake; the talk itself goes on in a task of its own.
pub(super) fn open(edge: Arc<Edge>, upgrade: WebSocketUpgrade, parts: Parts) -> Response {
    admit(edge, upgrade, parts).unwrap_or_else(|refusal| refusal.answer(Media::Json))
}

fn admit(
    edge: Arc<Edge>,
    upgrade: WebSocketUpgrade,
    mut parts: Parts,
) -> Result<Response, Refusal> {
    let credentials = Credentials::read(&parts.headers, &edge.settings)?;
    edge.origins.check_socket(&parts.headers, credentials.kind())?;
    let client = client(&mut parts)?;
    let place = edge.place(client.address)?;
    let limit = edge.settings.body_limit;
    let upgrade = upgrade.protocols([PROTOCOL]).max_message_size(limit).max_frame_size(limit);
    let understood = upgrade.selected_protocol().is_some();
    let session = Session {
        edge,
        client,
        state: State::Opened(credentials),
        operations: Operations::default(),
        _place: place,
    };
    let span = tracing::Span::current();
    Ok(upgrade.on_upgrade(move |socket| session.run(socket, understood).instrument(span)))
}

/// One socket.
struct Session {
    edge: Arc<Edge>,
    client: Arc<Client>,
    state: State,
    operations: Operations,
    _place: Place,
}

enum State {
    /// With what the handshake brought along, for an init without a token.
    Opened(Credentials),
    Acknowledged(Arc<dyn Viewer>),
}

/// What happens next on a socket.
enum Next {
    /// `None`: the client has gone.
    Received(Option<Result<Message, axum::Error>>),
    Event(Arc<str>, Event),
}

impl Session {
    async fn run(mut self, mut socket: WebSocket, understood: bool) {
        let close = if understood { self.talk(&mut socket).await } else { Err(Close::protocol()) };
        if let Err(Close { code, reason }) = close {
            let frame = CloseFrame { code, reason: reason.into() };
            if socket.send(Message::Close(Some(frame))).await.is_ok() {
                // Closing with something unread would reset the connection and lose the frame.
                let _ = timeout(FAREWELL, async { while let Some(Ok(_)) = socket.recv().await {} })
                    .await;
            }
        }
    }

    /// `Ok` when the client has gone, `Err` with what to tell it when it has to go.
    async fn talk(&mut self, socket: &mut WebSocket) -> Result<(), Close> {
        let edge = self.edge.clone();
        let mut stopped = std::pin::pin!(edge.stopped());
        let mut init_timeout = std::pin::pin!(sleep(edge.settings.init_timeout));
        let mut heartbeat = ticks(edge.settings.heartbeat);
        let mut session = ticks(edge.settings.session_check);
        let mut missed = 0;
        loop {
            // Not biased: both may always be ready.
            let next = async {
                tokio::select! {
                    message = socket.recv() => Next::Received(message),
                    (id, event) = self.operations.next() => Next::Event(id, event),
                }
            };
            let next = tokio::select! {
                biased;
                () = &mut stopped => return Err(Close::going_away()),
                () = &mut init_timeout, if self.state.viewer().is_none() => return Err(Close::init_timeout()),
                _ = session.tick() => {
                    self.still_valid().await?;
                    continue;
                }
                next = next => next,
                _ = heartbeat.tick() => {
                    missed += 1;
                    if missed > 2 || socket.send(Message::Ping(axum::body::Bytes::new())).await.is_err() {
                        return Ok(());
                    }
                    continue;
                }
            };
            let answer = match next {
                Next::Received(message) => {
                    missed = 0;
                    match message {
                        None | Some(Ok(Message::Close(_))) => return Ok(()),
                        Some(Ok(Message::Ping(_) | Message::Pong(_))) => None,
                        Some(Ok(Message::Text(text))) => self.receive(text.as_str()).await?,
                        Some(Ok(Message::Binary(_))) => {
                            return Err(Close::invalid("binary messages are not understood"));
                        }
                        Some(Err(_)) => return Err(Close::invalid("unreadable, or too long")),
                    }
                }
                Next::Event(id, event) => Some(self.tell(&id, event).await?),
            };
            if let Some(answer) = answer
                && socket.send(answer).await.is_err()
            {
                return Ok(());
            }
        }
    }

    /// Ends the socket with its session (S15).
    async fn still_valid(&mut self) -> Result<(), Close> {
        match self.state.viewer() {
            Some(viewer) if !viewer.still_valid().await => Err(Close::session_ended()),
            _ => Ok(()),
        }
    }

    /// What one message of the client is answered with at once.
    async fn receive(&mut self, text: &str) -> Result<Option<Message>, Close> {
        match Incoming::parse(text)? {
            Incoming::ConnectionInit(credentials) => self.init(credentials).await.map(Some),
            Incoming::Ping(payload) => Ok(Some(Outgoing::Pong { payload }.write())),
            Incoming::Pong => Ok(None),
            Incoming::Subscribe { id, params } => self.subscribe(&id, params).await,
            Incoming::Complete { id } => {
                self.operations.end(&id);
                Ok(None)
            }
        }
    }

    async fn init(&mut self, credentials: Option<Credentials>) -> Result<Message, Close> {
        let State::Opened(from_handshake) = &mut self.state else {
            return Err(Close::second_init());
        };
        let credentials =
            credentials.unwrap_or_else(|| std::mem::replace(from_handshake, Credentials::None));
        let deadline = Instant::now() + self.edge.settings.request_timeout;
        let viewer =
            self.edge.admit(credentials, &self.client, deadline).await.map_err(Close::denied)?;
        if !viewer.is_signed_in() && !self.edge.settings.public_subscriptions {
            return Err(Close::forbidden("Sign in first"));
        }
        self.state = State::Acknowledged(viewer);
        Ok(Outgoing::ConnectionAck.write())
    }

    /// Begins an operation; answers only if it can't.
    async fn subscribe(&mut self, id: &str, params: Params<'_>) -> Result<Option<Message>, Close> {
        let Some(viewer) = self.state.viewer().cloned() else { return Err(Close::unauthorized()) };
        self.still_valid().await?;
        if self.operations.contains(id) {
            return Err(Close::duplicate(id));
        }
        if self.operations.len() >= self.edge.settings.operations_per_socket {
            return Ok(Some(failure(
                id,
                "Too many operations on this socket; complete one first.",
                "RATE_LIMITED",
            )));
        }
        let asker = Asker { viewer, client: self.client.clone() };
        let operation = match self.edge.operation(params, false) {
            // Only POST is guarded well enough for mutations (S17).
            Ok(operation) if operation.kind == OperationType::Mutation => {
                return Ok(Some(failure(id, "Mutations need POST.", "BAD_REQUEST")));
            }
            Ok(operation) => self.edge.pay(operation, &asker).map_err(Rejected::Refused),
            Err(rejected) => Err(rejected),
        };
        let operation = match operation {
            Ok(operation) => operation,
            Err(Rejected::Refused(refusal)) => {
                return Ok(Some(failure(id, refusal.message(), refusal.code())));
            }
            Err(Rejected::Invalid(rejection)) => {
                return Ok(Some(Outgoing::Error { id, payload: &[rejection.into()] }.write()));
            }
        };

        self.operations.begin(id.into(), self.edge.stream(operation, asker));
        Ok(None)
    }

    /// What an operation's event is told as.
    async fn tell(&mut self, id: &str, event: Event) -> Result<Message, Close> {
        self.still_valid().await?;
        let Event::Answer(answer) = event else { return Ok(Outgoing::Complete { id }.write()) };
        if let Some(errors) = answer.as_invalid() {
            // The protocol ends an operation with either an error or a complete, never both.
            self.operations.end(id);
            return Ok(Outgoing::Error { id, payload: errors }.write());
        }
        Ok(Outgoing::Next { id, payload: &answer }.write())
    }
}

impl State {
    fn viewer(&self) -> Option<&Arc<dyn Viewer>> {
        match self {
            Self::Opened(_) => None,
            Self::Acknowledged(viewer) => Some(viewer),
        }
    }
}

fn failure(id: &str, message: &str, code: &str) -> Message {
    let mut error = ServerError::new(message, None);
    error.extensions.get_or_insert_default().set("code", code);
    Outgoing::Error { id, payload: &[error] }.write()
}
