//! What subscriptions tell, and when they end.

use futures_util::StreamExt;
use serde_json::json;

use super::support::World;

const EVENTS: &str = "subscription ($after: Position, $account: ID) { events(after: $after, account: $account) { position kind } }";

#[tokio::test]
async fn events_are_replayed_and_go_on_without_a_gap() {
    let (world, operator) = World::new().await;
    let (organisation, admin) = world.organisation(&operator, "Acme").await;
    let mut stream = world.follow(&operator, EVENTS, json!({ "after": 0 }));
    let mut seen = Vec::new();
    let head = world.store.head().0;
    while seen.len() < usize::try_from(head).unwrap() {
        let answer = stream.next().await.unwrap();
        seen.push(answer["data"]["events"]["position"].as_u64().unwrap());
    }
    world.account(&admin, &organisation, "anna").await;
    let head = world.store.head().0;
    while *seen.last().unwrap() < head {
        let answer = stream.next().await.unwrap();
        seen.push(answer["data"]["events"]["position"].as_u64().unwrap());
    }
    assert_eq!(seen, (1..=head).collect::<Vec<_>>());
}

#[tokio::test]
async fn an_administrator_follows_the_own_organisation_only() {
    let (world, operator) = World::new().await;
    let (organisation, admin) = world.organisation(&operator, "Acme").await;
    let mut stream = world.follow(&admin, EVENTS, json!({ "after": world.store.head().0 }));
    let (other, _) = world.organisation(&operator, "Other").await;
    world.account(&operator, &other, "bert").await;
    world.account(&admin, &organisation, "anna").await;
    let first = stream.next().await.unwrap();
    let position = first["data"]["events"]["position"].as_u64().unwrap();
    let query = "query ($id: ID!) { account(by: { username: \"anna\" }) { history(last: 1) { nodes { position } } } node(id: $id) { id } }";
    let answer = world.ask(&admin, query, json!({ "id": organisation })).await;
    let oldest = &answer["data"]["account"]["history"]["nodes"][0]["position"];
    assert!(position <= oldest.as_u64().unwrap(), "{first} {answer}");
    let others = world
        .ask(
            &operator,
            "{ account(by: { username: \"bert\" }) { history { nodes { position } } } }",
            json!({}),
        )
        .await;
    assert!(!others.to_string().contains(&format!(":{position}}}")), "{first} {others}");
}

#[tokio::test]
async fn a_stream_ends_when_the_right_to_it_ends() {
    let (world, operator) = World::new().await;
    let (organisation, admin) = world.organisation(&operator, "Acme").await;
    let second = world.account(&admin, &organisation, "second").await;
    let promote = |on: bool| json!({ "account": second, "administrator": on });
    world.must(&admin, "administratorSet", "", promote(true)).await;
    let second = world.sign_in("second").await;
    let mut stream = world.follow(&second, EVENTS, json!({ "after": world.store.head().0 }));
    let create = json!({ "username": "anna" });
    world.must(&admin, "accountCreate", "", create).await;
    assert!(stream.next().await.unwrap()["data"]["events"]["position"].is_u64());

    world.must(&admin, "administratorSet", "", promote(false)).await;
    let mut last = json!(null);
    while let Some(answer) = stream.next().await {
        assert_ne!(answer["data"]["events"]["kind"], "organisation.administrator_revoked");
        last = answer;
    }
    assert_eq!(last["errors"][0]["extensions"]["code"], "FORBIDDEN", "{last}");
}

#[tokio::test]
async fn whoever_may_not_follow_is_told_at_once() {
    let (world, operator) = World::new().await;
    let (_, admin) = world.organisation(&operator, "Acme").await;
    for (who, query, code) in [
        (&world.nobody(), "subscription { events { kind } }", "UNAUTHENTICATED"),
        (&admin, "subscription { projectionProgress { name } }", "FORBIDDEN"),
        (&admin, "subscription { events(account: \"x\") { kind } }", "NOT_FOUND"),
        (
            &admin,
            "subscription { a: events { kind } b: events { kind } }",
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            &admin,
            "subscription { ...F } fragment F on Subscription { events { kind } }",
            "GRAPHQL_VALIDATION_FAILED",
        ),
    ] {
        let answers: Vec<_> = world.follow(who, query, json!({})).collect().await;
        assert_eq!(answers.len(), 1, "{query}");
        assert_eq!(answers[0]["errors"][0]["extensions"]["code"], code, "{query}: {}", answers[0]);
    }
}

#[tokio::test]
async fn an_operator_follows_projections() {
    let (world, operator) = World::new().await;
    let query =
        "subscription { projectionProgress(projection: \"directory\") { name position state } }";
    let mut stream = world.follow(&operator, query, json!({}));
    let first = stream.next().await.unwrap();
    assert_eq!(first["data"]["projectionProgress"]["name"], "directory");
    world.organisation(&operator, "Acme").await;
    let position =
        |answer: &serde_json::Value| answer["data"]["projectionProgress"]["position"].as_u64();
    let mut later = stream.next().await.unwrap();
    while position(&later) < Some(world.store.head().0) {
        later = stream.next().await.unwrap();
    }
    assert!(position(&later) > position(&first));
}
