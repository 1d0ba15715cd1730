//! Headers that say how to answer, from the socket to the resolvers.

use serde_json::{Value, json};

use super::{connect, setup, signed_in};
use crate::support::process::Server;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_are_in_the_language_that_the_header_asks_for() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path()).await;
    let mut client = connect(&server).await;
    let query =
        "mutation($input: SignInInput!) { signIn(input: $input) { userErrors { message } } }";
    let mut messages = Vec::new();
    for language in ["en", "nl"] {
        client.headers = vec![("accept-language", language.to_owned())];
        let input = json!({ "input": { "username": "nobody", "password": "nothing" } });
        let answer = client.send(query, input).await.unwrap();
        let message = &answer.body["data"]["signIn"]["userErrors"][0]["message"];
        messages.push(message.as_str().unwrap().to_owned());
    }
    assert_ne!(messages[0], messages[1]);
    assert!(messages[1].contains("wachtwoord"), "{messages:?}");
    assert!(server.stop().0.success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_query_waits_for_the_position_that_the_header_asks_for() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path()).await;
    assert_eq!(setup(&server, &server.token.clone().unwrap()).await, json!([]));
    let mut client = signed_in(&server).await;
    let query = "{ organisations(first: 1) { position } }";
    client.headers = vec![("x-at-least", "3".to_owned())];
    let answer = client.send(query, Value::Null).await.unwrap().body;
    let shown = &answer["data"]["organisations"]["position"];
    assert!(shown.as_u64().is_some_and(|position| position >= 3), "{answer}");
    client.headers = vec![("x-at-least", "1000000".to_owned())];
    for query in
        [query, "{ viewer { account { id } } }", "{ operators { id } }", "{ services { name } }"]
    {
        let answer = client.send(query, Value::Null).await.unwrap().body;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "TIMEOUT", "{query}: {answer}");
    }
    assert!(server.stop().0.success());
}
