//! The program as people run it: the real binary, with a data directory of its own.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod secrets;
mod server;

use serde_json::{Value, json};

use self::server::{Server, stamrol};

const PASSWORD: &str = "Kanarie fluit 7 deuntjes";

fn setup(server: &Server, token: &str) -> Value {
    let answer = server.ask(
        None,
        "mutation($input: OperatorSetupInput!) { operatorSetup(input: $input) { userErrors { code } } }",
        &json!({ "token": token, "username": "operator", "password": PASSWORD, "email": "o@example.org" }),
    );
    answer["data"]["operatorSetup"]["userErrors"].clone()
}

fn sign_in(server: &Server) -> Option<String> {
    let answer = server.ask(
        None,
        "mutation($input: SignInInput!) { signIn(input: $input) { session { token } userErrors { code } } }",
        &json!({ "username": "operator", "password": PASSWORD }),
    );
    answer["data"]["signIn"]["session"]["token"].as_str().map(ToOwned::to_owned)
}

#[test]
fn the_first_start_shows_a_token_and_it_makes_the_first_operator() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path());
    let token = server.token.clone().unwrap();
    assert_eq!(setup(&server, &token), json!([]));
    let session = sign_in(&server).unwrap();
    let create = "mutation($input: OrganisationCreateInput!) { organisationCreate(input: $input) { organisation { name } } }";
    let made = server.ask(Some(&session), create, &json!({ "name": "Bakkerij Bakker" }));
    let made = &made["data"]["organisationCreate"]["organisation"]["name"];
    assert_eq!(made, "Bakkerij Bakker");
    assert!(server.stop().success());

    // There is an operator now: no token is shown, and the session outlives the process.
    let again = Server::start(data.path());
    assert_eq!(again.token, None);
    let query = "{ organisations(first: 1) { nodes { name } } }";
    let seen = again.ask(Some(&session), query, &Value::Null);
    assert_eq!(seen["data"]["organisations"]["nodes"][0]["name"], "Bakkerij Bakker");

    // And the command line reaches it while it runs.
    let rebuilt = stamrol(&["rebuild", "--data", data.path().to_str().unwrap()]);
    assert!(rebuilt.status.success(), "{rebuilt:?}");
    let history = stamrol(&["history", "--data", data.path().to_str().unwrap(), "--after", "1"]);
    let lines = String::from_utf8(history.stdout).unwrap();
    let events: Vec<Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(events[0]["position"], 2);
    let named = |event: &&Value| event["kind"] == "organisation.created";
    assert_eq!(events.iter().find(named).unwrap()["data"]["name"], "Bakkerij Bakker");
    assert!(again.stop().success());
}

#[test]
fn every_start_without_an_operator_voids_the_token_before() {
    let data = tempfile::tempdir().unwrap();
    let first = Server::start(data.path());
    let old = first.token.clone().unwrap();
    assert!(first.stop().success());
    let second = Server::start(data.path());
    assert_ne!(second.token.as_ref(), Some(&old));
    assert_ne!(setup(&second, &old), json!([]));
    assert_eq!(setup(&second, &second.token.clone().unwrap()), json!([]));
}

#[test]
fn a_data_directory_in_use_or_without_its_key_is_refused_in_clear_words() {
    let data = tempfile::tempdir().unwrap();
    let path = data.path().to_str().unwrap();
    let server = Server::start(data.path());
    let second = stamrol(&["serve", "--data", path, "--listen", "127.0.0.1:0"]);
    assert!(!second.status.success());
    assert!(String::from_utf8_lossy(&second.stderr).contains("in use"), "{second:?}");
    assert!(server.stop().success());

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
