//! What organisations say about signing in.

use serde_json::{Value, json};

use super::support::World;

const POLICY: &str =
    "organisation { policy { passwordMinLength passwordCapital lockAfter secondFactor
    sessionIdleMinutes signInHours { day from until } invitationDays ownRules } }";

#[tokio::test]
async fn a_policy_is_set_rule_by_rule_and_left_to_the_installation_again() {
    let (world, operator) = World::new().await;
    let (_, admin) = world.organisation(&operator, "Acme").await;
    let hours = json!([{ "day": "MONDAY", "from": 8, "until": 12 }, { "day": "MONDAY", "from": 10, "until": 18 }]);
    let input = json!({ "passwordMinLength": 15, "lockAfter": 5, "secondFactor": "ADMINISTRATORS", "signInHours": hours });
    let policy = |answer: &Value| answer["organisation"]["policy"].clone();
    let set = policy(&world.must(&admin, "policySet", POLICY, input).await);
    assert_eq!(
        set,
        json!({
            "passwordMinLength": 15, "passwordCapital": true, "lockAfter": 5, "secondFactor": "ADMINISTRATORS",
            "sessionIdleMinutes": 60, "signInHours": [{ "day": "MONDAY", "from": 8, "until": 18 }],
            "invitationDays": 7,
            "ownRules": ["PASSWORD_MIN_LENGTH", "LOCK_AFTER", "SECOND_FACTOR", "SIGN_IN_HOURS"],
        })
    );
    // A variable that isn't set leaves the rule as it is; null leaves it to the installation.
    let query = "mutation ($length: Int, $lock: Int) {
        policySet(input: { passwordMinLength: $length, lockAfter: $lock, passwordCapital: false }) {
            organisation { policy { passwordMinLength passwordCapital lockAfter } } userErrors { code } } }";
    let answer = world.ask(&admin, query, json!({ "lock": null })).await;
    let policy = &answer["data"]["policySet"]["organisation"]["policy"];
    assert_eq!(
        policy,
        &json!({ "passwordMinLength": 15, "passwordCapital": false, "lockAfter": 3 })
    );
}

#[tokio::test]
async fn a_session_never_outlives_the_installations() {
    let (world, operator) = World::new().await;
    let (_, admin) = world.organisation(&operator, "Acme").await;
    let input = json!({ "sessionIdleMinutes": 10_000, "sessionLifetimeMinutes": 30 });
    let seen = "organisation { policy { sessionIdleMinutes sessionLifetimeMinutes } }";
    let answer = world.must(&admin, "policySet", seen, input).await;
    let policy = &answer["organisation"]["policy"];
    assert_eq!(policy, &json!({ "sessionIdleMinutes": 60, "sessionLifetimeMinutes": 30 }));
}

#[tokio::test]
async fn a_bad_rule_is_named_and_nothing_is_set() {
    let (world, operator) = World::new().await;
    let (organisation, admin) = world.organisation(&operator, "Acme").await;
    let input = json!({ "passwordMinLength": 7, "lockAfter": 5, "invitationDays": 0,
        "signInHours": [{ "day": "SUNDAY", "from": 9, "until": 8 }] });
    let refused = world.mutate(&admin, "policySet", "", input).await;
    let errors = refused["userErrors"].as_array().unwrap();
    let told: Vec<_> = errors.iter().map(|error| (&error["code"], &error["field"][0])).collect();
    assert_eq!(
        told,
        [
            (&json!("OUT_OF_RANGE"), &json!("passwordMinLength")),
            (&json!("INVALID_HOURS"), &json!("signInHours")),
            (&json!("OUT_OF_RANGE"), &json!("invitationDays")),
        ]
    );
    let query =
        "query ($id: ID!) { organisation(by: { id: $id }) { policy { lockAfter ownRules } } }";
    let answer = world.ask(&admin, query, json!({ "id": organisation })).await;
    let policy = &answer["data"]["organisation"]["policy"];
    assert_eq!(policy, &json!({ "lockAfter": 3, "ownRules": [] }));
    world.account(&admin, &organisation, "anna").await;
    let anna = world.sign_in("anna").await;
    let refused = world.mutate(&anna, "policySet", "", json!({ "lockAfter": 5 })).await;
    assert_eq!(refused["userErrors"][0]["code"], "FORBIDDEN");
}
