//! A story over HTTP: somebody sets a passkey up, and signs in with nothing else from then on.

use serde_json::{Value, json};

use super::{PASSWORD, connect, setup};
use crate::support::{authenticator::Authenticator, client::Client, process::Server};

/// A dashboard that is built on the machine where the product runs.
const LISTED: &str = "http://localhost:3000";

async fn ask(client: &mut Client, name: &str, payload: &str, input: Value) -> Value {
    let payload = format!("{payload} userErrors {{ code field }}");
    super::mutate(client, name, &payload, input).await
}

/// What stands in an answer, as a text.
fn text(of: &Value) -> String {
    of.as_str().unwrap_or_else(|| panic!("{of}")).to_owned()
}

fn code(payload: &Value) -> &str {
    payload["userErrors"][0]["code"].as_str().unwrap_or_default()
}

/// What the device gives whoever signs in with nothing else.
async fn alone(client: &mut Client, device: &mut Authenticator) -> Value {
    let begun = ask(client, "passkeyBegin", "options", json!({})).await;
    json!({ "passkey": device.get(&text(&begun["options"])).to_string() })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s13_a_passkey_is_set_up_and_signs_in_beside_a_password_and_instead_of_one() {
    let data = tempfile::tempdir().unwrap();
    let settings = format!("[http]\norigins = [\"{LISTED}\"]\n");
    std::fs::write(data.path().join("stamrol.toml"), settings).unwrap();
    let server = Server::start(data.path()).await;
    let origin = format!("http://localhost:{}", server.address.port());
    assert_eq!(setup(&server, server.token.as_deref().unwrap()).await, json!([]));
    let sign_in = json!({ "username": "operator", "password": PASSWORD });
    let session = "session { token account { username } } attempt { token kinds }";
    let mut client = connect(&server).await;
    let signed_in = ask(&mut client, "signIn", session, sign_in.clone()).await;
    client.session = Some(text(&signed_in["session"]["token"]));

    // It asks for proof, and the device for its owner.
    let kind = json!({ "kind": "PASSKEY" });
    let enrolment = "enrolment { factor passkeyOptions secret }";
    let refused = ask(&mut client, "factorBegin", enrolment, kind.clone()).await;
    assert_eq!(code(&refused), "STEP_UP_REQUIRED");
    let proof = json!({ "password": PASSWORD });
    let proven = ask(&mut client, "stepUp", "session { token }", proof).await;
    client.session = Some(text(&proven["session"]["token"]));
    let begun = ask(&mut client, "factorBegin", enrolment, kind).await;
    assert_eq!(begun["enrolment"]["secret"], Value::Null);
    let mut device = Authenticator::ed25519(&origin).with_a_long_name();
    let made = device.create(&text(&begun["enrolment"]["passkeyOptions"])).to_string();
    let factor = text(&begun["enrolment"]["factor"]);
    let confirm = json!({ "factor": factor, "name": "laptop", "passkey": made });
    let factors = "account { factors { kind name } }";
    let confirmed = ask(&mut client, "factorConfirm", factors, confirm).await;
    assert_eq!(
        confirmed["account"]["factors"],
        json!([{ "kind": "PASSKEY", "name": "laptop" }]),
        "{confirmed}"
    );

    // Beside the password.
    let mut other = connect(&server).await;
    let first = ask(&mut other, "signIn", session, sign_in).await;
    assert_eq!(first["attempt"]["kinds"], json!(["PASSKEY"]));
    let attempt = text(&first["attempt"]["token"]);
    let begun = ask(&mut other, "passkeyBegin", "options", json!({ "attempt": attempt })).await;
    let answer = device.get(&text(&begun["options"])).to_string();
    let finish = json!({ "attempt": attempt, "passkey": answer });
    let finished = ask(&mut other, "signInFinish", session, finish).await;
    assert_eq!(finished["session"]["account"]["username"], "operator", "{finished}");

    // To prove anew who is signed in.
    let begun = ask(&mut client, "passkeyBegin", "options", json!({ "stepUp": true })).await;
    let answer = device.get(&text(&begun["options"])).to_string();
    let proof = json!({ "password": PASSWORD, "passkey": answer });
    let proven = ask(&mut client, "stepUp", "session { token }", proof).await;
    client.session = Some(text(&proven["session"]["token"]));

    // Instead of it, once, on another page that is listed.
    LISTED.clone_into(&mut device.origin);
    let mut nobody = connect(&server).await;
    let shown = alone(&mut nobody, &mut device).await;
    let entered = ask(&mut nobody, "signInWithPasskey", session, shown.clone()).await;
    assert_eq!(entered["session"]["account"]["username"], "operator", "{entered}");
    let again = ask(&mut nobody, "signInWithPasskey", session, shown).await;
    assert_eq!((code(&again), &again["session"]), ("INVALID_PASSKEY", &Value::Null));

    // Once it is removed it is like any that nobody has.
    let remove = json!({ "factor": factor });
    let removed = ask(&mut client, "factorRemove", factors, remove).await;
    assert_eq!(removed["account"]["factors"], json!([]), "{removed}");
    let mut unknown = Authenticator::new(&origin);
    unknown.user.clone_from(&device.user);
    let mut answers = Vec::new();
    for device in [&mut device, &mut unknown] {
        let shown = alone(&mut nobody, device).await;
        answers.push(ask(&mut nobody, "signInWithPasskey", "position", shown).await);
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(code(&answers[0]), "INVALID_PASSKEY");
    assert!(server.stop().0.success());
}
