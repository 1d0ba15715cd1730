//! Traps of the library, each with what goes wrong where nobody looks.

use std::{
    io,
    sync::{Arc, Mutex},
};

use async_graphql::{Executor, Request, Response};
use serde_json::{Value, json};

use super::support::World;

fn codes(answer: &Value) -> Vec<&str> {
    let errors = answer["errors"].as_array().into_iter().flatten();
    errors.map(|error| error["extensions"]["code"].as_str().unwrap_or("none")).collect()
}

#[tokio::test]
async fn a_field_that_fails_is_null_and_its_neighbours_are_answered() {
    let (world, operator) = World::new().await;
    let query = "{ account(by: { username: \"nobody-there\" }) { id } viewer { operator } }";
    let answer = world.ask(&operator, query, json!({})).await;
    assert_eq!(answer["data"], json!({ "account": null, "viewer": { "operator": true } }));
    assert_eq!(answer["errors"][0]["path"], json!(["account"]));
    assert_eq!(codes(&answer), ["NOT_FOUND"]);
}

#[tokio::test]
async fn a_refused_field_does_not_null_its_parents() {
    let (world, operator) = World::new().await;
    let (_, admin) = world.organisation(&operator, "Acme").await;
    let query = "{ projections { name } operators { id } viewer { administrator } }";
    let answer = world.ask(&admin, query, json!({})).await;
    let expected =
        json!({ "projections": null, "operators": null, "viewer": { "administrator": true } });
    assert_eq!(answer["data"], expected);
    assert_eq!(codes(&answer), ["FORBIDDEN", "FORBIDDEN"]);
}

#[tokio::test]
async fn an_element_that_is_not_there_does_not_null_its_list() {
    let (world, operator) = World::new().await;
    let query = "query ($ids: [ID!]!) { viewer { account { id } } nodes(ids: $ids) { id } }";
    let me = world.ask(&operator, "{ viewer { account { id } } }", json!({})).await;
    let me = me["data"]["viewer"]["account"]["id"].clone();
    let answer = world.ask(&operator, query, json!({ "ids": ["nonsense", me] })).await;
    assert_eq!(answer["data"]["nodes"], json!([null, { "id": me }]));
    assert_eq!(answer["errors"][0]["path"], json!(["nodes", 0]));
}

#[tokio::test]
async fn a_variable_that_is_not_set_changes_nothing_and_null_empties() {
    let (world, operator) = World::new().await;
    let (organisation, admin) = world.organisation(&operator, "Acme").await;
    let account = world.account(&admin, &organisation, "anna").await;
    let update = "mutation ($account: ID!, $first: String, $location: String) {
        profileUpdate(input: { account: $account, firstName: $first, location: $location }) {
            account { firstName location email } userErrors { code } } }";
    let set = json!({ "account": account, "first": "Anna", "location": "Utrecht" });
    world.ask(&admin, update, set).await;

    let unset = json!({ "account": account, "location": null });
    let answer = world.ask(&admin, update, unset).await;
    let expected = json!({ "firstName": "Anna", "location": null, "email": "anna@example.net" });
    assert_eq!(answer["data"]["profileUpdate"]["account"], expected, "{answer}");
}

#[tokio::test]
async fn a_copy_address_that_is_not_given_is_asked_for_and_not_removed() {
    let (world, operator) = World::new().await;
    let (organisation, admin) = world.organisation(&operator, "Acme").await;
    let account = world.account(&admin, &organisation, "anna").await;
    let input = json!({ "account": account, "address": "copies@example.org" });
    world.must(&admin, "alwaysBccSet", "", input).await;
    let query = "mutation ($account: ID!, $address: String) {
        alwaysBccSet(input: { account: $account, address: $address }) {
            membership { mailbox { alwaysBcc } } userErrors { code field } } }";
    let answer = world.ask(&admin, query, json!({ "account": account })).await;
    let payload = &answer["data"]["alwaysBccSet"];
    assert_eq!(payload["userErrors"], json!([{ "code": "REQUIRED", "field": ["address"] }]));
    assert_eq!(payload["membership"]["mailbox"]["alwaysBcc"], "copies@example.org");
}

#[tokio::test]
async fn every_error_has_a_code() {
    let (world, operator) = World::new().await;
    for (query, variables, code) in [
        ("{ nonsense }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
        ("{ nonsense ", json!({}), "GRAPHQL_VALIDATION_FAILED"),
        ("query ($n: Int!) { accounts(first: $n) { position } }", json!({}), "BAD_USER_INPUT"),
        ("{ accounts(first: \"x\") { position } }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
        ("{ accounts(first: 101) { position } }", json!({}), "BAD_USER_INPUT"),
        ("{ accounts(after: \"x\") { position } }", json!({}), "BAD_USER_INPUT"),
        ("{ accounts(first: 1, last: 1) { position } }", json!({}), "BAD_USER_INPUT"),
        (
            "query ($p: Position) { accounts(atLeast: $p) { position } }",
            json!({ "p": -1 }),
            "BAD_USER_INPUT",
        ),
        ("{ accounts(organisation: \"x\") { position } }", json!({}), "NOT_FOUND"),
        ("query A { __typename } query B { __typename }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
    ] {
        let answer = world.ask(&operator, query, variables).await;
        let found = codes(&answer);
        assert!(!found.is_empty(), "{query}: {answer}");
        assert!(found.iter().all(|found| *found == code), "{query}: {answer}");
    }
    let nobody = world.nobody();
    let answer = world.ask(&nobody, "{ accounts { position } }", json!({})).await;
    assert_eq!(codes(&answer), ["UNAUTHENTICATED"]);
}

#[tokio::test]
async fn a_mutation_that_names_a_field_twice_is_not_run_at_all() {
    let (world, operator) = World::new().await;
    let before = world.store.head();
    let create = "organisationCreate(input: { name: \"Twice\" }) { position }";
    for query in [
        format!("mutation {{ {create} {create} }}"),
        format!("mutation {{ {create} ... {{ {create} }} }}"),
        format!("mutation {{ {create} ...F }} fragment F on Mutation {{ {create} }}"),
    ] {
        let answer = world.ask(&operator, &query, json!({})).await;
        assert_eq!(codes(&answer), ["GRAPHQL_VALIDATION_FAILED"], "{query}");
    }
    assert_eq!(world.store.head(), before);

    let aliases = format!("mutation {{ a: {create} b: {create} }}");
    let answer = world.ask(&operator, &aliases, json!({})).await;
    assert_eq!(answer["errors"], Value::Null);
}

#[tokio::test]
async fn s21_fragments_that_nest_without_end_are_refused_at_once() {
    let world = World::empty().await;
    let cycle = "mutation { ...F } fragment F on Mutation { ...F ...F }";
    let answer = world.ask(&world.nobody(), cycle, json!({})).await;
    assert_eq!(codes(&answer), ["GRAPHQL_VALIDATION_FAILED"]);
}

/// What was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(line)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_panic_in_a_resolver_is_answered_and_what_it_says_is_told_nobody() {
    #[derive(Clone)]
    struct Broken;
    impl Executor for Broken {
        async fn execute(&self, _: Request) -> Response {
            panic!("a bug with a secret in it")
        }
        fn execute_stream(
            &self,
            _: Request,
            _: Option<std::sync::Arc<async_graphql::Data>>,
        ) -> futures_util::stream::BoxStream<'static, Response> {
            Box::pin(futures_util::stream::poll_fn(|_| panic!("another bug with a secret in it")))
        }
    }
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_writer(move || writer.clone()).finish();
    let _logging = tracing::subscriber::set_default(subscriber);
    let guarded = crate::executor::Guarded(Broken);
    let answer = Executor::execute(&guarded, Request::new("{ a }")).await;
    let answer = serde_json::to_value(answer).unwrap();
    assert_eq!(codes(&answer), ["INTERNAL_SERVER_ERROR"]);
    assert!(!answer.to_string().contains("secret"), "{answer}");

    let answers = Executor::execute_stream(&guarded, Request::new("subscription { a }"), None);
    let answers: Vec<_> = futures_util::StreamExt::collect(answers).await;
    let answer = serde_json::to_value(&answers[0]).unwrap();
    assert_eq!(codes(&answer), ["INTERNAL_SERVER_ERROR"]);

    let logged = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(logged.contains("a resolver panicked"), "{logged}");
    assert!(!logged.contains("secret"), "{logged}");
}

#[tokio::test]
async fn s21_names_are_not_guessed_for_whoever_asks() {
    let (world, operator) = World::new().await;
    let answer = world.ask(&operator, "{ acounts { position } }", json!({})).await;
    assert!(!answer.to_string().contains("Did you mean"), "{answer}");
}

#[tokio::test]
async fn a_page_is_read_by_whoever_leaves_its_variables_unset() {
    let (world, operator) = World::new().await;
    let query = "query ($first: Int, $after: String, $ids: [ID!] = []) {
        accounts(first: $first, after: $after) { nodes { history(first: $first) { nodes { kind } } } }
        nodes(ids: $ids) { id } }";
    let answer = world.ask(&operator, query, json!({})).await;
    assert_eq!(answer["errors"], Value::Null, "{answer}");
}

#[tokio::test]
async fn counting_costs_more_than_reading() {
    let (world, operator) = World::new().await;
    let counts = (0..110).map(|n| format!("c{n}: accounts(first: 1) {{ totalCount }} "));
    let query = format!("{{ {} }}", counts.collect::<String>());
    let answer = world.ask(&operator, &query, json!({})).await;
    assert_eq!(codes(&answer), ["GRAPHQL_VALIDATION_FAILED"]);
    assert_eq!(answer["errors"][0]["message"], "Query is too complex.");
}
