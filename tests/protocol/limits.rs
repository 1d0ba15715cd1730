//! What is too much (S21).

use std::{fmt::Write, sync::atomic::Ordering};

use serde_json::json;

use stamrol::http::settings::Settings;

use super::support::{Server, json_post};

#[tokio::test]
async fn s21_a_body_of_more_than_64_kib_is_refused_whether_announced_or_not() {
    let server = Server::start().await;
    let of = |bytes: usize| {
        let empty = json!({ "query": "{ hello }", "operationName": null, "x": "" }).to_string();
        empty.replace("\"x\":\"\"", &format!("\"x\":\"{}\"", "x".repeat(bytes - empty.len())))
    };
    assert_eq!(server.send(json_post().body(of(64 * 1024))).await.status, 200);
    server.send(json_post().body(of(64 * 1024 + 1))).await.is_refused(413, "BAD_REQUEST");
    let chunked = json_post().header("transfer-encoding", "chunked").body(of(64 * 1024 + 1));
    server.send(chunked).await.is_refused(413, "BAD_REQUEST");
}

#[tokio::test]
async fn s21_a_sign_in_has_8_kib() {
    let server = Server::start().await;
    let of = |password: usize| {
        let query = "mutation ($p: String!) { signIn(password: $p) }";
        json!({ "query": query, "variables": { "p": "x".repeat(password) } }).to_string()
    };
    server.send(json_post().body(of(8000))).await.is_data(json!({ "signIn": false }));
    server.send(json_post().body(of(8192))).await.is_refused(413, "BAD_REQUEST");
}

#[tokio::test]
async fn s21_one_request_is_one_try_to_sign_in() {
    let server = Server::start().await;
    let query = r#"mutation { a: signIn(password: "a") b: signIn(password: "b") }"#;
    let reply = server.post(json!({ "query": query })).await;
    reply.is_refused(400, "GRAPHQL_VALIDATION_FAILED");
    assert_eq!(reply.json()["errors"][0]["extensions"]["exceeded"], "sign-in attempts");
}

#[tokio::test]
async fn s21_a_fragment_bomb_and_a_bracket_bomb_are_refused() {
    let server = Server::start().await;
    let mut bomb = String::from("{ ...F0 }");
    for level in 0..22 {
        write!(bomb, " fragment F{level} on Query {{ ...F{0} ...F{0} }}", level + 1).unwrap();
    }
    bomb.push_str(" fragment F22 on Query { hello }");
    server.post(json!({ "query": bomb })).await.is_refused(400, "GRAPHQL_VALIDATION_FAILED");
    server
        .post(json!({ "query": "{a".repeat(20_000) }))
        .await
        .is_refused(400, "GRAPHQL_VALIDATION_FAILED");
    let deep = format!("{} hello {}", "{ this ".repeat(21), "}".repeat(21));
    server.post(json!({ "query": deep })).await.is_refused(400, "GRAPHQL_VALIDATION_FAILED");
    let variables =
        format!("{{\"query\": \"{{ hello }}\", \"variables\": {{\"x\": {}}}}}", "[".repeat(20_000));
    server.send(json_post().body(variables)).await.is_refused(400, "BAD_REQUEST");
    assert_eq!(server.toy.written.load(Ordering::SeqCst), 0);
    assert_eq!(server.query("{ hello }").await["data"]["hello"], "hello world");
}

#[tokio::test]
async fn s21_a_caller_has_a_budget_and_is_told_when_it_is_spent() {
    // One document at least, and nothing for a second one.
    let settings = Settings { budget: 30, ..Settings::default() };
    let server = Server::start_with(settings).await;
    let ask = |token: Option<&str>, fields: usize| {
        let names = (0..fields).map(|n| format!("f{n}: remaining")).collect::<Vec<_>>().join(" ");
        let request = token
            .iter()
            .fold(json_post(), |it, token| it.header("authorization", format!("Bearer {token}")));
        server.send(request.body(json!({ "query": format!("{{ {names} }}") }).to_string()))
    };
    assert_eq!(ask(Some("good"), 10).await.json()["data"]["f0"], 20);
    assert_eq!(ask(Some("good"), 10).await.json()["data"]["f0"], 10);
    let refused = ask(Some("good"), 11).await;
    refused.is_refused(429, "RATE_LIMITED");
    assert!((1..=60).contains(&refused.header("retry-after").parse::<u64>().unwrap()));
    // Those who have not signed in pay from another purse, and what was refused cost nothing.
    assert_eq!(ask(None, 1).await.json()["data"]["f0"], 29);
    assert_eq!(ask(Some("good"), 10).await.json()["data"]["f0"], 0);
}

#[tokio::test]
async fn s21_a_variable_that_is_named_often_is_not_copied_often() {
    let server = Server::start().await;
    let many = |mentions: usize, values: usize| {
        let query = format!("query ($v: [Int]) {{ sum(numbers: [{}]) }}", "$v ".repeat(mentions));
        json!({ "query": query, "variables": { "v": vec![1; values] } })
    };
    server.post(many(3, 3)).await.is_refused(400, "BAD_USER_INPUT"); // no list of lists
    for (body, exceeded) in [
        (many(500, 500), "values in arguments"),
        (many(1, 3_000), "values in variables"),
        (many(10_000, 1), "values in arguments"),
    ] {
        let reply = server.post(body).await;
        reply.is_refused(400, "GRAPHQL_VALIDATION_FAILED");
        assert_eq!(reply.json()["errors"][0]["extensions"]["exceeded"], exceeded);
    }
}
