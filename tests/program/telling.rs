//! Those who are signed in are told something (PW8): live, over server-sent events, and by mail.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::timeout;

use super::{PASSWORD, connect, mutate, organised, sign_in};
use crate::support::{
    client::Stream,
    process::Server,
    smtp::{self, Does, header, says},
};

/// What somebody is told next.
async fn next(stream: &mut Stream) -> Value {
    let event = timeout(Duration::from_secs(30), stream.next()).await.expect("it is told in time");
    event.expect("the stream goes on")["data"]["systemMessages"].take()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_signed_in_hears_it_at_once_and_reads_it_in_a_mail() {
    let (data, mail) = (tempfile::tempdir().unwrap(), smtp::Server::start(|_| Does::Accept).await);
    let address = mail.address.to_string();
    let variables = [("STAMROL_MAIL_SERVER", &*address), ("STAMROL_MAIL_TLS", "none")];
    let server = Server::start_with(data.path(), &variables).await;
    let (mut operator, mut anna) = organised(&server).await;
    let listen = "subscription { systemMessages { text organisation { name } } }";
    let mut early = connect(&server).await;
    early.session.clone_from(&anna.session);
    let mut early = early.follow(listen).await.unwrap();

    let viewer = anna.send("{ viewer { organisation { id } } }", Value::Null).await.unwrap().body;
    let organisation = viewer["data"]["viewer"]["organisation"]["id"].clone();
    let tell = json!({ "organisation": organisation, "text": "Om 19:00 ligt alles stil" });
    let told = mutate(&mut anna, "systemMessageSend", "systemMessage { text }", tell).await;
    assert_eq!(told["userErrors"], json!([]), "{told}");
    let all = json!({ "text": "Morgen is alles weer open" });
    let refused = mutate(&mut anna, "systemMessageSend", "position", all.clone());
    assert_eq!(refused.await["userErrors"][0]["code"], "FORBIDDEN");
    mutate(&mut operator, "systemMessageSend", "position", all).await;
    let expected = [
        json!({ "text": "Om 19:00 ligt alles stil",
            "organisation": { "name": "Woonstichting De Meerpaal" } }),
        json!({ "text": "Morgen is alles weer open", "organisation": null }),
    ];
    let mut later = sign_in(&server, "anna", PASSWORD).await.unwrap().follow(listen).await.unwrap();
    for stream in [&mut early, &mut later] {
        assert_eq!([next(stream).await, next(stream).await], expected);
    }

    let mut input = json!({
        "organisation": organisation, "subject": "Onderhoud vanavond",
        "text": "Om 19:00 ligt alles stil.\n\nTot <morgen>!",
    });
    let counts = "sent skipped remaining endCursor";
    let counted = mutate(&mut anna, "noticeSend", counts, input.clone()).await;
    assert_eq!(counted["userErrors"][0]["field"], json!(["confirmed"]), "{counted}");
    assert_eq!((&counted["sent"], mail.seen(|seen| seen.letters)), (&json!(1), 0), "{counted}");
    input["confirmed"] = json!(true);
    let sent = mutate(&mut anna, "noticeSend", counts, input.clone()).await;
    assert_eq!(
        sent,
        json!({ "userErrors": [], "sent": 1, "skipped": 0, "remaining": 0, "endCursor": null })
    );
    let letter = mail.letters(1).await.remove(0);
    assert!(header(&letter, "To").contains("anna@meerpaal.example"), "{letter}");
    assert_eq!(header(&letter, "Subject"), "Onderhoud vanavond");
    let said = says(&letter);
    for words in ["Tot <morgen>!", "Tot &lt;morgen&gt;!", "Woonstichting De Meerpaal"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    input["text"] = json!("regel\u{202e}");
    let refused = mutate(&mut anna, "noticeSend", counts, input).await;
    assert_eq!(refused["userErrors"][0]["field"], json!(["text"]), "{refused}");
    // Listening ends with the session.
    mutate(&mut anna, "signOut", "position", json!({})).await;
    let end = timeout(Duration::from_mins(1), async { while early.next().await.is_some() {} });
    end.await.expect("the stream ends");
}
