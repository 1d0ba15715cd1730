//! The program as people run it: the real binary, with a data directory of its own.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod activation;
mod headers;
mod history;
mod mailing;
mod passkeys;
mod passwords;
mod revoking;
mod secrets;
mod telephones;
mod telling;

use serde_json::{Value, json};

use crate::support::{
    client::Client,
    process::{Server, stamrol},
};

const PASSWORD: &str = "Kanarie fluit 7 deuntjes";

async fn connect(server: &Server) -> Client {
    Client::connect(server.address).await.unwrap()
}

/// Runs a mutation, and gives its payload.
async fn mutate(client: &mut Client, name: &str, payload: &str, input: Value) -> Value {
    match client.mutate(name, payload, input).await.unwrap() {
        Ok(payload) => payload,
        Err(mut answer) => {
            assert!(answer.body["errors"].is_null(), "{name}: {}", answer.body);
            answer.body["data"][name].take()
        }
    }
}

async fn setup(server: &Server, token: &str) -> Value {
    let input = json!({ "token": token, "username": "operator", "password": PASSWORD, "email": "o@example.org" });
    let payload = mutate(&mut connect(server).await, "operatorSetup", "position", input).await;
    payload["userErrors"].clone()
}

/// The operator, signed in.
async fn signed_in(server: &Server) -> Client {
    sign_in(server, "operator", PASSWORD).await.expect("the operator can sign in")
}

/// Somebody who has signed in; the codes of the errors where they may not.
async fn sign_in(server: &Server, username: &str, password: &str) -> Result<Client, Value> {
    let mut client = connect(server).await;
    let input = json!({ "username": username, "password": password });
    let payload = mutate(&mut client, "signIn", "session { token }", input).await;
    client.session = payload["session"]["token"].as_str().map(ToOwned::to_owned);
    if client.session.is_some() { Ok(client) } else { Err(payload["userErrors"].clone()) }
}

/// An organisation and its owner, anna, who has signed in.
async fn organised(server: &Server) -> (Client, Client) {
    let token = server.token.clone().expect("it is a first start");
    assert_eq!(setup(server, &token).await, json!([]));
    let mut operator = signed_in(server).await;
    let create = json!({ "name": "Woonstichting De Meerpaal", "language": "NL" });
    let made = mutate(&mut operator, "organisationCreate", "organisation { id }", create).await;
    let organisation = made["organisation"]["id"].clone();
    let anna = json!({
        "organisation": organisation, "username": "anna", "password": PASSWORD,
        "email": "anna@meerpaal.example",
    });
    let made = mutate(&mut operator, "accountCreate", "account { id }", anna).await;
    let owner = json!({ "account": made["account"]["id"], "organisation": organisation });
    mutate(&mut operator, "ownerSet", "position", owner).await;
    let anna = sign_in(server, "anna", PASSWORD).await.expect("anna can sign in");
    (operator, anna)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_start_shows_a_token_and_it_makes_the_first_operator() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path()).await;
    let token = server.token.clone().unwrap();
    assert_eq!(setup(&server, &token).await, json!([]));
    let mut client = signed_in(&server).await;
    let create = json!({ "name": "Bakkerij Bakker" });
    let made = mutate(&mut client, "organisationCreate", "organisation { name }", create).await;
    assert_eq!(made["organisation"]["name"], "Bakkerij Bakker");
    assert!(server.stop().0.success());

    // There is an operator now: no token is shown, and the session outlives the process.
    let again = Server::start(data.path()).await;
    assert_eq!(again.token, None);
    let session = client.session;
    let mut client = connect(&again).await;
    client.session = session;
    let query = "{ organisations(first: 1) { nodes { name } } }";
    let seen = client.send(query, Value::Null).await.unwrap().body;
    assert_eq!(seen["data"]["organisations"]["nodes"][0]["name"], "Bakkerij Bakker");

    // And the command line reaches it while it runs.
    let rebuilt = stamrol(&["rebuild", "--data", data.path().to_str().unwrap()]);
    assert!(rebuilt.status.success(), "{rebuilt:?}");
    assert!(again.stop().0.success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_start_without_an_operator_voids_the_token_before() {
    let data = tempfile::tempdir().unwrap();
    let first = Server::start(data.path()).await;
    let old = first.token.clone().unwrap();
    assert!(first.stop().0.success());
    let second = Server::start(data.path()).await;
    assert_ne!(second.token.as_ref(), Some(&old));
    assert_ne!(setup(&second, &old).await, json!([]));
    assert_eq!(setup(&second, &second.token.clone().unwrap()).await, json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_data_directory_in_use_or_without_its_key_is_refused_in_clear_words() {
    let data = tempfile::tempdir().unwrap();
    let path = data.path().to_str().unwrap();
    let server = Server::start(data.path()).await;
    let second = stamrol(&["serve", "--data", path, "--listen", "127.0.0.1:0"]);
    assert!(!second.status.success());
    assert!(String::from_utf8_lossy(&second.stderr).contains("in use"), "{second:?}");
    assert!(server.stop().0.success());

    std::fs::remove_file(data.path().join("master.key")).unwrap();
    let keyless = stamrol(&["serve", "--data", path, "--listen", "127.0.0.1:0"]);
    assert!(!keyless.status.success());
    assert!(String::from_utf8_lossy(&keyless.stderr).contains("master key"), "{keyless:?}");
    assert!(!data.path().join("master.key").exists());
}

#[test]
fn a_wrong_setting_stops_the_program_and_says_how_to_mend_it() {
    let refused = stamrol(&["config", "--set", "sessions.idle=soon"]);
    assert!(!refused.status.success());
    let message = String::from_utf8(refused.stderr).unwrap();
    assert!(message.contains("`sessions.idle` (flag --set) must be a period"), "{message}");
}
