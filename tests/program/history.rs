//! `stamrol history`: beside a running server, and where none runs.

use std::{ffi::OsStr, process::Output};

use serde_json::{Value, json};

use super::{mutate, setup, signed_in};
use crate::support::process::{Server, stamrol};

fn history(data: &OsStr, arguments: &[&str]) -> Output {
    let data = data.to_str().unwrap();
    stamrol(&[&["history", "--data", data], arguments].concat())
}

fn lines(output: &Output) -> Vec<Value> {
    assert!(output.status.success(), "{output:?}");
    let text = std::str::from_utf8(&output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn au2_the_command_line_tells_what_happened_in_the_language_that_was_chosen() {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().as_os_str();
    let nothing = history(folder, &[]);
    assert!(!nothing.status.success());
    assert!(String::from_utf8_lossy(&nothing.stderr).contains("no log"), "{nothing:?}");

    let server = Server::start(data.path()).await;
    assert_eq!(setup(&server, server.token.as_ref().unwrap()).await, json!([]));
    let mut client = signed_in(&server).await;
    let create = json!({ "name": "Bakkerij Bakker" });
    let made = mutate(&mut client, "organisationCreate", "organisation { id }", create).await;
    let input = json!({
        "organisation": made["organisation"]["id"], "username": "anna", "displayName": "Anna de Vries",
    });
    let payload = mutate(&mut client, "accountCreate", "account { id }", input).await;
    assert!(payload["account"]["id"].is_string(), "{payload}");

    let told = lines(&history(folder, &["--language", "nl"]));
    let positions: Vec<_> = told.iter().map(|event| event["position"].as_u64().unwrap()).collect();
    assert_eq!(positions, (1..=told.len() as u64).collect::<Vec<_>>());
    let find = |kind: &str| told.iter().find(|event| event["kind"] == kind).unwrap();
    let organisation = find("organisation.created");
    assert_eq!(organisation["data"]["name"], "Bakkerij Bakker");
    assert_eq!(organisation["action"], "organisationCreate");
    assert_eq!(
        organisation["sentence"],
        "operator heeft de organisatie Bakkerij Bakker aangemaakt."
    );
    // What is sealed in the log is open here.
    let is_hers = |event: &&Value| event["data"]["profile"]["display_name"] == "Anna de Vries";
    let account = told.iter().find(is_hers).unwrap();
    assert_eq!(account["kind"], "account.created");
    assert_eq!(account["origin"]["address"], "127.0.0.1");

    // Of an organisation: with what happened to its members.
    let id = organisation["stream"].as_str().unwrap().split_once('-').unwrap().1;
    let of_firm = lines(&history(folder, &["--organisation", id, "--language", "en"]));
    assert_eq!(of_firm[0]["sentence"], "operator created the organisation Bakkerij Bakker.");
    assert!(of_firm.iter().any(|event| event["id"] == account["id"]));
    assert!(of_firm.len() < told.len());
    assert!(server.stop().0.success());

    // Without a server the same is told, from any position on, and in English where nobody says.
    let rest = lines(&history(folder, &["--after", "2", "--limit", "3"]));
    let positions: Vec<_> = rest.iter().map(|event| event["position"].as_u64().unwrap()).collect();
    assert_eq!(positions, [3, 4, 5]);
    std::fs::remove_dir_all(data.path().join("views")).unwrap();
    let again = lines(&history(folder, &["--language", "nl"]));
    assert_eq!(again[..told.len()], told);
}
