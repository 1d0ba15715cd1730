//! What is taken from somebody is gone with the next request, however far the read models are.

use serde_json::{Value, json};

use super::{PASSWORD, mutate, organised, sign_in};
use crate::support::{client::Client, process::Server};

/// Rounds, so that a lucky order doesn't pass for the rule.
const ROUNDS: usize = 25;

/// The codes of what an administrator may do and others may not: a command, a query, and what hangs on the node of another.
async fn tries(client: &mut Client, other: &Value, number: usize) -> [bool; 3] {
    let create = json!({ "username": format!("lid.{number}") });
    let made = mutate(client, "accountCreate", "account { id }", create).await;
    let query = "query($id: ID!) {
        accounts(first: 5) { nodes { username } }
        node(id: $id) { ... on Account { email } }
    }";
    let seen = client.send(query, json!({ "id": other })).await.unwrap().body;
    let nodes = seen["data"]["accounts"]["nodes"].as_array().map_or(0, Vec::len);
    [made["userErrors"] == json!([]), nodes > 1, seen["data"]["node"]["email"].is_string()]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s16_whoever_administers_no_more_can_nothing_more_from_the_next_request_on() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path()).await;
    let (_, mut anna) = organised(&server).await;
    let viewer = anna.send("{ viewer { account { id } } }", Value::Null).await.unwrap().body;
    let annas = viewer["data"]["viewer"]["account"]["id"].clone();
    let input = json!({ "username": "eva", "password": "Merel fluit 8 liedjes" });
    let eva = mutate(&mut anna, "accountCreate", "account { id }", input).await;
    let eva = eva["account"]["id"].clone();
    let mut client = sign_in(&server, "eva", "Merel fluit 8 liedjes").await.unwrap();
    for round in 0..ROUNDS {
        for administrates in [true, false] {
            let set = json!({ "account": eva, "administrator": administrates });
            let set = mutate(&mut anna, "administratorSet", "position", set).await;
            assert_eq!(set["userErrors"], json!([]), "{set}");
            let can = tries(&mut client, &annas, 2 * round + usize::from(administrates)).await;
            assert_eq!(can, [administrates; 3], "round {round}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s16_a_revoked_key_opens_nothing_from_the_next_request_on() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path()).await;
    let (_, mut anna) = organised(&server).await;
    let proven = json!({ "password": PASSWORD });
    let proven = mutate(&mut anna, "stepUp", "session { token }", proven).await;
    anna.session = proven["session"]["token"].as_str().map(ToOwned::to_owned);
    for round in 0..ROUNDS {
        let input = json!({ "name": format!("dashboard {round}"), "scopes": ["ACCOUNTS_READ"] });
        let made = mutate(&mut anna, "serviceKeyCreate", "token serviceKey { id }", input).await;
        let mut dashboard = super::connect(&server).await;
        dashboard.session = made["token"].as_str().map(ToOwned::to_owned);
        assert!(dashboard.session.is_some(), "{made}");
        let query = "{ accounts(first: 1) { nodes { username } } }";
        let seen = dashboard.send(query, Value::Null).await.unwrap();
        assert_eq!(seen.status, 200, "{seen:?}");
        let revoke = json!({ "key": made["serviceKey"]["id"] });
        mutate(&mut anna, "serviceKeyRevoke", "position", revoke).await;
        let seen = dashboard.send(query, Value::Null).await.unwrap();
        assert_eq!(seen.status, 401, "round {round}: {seen:?}");
    }
}
