//! What queries answer, and to whom.

use std::time::Duration;

use serde_json::{Value, json};

use super::support::{Browser, PASSWORD, World};

#[tokio::test]
async fn a_list_is_read_page_by_page_in_both_directions() {
    let (world, operator) = World::new().await;
    let (organisation, admin) = world.organisation(&operator, "Acme").await;
    for number in 0..25 {
        world.account(&admin, &organisation, &format!("member-{number:02}")).await;
    }
    let query = "query ($first: Int, $after: String, $last: Int, $before: String) {
        accounts(first: $first, after: $after, last: $last, before: $before, orderBy: { field: USERNAME },
                 filter: { username: { startsWith: \"member\" } }) {
            nodes { username } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount position } }";
    let names = |answer: &Value| -> Vec<String> {
        let nodes = answer["data"]["accounts"]["nodes"].as_array();
        let nodes = nodes.unwrap_or_else(|| panic!("{answer}")).iter();
        nodes.map(|node| node["username"].as_str().unwrap().to_owned()).collect()
    };
    let first = world.ask(&admin, query, json!({})).await;
    assert_eq!(names(&first).len(), 20, "{first}");
    assert_eq!(first["data"]["accounts"]["totalCount"], 25);
    let page = &first["data"]["accounts"]["pageInfo"];
    assert_eq!((&page["hasNextPage"], &page["hasPreviousPage"]), (&json!(true), &json!(false)));

    let second = world.ask(&admin, query, json!({ "first": 20, "after": page["endCursor"] })).await;
    assert_eq!(names(&second), ["member-20", "member-21", "member-22", "member-23", "member-24"]);
    let start = &second["data"]["accounts"]["pageInfo"]["startCursor"];
    let back = world.ask(&admin, query, json!({ "last": 2, "before": start })).await;
    assert_eq!(names(&back), ["member-18", "member-19"]);
}

#[tokio::test]
async fn an_administrator_sees_the_organisation_and_a_member_only_themselves() {
    let (world, operator) = World::new().await;
    let (organisation, admin) = world.organisation(&operator, "Acme").await;
    world.organisation(&operator, "Other").await;
    world.account(&admin, &organisation, "anna").await;
    let anna = world.sign_in("anna").await;
    let query = "{ accounts { nodes { username } totalCount } organisations { nodes { name } }
        dashboard { rows { nodes { account { username } } } } }";
    let seen = async |who| {
        let answer = world.ask(who, query, json!({})).await;
        let names = |list: &Value, path: &str| {
            let nodes = list["nodes"].as_array().cloned().unwrap_or_default();
            nodes
                .iter()
                .map(|n| n.pointer(path).unwrap().as_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        let data = &answer["data"];
        assert_eq!(data["accounts"]["totalCount"], names(&data["accounts"], "/username").len());
        (
            names(&data["accounts"], "/username"),
            names(&data["organisations"], "/name"),
            names(&data["dashboard"]["rows"], "/account/username"),
        )
    };
    let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
    let (accounts, organisations, rows) = seen(&admin).await;
    assert_eq!(accounts, owned(&["acme-admin", "anna"]));
    assert_eq!(organisations, owned(&["Acme"]));
    assert_eq!(rows, owned(&["acme-admin", "anna"]));
    assert_eq!(seen(&anna).await, (owned(&["anna"]), owned(&["Acme"]), owned(&["anna"])));
    let (accounts, organisations, _) = seen(&operator).await;
    assert_eq!(accounts, owned(&["acme-admin", "anna", "other-admin", "root"]));
    assert_eq!(organisations, owned(&["Acme", "Other"]));
}

#[tokio::test]
async fn things_are_found_by_id_and_by_name() {
    let (world, operator) = World::new().await;
    let (organisation, admin) = world.organisation(&operator, "Acme").await;
    let anna = world.account(&admin, &organisation, "anna").await;
    let query = "query ($org: ID!, $account: ID!) {
        a: organisation(by: { id: $org }) { id name plan { full { limit used free } } }
        b: organisation(by: { name: \"Acme\" }) { id }
        c: organisation { id }
        d: account(by: { id: $account }) { id username membership { id type } }
        e: account(by: { username: \"ANNA\" }) { id }
        f: node(id: $account) { __typename id ... on Account { username } }
    }";
    let answer = world.ask(&admin, query, json!({ "org": organisation, "account": anna })).await;
    assert_eq!(answer["errors"], Value::Null, "{answer}");
    let data = &answer["data"];
    for alias in ["a", "b", "c"] {
        assert_eq!(data[alias]["id"], json!(organisation));
    }
    assert_eq!(data["a"]["plan"]["full"], json!({ "limit": null, "used": 2, "free": null }));
    for alias in ["d", "e", "f"] {
        assert_eq!(data[alias]["id"], json!(anna));
    }
    assert_eq!(data["f"]["__typename"], "Account");
    let membership = json!({ "id": data["d"]["membership"]["id"] });
    let node =
        world.ask(&admin, "query ($id: ID!) { node(id: $id) { __typename id } }", membership).await;
    assert_eq!(node["data"]["node"]["__typename"], "Membership");
}

#[tokio::test]
async fn an_organisation_is_found_by_its_whole_name_among_many_that_begin_like_it() {
    let (world, operator) = World::new().await;
    for name in ["Acme Holding", "Acme  Nord", "ACME", "Ácme"] {
        world.must(&operator, "organisationCreate", "", json!({ "name": name })).await;
    }
    let (organisation, admin) = world.organisation(&operator, "Acme").await;
    world.organisation(&operator, "Other").await;
    let query = "query ($name: String!) { organisation(by: { name: $name }) { id name } }";
    let found = async |who, name| {
        let answer = world.ask(who, query, json!({ "name": name })).await;
        answer["data"]["organisation"]["name"].clone()
    };
    for (name, wanted) in
        [("Acme", "Acme"), ("acme", "ACME"), (" Ácme ", "Ácme"), ("other", "Other")]
    {
        assert_eq!(found(&operator, name).await, wanted, "{name}");
    }
    for name in ["Acm", "Acme H", "%", ""] {
        assert_eq!(found(&operator, name).await, Value::Null, "{name}");
    }
    assert_eq!(found(&admin, "ACME").await, "Acme");
    assert_eq!(found(&admin, "Other").await, Value::Null);
    let answer = world.ask(&admin, query, json!({ "name": "acme" })).await;
    assert_eq!(answer["data"]["organisation"]["id"], json!(organisation));
}

#[tokio::test]
async fn every_list_can_be_counted() {
    let (world, operator) = World::new().await;
    let (_, admin) = world.organisation(&operator, "Acme").await;
    for name in ["one", "two", "three"] {
        let key = json!({ "name": name, "scopes": ["ACCOUNTS_READ"] });
        world.must(&admin, "serviceKeyCreate", "", key).await;
    }
    let again = world.sign_in("acme-admin").await;
    let query = "query ($p: Position) {
        accounts(atLeast: $p) { totalCount } organisations { totalCount } history { totalCount }
        dashboard { rows { totalCount } } serviceKeys(first: 1) { totalCount nodes { name } }
        organisation { serviceKeys(first: 0) { totalCount } }
        viewer { account { sessions(first: 1) { totalCount nodes { id } } history { totalCount } } }
    }";
    let answer = world.ask(&again, query, json!({ "p": world.store.head().0 })).await;
    assert_eq!(answer["errors"], Value::Null, "{answer}");
    let data = &answer["data"];
    for (path, count) in [
        ("/accounts", 1),
        ("/organisations", 1),
        ("/dashboard/rows", 1),
        ("/serviceKeys", 3),
        ("/organisation/serviceKeys", 3),
        ("/viewer/account/sessions", 2),
    ] {
        assert_eq!(data.pointer(path).unwrap()["totalCount"], count, "{path}");
    }
    for path in ["/history", "/viewer/account/history"] {
        assert!(data.pointer(path).unwrap()["totalCount"].as_u64() > Some(1), "{path}");
    }
    assert_eq!(data["serviceKeys"]["nodes"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_dashboard_shows_services_and_administrators() {
    let (world, operator) = World::new().await;
    let (_, admin) = world.organisation(&operator, "Acme").await;
    let me = world.ask(&admin, "{ viewer { account { id } } }", json!({})).await;
    let me = &me["data"]["viewer"]["account"]["id"];
    world
        .must(
            &admin,
            "serviceAccessSet",
            "",
            json!({ "account": me, "service": "mail", "access": true }),
        )
        .await;
    let off = world.must(&admin, "serviceDisable", "", json!({ "service": "crm" })).await;
    let query = "query ($p: Position) { dashboard(atLeast: $p) { services { service { key } enabled }
        rows { totalCount nodes { administrator type services { service { key } access effective } } } } }";
    let answer = world.ask(&admin, query, json!({ "p": off["position"] })).await;
    let dashboard = &answer["data"]["dashboard"];
    assert_eq!(dashboard["rows"]["totalCount"], 1, "{answer}");
    let row = &dashboard["rows"]["nodes"][0];
    assert_eq!(row["administrator"], true);
    let services = row["services"].as_array().unwrap();
    let columns = dashboard["services"].as_array().unwrap();
    assert_eq!(services.len(), columns.len());
    for (cell, column) in services.iter().zip(columns) {
        assert_eq!(cell["service"], column["service"]);
        assert_eq!(cell["access"], cell["service"]["key"] == "mail");
        assert_eq!(column["enabled"], column["service"]["key"] != "crm");
    }
}

#[tokio::test]
async fn the_history_tells_who_did_what_before_and_after() {
    let (world, operator) = World::new().await;
    let (organisation, admin) = world.organisation(&operator, "Acme").await;
    let anna = world.account(&admin, &organisation, "anna").await;
    let then = world
        .must(&admin, "profileUpdate", "", json!({ "account": anna, "firstName": "Ann" }))
        .await;
    let now = world
        .must(&admin, "profileUpdate", "", json!({ "account": anna, "firstName": "Anna" }))
        .await;
    let query = "query ($id: ID!, $then: Position!, $now: Position) {
        account(by: { id: $id }, atLeast: $now) {
            history(first: 1) { totalCount nodes { kind action sentence(language: NL) actor { kind account { username } }
                changes { field before { text } after { text } } } }
            difference(from: { position: $then }) { field before { text } after { text } }
        }
        past: account(by: { id: $id }, asOf: { position: $then }) { firstName }
    }";
    let variables = json!({ "id": anna, "then": then["position"], "now": now["position"] });
    let answer = world.ask(&admin, query, variables).await;
    assert_eq!(answer["errors"], Value::Null, "{answer}");
    let entry = &answer["data"]["account"]["history"]["nodes"][0];
    assert_eq!(entry["kind"], "account.profile_changed", "{answer}");
    assert_eq!(entry["action"], "profileUpdate");
    assert_eq!(entry["actor"]["account"]["username"], "acme-admin");
    let change =
        json!([{ "field": "firstName", "before": { "text": "Ann" }, "after": { "text": "Anna" } }]);
    assert_eq!(entry["changes"], change);
    assert_eq!(answer["data"]["account"]["difference"], change);
    assert_eq!(answer["data"]["past"]["firstName"], "Ann");
    assert!(entry["sentence"].as_str().is_some_and(|sentence| sentence.len() > 10), "{entry}");
}

#[tokio::test]
async fn a_position_that_never_comes_is_a_time_out() {
    let (world, operator) = World::new().await;
    let world = world.impatient();
    let query = "{ accounts(atLeast: 3000) { position } viewer { operator } }";
    let answer = world.ask(&operator, query, json!({})).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "TIMEOUT");
    assert_eq!(answer["data"]["viewer"]["operator"], true);
    // The header `x-at-least` says the same, for a whole request.
    let browser = Browser { at_least: Some(1_000_000), ..Browser::default() };
    let answer = world.ask_with(&operator, browser, "{ accounts { position } }").await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "TIMEOUT", "{answer}");
    // A state of the past waits for that past to be shown, on its own.
    let past = "query ($id: ID!) { viewer { account { difference(from: { position: 1 }, to: { position: 3000 }) { field } } }
        account(by: { id: $id }, asOf: { position: 3000 }) { id } }";
    let me = world.ask(&operator, "{ viewer { account { id } } }", json!({})).await;
    let me = json!({ "id": me["data"]["viewer"]["account"]["id"] });
    let answer = world.ask(&operator, past, me).await;
    let codes: Vec<_> = answer["errors"].as_array().unwrap().iter().collect();
    assert_eq!(codes.len(), 2, "{answer}");
    for error in codes {
        assert_eq!(error["extensions"]["code"], "TIMEOUT", "{answer}");
    }
    // Who sees nothing waits for nothing.
    let answer = world.ask(&world.nobody(), query, json!({})).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
}

#[tokio::test]
async fn nobody_waits_for_a_position_that_cannot_be_on_its_way() {
    let (world, operator) = World::new().await; // of all the patience that there is
    let answer = world.ask(&operator, "{ accounts(atLeast: 1000000) { position } }", json!({}));
    let answer = tokio::time::timeout(Duration::from_secs(4), answer).await;
    assert_eq!(answer.expect("at once")["errors"][0]["extensions"]["code"], "TIMEOUT");
}

#[tokio::test]
async fn a_program_reads_what_its_scopes_allow() {
    use events::value::Scope;
    let (world, operator) = World::new().await;
    let (_, admin) = world.organisation(&operator, "Acme").await;
    let input = json!({ "name": "Dashboard", "scopes": ["ACCOUNTS_READ"] });
    let made = world.must(&admin, "serviceKeyCreate", "serviceKey { id }", input).await;
    let id = made["serviceKey"]["id"].as_str().unwrap();
    let key = crate::ids::GlobalId::service_key(id).unwrap();
    let program = world.program(key, admin.0.organisation.unwrap(), [Scope::AccountsRead]);
    let query = "{ viewer { serviceKey { name } scopes } accounts { nodes { username } } history { nodes { kind } } }";
    let answer = world.ask(&program, query, json!({})).await;
    assert_eq!(
        answer["data"]["accounts"]["nodes"],
        json!([{ "username": "acme-admin" }]),
        "{answer}"
    );
    assert_eq!(answer["data"]["viewer"]["serviceKey"]["name"], "Dashboard");
    assert_eq!(answer["data"]["history"], Value::Null);
    assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN");

    // Who is signed in from where is history; the keys of others are nobody's but the administrators'.
    let query =
        "{ accounts { nodes { username sessions { totalCount } } } serviceKeys { totalCount } }";
    let answer = world.ask(&program, query, json!({})).await;
    let seen = json!([{ "username": "acme-admin", "sessions": null }]);
    assert_eq!(answer["data"], json!({ "accounts": { "nodes": seen }, "serviceKeys": null }));
    for error in answer["errors"].as_array().unwrap() {
        assert_eq!(error["extensions"]["code"], "FORBIDDEN", "{answer}");
    }
    let input = json!({ "name": "Audit", "scopes": ["ACCOUNTS_READ", "HISTORY_READ"] });
    let made = world.must(&admin, "serviceKeyCreate", "serviceKey { id }", input).await;
    let key =
        crate::ids::GlobalId::service_key(made["serviceKey"]["id"].as_str().unwrap()).unwrap();
    let scopes = [Scope::AccountsRead, Scope::HistoryRead];
    let auditor = world.program(key, admin.0.organisation.unwrap(), scopes);
    let answer = world.ask(&auditor, query, json!({})).await;
    assert!(answer["data"]["accounts"]["nodes"][0]["sessions"]["totalCount"].is_u64(), "{answer}");
}

#[tokio::test]
async fn s13_the_viewer_tells_what_the_session_has_shown_and_until_when() {
    let (world, operator) = World::new().await;
    let (_, admin) = world.organisation(&operator, "Acme").await;
    let query = "{ viewer { freshUntil provenUntil } }";
    let shown = async || world.ask(&admin, query, json!({})).await["data"]["viewer"].clone();
    // World begins at eight in the morning.
    let signed_in = shown().await;
    let fresh = signed_in["freshUntil"].as_str().unwrap().to_owned();
    assert!(fresh.starts_with("2027-01-15T08:15:"), "{fresh}");
    assert_eq!(signed_in["provenUntil"], json!(null));
    let step_up = json!({ "password": PASSWORD });
    let stepped_up = world.must(&admin, "stepUp", "session { provenUntil }", step_up).await;
    let until = &stepped_up["session"]["provenUntil"];
    let later = shown().await;
    assert!(later["provenUntil"] == *until && later["freshUntil"] == *until, "{later}");
}
