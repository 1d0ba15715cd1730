//! A story over HTTP: somebody's telephone becomes a second factor, with a gateway that gets its messages over HTTP.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{Json, Router, http::StatusCode, routing::post};
use serde_json::{Value, json};
use tokio::{
    net::TcpListener,
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    time::timeout,
};

use super::{PASSWORD, connect, mutate, secrets::files_with, setup};
use crate::support::process::Server;

const NUMBER: &str = "+31612345678";

/// A gateway: takes messages as long as it isn't broken.
struct Gateway {
    address: SocketAddr,
    messages: UnboundedReceiver<Value>,
    broken: Arc<AtomicBool>,
}

impl Gateway {
    async fn start() -> Self {
        let (sender, messages) = unbounded_channel();
        let broken = Arc::new(AtomicBool::new(false));
        let is_broken = broken.clone();
        let take = post(move |Json(message): Json<Value>| async move {
            if is_broken.load(Ordering::SeqCst) {
                return StatusCode::SERVICE_UNAVAILABLE;
            }
            sender.send(message).unwrap();
            StatusCode::ACCEPTED
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = Router::new().route("/messages", take);
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { address, messages, broken }
    }

    /// The code in the next message, which is to the number.
    async fn code(&mut self) -> String {
        let message = timeout(Duration::from_secs(30), self.messages.recv()).await;
        let message = message.expect("a message comes").unwrap();
        assert_eq!((&message["to"], &message["from"]), (&json!(NUMBER), &json!("Meerpaal")));
        let text = message["text"].as_str().unwrap();
        let digits: String = text.chars().filter(char::is_ascii_digit).take(8).collect();
        assert_eq!(digits.len(), 8, "{text}");
        digits
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s31_a_telephone_becomes_a_second_factor_through_a_gateway_and_no_code_stays_behind() {
    let data = tempfile::tempdir().unwrap();
    let mut gateway = Gateway::start().await;
    let url = format!("http://{}/messages", gateway.address);
    let body = r#"{"from": "{from}", "to": "{to}", "text": "{text}"}"#;
    let variables = [
        ("STAMROL_SMS_URL", &*url),
        ("STAMROL_SMS_BODY", body),
        ("STAMROL_SMS_FROM", "Meerpaal"),
        ("STAMROL_OUTGOING_PRIVATE", "127.0.0.0/8"),
        ("STAMROL_LOG_FILTER", "trace"),
    ];
    let server = Server::start_with(data.path(), &variables).await;
    assert_eq!(setup(&server, server.token.as_deref().unwrap()).await, json!([]));
    let mut client = connect(&server).await;
    let sign_in = json!({ "username": "operator", "password": PASSWORD });
    let opened = "session { token } attempt { token kinds }";
    let signed_in = mutate(&mut client, "signIn", opened, sign_in.clone()).await;
    client.session = signed_in["session"]["token"].as_str().map(ToOwned::to_owned);
    let proof = json!({ "password": PASSWORD });
    let proven = mutate(&mut client, "stepUp", "session { token }", proof).await;
    client.session = proven["session"]["token"].as_str().map(ToOwned::to_owned);

    // A number that is none is refused, and a gateway that is out of order is told at once.
    let wrong = json!({ "kind": "SMS", "phone": "12" });
    let refused = mutate(&mut client, "factorBegin", "enrolment { factor }", wrong).await;
    assert_eq!(refused["userErrors"][0]["field"], json!(["phone"]), "{refused}");
    let phone = json!({ "kind": "SMS", "phone": NUMBER });
    gateway.broken.store(true, Ordering::SeqCst);
    let broken = mutate(&mut client, "factorBegin", "enrolment { factor }", phone.clone()).await;
    assert_ne!(broken["userErrors"], json!([]), "{broken}");
    gateway.broken.store(false, Ordering::SeqCst);

    let begun = mutate(&mut client, "factorBegin", "enrolment { factor }", phone).await;
    let first = gateway.code().await;
    let mut confirm = json!({ "factor": begun["enrolment"]["factor"], "code": "00000000" });
    let factors = "account { factors { kind } }";
    let refused = mutate(&mut client, "factorConfirm", factors, confirm.clone()).await;
    assert_eq!(refused["userErrors"][0]["code"], "INVALID_CODE", "{refused}");
    confirm["code"] = json!(first);
    let confirmed = mutate(&mut client, "factorConfirm", factors, confirm).await;
    assert_eq!(confirmed["account"]["factors"], json!([{ "kind": "SMS" }]), "{confirmed}");

    // The password alone opens nothing any more; a code works once.
    let attempt = mutate(&mut connect(&server).await, "signIn", opened, sign_in).await;
    assert_eq!(attempt["session"], Value::Null, "{attempt}");
    assert_eq!(attempt["attempt"]["kinds"], json!(["SMS"]), "{attempt}");
    let attempt = attempt["attempt"]["token"].clone();
    let ask = json!({ "attempt": attempt });
    mutate(&mut connect(&server).await, "signInCode", "expiresAt", ask).await;
    let second = gateway.code().await;
    for (code, works) in [(&first, false), (&second, true), (&second, false)] {
        let finish = json!({ "attempt": attempt, "code": code });
        let token = "session { token }";
        let done = mutate(&mut connect(&server).await, "signInFinish", token, finish).await;
        assert_eq!(done["session"]["token"].is_string(), works, "{done}");
    }

    let query =
        "{ viewer { account { history(first: 50) { nodes { sentence(language: NL) } } } } }";
    let told = client.send(query, Value::Null).await.unwrap().body.to_string();
    assert!(told.contains("sms"), "{told}");
    let (_, said) = server.stop();
    for secret in [&first, &second] {
        assert!(!told.contains(secret) && !said.contains(secret), "{secret} is told");
        assert_eq!(files_with(data.path(), secret), Vec::<String>::new(), "{secret}");
    }
}
