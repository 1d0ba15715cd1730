//! `graphql-transport-ws`, with all its codes for closing.

use std::{sync::atomic::Ordering, time::Duration};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use stamrol::http::settings::Settings;
use tokio::{io::AsyncWriteExt, net::TcpStream};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{self, Message, client::IntoClientRequest},
};

use super::support::{PATIENCE, Server};

struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

/// What a server says.
#[derive(Debug, PartialEq)]
enum Said {
    Message(Value),
    Closed(u16, String),
}

impl Socket {
    async fn try_open(
        server: &Server,
        headers: &[(&'static str, &str)],
    ) -> Result<Self, tungstenite::Error> {
        let mut request = format!("ws://{}/graphql", server.address).into_client_request()?;
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        connect_async(request).await.map(|(socket, _)| Self(socket))
    }

    async fn open(server: &Server) -> Self {
        Self::try_open(server, &[("sec-websocket-protocol", "graphql-transport-ws")]).await.unwrap()
    }

    /// Opened and acknowledged as Ada.
    async fn ready(server: &Server) -> Self {
        let mut socket = Self::open(server).await;
        socket
            .say(
                json!({ "type": "connection_init", "payload": { "authorization": "Bearer good" } }),
            )
            .await;
        socket.hears(json!({ "type": "connection_ack" })).await;
        socket
    }

    async fn say(&mut self, message: Value) {
        self.0.send(Message::text(message.to_string())).await.unwrap();
    }

    async fn subscribe(&mut self, id: &str, query: &str) {
        self.say(json!({ "type": "subscribe", "id": id, "payload": { "query": query } })).await;
    }

    async fn hear(&mut self) -> Said {
        loop {
            let message =
                tokio::time::timeout(PATIENCE, self.0.next()).await.expect("a message in time");
            match message.expect("a close frame before the end").expect("no broken connection") {
                Message::Text(text) => return Said::Message(serde_json::from_str(&text).unwrap()),
                Message::Close(Some(frame)) => {
                    return Said::Closed(frame.code.into(), frame.reason.to_string());
                }
                _ => {}
            }
        }
    }

    #[track_caller]
    fn hears(&mut self, expected: Value) -> impl Future<Output = ()> {
        let caller = std::panic::Location::caller();
        async move {
            assert_eq!(self.hear().await, Said::Message(expected), "at {caller}");
        }
    }

    #[track_caller]
    fn is_closed(&mut self, code: u16) -> impl Future<Output = ()> {
        let caller = std::panic::Location::caller();
        async move {
            match self.hear().await {
                Said::Closed(closed, _) => assert_eq!(closed, code, "at {caller}"),
                other @ Said::Message(_) => {
                    panic!("expected to be closed with {code}, heard {other:?} at {caller}")
                }
            }
        }
    }
}

/// Waits until the only place is free, which is when the server has given up the socket that held it.
async fn has_room(server: &Server) {
    let opened = async {
        let protocol = ("sec-websocket-protocol", "graphql-transport-ws");
        while Socket::try_open(server, &[protocol]).await.is_err() {}
    };
    tokio::time::timeout(PATIENCE, opened).await.expect("the server gives up a dead client");
}

fn next(id: &str, data: Value) -> Value {
    json!({ "type": "next", "id": id, "payload": { "data": data } })
}

fn complete(id: &str) -> Value {
    json!({ "type": "complete", "id": id })
}

#[tokio::test]
async fn an_operation_is_its_events_and_then_complete() {
    let server = Server::start().await;
    let mut socket = Socket::ready(&server).await;
    socket.subscribe("a", "subscription { count(to: 2) }").await;
    socket.hears(next("a", json!({ "count": 1 }))).await;
    socket.hears(next("a", json!({ "count": 2 }))).await;
    socket.hears(complete("a")).await;
    socket.subscribe("a", "{ hello viewer }").await;
    socket.hears(next("a", json!({ "hello": "hello world", "viewer": "ada" }))).await;
    socket.hears(complete("a")).await;
}

#[tokio::test]
async fn operations_run_side_by_side_and_end_one_by_one() {
    let server = Server::start().await;
    let mut socket = Socket::ready(&server).await;
    socket.subscribe("a", "subscription { news }").await;
    socket.subscribe("b", "{ hello }").await;
    socket.hears(next("b", json!({ "hello": "hello world" }))).await;
    socket.hears(complete("b")).await;
    server.toy.news.send(7).unwrap();
    socket.hears(next("a", json!({ "news": 7 }))).await;
    socket.say(complete("a")).await;
    // Ended by the client: nothing more of it comes, and its id is free.
    socket.subscribe("a", "{ hello }").await;
    socket.hears(next("a", json!({ "hello": "hello world" }))).await;
    socket.hears(complete("a")).await;
    let _ = server.toy.news.send(8);
    socket.say(complete("never begun")).await;
    socket.say(json!({ "type": "ping" })).await;
    socket.hears(json!({ "type": "pong" })).await;
}

#[tokio::test]
async fn pings_are_answered_also_before_the_init() {
    let server = Server::start().await;
    let mut socket = Socket::open(&server).await;
    socket.say(json!({ "type": "ping", "payload": { "n": 1 } })).await;
    socket.hears(json!({ "type": "pong", "payload": { "n": 1 } })).await;
    socket.say(json!({ "type": "pong" })).await;
    socket.0.send(Message::Ping(vec![1, 2].into())).await.unwrap();
    let pong = tokio::time::timeout(PATIENCE, socket.0.next()).await.unwrap().unwrap().unwrap();
    assert_eq!(pong, Message::Pong(vec![1, 2].into()));
}

#[tokio::test]
async fn errors_end_an_operation_without_complete() {
    let server = Server::start().await;
    let mut socket = Socket::ready(&server).await;
    for (query, code) in [
        ("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription {", "GRAPHQL_PARSE_FAILED"),
        ("mutation { write }", "BAD_REQUEST"),
    ] {
        socket.subscribe("a", query).await;
        match socket.hear().await {
            Said::Message(message) => {
                assert_eq!(message["type"], "error", "{message}");
                assert_eq!(message["payload"][0]["extensions"]["code"], code, "{message}");
            }
            other @ Said::Closed(..) => panic!("{other:?}"),
        }
    }
    assert_eq!(server.toy.written.load(Ordering::SeqCst), 0);
    socket.subscribe("a", "{ hello }").await; // no complete came between
    socket.hears(next("a", json!({ "hello": "hello world" }))).await;
}

#[tokio::test]
async fn a_panic_ends_the_operation_and_not_the_socket() {
    let server = Server::start().await;
    let mut socket = Socket::ready(&server).await;
    socket.subscribe("a", "subscription { breaks }").await;
    socket.hears(next("a", json!({ "breaks": 1 }))).await;
    let Said::Message(failed) = socket.hear().await else { panic!("the socket must stay open") };
    assert_eq!(failed["payload"]["errors"][0]["extensions"]["code"], "INTERNAL_SERVER_ERROR");
    socket.hears(complete("a")).await;
    socket.subscribe("b", "{ hello }").await;
    socket.hears(next("b", json!({ "hello": "hello world" }))).await;
}

#[tokio::test]
async fn what_is_no_message_closes_with_4400() {
    let server = Server::start().await;
    for wrong in [
        Message::text("hello"),
        Message::text("[]"),
        Message::text("{}"),
        Message::text(r#"{"type": "start", "id": "a"}"#),
        Message::text(r#"{"type": "connection_init", "payload": 7}"#),
        Message::text(r#"{"type": "subscribe", "id": "a"}"#),
        Message::text(r#"{"type": "subscribe", "id": "", "payload": {"query": "{ hello }"}}"#),
        Message::text(r#"{"type": "subscribe", "payload": {"query": "{ hello }"}}"#),
        Message::text(r#"{"type": "subscribe", "id": "a", "payload": {}}"#),
        Message::text(r#"{"type": "complete"}"#),
        Message::text("x".repeat(70_000)),
        Message::binary(vec![1]),
    ] {
        let mut socket = Socket::open(&server).await;
        socket.0.send(wrong).await.unwrap();
        socket.is_closed(4400).await;
    }
}

#[tokio::test]
async fn an_operation_before_the_ack_closes_with_4401() {
    let server = Server::start().await;
    let mut socket = Socket::open(&server).await;
    socket.subscribe("a", "{ hello }").await;
    socket.is_closed(4401).await;
}

#[tokio::test]
async fn bad_credentials_close_with_4403_and_unchecked_ones_with_1013() {
    let server = Server::start().await;
    for (payload, code) in [
        (json!({ "authorization": "Bearer stale" }), 4403),
        (json!({ "Authorization": "Bearer stale" }), 4403),
        (json!({ "authorization": "stale" }), 4403),
        (json!({ "token": "stale" }), 4403),
        (json!({ "token": "forbidden" }), 4403),
        (json!({ "token": "away" }), 1013),
        (json!({}), 4403),
        (Value::Null, 4403),
    ] {
        let mut socket = Socket::open(&server).await;
        socket.say(json!({ "type": "connection_init", "payload": payload })).await;
        socket.is_closed(code).await;
    }
    let mut socket = Socket::open(&server).await;
    socket.say(json!({ "type": "connection_init", "payload": { "token": "good" } })).await;
    socket.hears(json!({ "type": "connection_ack" })).await;
}

#[tokio::test]
async fn another_subprotocol_closes_with_4406() {
    let server = Server::start().await;
    // The legacy protocol is not spoken.
    let request = format!("ws://{}/graphql", server.address);
    let (socket, _) = connect_async(request).await.unwrap();
    Socket(socket).is_closed(4406).await;
    let legacy = Socket::try_open(&server, &[("sec-websocket-protocol", "graphql-ws")]).await;
    assert!(legacy.is_err(), "a client that offered only graphql-ws must not get it");
}

#[tokio::test]
async fn no_init_in_time_closes_with_4408() {
    let server = Server::start_with(Settings {
        init_timeout: Duration::from_millis(50),
        ..Settings::default()
    })
    .await;
    let mut socket = Socket::open(&server).await;
    socket.is_closed(4408).await;
}

#[tokio::test]
async fn an_id_in_use_closes_with_4409() {
    let server = Server::start().await;
    let mut socket = Socket::ready(&server).await;
    socket.subscribe("a", "subscription { news }").await;
    socket.subscribe("a", "{ hello }").await;
    assert_eq!(
        socket.hear().await,
        Said::Closed(4409, "Subscriber for a already exists".to_owned())
    );
}

#[tokio::test]
async fn a_second_init_closes_with_4429() {
    let server = Server::start().await;
    let mut socket = Socket::ready(&server).await;
    socket.say(json!({ "type": "connection_init" })).await;
    socket.is_closed(4429).await;
}

#[tokio::test]
async fn s15_the_end_of_the_session_closes_with_4401() {
    let server = Server::start_with(Settings {
        session_check: Duration::from_millis(20),
        ..Settings::default()
    })
    .await;
    let mut socket = Socket::ready(&server).await;
    server.toy.valid.store(false, Ordering::SeqCst);
    assert_eq!(socket.hear().await, Said::Closed(4401, "Session ended".to_owned()));

    // Also between two looks: no event is told after the end.
    let server = Server::start_with(Settings {
        session_check: Duration::from_hours(1),
        ..Settings::default()
    })
    .await;
    let mut socket = Socket::ready(&server).await;
    socket.subscribe("a", "subscription { news }").await;
    while server.toy.news.send(1).is_err() {
        tokio::task::yield_now().await;
    }
    socket.hears(next("a", json!({ "news": 1 }))).await;
    server.toy.valid.store(false, Ordering::SeqCst);
    server.toy.news.send(2).unwrap();
    socket.is_closed(4401).await;
}

#[tokio::test]
async fn operations_and_sockets_are_capped() {
    let settings = Settings { operations_per_socket: 2, streams: 1, ..Settings::default() };
    let server = Server::start_with(settings).await;
    let mut socket = Socket::ready(&server).await;
    socket.subscribe("a", "subscription { news }").await;
    socket.subscribe("b", "subscription { news }").await;
    socket.subscribe("c", "subscription { news }").await;
    let Said::Message(refused) = socket.hear().await else { panic!("the socket must stay open") };
    assert_eq!(refused["id"], "c");
    assert_eq!(refused["payload"][0]["extensions"]["code"], "RATE_LIMITED");

    let second =
        Socket::try_open(&server, &[("sec-websocket-protocol", "graphql-transport-ws")]).await;
    match second.err().expect("no room") {
        tungstenite::Error::Http(response) => assert_eq!(response.status(), 503),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn what_the_client_ends_is_gone_at_once() {
    let settings = Settings { operations_per_socket: 2, ..Settings::default() };
    let server = Server::start_with(settings).await;
    let mut socket = Socket::ready(&server).await;
    let payload = json!({ "query": "subscription { news }" });
    let begin = json!({ "type": "subscribe", "id": "a", "payload": payload }).to_string();
    for _ in 0..500 {
        socket.0.feed(Message::text(begin.clone())).await.unwrap();
        socket.0.feed(Message::text(complete("a").to_string())).await.unwrap();
    }
    // None of them was refused for want of room, and no more are kept than may run.
    socket.subscribe("b", "{ hello }").await;
    socket.hears(next("b", json!({ "hello": "hello world" }))).await;
    socket.hears(complete("b")).await;
    let most = server.toy.most_streams.load(Ordering::SeqCst);
    assert!(most <= 2, "{most} operations were kept at once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_talks_all_the_time_does_not_outlive_its_session() {
    let settings = Settings { session_check: Duration::from_millis(20), ..Settings::default() };
    let server = Server::start_with(settings).await;
    let mut socket = Socket::ready(&server).await;
    server.toy.valid.store(false, Ordering::SeqCst);
    // Pongs nobody asked for, faster than anybody reads them: empty, masked with zeros.
    let pongs = [0x8a, 0x80, 0, 0, 0, 0].repeat(10_000);
    let talk = async { while socket.0.get_mut().write_all(&pongs).await.is_ok() {} };
    tokio::time::timeout(PATIENCE, talk).await.expect("the server ends the connection");
}

#[tokio::test]
async fn nothing_begins_after_the_end_of_the_session() {
    let settings = Settings { session_check: Duration::from_hours(1), ..Settings::default() };
    let server = Server::start_with(settings).await;
    let mut socket = Socket::ready(&server).await;
    server.toy.valid.store(false, Ordering::SeqCst);
    socket.subscribe("a", "{ hello }").await;
    socket.is_closed(4401).await;
}

#[tokio::test]
async fn s17_a_socket_is_for_our_own_pages() {
    let server = Server::start().await;
    let protocol = ("sec-websocket-protocol", "graphql-transport-ws");
    let own = format!("http://{}", server.address);
    let refused = |opened: Result<Socket, tungstenite::Error>| match opened.err().expect("refused")
    {
        tungstenite::Error::Http(response) => response.status().as_u16(),
        other => panic!("{other}"),
    };
    let evil = ("origin", "https://evil.example");
    assert_eq!(refused(Socket::try_open(&server, &[protocol, evil]).await), 403);
    assert_eq!(
        refused(Socket::try_open(&server, &[protocol, ("cookie", "stamrol=good")]).await),
        403
    );
    let bearer = ("authorization", "Bearer good");
    assert_eq!(refused(Socket::try_open(&server, &[protocol, evil, bearer]).await), 403);

    for proof in [("cookie", "stamrol=good"), bearer] {
        let mut socket =
            Socket::try_open(&server, &[protocol, ("origin", &own), proof]).await.unwrap();
        socket.say(json!({ "type": "connection_init" })).await;
        socket.hears(json!({ "type": "connection_ack" })).await;
    }
}

#[tokio::test]
async fn a_stopping_server_says_1001() {
    let mut server = Server::start().await;
    let mut socket = Socket::ready(&server).await;
    socket.subscribe("a", "subscription { news }").await;
    let stopping = server.stop();
    socket.is_closed(1001).await;
    drop(socket);
    tokio::time::timeout(PATIENCE, stopping).await.expect("stops in time").unwrap().unwrap();
}

#[tokio::test]
async fn a_client_that_takes_nothing_costs_no_memory_and_loses_its_socket() {
    let settings =
        Settings { streams: 1, write_timeout: Duration::from_millis(200), ..Settings::default() };
    let server = Server::start_with(settings).await;
    let mut socket = Socket::ready(&server).await;
    socket.subscribe("a", "subscription { flood }").await;
    has_room(&server).await;
    let taken = server.toy.flooded.load(Ordering::SeqCst);
    assert!(taken < 400, "{taken} events of 64 KiB were made for a client that took none");
}

#[tokio::test]
async fn a_client_that_gives_no_sign_of_life_loses_its_socket() {
    let settings =
        Settings { streams: 1, heartbeat: Duration::from_millis(30), ..Settings::default() };
    let server = Server::start_with(settings).await;
    let silent = Socket::ready(&server).await; // reads nothing, so answers no ping
    has_room(&server).await;
    drop(silent);
}
