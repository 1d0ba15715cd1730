//! What mutations answer.

use events::value::Language;
use projections::Name;
use serde_json::{Value, json};

use super::support::{Browser, PASSWORD, SETUP, World};

#[tokio::test]
async fn an_installation_is_set_up_once_with_its_token() {
    let (world, operator) = World::new().await;
    let input = json!({ "token": SETUP, "username": "second", "password": PASSWORD, "email": "b@example.org" });
    let again =
        world.mutate(&world.nobody(), "operatorSetup", "account { id }", input.clone()).await;
    assert_eq!(again["userErrors"][0]["code"], "ALREADY_SET_UP");
    assert_eq!(again["account"], Value::Null);

    let mut wrong = input;
    wrong["token"] = json!("wrong");
    let refused = world.mutate(&world.nobody(), "operatorSetup", "account { id }", wrong).await;
    assert_eq!(refused["userErrors"][0]["code"], "INVALID_TOKEN");
    assert_eq!(refused["userErrors"][0]["field"], json!(["token"]));

    let answer =
        world.ask(&operator, "{ viewer { operator account { username email } } }", json!({})).await;
    let expected =
        json!({ "operator": true, "account": { "username": "root", "email": "root@example.org" } });
    assert_eq!(answer["data"]["viewer"], expected);
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_are_answered_alike() {
    let (world, _) = World::new().await;
    let ask = async |username: &str| {
        let query = "mutation ($input: SignInInput!) { signIn(input: $input) {
            session { token } position version userErrors { code message field } } }";
        let input = json!({ "username": username, "password": "wrong" });
        world.ask(&world.nobody(), query, json!({ "input": input })).await
    };
    let known = ask("root").await;
    assert_eq!(known["data"]["signIn"]["userErrors"][0]["code"], "INVALID_CREDENTIALS");
    assert_eq!(known, ask("nobody-there").await);
    assert_eq!(known, ask("x").await, "a name that can't be one");
}

#[tokio::test]
async fn an_account_is_created_given_rights_barred_let_in_and_deleted() {
    let (world, operator) = World::new().await;
    let (organisation, admin) = world.organisation(&operator, "Acme").await;
    let account = world.account(&admin, &organisation, "anna").await;
    let domain = json!({ "organisation": organisation, "domain": "acme.example" });
    world.must(&operator, "domainRegister", "organisation { domains }", domain).await;

    let seen = "account { status } membership {
        type administrator active deactivationReason
        services { service { key } access administrator } mailbox { aliases } }";
    let mail = json!({ "account": account, "service": "mail", "access": true });
    let answer = world.must(&admin, "serviceAccessSet", seen, mail).await;
    let services = &answer["membership"]["services"];
    assert_eq!(
        services,
        &json!([{ "service": { "key": "mail" }, "access": true, "administrator": false }])
    );

    let alias = json!({ "account": account, "alias": "a.nna@acme.example" });
    let answer = world.must(&admin, "aliasAdd", seen, alias.clone()).await;
    assert_eq!(answer["membership"]["mailbox"]["aliases"], json!(["a.nna@acme.example"]));
    let answer = world.must(&admin, "aliasRemove", seen, alias).await;
    assert_eq!(answer["membership"]["mailbox"]["aliases"], json!([]));

    let query = "query ($id: ID!) { account(by: { id: $id }) { membership { type } } }";
    let seen_by_operator = world.ask(&operator, query, json!({ "id": account })).await;
    assert_eq!(seen_by_operator["data"]["account"]["membership"]["type"], "FULL");

    let promote = json!({ "account": account, "administrator": true });
    let answer = world.must(&admin, "administratorSet", seen, promote).await;
    assert_eq!(answer["membership"]["type"], "ADMINISTRATOR");

    let bar = json!({ "account": account, "reason": "On leave" });
    let answer = world.must(&admin, "accountDeactivate", seen, bar).await;
    assert_eq!(answer["account"]["status"], "DEACTIVATED");
    assert_eq!(answer["membership"]["deactivationReason"], "On leave");
    let answer = world.must(&admin, "accountReactivate", seen, json!({ "account": account })).await;
    assert_eq!(answer["account"]["status"], "ACTIVE");

    let answer = world.must(&admin, "accountDelete", seen, json!({ "account": account })).await;
    assert_eq!(answer["account"]["status"], "DELETED");
}

#[tokio::test]
async fn all_bad_fields_of_an_input_are_told_at_once_in_the_callers_language() {
    let (world, operator) = World::new().await;
    let (_, admin) = world.organisation(&operator, "Acme").await;
    let input = json!({
        "username": "a", "displayName": " ", "email": "no address", "phone": "x", "birthDate": "tomorrow",
        "idempotencyKey": "",
    });
    let reader = admin.reading(Language::Nl);
    let answer = world.mutate(&reader, "accountCreate", "account { id }", input).await;
    let errors = answer["userErrors"].as_array().unwrap();
    let fields: Vec<_> = errors.iter().map(|error| error["field"][0].as_str().unwrap()).collect();
    assert_eq!(
        fields,
        ["idempotencyKey", "username", "displayName", "email", "birthDate", "phone"]
    );
    assert_eq!(errors[1]["code"], "TOO_SHORT");
    assert_eq!(errors[1]["message"], "Gebruik minstens 3 tekens.");
}

#[tokio::test]
async fn the_language_that_a_person_chose_counts() {
    let (world, operator) = World::new().await;
    let (_, admin) = world.organisation(&operator, "Acme").await;
    world.must(&admin, "profileUpdate", "", json!({ "language": "DE" })).await;
    world
        .must(&admin, "profileUpdate", "account { language }", json!({ "position": "Chefin" }))
        .await;
    let bad = world.mutate(&admin, "accountCreate", "", json!({ "username": "x" })).await;
    assert_eq!(bad["userErrors"][0]["message"], "Verwenden Sie mindestens 3 Zeichen.");

    // It counts before what the browser asks for, which counts for whoever has chosen none.
    let asks_for = |language| Browser { language: Some(language), at_least: None };
    let query = "{ viewer { language } history(first: 1) { nodes {
        sentence de: sentence(language: DE) nl: sentence(language: NL) } } }";
    let chosen = world.ask_with(&admin, asks_for("nl, en;q=0.5"), query).await;
    assert_eq!(chosen["data"]["viewer"]["language"], "DE", "{chosen}");
    let entry = &chosen["data"]["history"]["nodes"][0];
    assert!(entry["sentence"] == entry["de"] && entry["de"] != entry["nl"], "{entry}");
    let asked = world.ask_with(&operator, asks_for("de;q=0.5, nl"), query).await;
    assert_eq!(asked["data"]["viewer"]["language"], "NL", "{asked}");
    let none = world.ask_with(&operator, asks_for("fr"), query).await;
    assert_eq!(none["data"]["viewer"]["language"], "EN");
}

#[tokio::test]
async fn a_weak_password_is_a_bad_field() {
    let (world, operator) = World::new().await;
    let (_, admin) = world.organisation(&operator, "Acme").await;
    let input = json!({ "username": "anna", "password": "short" });
    let answer = world.mutate(&admin, "accountCreate", "account { id }", input).await;
    assert_eq!(answer["userErrors"][0]["code"], "TOO_SHORT");
    assert_eq!(answer["userErrors"][0]["field"], json!(["password"]));
}

#[tokio::test]
async fn the_same_key_and_input_are_done_once_and_another_input_is_refused() {
    let (world, operator) = World::new().await;
    let (_, admin) = world.organisation(&operator, "Acme").await;
    let input = json!({ "username": "anna", "idempotencyKey": "k-1" });
    let first = world.must(&admin, "accountCreate", "account { id }", input.clone()).await;
    let head = world.store.head();
    let second = world.must(&admin, "accountCreate", "account { id }", input).await;
    assert_eq!(first, second);
    assert_eq!(world.store.head(), head);

    let other = json!({ "username": "bert", "idempotencyKey": "k-1" });
    let refused = world.mutate(&admin, "accountCreate", "account { id }", other).await;
    assert_eq!(refused["userErrors"][0]["code"], "IDEMPOTENCY_KEY_REUSED");
    assert_eq!(refused["userErrors"][0]["field"], json!(["idempotencyKey"]));
}

#[tokio::test]
async fn a_conflict_shows_the_present_state() {
    let (world, operator) = World::new().await;
    let (organisation, admin) = world.organisation(&operator, "Acme").await;
    let account = world.account(&admin, &organisation, "anna").await;
    let seen = "account { version firstName }";
    let rename = json!({ "account": account, "firstName": "Anna" });
    let first = world.must(&admin, "profileUpdate", seen, rename).await;
    let version = first["account"]["version"].as_u64().unwrap();
    let late = json!({ "account": account, "firstName": "Ann", "expectedVersion": version - 1 });
    let refused = world.mutate(&admin, "profileUpdate", seen, late).await;
    assert_eq!(refused["userErrors"][0]["code"], "CONFLICT");
    assert_eq!(refused["account"], first["account"]);
    let next = json!({ "account": account, "firstName": "Ann", "expectedVersion": version });
    let done = world.must(&admin, "profileUpdate", seen, next).await;
    assert_eq!(done["account"]["firstName"], "Ann");
}

#[tokio::test]
async fn a_member_changes_themselves_and_nobody_else() {
    let (world, operator) = World::new().await;
    let (organisation, admin) = world.organisation(&operator, "Acme").await;
    world.account(&admin, &organisation, "anna").await;
    let bert = world.account(&admin, &organisation, "bert").await;
    let anna = world.sign_in("anna").await;
    let own = json!({ "firstName": "Anna" });
    let answer = world.must(&anna, "profileUpdate", "account { firstName }", own).await;
    assert_eq!(answer["account"]["firstName"], "Anna");

    let head = world.store.head();
    let others = json!({ "account": bert, "firstName": "Bart" });
    let refused = world.mutate(&anna, "profileUpdate", "account { firstName }", others).await;
    assert_eq!(refused["userErrors"][0]["code"], "FORBIDDEN");
    assert_eq!(refused["account"], Value::Null);
    assert_eq!(world.store.head(), head);
}

#[tokio::test]
async fn whoever_has_not_signed_in_is_told_so_at_the_top() {
    let (world, _) = World::new().await;
    let answer =
        world.mutate(&world.nobody(), "organisationCreate", "", json!({ "name": "Acme" })).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    assert_eq!(answer["errors"][0]["path"], json!(["it"]));
}

#[tokio::test]
async fn a_service_key_is_shown_once_and_can_be_revoked() {
    let (world, operator) = World::new().await;
    let (_, admin) = world.organisation(&operator, "Acme").await;
    let input = json!({ "name": "Dashboard", "scopes": ["ACCOUNTS_READ"], "idempotencyKey": "k" });
    let seen = "token serviceKey { id name scopes revokedAt }";
    let made = world.must(&admin, "serviceKeyCreate", seen, input.clone()).await;
    assert!(made["token"].is_string());
    // The answer may have got lost, and the token with it.
    let again = world.must(&admin, "serviceKeyCreate", seen, input).await;
    assert!(again["token"].is_string());
    assert_eq!(again["serviceKey"], made["serviceKey"]);
    assert_eq!(made["serviceKey"]["scopes"], json!(["ACCOUNTS_READ"]));
    let none =
        world.mutate(&admin, "serviceKeyCreate", seen, json!({ "name": "x", "scopes": [] })).await;
    assert_eq!(none["userErrors"][0]["code"], "SCOPES_REQUIRED");

    let key = json!({ "key": made["serviceKey"]["id"] });
    let revoked = world.must(&admin, "serviceKeyRevoke", "serviceKey { revokedAt }", key).await;
    assert!(revoked["serviceKey"]["revokedAt"].is_string());
}

#[tokio::test]
async fn a_password_is_changed_by_whoever_knows_the_present_one() {
    let (world, operator) = World::new().await;
    let wrong = json!({ "currentPassword": "wrong", "newPassword": "Another horse 8" });
    let refused = world.mutate(&operator, "passwordChange", "account { id }", wrong).await;
    assert_eq!(refused["userErrors"][0]["code"], "INVALID_CREDENTIALS");
    assert_eq!(refused["userErrors"][0]["field"], json!(["currentPassword"]));
    let right = json!({ "currentPassword": PASSWORD, "newPassword": "Another horse 8" });
    world.must(&operator, "passwordChange", "account { passwordSetAt }", right).await;
}

#[tokio::test]
async fn signing_out_ends_the_session() {
    let (world, operator) = World::new().await;
    let sign_out = "mutation { signOut { signedOut position userErrors { code } } }";
    let answer = world.ask(&operator, sign_out, json!({})).await;
    let ended = &answer["data"]["signOut"];
    assert_eq!(ended["signedOut"], true, "{answer}");
    assert_eq!(ended["userErrors"], json!([]));
    let then = Browser { at_least: ended["position"].as_u64(), ..Browser::default() };
    let query = "{ viewer { account { sessions { nodes { id } } } } }";
    let sessions = world.ask_with(&operator, then, query).await;
    assert_eq!(sessions["data"]["viewer"]["account"]["sessions"]["nodes"], json!([]));
}

#[tokio::test]
async fn operators_repair_projections_and_others_do_not() {
    let (world, operator) = World::new().await;
    let (_, admin) = world.organisation(&operator, "Acme").await;
    let seen = "projection { name state }";
    let directory = json!({ "projection": "directory" });
    world.must(&operator, "projectionRebuild", seen, directory.clone()).await;
    let parked = world.mutate(&operator, "projectionResume", seen, directory.clone()).await;
    assert_eq!(parked["userErrors"][0]["code"], "NOT_PARKED");
    let unknown = json!({ "projection": "nonsense" });
    let unknown = world.mutate(&operator, "projectionRebuild", seen, unknown).await;
    assert_eq!(unknown["userErrors"][0]["code"], "PROJECTION_NOT_FOUND");
    let refused = world.mutate(&admin, "projectionRebuild", seen, directory).await;
    assert_eq!(refused["errors"][0]["extensions"]["code"], "FORBIDDEN");
}

#[tokio::test]
async fn a_repair_with_a_key_is_begun_once() {
    let (world, operator) = World::new().await;
    let seen = "projection { name }";
    let rebuild = json!({ "projection": "directory", "idempotencyKey": "k" });
    world.must(&operator, "projectionRebuild", seen, rebuild.clone()).await;
    let mut first = world.views.last_rebuild(Name::Directory).unwrap();
    first.wait_for(|progress| progress.outcome.is_some()).await.unwrap();
    world.must(&operator, "projectionRebuild", seen, rebuild).await;
    let last = world.views.last_rebuild(Name::Directory).unwrap();
    assert!(first.same_channel(&last), "a second rebuild was begun");

    for (mutation, projection) in
        [("projectionRebuild", "history"), ("projectionResume", "directory")]
    {
        let other = json!({ "projection": projection, "idempotencyKey": "k" });
        let refused = world.mutate(&operator, mutation, seen, other).await;
        assert_eq!(refused["userErrors"][0]["code"], "IDEMPOTENCY_KEY_REUSED", "{refused}");
        assert_eq!(refused["userErrors"][0]["field"], json!(["idempotencyKey"]));
    }
    let bad = json!({ "projection": "nonsense", "idempotencyKey": " " });
    let bad = world.mutate(&operator, "projectionRebuild", seen, bad).await;
    let fields: Vec<_> =
        bad["userErrors"].as_array().unwrap().iter().map(|error| &error["field"][0]).collect();
    assert_eq!(fields, ["idempotencyKey", "projection"]);
}

#[tokio::test]
async fn asking_for_a_passkey_is_for_one_thing_and_a_refusal_names_what_was_given() {
    let (world, operator) = World::new().await;
    let begin = "mutation ($input: PasskeyBeginInput) { passkeyBegin(input: $input) {
        options userErrors { code field } } }";
    let ask = async |input: Value| world.ask(&operator, begin, json!({ "input": input })).await;
    let asked = ask(Value::Null).await;
    assert_eq!(asked["data"]["passkeyBegin"], json!({ "options": "{}", "userErrors": [] }));
    for (input, code, field) in [
        (json!({ "attempt": "sta_old" }), "INVALID_TOKEN", "attempt"),
        (json!({ "stepUp": true }), "INVALID_PASSKEY", "stepUp"),
    ] {
        let refused = ask(input).await;
        let errors = json!([{ "code": code, "field": [field] }]);
        assert_eq!(refused["data"]["passkeyBegin"]["userErrors"], errors);
    }
    let both = ask(json!({ "attempt": "sta_old", "stepUp": true })).await;
    assert_eq!(both["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    assert_eq!(both["errors"][0]["message"], "Give `attempt` or `stepUp`, not both.");
}
