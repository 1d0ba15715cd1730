//! Methods, media types and the shape of requests.

use std::sync::atomic::Ordering;

use axum::http::Request;
use serde_json::json;

use super::support::{NEW, Server, json_post};

#[tokio::test]
async fn a_post_of_json_is_answered() {
    let server = Server::start().await;
    let reply = server.post(json!({ "query": "{ hello }" })).await;
    reply.is_data(json!({ "hello": "hello world" }));
    assert_eq!(reply.header("content-type"), "application/graphql-response+json; charset=utf-8");

    let reply = server
        .post(json!({
            "query": "query A($n: Int!) { double(number: $n) } query B { hello }",
            "operationName": "A",
            "variables": { "n": 21 },
            "extensions": null,
        }))
        .await;
    reply.is_data(json!({ "double": 42 }));
    server
        .post(json!({ "query": "{ hello }", "variables": null }))
        .await
        .is_data(json!({ "hello": "hello world" }));
}

#[tokio::test]
async fn a_get_runs_queries_with_all_their_parameters() {
    let server = Server::start().await;
    server.get("/graphql?query=%7B%20hello%20%7D").await.is_data(json!({ "hello": "hello world" }));
    let query = "query=query+A($n:Int!){double(number:$n)}query+B{hello}";
    let encoded = query.replace('{', "%7B").replace('}', "%7D");
    let a =
        server.get(&format!("/graphql?{encoded}&operationName=A&variables=%7B%22n%22:4%7D")).await;
    a.is_data(json!({ "double": 8 }));
    server
        .get(&format!("/graphql?{encoded}&operationName=B"))
        .await
        .is_data(json!({ "hello": "hello world" }));
    server.get("/graphql").await.is_refused(400, "BAD_REQUEST");
    server.get("/graphql?query=%7Bhello%7D&variables=7").await.is_refused(400, "BAD_REQUEST");
    server.get("/graphql?query=%7Bhello%7D&query=%7Bhello%7D").await.is_refused(400, "BAD_REQUEST");
}

#[tokio::test]
async fn s17_a_mutation_by_get_is_refused_and_does_not_run() {
    let server = Server::start().await;
    let reply = server.get("/graphql?query=mutation%7Bwrite%7D").await;
    reply.is_refused(405, "BAD_REQUEST");
    assert_eq!(reply.header("allow"), "POST");
    let several = "/graphql?query=query+A%7Bhello%7Dmutation+B%7Bwrite%7D&operationName=B";
    server.get(several).await.is_refused(405, "BAD_REQUEST");
    assert_eq!(server.toy.written.load(Ordering::SeqCst), 0);

    server.post(json!({ "query": "mutation { write }" })).await.is_data(json!({ "write": true }));
    assert_eq!(server.toy.written.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn other_methods_are_told_what_is_allowed() {
    let server = Server::start().await;
    for method in ["PUT", "DELETE", "PATCH", "OPTIONS"] {
        let request = Request::builder().method(method).uri("/graphql").body(String::new());
        let reply = server.send(request).await;
        reply.is_refused(405, "BAD_REQUEST");
        assert_eq!(reply.header("allow"), "GET, POST");
    }
}

#[tokio::test]
async fn s17_other_content_types_are_refused_and_nothing_runs() {
    let server = Server::start().await;
    let body = json!({ "query": "mutation { write }" }).to_string();
    for content_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/graphql",
        "application/json; charset=utf-16",
        "",
    ] {
        let request =
            Request::post("/graphql").header("content-type", content_type).body(body.clone());
        server.send(request).await.is_refused(415, "BAD_REQUEST");
    }
    server.send(Request::post("/graphql").body(body.clone())).await.is_refused(415, "BAD_REQUEST");
    server
        .send(json_post().header("content-encoding", "gzip").body(body.clone()))
        .await
        .is_refused(415, "BAD_REQUEST");
    assert_eq!(server.toy.written.load(Ordering::SeqCst), 0);

    let request = Request::post("/graphql")
        .header("content-type", "Application/JSON; charset=\"UTF-8\"")
        .body(body);
    assert_eq!(server.send(request).await.status, 200);
}

#[tokio::test]
async fn a_body_that_is_no_request_is_refused_in_plain_words() {
    let server = Server::start().await;
    for (body, words) in [
        ("", "empty"),
        ("{ hello }", "not JSON"),
        ("{\"query\": \"{ hello }\"", "not JSON"),
        ("[{\"query\": \"{ hello }\"}]", "Batches"),
        (" []", "Batches"),
        ("7", "must be a JSON object"),
        ("null", "must be a JSON object"),
        ("{}", "\"query\" a string"),
        ("{\"query\": 7}", "\"query\" a string"),
        ("{\"query\": \"{ hello }\", \"variables\": [1]}", "\"variables\""),
        ("{\"query\": \"{ hello }\", \"variables\": \"x\"}", "\"variables\""),
        ("{\"query\": \"{ hello }\", \"operationName\": 1}", "\"operationName\""),
        ("{\"query\": \"{ hello }\", \"extensions\": \"x\"}", "\"extensions\""),
    ] {
        let reply = server.send(json_post().body(body.to_owned())).await;
        reply.is_refused(400, "BAD_REQUEST");
        let message = reply.json()["errors"][0]["message"].to_string().replace("\\\"", "\"");
        assert!(message.contains(words), "{body}: {message}");
    }
}

#[tokio::test]
async fn what_cannot_be_accepted_is_406() {
    let server = Server::start().await;
    let body = json!({ "query": "mutation { write }" }).to_string();
    let post = |accept| {
        Request::post("/graphql")
            .header("content-type", "application/json")
            .header("accept", accept)
            .body(body.clone())
    };
    for accept in ["text/html", "application/json; charset=latin1", "image/*"] {
        server.send(post(accept)).await.is_refused(406, "BAD_REQUEST");
    }
    assert_eq!(server.toy.written.load(Ordering::SeqCst), 0);
    for (accept, expected) in [
        (NEW, NEW),
        ("application/json", "application/json"),
        ("*/*", "application/json"),
        ("application/graphql-response+json;q=0.2, application/json;q=0.9", "application/json"),
    ] {
        let reply = server.send(post(accept)).await;
        assert_eq!(reply.header("content-type"), format!("{expected}; charset=utf-8"), "{accept}");
    }
}
