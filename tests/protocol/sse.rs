//! `graphql-sse`, distinct connections mode.

use std::{sync::atomic::Ordering, time::Duration};

use axum::http::{Request, Response};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use serde_json::json;
use stamrol::http::settings::Settings;

use super::support::{PATIENCE, Server};

fn subscribe(query: &str) -> Request<String> {
    Request::post("/graphql")
        .header("content-type", "application/json")
        .header("accept", "text/event-stream")
        .header("authorization", "Bearer good")
        .body(json!({ "query": query }).to_string())
        .unwrap()
}

/// The next piece of the stream, or `None` at its end.
async fn piece(stream: &mut Response<Incoming>) -> Option<String> {
    let frame = tokio::time::timeout(PATIENCE, stream.body_mut().frame())
        .await
        .expect("something in time")?;
    Some(String::from_utf8(frame.unwrap().into_data().unwrap().to_vec()).unwrap())
}

fn next(data: serde_json::Value) -> String {
    format!("event: next\ndata: {}\n\n", json!({ "data": data }))
}

const COMPLETE: &str = "event: complete\ndata:\n\n";

#[tokio::test]
async fn a_subscription_is_its_events_and_then_complete() {
    let server = Server::start().await;
    let reply = server.send(Ok(subscribe("subscription { count(to: 2) }"))).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("content-type"), "text/event-stream; charset=utf-8");
    let expected =
        [next(json!({ "count": 1 })), next(json!({ "count": 2 })), COMPLETE.to_owned()].concat();
    assert_eq!(reply.body, expected);
}

#[tokio::test]
async fn a_query_is_one_event_and_a_get_works_too() {
    let server = Server::start().await;
    let reply = server.send(Ok(subscribe("{ hello }"))).await;
    assert_eq!(reply.body, next(json!({ "hello": "hello world" })) + COMPLETE);
    let get = |query: &str| {
        Request::get(format!("/graphql?query={query}"))
            .header("accept", "text/event-stream")
            .header("authorization", "Bearer good")
            .body(String::new())
    };
    let reply = server.send(get("subscription%7Bcount(to:1)%7D")).await;
    assert_eq!(reply.body, next(json!({ "count": 1 })) + COMPLETE);
    server.send(get("mutation%7Bwrite%7D")).await.is_refused(405, "BAD_REQUEST");
    assert_eq!(server.toy.written.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_mutation_is_one_event_and_its_cookie_comes_along() {
    let server = Server::start().await;
    let reply = server.send(Ok(subscribe("mutation { signIn(password: \"right\") }"))).await;
    assert_eq!(reply.body, next(json!({ "signIn": true })) + COMPLETE);
    assert!(reply.header("set-cookie").starts_with("stamrol=good;"), "{reply:?}");
    assert_eq!(reply.header("content-type"), "text/event-stream; charset=utf-8");
}

#[tokio::test]
async fn errors_of_graphql_are_events_and_errors_of_http_are_statuses() {
    let server = Server::start().await;
    for wrong in ["subscription { nothing }", "subscription {"] {
        let reply = server.send(Ok(subscribe(wrong))).await;
        assert_eq!(reply.status, 200);
        assert!(reply.body.starts_with("event: next\ndata: {\"errors\":[{"), "{reply:?}");
        assert!(reply.body.ends_with(COMPLETE), "{reply:?}");
    }
    let mut stale = subscribe("subscription { count(to: 2) }");
    stale.headers_mut().insert("authorization", "Bearer stale".parse().unwrap());
    server.send(Ok(stale)).await.is_refused(401, "UNAUTHENTICATED");
    let mut nobody = subscribe("subscription { count(to: 2) }");
    nobody.headers_mut().remove("authorization");
    server.send(Ok(nobody)).await.is_refused(401, "UNAUTHENTICATED");
}

#[tokio::test]
async fn a_panic_in_a_stream_ends_it_with_an_error() {
    let server = Server::start().await;
    let reply = server.send(Ok(subscribe("subscription { breaks }"))).await;
    assert!(reply.body.starts_with(&next(json!({ "breaks": 1 }))), "{reply:?}");
    assert!(
        reply.body.contains("INTERNAL_SERVER_ERROR") && reply.body.ends_with(COMPLETE),
        "{reply:?}"
    );
    assert!(!reply.body.contains("canary"), "{reply:?}");
}

#[tokio::test]
async fn s15_an_idle_stream_beats_and_ends_with_its_session() {
    let settings = Settings {
        heartbeat: Duration::from_millis(20),
        session_check: Duration::from_millis(20),
        ..Settings::default()
    };
    let server = Server::start_with(settings).await;
    let mut stream = server.open(subscribe("subscription { news }")).await;
    assert_eq!(piece(&mut stream).await.unwrap(), ":\n\n");
    server.toy.valid.store(false, Ordering::SeqCst);
    let mut last = String::new();
    while let Some(piece) = piece(&mut stream).await {
        last = piece;
    }
    assert_eq!(last, COMPLETE);
}

#[tokio::test]
async fn s15_no_event_follows_the_end_of_the_session() {
    let settings = Settings { session_check: Duration::from_hours(1), ..Settings::default() };
    let server = Server::start_with(settings).await;
    let mut stream = server.open(subscribe("subscription { news }")).await;
    while server.toy.news.send(1).is_err() {
        tokio::task::yield_now().await;
    }
    assert_eq!(piece(&mut stream).await.unwrap(), next(json!({ "news": 1 })));
    server.toy.valid.store(false, Ordering::SeqCst);
    server.toy.news.send(2).unwrap();
    assert_eq!(piece(&mut stream).await.unwrap(), COMPLETE);
    assert_eq!(piece(&mut stream).await, None);
}

#[tokio::test]
async fn more_streams_than_allowed_are_refused_until_one_ends() {
    let server = Server::start_with(Settings { streams: 1, ..Settings::default() }).await;
    let first = server.open(subscribe("subscription { news }")).await;
    let reply = server.send(Ok(subscribe("subscription { news }"))).await;
    reply.is_refused(503, "SERVICE_UNAVAILABLE");
    assert_eq!(reply.header("retry-after"), "5");
    drop(first);
    tokio::time::timeout(PATIENCE, async {
        while server.send(Ok(subscribe("subscription { count(to: 1) }"))).await.status != 200 {}
    })
    .await
    .expect("a place becomes free");
}

#[tokio::test]
async fn s21_one_address_does_not_get_every_stream() {
    let settings = Settings { streams_per_address: 1, uncounted: vec![], ..Settings::default() };
    let server = Server::start_with(settings).await;
    let first = server.open(subscribe("subscription { news }")).await;
    let reply = server.send(Ok(subscribe("subscription { news }"))).await;
    reply.is_refused(503, "SERVICE_UNAVAILABLE");
    drop(first);
    tokio::time::timeout(PATIENCE, async {
        while server.send(Ok(subscribe("subscription { count(to: 1) }"))).await.status != 200 {}
    })
    .await
    .expect("a place becomes free");
}

#[tokio::test]
async fn a_stream_completes_when_the_server_stops() {
    let mut server = Server::start().await;
    let mut stream = server.open(subscribe("subscription { news }")).await;
    let stopping = server.stop();
    assert_eq!(piece(&mut stream).await.unwrap(), COMPLETE);
    assert_eq!(piece(&mut stream).await, None);
    tokio::time::timeout(PATIENCE, stopping).await.expect("stops in time").unwrap().unwrap();
}
