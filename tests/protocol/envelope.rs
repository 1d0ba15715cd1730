//! What goes around every request: headers, request ids, proxies, and the pages for operators.

use std::{
    io,
    sync::{Arc, Mutex, atomic::Ordering},
};

use axum::http::Request;
use serde_json::json;
use stamrol::{config::Network, http::settings::Settings};

use super::support::{Server, json_post, origin};

fn loopback_proxy() -> Settings {
    let loopback = Network { address: [127, 0, 0, 0].into(), bits: 8 };
    Settings { trusted_proxies: vec![loopback], ..Settings::default() }
}

#[tokio::test]
async fn s30_every_answer_has_the_headers_of_safety() {
    let server = Server::start().await;
    let replies = [
        server.post(json!({ "query": "{ hello }" })).await,
        server.post(json!({ "query": "{" })).await,
        server.get("/health/live").await,
        server.get("/nowhere").await,
    ];
    for reply in replies {
        let csp = reply.header("content-security-policy");
        assert!(
            csp.contains("frame-ancestors 'none'") && csp.contains("object-src 'none'"),
            "{reply:?}"
        );
        assert_eq!(reply.header("x-content-type-options"), "nosniff");
        assert_eq!(reply.header("referrer-policy"), "no-referrer");
        assert_eq!(reply.header("cross-origin-opener-policy"), "same-origin");
        assert_eq!(reply.header("cache-control"), "no-store");
        assert!(
            !reply.headers.contains_key("strict-transport-security"),
            "plain http must not promise https"
        );
    }
}

#[tokio::test]
async fn s30_hsts_is_sent_where_https_is() {
    let https = |settings| async {
        let server = Server::start_with(settings).await;
        let request = Request::get("/health/live").header("x-forwarded-proto", "https");
        server
            .send(request.body(String::new()))
            .await
            .headers
            .contains_key("strict-transport-security")
    };
    assert!(!https(Settings::default()).await, "anybody can say so");
    assert!(https(loopback_proxy()).await);
    assert!(https(Settings { hsts: true, ..Settings::default() }).await);
    assert!(
        https(Settings { public_address: origin("https://a.example"), ..Settings::default() })
            .await
    );
}

#[tokio::test]
async fn a_listed_proxy_names_the_request_and_nobody_else_does() {
    let with =
        |id: &str| Request::get("/health/live").header("x-request-id", id).body(String::new());
    let direct = Server::start().await;
    let reply = direct.send(with("web-1.2_3")).await;
    assert_eq!(reply.header("x-request-id").len(), 32, "anybody could give two requests one id");

    let server = Server::start_with(loopback_proxy()).await;
    assert_eq!(server.send(with("web-1.2_3")).await.header("x-request-id"), "web-1.2_3");
    let long = "x".repeat(65);
    for insane in ["", "a b", "<script>", "a\"b", &long] {
        let id = server.send(with(insane)).await.header("x-request-id").to_owned();
        assert_ne!(id, insane);
        assert_eq!(id.len(), 32);
    }
}

#[tokio::test]
async fn s6_a_forwarded_address_counts_only_from_listed_proxies() {
    let body = json!({ "query": "{ address }" }).to_string();
    let forwarded = |lines: &[&str]| {
        let request = lines
            .iter()
            .fold(json_post(), |request, line| request.header("x-forwarded-for", *line));
        request.body(body.clone())
    };
    let unlisted = Server::start().await;
    unlisted.send(forwarded(&["203.0.113.9"])).await.is_data(json!({ "address": "127.0.0.1" }));

    let listed = Server::start_with(loopback_proxy()).await;
    listed.send(forwarded(&["203.0.113.9"])).await.is_data(json!({ "address": "203.0.113.9" }));
    // What the client put there itself stands before what the proxies wrote.
    listed
        .send(forwarded(&["6.6.6.6, 203.0.113.9, 127.0.0.2"]))
        .await
        .is_data(json!({ "address": "203.0.113.9" }));
    listed
        .send(forwarded(&["6.6.6.6", "203.0.113.9"]))
        .await
        .is_data(json!({ "address": "203.0.113.9" }));
    listed
        .send(forwarded(&["6.6.6.6, nonsense, 127.0.0.2"]))
        .await
        .is_data(json!({ "address": "127.0.0.2" }));
    listed.send(forwarded(&[])).await.is_data(json!({ "address": "127.0.0.1" }));
    listed.send(forwarded(&["2001:db8::7"])).await.is_data(json!({ "address": "2001:db8::7" }));
}

#[tokio::test]
async fn the_node_is_ready_when_it_has_caught_up() {
    let server = Server::start().await;
    assert_eq!(server.get("/health/live").await.status, 200);
    assert_eq!(server.get("/health/ready").await.status, 200);
    server.toy.ready.store(false, Ordering::SeqCst);
    let reply = server.get("/health/ready").await;
    assert_eq!(reply.status, 503);
    assert_eq!(reply.body, "accounts is 12 events behind\n");
    assert_eq!(server.get("/health/live").await.status, 200, "late isn't dead");
}

#[tokio::test]
async fn metrics_are_for_listed_readers() {
    let server = Server::start().await;
    let reply = server.get("/metrics").await;
    assert_eq!(reply.status, 200);
    assert!(reply.header("content-type").starts_with("text/plain; version=0.0.4"));
    // Somebody's proxy on this host makes everybody look local.
    let proxied =
        Request::get("/metrics").header("x-forwarded-for", "203.0.113.9").body(String::new());
    assert_eq!(server.send(proxied).await.status, 404);

    let closed =
        Server::start_with(Settings { metrics_readers: vec![], ..Settings::default() }).await;
    assert_eq!(closed.get("/metrics").await.status, 404);
}

/// What was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(line)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn s27_logs_tell_the_request_id_and_neither_tokens_nor_queries() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let _logging = tracing::subscriber::set_default(subscriber);

    let server = Server::start_with(loopback_proxy()).await;
    let body = json!({
        "query": "query ($name: String!) { hello(name: $name) again: hello(name: \"canary\") fails panics }",
        "variables": { "name": "canary" },
    });
    let post =
        json_post().header("x-request-id", "trace-7").header("authorization", "Bearer canary");
    server.send(post.body(body.to_string())).await.is_refused(401, "UNAUTHENTICATED");
    let post = json_post().header("x-request-id", "trace-8").header("authorization", "Bearer good");
    server.send(post.header("cookie", "stamrol=canary").body(body.to_string())).await;
    server.get("/graphql?query=%7Bhello(name:%22canary%22)%7D").await;

    let logged = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(logged.contains("trace-7") && logged.contains("trace-8"), "{logged}");
    assert!(logged.contains("a resolver panicked"), "{logged}");
    assert!(!logged.contains("canary"), "{logged}");
}
