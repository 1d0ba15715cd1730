//! Planted secrets, looked for everywhere afterwards.

use std::path::Path;

use serde_json::{Value, json};

use super::{PASSWORD, connect};
use crate::support::process::Server;

/// Looks for a secret in every file under a folder.
pub(super) fn files_with(folder: &Path, secret: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_with(&path, secret));
        } else if let Ok(bytes) = std::fs::read(&path)
            && bytes.windows(secret.len()).any(|window| window == secret.as_bytes())
        {
            found.push(path.display().to_string());
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s27_planted_secrets_show_in_no_log_answer_or_file() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start_talkative(data.path()).await;
    let setup_token = server.token.clone().unwrap();
    let (wrong, header) =
        ("Canary-Wrong-4711 zingt", "sts_CanaryHeader4711CanaryHeader4711CanaryHeader");
    let new = "Canary-New-4711 zingt";
    let mut answers = Vec::new();
    let mut client = connect(&server).await;
    let mut ask = async |authorization: Option<&str>, query: &str, input: Value| {
        client.session = authorization.map(ToOwned::to_owned);
        let answer = client.send(query, json!({ "input": input })).await.unwrap();
        let answer = format!("{:?} {}", answer.headers, answer.body);
        answers.push(answer.clone());
        answer
    };

    let setup = "mutation($input: OperatorSetupInput!) { operatorSetup(input: $input) { userErrors { code message } } }";
    let operator = |password: &str, token: &str| json!({ "token": token, "username": "operator", "password": password, "email": "o@example.org" });
    ask(None, setup, operator("weak", &setup_token)).await;
    ask(None, setup, operator(PASSWORD, &setup_token)).await;
    ask(None, setup, operator(PASSWORD, &setup_token)).await;
    let sign_in = "mutation($input: SignInInput!) { signIn(input: $input) { session { token } userErrors { code message } } }";
    ask(None, sign_in, json!({ "username": "operator", "password": wrong })).await;
    ask(None, sign_in, json!({ "username": wrong, "password": wrong })).await;
    let answer = ask(None, sign_in, json!({ "username": "operator", "password": PASSWORD })).await;
    let token = answer.split("sts_").nth(1).map(|rest| format!("sts_{}", &rest[..43])).unwrap();
    let change = "mutation($input: PasswordChangeInput!) { passwordChange(input: $input) { userErrors { code message } } }";
    ask(Some(&token), change, json!({ "currentPassword": wrong, "newPassword": new })).await;
    ask(Some(&token), change, json!({ "currentPassword": PASSWORD, "newPassword": new })).await;
    ask(Some(header), "{ viewer { __typename } }", Value::Null).await;
    // A wrong type and a document that doesn't parse bring the input into errors, if anything does.
    ask(None, sign_in, json!({ "username": 1, "password": [new] })).await;
    ask(
        None,
        &format!("mutation {{ signIn(input: {{ password: \"{new}\", username: }}) }}"),
        Value::Null,
    )
    .await;

    let (status, said) = server.stop();
    assert!(status.success());
    assert!(said.contains("\"level\":\"DEBUG\""), "the log was not looked at: {said}");
    // A session's token is in the one answer that gives it.
    answers.retain(|other| *other != answer);
    let answers = answers.join("\n");
    for secret in [PASSWORD, wrong, new, &setup_token, &token, header] {
        for (place, text) in [("output", &said), ("answers", &answers)] {
            assert!(!text.contains(secret), "{secret} is in the {place}");
        }
        assert_eq!(files_with(data.path(), secret), Vec::<String>::new(), "{secret}");
    }
}
