//! Cookies, and the pages that may use them (S14, S17).

use axum::http::{Request, request::Builder};
use serde_json::json;
use stamrol::http::settings::Settings;

use super::support::{NEW, Server, json_post, origin};

const PUBLIC: &str = "https://accounts.example.org";

async fn public() -> Server {
    let settings = Settings {
        public_address: origin(PUBLIC),
        origins: vec![origin("https://dashboard.example.org")],
        ..Settings::default()
    };
    Server::start_with(settings).await
}

fn write(request: Builder) -> axum::http::Result<Request<String>> {
    request.body(json!({ "query": "mutation { write }" }).to_string())
}

#[tokio::test]
async fn s17_a_cookie_counts_only_for_our_own_pages() {
    let server = public().await;
    let cookie = || json_post().header("cookie", "a=b; __Host-stamrol=good; c=d");
    for allowed in [
        cookie().header("origin", PUBLIC),
        cookie().header("origin", "https://dashboard.example.org"),
        cookie().header("sec-fetch-site", "same-origin"),
        cookie().header("sec-fetch-site", "none"),
    ] {
        server.send(write(allowed)).await.is_data(json!({ "write": true }));
    }
    for refused in [
        cookie(),
        cookie().header("origin", "https://evil.example"),
        cookie().header("origin", "null"),
        cookie().header("origin", "http://accounts.example.org"),
        cookie().header("origin", "https://evil.example").header("sec-fetch-site", "same-origin"),
        cookie().header("sec-fetch-site", "cross-site"),
        cookie().header("sec-fetch-site", "same-site"),
    ] {
        server.send(write(refused)).await.is_refused(403, "FORBIDDEN");
    }
    let get = Request::get("/graphql?query=%7Bviewer%7D")
        .header("accept", NEW)
        .header("cookie", "__Host-stamrol=good");
    server.send(get.body(String::new())).await.is_refused(403, "FORBIDDEN");
}

#[tokio::test]
async fn s17_another_sites_page_can_not_sign_its_visitor_in() {
    let server = public().await;
    let body = json!({ "query": "mutation { signIn(password: \"right\") }" }).to_string();
    let request = json_post().header("origin", "https://evil.example").body(body);
    server.send(request).await.is_refused(403, "FORBIDDEN");
}

#[tokio::test]
async fn s17_a_bearer_token_needs_no_origin() {
    let server = public().await;
    let request = json_post()
        .header("authorization", "Bearer good")
        .header("origin", "https://elsewhere.example");
    server.send(write(request)).await.is_data(json!({ "write": true }));
}

#[tokio::test]
async fn s14_signing_in_sets_a_cookie_that_only_this_host_gets() {
    let server = public().await;
    let sign_in = |password: &str| {
        let query = format!("mutation {{ signIn(password: \"{password}\") }}");
        json_post().header("origin", PUBLIC).body(json!({ "query": query }).to_string())
    };
    let reply = server.send(sign_in("right")).await;
    reply.is_data(json!({ "signIn": true }));
    assert_eq!(
        reply.header("set-cookie"),
        "__Host-stamrol=good; Path=/; Max-Age=60; HttpOnly; SameSite=Strict; Secure"
    );
    assert!(!server.send(sign_in("wrong")).await.headers.contains_key("set-cookie"));

    let loopback = Server::start().await;
    let reply = loopback.post(json!({ "query": "mutation { signIn(password: \"right\") }" })).await;
    assert_eq!(
        reply.header("set-cookie"),
        "stamrol=good; Path=/; Max-Age=60; HttpOnly; SameSite=Strict"
    );
    let own = json_post()
        .header("cookie", "stamrol=good")
        .header("origin", format!("http://{}", loopback.address));
    loopback.send(write(own)).await.is_data(json!({ "write": true }));
}

#[tokio::test]
async fn a_dead_cookie_is_cleared_so_that_one_can_sign_in_again() {
    let server = public().await;
    let reply = server
        .send(write(json_post().header("cookie", "__Host-stamrol=stale").header("origin", PUBLIC)))
        .await;
    reply.is_refused(401, "UNAUTHENTICATED");
    assert!(
        reply.header("set-cookie").starts_with("__Host-stamrol=; Path=/; Max-Age=0;"),
        "{reply:?}"
    );
    let plain_name = json_post().header("cookie", "stamrol=good").header("origin", PUBLIC);
    let body = json!({ "query": "{ viewer }" }).to_string();
    server.send(plain_name.body(body)).await.is_data(json!({ "viewer": null }));
}

fn preflight(origin: &'static str) -> axum::http::Result<Request<String>> {
    Request::options("/graphql")
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization, content-type")
        .body(String::new())
}

#[tokio::test]
async fn s17_a_page_of_a_listed_origin_may_ask_and_read_and_no_other() {
    const DASHBOARD: &str = "https://dashboard.example.org";
    let server = public().await;
    let asked = server.send(preflight(DASHBOARD)).await;
    assert_eq!(asked.status, 204);
    assert_eq!(asked.header("access-control-allow-origin"), DASHBOARD);
    assert_eq!(asked.header("access-control-allow-credentials"), "true");
    assert_eq!(asked.header("access-control-allow-methods"), "GET, POST");
    let headers = asked.header("access-control-allow-headers");
    assert!(headers.contains("authorization") && headers.contains("content-type"), "{headers}");

    let bearer = |token: &str, origin| {
        write(json_post().header("authorization", token).header("origin", origin))
    };
    // What is refused is read as well, so that a dashboard can tell why.
    for (token, status) in [("Bearer good", 200), ("Bearer stale", 401), ("nonsense", 401)] {
        let reply = server.send(bearer(token, DASHBOARD)).await;
        assert_eq!(reply.status, status);
        assert_eq!(reply.header("access-control-allow-origin"), DASHBOARD);
        assert!(reply.header("access-control-expose-headers").contains("x-request-id"));
        assert_eq!(reply.header("vary"), "origin");
    }

    let defaults = Server::start().await;
    for (server, origin) in
        [(&server, "https://evil.example"), (&server, "null"), (&defaults, DASHBOARD)]
    {
        let refused = server.send(preflight(origin)).await;
        refused.is_refused(403, "FORBIDDEN");
        let answered = server.send(bearer("Bearer good", origin)).await;
        for reply in [refused, answered] {
            assert!(!reply.headers.contains_key("access-control-allow-origin"), "{reply:?}");
            assert_eq!(reply.header("vary"), "origin");
        }
    }
}
