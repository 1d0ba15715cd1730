//! Mail settings through the API, over connections that are kept private, and a mail that is tried again by hand.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use serde_json::{Value, json};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer},
};

use super::{PASSWORD, mutate, organised};
use crate::support::{
    client::Client,
    process::Server,
    smtp::{self, Does, Private, header, says},
};

/// A mail server's certificate, and the authority that vouches for it.
fn certified() -> (TlsAcceptor, String) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &authority).unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    (TlsAcceptor::from(Arc::new(config)), authority.pem())
}

/// Sets where mail goes.
async fn set(operator: &mut Client, mail: &smtp::Server, tls: &str) -> Value {
    let input = json!({
        "host": "localhost", "port": mail.address.port(), "tls": tls, "from": "post@meerpaal.example",
        "username": "post", "password": "Brievenbus 7 bij de deur",
    });
    mutate(operator, "mailSettingsSet", "position", input).await
}

async fn test(operator: &mut Client) -> Value {
    let input = json!({ "to": "anna@meerpaal.example" });
    mutate(operator, "mailSettingsTest", "accepted reply", input).await
}

/// The operator, having proved anew who they are.
async fn prove(operator: &mut Client) {
    let proven = json!({ "password": PASSWORD });
    let proven = mutate(operator, "stepUp", "session { token }", proven).await;
    operator.session = proven["session"]["token"].as_str().map(ToOwned::to_owned);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mail_goes_over_private_connections_to_servers_that_somebody_vouches_for() {
    let data = tempfile::tempdir().unwrap();
    let (acceptor, authority) = certified();
    let (_, nobodys) = certified();
    let trusted = data.path().join("authority.pem");
    for (known, is_known) in [(&authority, true), (&nobodys, false)] {
        std::fs::write(&trusted, known).unwrap();
        let data = tempfile::tempdir().unwrap();
        let variables = [("SSL_CERT_FILE", trusted.to_str().unwrap())];
        let server = Server::start_with(data.path(), &variables).await;
        let (mut operator, _) = organised(&server).await;
        prove(&mut operator).await;
        for (tls, private) in [
            ("STARTTLS", Private::Asked(acceptor.clone())),
            ("TLS", Private::Always(acceptor.clone())),
        ] {
            let mail = smtp::Server::start_private(|_| Does::Accept, private).await;
            let done = set(&mut operator, &mail, tls).await;
            assert_eq!(done["userErrors"], json!([]), "{done}");
            let tested = test(&mut operator).await;
            let (letters, private) = mail.seen(|seen| (seen.letters, seen.private));
            if is_known {
                assert_eq!(tested["accepted"], true, "{tested}");
                assert_eq!((letters, private), (1, 1), "{tls}");
                let hello = mail.seen(|seen| seen.hello.clone());
                assert!(
                    hello.contains("AUTH PLAIN"),
                    "{tls}: signed in once it is private: {hello}"
                );
            } else {
                assert_eq!(tested["accepted"], false, "{tested}");
                assert!(tested["reply"].as_str().unwrap().contains("ertificate"), "{tested}");
                assert_eq!((letters, private), (0, 0), "{tls}");
            }
        }
        // A server that can't keep it private gets neither password nor mail.
        let open = smtp::Server::start(|_| Does::Accept).await;
        set(&mut operator, &open, "STARTTLS").await;
        let tested = test(&mut operator).await;
        assert_eq!((&tested["accepted"], open.seen(|seen| seen.letters)), (&json!(false), 0));
        assert!(!open.seen(|seen| seen.hello.contains("AUTH")), "{tested}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_given_up_is_tried_again_when_somebody_asks_for_it() {
    let data = tempfile::tempdir().unwrap();
    let known = Arc::new(AtomicBool::new(false));
    let learnt = known.clone();
    let mail = smtp::Server::start(move |_| {
        if learnt.load(Ordering::SeqCst) {
            Does::Accept
        } else {
            Does::RefuseData("550 5.1.1 nobody here has that name\r\n")
        }
    })
    .await;
    let address = mail.address.to_string();
    let variables = [("STAMROL_MAIL_SERVER", &*address), ("STAMROL_MAIL_TLS", "none")];
    let server = Server::start_with(data.path(), &variables).await;
    let (_, mut anna) = organised(&server).await;
    let input = json!({
        "username": "bram", "displayName": "Bram Visser", "email": "bram@meerpaal.example",
    });
    let bram = mutate(&mut anna, "accountCreate", "account { id }", input).await;
    let bram = bram["account"]["id"].clone();
    let input = json!({ "accounts": [bram], "channel": "MAIL", "confirmed": true });
    let sent = mutate(&mut anna, "activationSend", "results { sent }", input).await;
    assert_eq!(sent["results"][0]["sent"], true, "{sent}");

    let given_up = entry(&mut anna, &bram, "mail.given_up").await;
    assert!(given_up["sentence"].as_str().unwrap().contains("Bram Visser"), "{given_up}");
    let refused = mail.seen(|seen| seen.refused.clone()).remove(0);
    let id = header(&refused, "Message-ID").trim_start_matches('<');
    let id = json!(id.split_once('@').unwrap().0);

    known.store(true, Ordering::SeqCst);
    let retried = mutate(&mut anna, "mailRetry", "mail { id state }", json!({ "mail": id })).await;
    assert!(retried["mail"]["id"].is_string(), "{retried}");
    assert_eq!(retried["userErrors"], json!([]), "{retried}");
    // The same mail, under the same name, so that whoever had it already sees that.
    let letter = mail.letters(1).await.remove(0);
    assert_eq!(header(&letter, "Message-ID"), header(&refused, "Message-ID"));
    assert!(says(&letter).contains("#stl_"), "{letter}");
    // What it said was destroyed: once is enough.
    entry(&mut anna, &bram, "mail.sent").await;
    let again = mutate(&mut anna, "mailRetry", "mail { id state }", json!({ "mail": id })).await;
    assert_ne!(again["userErrors"], json!([]), "{again}");
    assert_eq!(mail.seen(|seen| seen.letters), 2);
}

/// The newest entry of this kind in the history of an account, once there is one.
async fn entry(client: &mut Client, account: &Value, kind: &str) -> Value {
    let query = "query($id: ID!) { account(by: { id: $id }) { history(first: 50) {
        nodes { kind sentence(language: NL) } } } }";
    let look = async {
        loop {
            let answer = client.send(query, json!({ "id": account })).await.unwrap().body;
            assert!(answer["errors"].is_null(), "{answer}");
            let nodes = answer["data"]["account"]["history"]["nodes"].as_array().cloned();
            let found = nodes.unwrap_or_default().into_iter().find(|node| node["kind"] == kind);
            if let Some(found) = found {
                return found;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    let found = tokio::time::timeout(std::time::Duration::from_secs(40), look).await;
    found.unwrap_or_else(|_| panic!("{kind} doesn't come"))
}
