//! Planted secrets, looked for everywhere afterwards.

use std::path::Path;

use serde_json::{Value, json};

use super::{PASSWORD, server::Server};

/// Looks for a secret in every file under a folder.
fn files_with(folder: &Path, secret: &str) -> Vec<String> {
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

#[test]
fn s27_planted_secrets_show_in_no_log_answer_or_file() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path());
    let setup_token = server.token.clone().unwrap();
    let (wrong, header) =
        ("Canary-Wrong-4711 zingt", "sts_CanaryHeader4711CanaryHeader4711CanaryHeader");
    let new = "Canary-New-4711 zingt";
    let mut answers = Vec::new();
    let mut ask = |authorization: Option<&str>, query: &str, input: Value| {
        let body = json!({ "query": query, "variables": { "input": input } });
        let answer = server.send(authorization, &body);
        answers.push(answer.clone());
        answer
    };

    let setup = "mutation($input: OperatorSetupInput!) { operatorSetup(input: $input) { userErrors { code message } } }";
    let operator = |password: &str, token: &str| json!({ "token": token, "username": "operator", "password": password, "email": "o@example.org" });
    ask(None, setup, operator("weak", &setup_token));
    ask(None, setup, operator(PASSWORD, &setup_token));
    ask(None, setup, operator(PASSWORD, &setup_token));
    let sign_in = "mutation($input: SignInInput!) { signIn(input: $input) { session { token } userErrors { code message } } }";
    ask(None, sign_in, json!({ "username": "operator", "password": wrong }));
    ask(None, sign_in, json!({ "username": wrong, "password": wrong }));
    let answer = ask(None, sign_in, json!({ "username": "operator", "password": PASSWORD }));
    let token = answer.split("sts_").nth(1).map(|rest| format!("sts_{}", &rest[..43])).unwrap();
    let change = "mutation($input: PasswordChangeInput!) { passwordChange(input: $input) { userErrors { code message } } }";
    ask(Some(&token), change, json!({ "currentPassword": wrong, "newPassword": new }));
    ask(Some(&token), change, json!({ "currentPassword": PASSWORD, "newPassword": new }));
    ask(Some(header), "{ viewer { __typename } }", Value::Null);
    // A wrong type and a document that doesn't parse bring the input into errors, if anything does.
    ask(None, sign_in, json!({ "username": 1, "password": [new] }));
    ask(
        None,
        &format!("mutation {{ signIn(input: {{ password: \"{new}\", username: }}) }}"),
        Value::Null,
    );

    let output = server.output.clone();
    let log = server.stop_and_log();
    assert!(log.contains("listening"), "the log was not looked at: {log}");
    // A session's token is in the one answer that gives it.
    answers.retain(|other| *other != answer);
    let answers = answers.join("\n");
    for secret in [PASSWORD, wrong, new, &setup_token, &token, header] {
        for (place, text) in [("log", &log), ("output", &output), ("answers", &answers)] {
            assert!(!text.contains(secret), "{secret} is in the {place}");
        }
        assert_eq!(files_with(data.path(), secret), Vec::<String>::new(), "{secret}");
    }
}
