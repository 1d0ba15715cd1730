//! O "Activeren van een portaalaccount" and P "Neue Portalmitglieder hinzufügen", as their readers would do them.

use std::{path::Path, time::Duration};

use serde_json::{Value, json};
use sqlx::Connection;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{sleep, timeout},
};

use super::{PASSWORD, connect, mutate, organised, secrets::files_with, signed_in};
use crate::support::{client::Client, process::Server, smtp::says};

const OWN: &str = "Merel fluit 8 deuntjes";

/// An organisation with an administrator who has signed in.
async fn installed(data: &Path) -> (Server, Client) {
    let server = Server::start_talkative(data).await;
    let (_, anna) = organised(&server).await;
    (server, anna)
}

async fn create(client: &mut Client, name: &str) -> String {
    let input = json!({
        "username": format!("{name}@klant.example"), "displayName": name,
        "email": format!("{name}@klant.example"),
    });
    let made = mutate(client, "accountCreate", "account { id status }", input).await;
    assert_eq!(made["account"]["status"], "PENDING");
    made["account"]["id"].as_str().unwrap().to_owned()
}

/// The tokens of the links in all mails that were delivered, once there are so many.
async fn tokens(data: &Path, prefix: &str, count: usize) -> Vec<String> {
    let look = async {
        loop {
            let mut found = Vec::new();
            for entry in std::fs::read_dir(data.join("mail")).into_iter().flatten().flatten() {
                let text = std::fs::read_to_string(entry.path()).unwrap_or_default();
                let plain = says(&text);
                let token = plain.split_once(&format!("#{prefix}")).map(|(_, rest)| &rest[..43]);
                found.extend(token.map(|token| format!("{prefix}{token}")));
            }
            if found.len() >= count {
                return found;
            }
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(Duration::from_secs(20), look).await.expect("the mails are delivered")
}

/// Asks for a path as a browser does, and gives the head and the body of the answer.
async fn fetch(
    server: &Server,
    method: &str,
    path: &str,
    session: Option<&str>,
) -> (String, Vec<u8>) {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let bearer = session.map(|session| format!("Authorization: Bearer {session}\r\n"));
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {}\r\n{}Connection: close\r\n\r\n",
        server.address,
        bearer.unwrap_or_default()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    (String::from_utf8_lossy(&answer[..end]).to_lowercase(), answer[end + 4..].to_vec())
}

async fn activate(server: &Server, token: &str, code: Option<&str>) -> Value {
    let input = json!({ "token": token, "code": code, "password": OWN, "passwordRepeated": OWN });
    mutate(&mut connect(server).await, "activate", "activated", input).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn o_an_account_is_activated_with_a_mailed_link_and_a_code_in_a_letter() {
    let data = tempfile::tempdir().unwrap();
    let (server, mut anna) = installed(data.path()).await;
    let clara = create(&mut anna, "clara").await;
    // Sending is confirmed first.
    let results = "results { sent account { id activationSentAt } userErrors { code } }";
    let mut letters = json!({ "accounts": [clara], "channel": "LETTER" });
    let asked = mutate(&mut anna, "activationSend", results, letters.clone()).await;
    assert_eq!(asked["userErrors"][0]["code"], "CONFIRMATION_REQUIRED");
    assert_eq!(asked["results"][0]["sent"], true, "it would be sent: {asked}");
    assert!(asked["results"][0]["account"]["activationSentAt"].is_null());
    letters["confirmed"] = true.into();
    let sent = mutate(&mut anna, "activationSend", results, letters).await;
    assert_eq!(sent["userErrors"], json!([]), "{sent}");
    assert!(sent["results"][0]["account"]["activationSentAt"].is_string(), "{sent}");

    // The letter stands in the list of documents, and its administrators download it.
    let query = "{ documents { nodes { id subject path downloadedAt account { id } } } }";
    let listed = anna.send(query, Value::Null).await.unwrap().body;
    let document = &listed["data"]["documents"]["nodes"][0];
    assert_eq!(document["account"]["id"], json!(clara), "{listed}");
    let path = document["path"].as_str().unwrap();
    let nobody = fetch(&server, "GET", path, None).await;
    assert!(nobody.0.starts_with("http/1.1 404"), "{}", nobody.0);
    let session = anna.session.clone();
    let strange = "/documents/01900000-0000-7000-8000-000000000001";
    assert_eq!(fetch(&server, "GET", strange, session.as_deref()).await.1, nobody.1);
    let operator = signed_in(&server).await.session;
    assert_eq!(fetch(&server, "GET", path, operator.as_deref()).await.1, nobody.1);
    assert!(fetch(&server, "HEAD", path, session.as_deref()).await.0.starts_with("http/1.1 404"));
    let (head, pdf) = fetch(&server, "GET", path, session.as_deref()).await;
    assert!(pdf.starts_with(b"%PDF-"), "{head}");
    for header in [
        "content-type: application/pdf",
        "cache-control: no-store",
        "x-content-type-options: nosniff",
        "content-disposition: attachment; filename=\"activation-letter-",
    ] {
        assert!(head.contains(header), "{header} in {head}");
    }

    // Whoever has the link alone gets three tries; nothing is used up by looking.
    let token = tokens(data.path(), "stl_", 1).await.remove(0);
    assert!(fetch(&server, "GET", "/activate", None).await.0.contains("404"));
    let differ = json!({ "token": token, "password": OWN, "passwordRepeated": PASSWORD });
    let differ = mutate(&mut connect(&server).await, "activate", "activated", differ).await;
    assert_eq!(differ["userErrors"][0]["code"], "PASSWORDS_DIFFER");
    for _ in 0..3 {
        let wrong = activate(&server, &token, Some("2222-2222")).await;
        assert_eq!(wrong["userErrors"][0]["code"], "INVALID_CODE", "{wrong}");
    }
    let ended = activate(&server, &token, Some("2222-2222")).await;
    assert_eq!(ended["userErrors"][0]["code"], "INVALID_TOKEN", "{ended}");
    let (status, said) = server.stop();
    assert!(status.success());
    assert!(!said.contains(&token), "the log tells the link");
}

/// The code in a letter: eight letters in two groups of four.
fn code_in(pdf: &[u8]) -> String {
    let read = lopdf::Document::load_mem(pdf).unwrap();
    let text = read.extract_text(&[1]).unwrap();
    let is_code = |word: &&str| {
        let group = |letters: &str| {
            letters.len() == 4
                && letters.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
        };
        word.split_once('-').is_some_and(|(first, second)| group(first) && group(second))
    };
    let code = text.split_whitespace().find(is_code);
    code.unwrap_or_else(|| panic!("there is no code: {text}")).to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s27_once_letter_and_mail_were_used_nothing_is_kept_of_link_code_and_password() {
    let data = tempfile::tempdir().unwrap();
    let (server, mut anna) = installed(data.path()).await;
    let clara = create(&mut anna, "clara").await;
    let send = json!({ "accounts": [clara], "channel": "LETTER", "confirmed": true });
    // What a mutation shows waits until the lists show it, too.
    let results = "results { account { activationSentAt } }";
    mutate(&mut anna, "activationSend", results, send).await;
    let query = "{ documents { nodes { path } } }";
    let listed = anna.send(query, Value::Null).await.unwrap().body;
    let path = listed["data"]["documents"]["nodes"][0]["path"].as_str().unwrap().to_owned();
    let (_, pdf) = fetch(&server, "GET", &path, anna.session.as_deref()).await;
    let code = code_in(&pdf);
    let token = tokens(data.path(), "stl_", 1).await.remove(0);

    // As people type it.
    let typed = code.to_lowercase().replace('-', " ");
    let done = activate(&server, &token, Some(&typed)).await;
    assert_eq!(done["userErrors"], json!([]), "{done}");
    assert_eq!(done["activated"], true, "{done}");
    let clara = super::sign_in(&server, "clara@klant.example", OWN).await;
    assert!(clara.is_ok(), "{:?}", clara.err());
    // There is nothing to print any more.
    let (gone, _) = fetch(&server, "GET", &path, anna.session.as_deref()).await;
    assert!(gone.starts_with("http/1.1 404"), "{gone}");

    let (status, said) = server.stop();
    assert!(status.success());
    // The folder that mails go to stands for the mail server.
    std::fs::remove_dir_all(data.path().join("mail")).unwrap();
    let vault = format!("sqlite:{}", data.path().join("vault.db").display());
    let mut vault = sqlx::SqliteConnection::connect(&vault).await.unwrap();
    let parcels = sqlx::query_scalar::<_, i64>("select count(*) from parcel");
    assert_eq!(parcels.fetch_one(&mut vault).await.unwrap(), 0, "sealed ones are secrets, too");
    vault.close().await.unwrap();
    for secret in [&*token, &code, &code.replace('-', ""), &typed, OWN] {
        assert!(!said.contains(secret), "{secret} is in the log");
        assert_eq!(files_with(data.path(), secret), Vec::<String>::new(), "{secret}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s9_what_a_scanner_of_mails_fetches_uses_no_link_up() {
    let data = tempfile::tempdir().unwrap();
    let (server, mut anna) = installed(data.path()).await;
    let clara = create(&mut anna, "clara").await;
    let send = json!({ "accounts": [clara], "channel": "MAIL", "confirmed": true });
    mutate(&mut anna, "activationSend", "results { sent }", send).await;
    let token = tokens(data.path(), "stl_", 1).await.remove(0);
    // The link as it is, and, worse, what its page would send, as a query.
    let mutation = format!(
        "mutation%7Bactivate(input:%7Btoken:%22{token}%22,password:%22{0}%22,passwordRepeated:%22{0}%22%7D)%7Bactivated%7D%7D",
        OWN.replace(' ', "%20")
    );
    for path in [format!("/activate?{token}"), format!("/graphql?query={mutation}")] {
        for method in ["HEAD", "GET"] {
            let (head, _) = fetch(&server, method, &path, None).await;
            let status = head.split_whitespace().nth(1).unwrap().to_owned();
            assert!(status == "404" || status == "405", "{method} {path}: {head}");
            assert!(head.contains("referrer-policy: no-referrer"), "{head}");
        }
    }
    assert_eq!(activate(&server, &token, None).await["activated"], true);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p_members_are_invited_by_mail_one_by_one_all_at_once_and_by_a_link() {
    let data = tempfile::tempdir().unwrap();
    let (server, mut anna) = installed(data.path()).await;
    let clara = create(&mut anna, "clara").await;
    create(&mut anna, "dirk").await;
    create(&mut anna, "eva").await;
    let input = json!({ "accounts": [clara], "channel": "MAIL", "confirmed": true });
    mutate(&mut anna, "activationSend", "results { sent }", input).await;
    let first = tokens(data.path(), "stl_", 1).await.remove(0);
    // To all who are pending; what was sent to clara before works no longer.
    let all = "results { sent } remaining endCursor";
    let input = json!({ "channel": "MAIL", "confirmed": true });
    let sent = mutate(&mut anna, "activationSendAll", all, input).await;
    assert_eq!(sent["results"].as_array().map(Vec::len), Some(3), "{sent}");
    assert_eq!((&sent["remaining"], &sent["endCursor"]), (&json!(0), &Value::Null));
    let old = activate(&server, &first, None).await;
    assert_eq!(old["userErrors"][0]["code"], "INVALID_TOKEN");
    let sent = tokens(data.path(), "stl_", 4).await;
    let mut activated = 0;
    for token in &sent {
        let outcome = activate(&server, token, None).await;
        activated += u32::from(outcome["userErrors"] == json!([]));
        // A link that is opened twice.
        let again = activate(&server, token, None).await;
        assert_eq!(again["userErrors"][0]["code"], "INVALID_TOKEN");
    }
    assert_eq!(activated, 3);
    let mut client = connect(&server).await;
    let input = json!({ "username": "eva@klant.example", "password": OWN });
    let session = mutate(&mut client, "signIn", "session { account { activatedAt } }", input).await;
    assert!(session["session"]["account"]["activatedAt"].is_string(), "{session}");

    // A link for guests, which two can use.
    let input = json!({ "kind": "READER", "uses": 1 });
    let made = mutate(
        &mut anna,
        "invitationLinkCreate",
        "url organisation { invitationLinks { id used } }",
        input,
    )
    .await;
    let token = made["url"].as_str().unwrap().split('#').nth(1).unwrap().to_owned();
    let link = made["organisation"]["invitationLinks"][0]["id"].clone();
    let join = |name: &str| {
        json!({ "token": token, "username": name, "email": format!("{name}@gast.example"),
            "password": OWN, "passwordRepeated": OWN })
    };
    let joined = mutate(&mut client, "invitationAccept", "joined", join("frits")).await;
    assert_eq!(joined["userErrors"], json!([]), "{joined}");
    let late = mutate(&mut client, "invitationAccept", "joined", join("greet")).await;
    assert_eq!(late["userErrors"][0]["code"], "INVALID_TOKEN", "{late}");
    let revoke = json!({ "link": link });
    let left = mutate(
        &mut anna,
        "invitationLinkRevoke",
        "organisation { invitationLinks { id } }",
        revoke,
    )
    .await;
    assert_eq!(left["organisation"]["invitationLinks"], json!([]), "{left}");
    let input = json!({ "username": "frits", "password": OWN });
    let guest = "session { account { email emailPending memberships { type } } }";
    let guest = mutate(&mut client, "signIn", guest, input.clone()).await;
    assert_eq!(guest["session"]["account"]["memberships"][0]["type"], "READER", "{guest}");
    // The address is whose mail it is: it counts once they have said so.
    assert!(guest["session"]["account"]["email"].is_null(), "{guest}");
    assert_eq!(guest["session"]["account"]["emailPending"], "frits@gast.example");
    let token = json!({ "token": tokens(data.path(), "ste_", 1).await.remove(0) });
    let confirmed = mutate(&mut client, "emailConfirm", "done", token).await;
    assert_eq!(confirmed["done"], true, "{confirmed}");
    let guest = "session { account { email emailPending } }";
    let guest = mutate(&mut client, "signIn", guest, input).await;
    assert_eq!(guest["session"]["account"]["email"], "frits@gast.example", "{guest}");
}
