//! Statuses, error codes and extensions of answers.

use std::time::Duration;

use axum::http::Request;
use serde_json::{Value, json};
use stamrol::http::settings::Settings;

use super::support::{Reply, Server, json_post};

/// The same request with the media type of old.
async fn old(server: &Server, query: &str) -> Reply {
    let request = Request::post("/graphql")
        .header("content-type", "application/json")
        .header("accept", "application/json")
        .body(json!({ "query": query }).to_string());
    server.send(request).await
}

#[tokio::test]
async fn a_document_that_is_wrong_is_400_or_with_the_old_type_200() {
    let server = Server::start().await;
    for (query, code) in [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("", "GRAPHQL_PARSE_FAILED"),
        ("{ helo }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ hello { x } }", "GRAPHQL_VALIDATION_FAILED"),
        ("query ($n: Int!) { double(number: $n) }", "BAD_USER_INPUT"),
        ("{ double(number: \"x\") }", "BAD_USER_INPUT"),
        ("query A { hello } query B { hello }", "BAD_USER_INPUT"),
        ("{ ...F } fragment F on Query { ...F }", "GRAPHQL_VALIDATION_FAILED"),
    ] {
        server.post(json!({ "query": query })).await.is_refused(400, code);
        old(&server, query).await.is_refused(200, code);
    }
    let wrong =
        json!({ "query": "query ($n: Int!) { double(number: $n) }", "variables": { "n": "x" } });
    server.post(wrong).await.is_refused(400, "BAD_USER_INPUT");
    server
        .post(json!({ "query": "{ hello }", "operationName": "X" }))
        .await
        .is_refused(400, "BAD_USER_INPUT");
}

#[tokio::test]
async fn s21_suggestions_are_off() {
    let server = Server::start().await;
    let reply = server.query("{ helo }").await;
    assert!(!reply.to_string().contains("hello"), "{reply}");
}

#[tokio::test]
async fn a_failed_field_keeps_its_code_and_the_rest_of_the_data() {
    let server = Server::start().await;
    let reply = server.post(json!({ "query": "{ hello missing }" })).await;
    reply.is_data(json!({ "hello": "hello world", "missing": null }));
    assert_eq!(reply.code(), "NOT_FOUND");
    assert_eq!(reply.json()["errors"][0]["path"], json!(["missing"]));
}

#[tokio::test]
async fn s29_what_a_resolver_did_not_mean_to_tell_is_not_told() {
    let server = Server::start().await;
    let reply = server.post(json!({ "query": "{ hello fails }" })).await;
    reply.is_data(json!({ "hello": "hello world", "fails": null }));
    assert_eq!(reply.code(), "INTERNAL_SERVER_ERROR");
    assert_eq!(reply.json()["errors"][0]["extensions"]["requestId"], reply.header("x-request-id"));
    assert!(!reply.body.contains("canary"), "{reply:?}");
}

#[tokio::test]
async fn s29_a_panicking_resolver_is_an_answer_and_the_server_goes_on() {
    let server = Server::start().await;
    let reply = server.post(json!({ "query": "{ panics }" })).await;
    assert_eq!(reply.status, 500);
    assert_eq!(reply.code(), "INTERNAL_SERVER_ERROR");
    assert_eq!(reply.json()["errors"][0]["extensions"]["requestId"], reply.header("x-request-id"));
    assert!(!reply.body.contains("canary"), "{reply:?}");
    assert_eq!(old(&server, "{ panics }").await.status, 200);
    server.post(json!({ "query": "{ hello }" })).await.is_data(json!({ "hello": "hello world" }));
}

#[tokio::test]
async fn s21_a_request_that_takes_too_long_is_a_timeout() {
    let settings = Settings { request_timeout: Duration::from_millis(50), ..Settings::default() };
    let server = Server::start_with(settings).await;
    let reply = server.post(json!({ "query": "{ hangs }" })).await;
    assert_eq!(reply.status, 504);
    assert_eq!(reply.code(), "TIMEOUT");
}

#[tokio::test]
async fn a_bad_token_is_401_with_a_graphql_body() {
    let server = Server::start().await;
    let with = |authorization: &str| {
        json_post()
            .header("authorization", authorization)
            .body(json!({ "query": "{ hello }" }).to_string())
    };
    for bad in ["Bearer stale", "Basic YTpi", "Bearer", "Bearer a\"b"] {
        let reply = server.send(with(bad)).await;
        reply.is_refused(401, "UNAUTHENTICATED");
        assert!(reply.header("www-authenticate").starts_with("Bearer"), "{reply:?}");
    }
    server.send(with("Bearer forbidden")).await.is_refused(403, "FORBIDDEN");
    let hasty = server.send(with("Bearer hasty")).await;
    hasty.is_refused(429, "RATE_LIMITED");
    assert_eq!(hasty.header("retry-after"), "7");
    server.send(with("Bearer away")).await.is_refused(503, "SERVICE_UNAVAILABLE");
    server.send(with("bearer good")).await.is_data(json!({ "hello": "hello world" }));
}

#[tokio::test]
async fn the_viewer_reaches_the_resolvers_and_nobody_may_also_ask() {
    let server = Server::start().await;
    assert_eq!(server.query("{ viewer }").await["data"]["viewer"], "ada");
    let nobody = server.send(json_post().body(json!({ "query": "{ viewer }" }).to_string())).await;
    nobody.is_data(json!({ "viewer": null }));
}

#[tokio::test]
async fn the_schema_is_for_those_who_signed_in() {
    let server = Server::start().await;
    let query = json!({ "query": "{ ... { __schema { queryType { name } } } }" });
    server
        .post(query.clone())
        .await
        .is_data(json!({ "__schema": { "queryType": { "name": "Query" } } }));
    server.send(json_post().body(query.to_string())).await.is_refused(400, "UNAUTHENTICATED");

    let open =
        Server::start_with(Settings { public_introspection: true, ..Settings::default() }).await;
    assert_eq!(open.send(json_post().body(query.to_string())).await.status, 200);
}

#[tokio::test]
async fn the_cost_is_told_on_demand() {
    let server = Server::start().await;
    let query = "{ hello this { hello } }";
    assert_eq!(server.query(query).await["extensions"], Value::Null);
    let expected = json!({ "total": 3, "limit": 100_000, "selections": 3, "depth": 2 });
    let asked = server.post(json!({ "query": query, "extensions": { "cost": true } })).await;
    assert_eq!(asked.json()["extensions"]["cost"], expected);
    let request =
        json_post().header("x-graphql-cost", "1").body(json!({ "query": query }).to_string());
    assert_eq!(server.send(request).await.json()["extensions"]["cost"], expected);
}

#[tokio::test]
async fn a_position_to_wait_for_comes_in_a_header() {
    let server = Server::start().await;
    let with = |value| {
        json_post().header("x-at-least", value).body(json!({ "query": "{ atLeast }" }).to_string())
    };
    server.send(with("42")).await.is_data(json!({ "atLeast": 42 }));
    server.send(with("soon")).await.is_refused(400, "BAD_REQUEST");
}

#[tokio::test]
async fn a_subscription_needs_a_stream() {
    let server = Server::start().await;
    server
        .post(json!({ "query": "subscription { count(to: 1) }" }))
        .await
        .is_refused(400, "BAD_REQUEST");
}
