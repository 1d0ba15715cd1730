//! S18: nothing of one organisation leaks to another.
//!
//! Generated from the schema itself, so that a later field is covered by itself: every field of every type is
//! selected, and every argument is given every id and text of the other organisation. A field that the generator
//! can't fill fails the test. Three things must hold for everybody of the one organisation:
//!
//! 1. no answer holds a text or an id of the other one;
//! 2. asking for what is the other's is answered exactly like asking for what isn't anywhere;
//! 3. no mutation appends an event to a stream of the other one.
//!
//! And, so that the test can fail: an administrator of the other organisation does see all of it, by the same walk.

mod generator;
mod planted;

use std::{collections::BTreeSet, time::Duration};

use events::{Position, value::Scope};
use futures_util::StreamExt;
use serde_json::{Value, json};

use self::{
    generator::{Generator, Pool},
    planted::Planted,
};
use super::{
    form::{introspected, list, name},
    support::{Who, World},
};

/// Two organisations, and those of the first one who look around.
struct Scene {
    world: World,
    generator: Generator,
    own: Planted,
    other: Planted,
}

impl Scene {
    async fn new() -> Self {
        let (world, operator) = World::new().await;
        let world = world.unlimited();
        let own = Planted::new(&world, &operator, "owna").await;
        let mut other = Planted::new(&world, &operator, "canaryb").await;
        other.share(&world, &operator, &own).await;
        let generator = Generator::new(&introspected().await);
        Self { world, generator, own, other }
    }

    /// What the other organisation has, for every argument.
    fn bait(&self) -> Pool {
        let mut ids = self.other.ids.clone();
        ids.push(self.own.spare.clone());
        Pool { ids, texts: self.other.texts.clone() }
    }

    fn program(&self) -> Who {
        let key = crate::ids::GlobalId::service_key(&self.own.service_key).unwrap();
        let organisation = self.own.admin.0.organisation.unwrap();
        let scopes = [Scope::AccountsRead, Scope::AccountsWrite, Scope::HistoryRead];
        self.world.program(key, organisation, scopes)
    }

    /// What somebody is answered. Whole-schema questions are more than a busy machine can read at a time now and
    /// then; those are asked again. (Nothing in the walk waits for a position that never comes.)
    async fn ask(&self, who: &Who, query: &str, variables: Value) -> Value {
        for _ in 0..10 {
            let answer = self.world.ask(who, query, variables.clone()).await;
            let codes = list(&answer["errors"]).map(|error| &error["extensions"]["code"]);
            let busy =
                codes.filter(|code| **code == "SERVICE_UNAVAILABLE" || **code == "TIMEOUT").count();
            if busy == 0 {
                return answer;
            }
        }
        panic!("this machine is too busy for the walk over the schema");
    }

    /// What of the other organisation stands in an answer, other than what was asked with.
    fn leaks(&self, variables: &Value, answer: &Value) -> Vec<String> {
        let (asked, told) = (variables.to_string(), answer.to_string());
        let secrets = self.other.canaries.iter().chain(&self.other.ids);
        secrets.filter(|it| told.contains(*it) && !asked.contains(*it)).cloned().collect()
    }

    /// The same question about what isn't anywhere.
    fn twin(&self, variables: &Value, texts_too: bool) -> Value {
        let mut asked = variables.to_string();
        for (there, nowhere) in self.other.ids.iter().zip(&self.other.unknown_ids) {
            asked = asked.replace(there, nowhere);
        }
        if texts_too {
            asked = asked.replace("canaryb", "nowhere");
        }
        serde_json::from_str(&asked).unwrap()
    }
}

#[tokio::test]
async fn s18_no_query_shows_anything_of_another_organisation() {
    let scene = Scene::new().await;
    let fields: Vec<_> = list(&scene.generator.root("Query")["fields"]).cloned().collect();
    let people = [&scene.own.admin, &scene.own.member, &scene.program(), &scene.world.nobody()];
    for field in &fields {
        for (query, variables) in scene.generator.operations("query", field, &scene.bait()) {
            for who in people {
                let answer = scene.ask(who, &query, variables.clone()).await;
                was_run(&query, &variables, &answer);
                let leaked = scene.leaks(&variables, &answer);
                assert!(
                    leaked.is_empty(),
                    "{:?} sees {leaked:?}: {query} {variables} {answer}",
                    who.0.actor
                );

                let twin = scene.twin(&variables, true);
                if twin != variables {
                    let nowhere = scene.ask(who, &query, twin.clone()).await;
                    // What only repeats the words of the question tells nothing.
                    let echoed = answer.to_string().replace("canaryb", "nowhere");
                    let answer = serde_json::from_str(&echoed).unwrap();
                    let told = difference("answer", &plain(answer), &plain(nowhere));
                    assert_eq!(told, None, "{:?} {query} {variables}", who.0.actor);
                }
            }
        }
    }
}

#[tokio::test]
async fn s18_no_mutation_reaches_into_another_organisation() {
    let scene = Scene::new().await;
    let fields: Vec<_> = list(&scene.generator.root("Mutation")["fields"]).cloned().collect();
    let people = [&scene.own.admin, &scene.own.member, &scene.program(), &scene.world.nobody()];
    for who in people {
        for field in &fields {
            for (query, variables) in scene.generator.operations("mutation", field, &scene.bait()) {
                let before = scene.world.store.head();
                let answer = scene.ask(who, &query, variables.clone()).await;
                was_run(&query, &variables, &answer);
                let mut leaked = scene.leaks(&variables, &answer);
                // Those texts were given before, and may stand now where they were written to.
                leaked.retain(|text| !scene.other.texts.contains(text));
                assert!(
                    leaked.is_empty(),
                    "{:?} sees {leaked:?}: {query} {variables} {answer}",
                    who.0.actor
                );
                // A wrong password is counted on the account whose name somebody typed; that is its purpose.
                if name(field) != "signIn" {
                    scene.appended_nothing_elsewhere(before, &query, &variables).await;
                }
                let twin = scene.twin(&variables, false);
                // The input is the first variable; the others are arguments of what is shown.
                if twin["v0"] != variables["v0"] {
                    let nowhere = scene.ask(who, &query, twin.clone()).await;
                    let told = difference("answer", &plain(answer), &plain(nowhere));
                    assert_eq!(told, None, "{:?} {query} {variables}", who.0.actor);
                }
            }
        }
    }
}

impl Scene {
    async fn appended_nothing_elsewhere(&self, before: Position, query: &str, variables: &Value) {
        for event in self.world.store.read_all(before, 100).await.unwrap() {
            let stream = event.stream.to_string();
            let elsewhere = self.other.uuids.iter().any(|uuid| stream.contains(uuid));
            assert!(!elsewhere, "{query} {variables} appended {} to {stream}", event.kind);
        }
    }
}

#[tokio::test]
async fn s18_no_subscription_tells_anything_of_another_organisation() {
    let scene = Scene::new().await;
    for who in [&scene.own.admin, &scene.own.member, &scene.program(), &scene.world.nobody()] {
        for field in list(&scene.generator.root("Subscription")["fields"]) {
            for (query, variables) in
                scene.generator.operations("subscription", field, &scene.bait())
            {
                let mut stream = scene.world.follow(who, &query, variables.clone());
                while let Ok(Some(answer)) =
                    tokio::time::timeout(Duration::from_millis(150), stream.next()).await
                {
                    let leaked = scene.leaks(&variables, &answer);
                    assert!(
                        leaked.is_empty(),
                        "{:?} is told {leaked:?}: {query} {variables}",
                        who.0.actor
                    );
                }
            }
        }
    }
}

#[tokio::test]
async fn the_walk_sees_everything_that_is_planted() {
    let scene = Scene::new().await;
    let pool = Pool { ids: scene.other.ids.clone(), texts: scene.other.texts.clone() };
    let mut unseen: BTreeSet<String> =
        scene.other.canaries.iter().chain(&scene.other.ids).cloned().collect();
    for field in list(&scene.generator.root("Query")["fields"]) {
        for (query, variables) in scene.generator.operations("query", field, &pool) {
            let answer = scene.ask(&scene.other.admin, &query, variables.clone()).await;
            was_run(&query, &variables, &answer);
            let answer = answer.to_string();
            unseen.retain(|it| !answer.contains(it));
        }
    }
    assert!(unseen.is_empty(), "the walk would not notice a leak of {unseen:?}");
}

#[tokio::test]
async fn the_walk_selects_every_field_of_the_schema() {
    let generator = Generator::new(&introspected().await);
    let pool = Pool { ids: vec!["x".into()], texts: vec!["x".into()] };
    for (kind, root) in
        [("query", "Query"), ("mutation", "Mutation"), ("subscription", "Subscription")]
    {
        for field in list(&generator.root(root)["fields"]) {
            generator.operations(kind, field, &pool);
        }
    }
    let missed = generator.unselected();
    assert!(missed.is_empty(), "never selected: {missed:?}");
}

/// A document that is refused before it runs would prove nothing.
fn was_run(query: &str, variables: &Value, answer: &Value) {
    let code = &answer["errors"][0]["extensions"]["code"];
    assert_ne!(code, "GRAPHQL_VALIDATION_FAILED", "{}: {query} {variables}", answer["errors"]);
}

/// An answer without what grows by itself (positions, versions, cursors) and with its errors in an order.
fn plain(mut answer: Value) -> Value {
    strip(&mut answer);
    if let Some(errors) = answer["errors"].as_array_mut() {
        errors.sort_by_cached_key(Value::to_string);
    }
    answer
}

/// The first place where two answers differ.
fn difference(path: &str, one: &Value, other: &Value) -> Option<String> {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) if one.len() == other.len() => one
            .iter()
            .find_map(|(key, value)| difference(&format!("{path}.{key}"), value, other.get(key)?)),
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            let pairs = one.iter().zip(other).enumerate();
            pairs
                .into_iter()
                .find_map(|(at, (one, other))| difference(&format!("{path}.{at}"), one, other))
        }
        _ => (one != other)
            .then(|| format!("at {path}: {one}, and for what isn't anywhere: {other}")),
    }
}

fn strip(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (key, field) in fields.iter_mut() {
                let grows = matches!(key.as_str(), "position" | "version") && field.is_number();
                let is_place = matches!(key.as_str(), "cursor" | "startCursor" | "endCursor");
                if grows || is_place {
                    *field = json!(null);
                }
                strip(field);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(strip),
        _ => {}
    }
}
