//! What those who are signed in are told, and who is told.

use futures_util::StreamExt;
use serde_json::{Value, json};

use super::support::{Who, World};

const LISTEN: &str = "subscription { systemMessages { id text sentBy { kind } sentAt validUntil organisation { id } position } }";

const SENT: &str = "systemMessage { id text validUntil organisation { id } }";

/// The texts of the messages that somebody is told next.
async fn told(stream: &mut (impl StreamExt<Item = Value> + Unpin), count: usize) -> Vec<String> {
    let mut texts = Vec::new();
    while texts.len() < count {
        let answer = stream.next().await.unwrap();
        let text = answer["data"]["systemMessages"]["text"].as_str();
        texts.push(text.unwrap_or_else(|| panic!("no message but {answer}")).to_owned());
    }
    texts
}

async fn send(world: &World, who: &Who, organisation: Option<&str>, text: &str) -> Value {
    let input = json!({ "organisation": organisation, "text": text });
    world.must(who, "systemMessageSend", SENT, input).await
}

#[tokio::test]
async fn whoever_is_signed_in_is_told_what_still_counts_and_then_what_comes() {
    let (world, operator) = World::new().await;
    let (organisation, admin) = world.organisation(&operator, "Acme").await;
    world.account(&admin, &organisation, "anna").await;
    let (other, _) = world.organisation(&operator, "Other").await;
    let anna = world.sign_in("anna").await;

    let sent = send(&world, &operator, None, "to all").await;
    assert_eq!(sent["systemMessage"]["text"], "to all", "{sent}");
    assert_eq!(sent["systemMessage"]["organisation"], json!(null), "{sent}");
    send(&world, &operator, Some(&other), "elsewhere").await;
    let sent = send(&world, &admin, Some(&organisation), "to us").await;
    assert_eq!(sent["systemMessage"]["organisation"]["id"], json!(organisation), "{sent}");

    let mut stream = world.follow(&anna, LISTEN, json!({}));
    assert_eq!(told(&mut stream, 2).await, ["to all", "to us"]);
    send(&world, &operator, Some(&other), "elsewhere again").await;
    send(&world, &admin, Some(&organisation), "to us again").await;
    send(&world, &operator, None, "to all again").await;
    assert_eq!(told(&mut stream, 2).await, ["to us again", "to all again"]);

    // Whoever runs the installation and works nowhere hears what is for everybody.
    let mut stream = world.follow(&operator, LISTEN, json!({}));
    assert_eq!(told(&mut stream, 2).await, ["to all", "to all again"]);
}

#[tokio::test]
async fn what_has_ended_is_told_to_nobody() {
    let (world, operator) = World::new().await;
    let (organisation, admin) = world.organisation(&operator, "Acme").await;
    // The clock goes on by a microsecond whenever somebody looks at it.
    let soon = world.handler.now() + chrono::TimeDelta::microseconds(60);
    let input = json!({ "organisation": organisation, "text": "short", "validUntil": soon });
    world.must(&admin, "systemMessageSend", "", input).await;
    while world.handler.now() < soon {}
    send(&world, &admin, Some(&organisation), "long").await;
    let mut stream = world.follow(&admin, LISTEN, json!({}));
    assert_eq!(told(&mut stream, 1).await, ["long"]);
}

#[tokio::test]
async fn listening_ends_with_the_session_and_with_the_membership() {
    let (world, operator) = World::new().await;
    let (organisation, admin) = world.organisation(&operator, "Acme").await;
    let account = world.account(&admin, &organisation, "anna").await;
    for (code, barred, before) in [("UNAUTHENTICATED", false, 0), ("FORBIDDEN", true, 2)] {
        let anna = world.sign_in("anna").await;
        send(&world, &admin, Some(&organisation), "hello").await;
        let mut stream = world.follow(&anna, LISTEN, json!({}));
        assert_eq!(told(&mut stream, before + 1).await.last().unwrap(), "hello");
        if barred {
            let bar = json!({ "account": account });
            world.must(&admin, "accountDeactivate", "", bar).await;
        } else {
            let out = "mutation { signOut { userErrors { code } } }";
            let answer = world.ask(&anna, out, json!({})).await;
            assert!(answer["errors"].is_null(), "{answer}");
        }
        let secret = format!("not for {code}");
        send(&world, &admin, Some(&organisation), &secret).await;
        let mut last = json!(null);
        while let Some(answer) = stream.next().await {
            assert_ne!(answer["data"]["systemMessages"]["text"], json!(secret));
            last = answer;
        }
        assert_eq!(last["errors"][0]["extensions"]["code"], code, "{last}");
        if !barred {
            continue;
        }
        let again: Vec<_> = world.follow(&anna, LISTEN, json!({})).collect().await;
        assert_eq!(again[0]["errors"][0]["extensions"]["code"], code, "{again:?}");
    }
    let nobody: Vec<_> = world.follow(&world.nobody(), LISTEN, json!({})).collect().await;
    assert_eq!(nobody[0]["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{nobody:?}");
}

#[tokio::test]
async fn who_may_tell_whom_and_how_long() {
    let (world, operator) = World::new().await;
    let (organisation, admin) = world.organisation(&operator, "Acme").await;
    world.account(&admin, &organisation, "anna").await;
    let (other, _) = world.organisation(&operator, "Other").await;
    let anna = world.sign_in("anna").await;
    let to = |organisation: Option<&str>| json!({ "organisation": organisation, "text": "hello" });
    let until =
        |until: &str| json!({ "organisation": organisation, "text": "hello", "validUntil": until });
    for (who, input, code, field) in [
        (&admin, to(None), "FORBIDDEN", json!(null)),
        (&admin, to(Some(&other)), "FORBIDDEN", json!(null)),
        (&anna, to(Some(&organisation)), "FORBIDDEN", json!(null)),
        (&admin, until("2020-01-01T00:00:00Z"), "EXPIRY_PASSED", json!(["validUntil"])),
        (&admin, until("2100-01-01T00:00:00Z"), "EXPIRY_TOO_FAR", json!(["validUntil"])),
        (&operator, json!({ "text": " " }), "EMPTY", json!(["text"])),
    ] {
        let answer = world.mutate(who, "systemMessageSend", SENT, input).await;
        assert_eq!(answer["userErrors"][0]["code"], code, "{answer}");
        assert_eq!(answer["userErrors"][0]["field"], field, "{answer}");
        assert_eq!(answer["systemMessage"], json!(null), "{answer}");
    }
}

#[tokio::test]
async fn a_message_that_is_sent_again_with_its_key_is_told_once() {
    let (world, operator) = World::new().await;
    let (organisation, admin) = world.organisation(&operator, "Acme").await;
    let input = json!({ "organisation": organisation, "text": "once", "idempotencyKey": "k" });
    let first = world.must(&admin, "systemMessageSend", SENT, input.clone()).await;
    let again = world.must(&admin, "systemMessageSend", SENT, input).await;
    assert_eq!(first["systemMessage"], again["systemMessage"]);
    send(&world, &admin, Some(&organisation), "next").await;
    let mut stream = world.follow(&admin, LISTEN, json!({}));
    assert_eq!(told(&mut stream, 2).await, ["once", "next"]);
}
