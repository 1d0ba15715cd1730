//! What the schema looks like.

use serde_json::Value;

use crate::precheck::Limits;

/// All of the schema, in its own words.
pub(super) const INTROSPECTION: &str = "{ __schema {
    queryType { name } mutationType { name } subscriptionType { name }
    types {
        kind name description isOneOf
        fields(includeDeprecated: true) {
            name description isDeprecated deprecationReason
            args { name description defaultValue type { ...T } }
            type { ...T }
        }
        inputFields { name description defaultValue type { ...T } }
        enumValues(includeDeprecated: true) { name description }
        possibleTypes { name }
    }
} }
fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } }";

pub(super) async fn introspected() -> Value {
    let answer = crate::builder().finish().execute(INTROSPECTION).await;
    assert!(answer.errors.is_empty(), "{:?}", answer.errors);
    answer.data.into_json().unwrap()["__schema"].take()
}

#[test]
fn the_committed_schema_is_the_schema() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schema.graphql");
    let now = crate::sdl();
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(path, &now).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        committed == now,
        "run the tests with UPDATE_SCHEMA=1 and commit graphql/schema.graphql"
    );
}

#[tokio::test]
async fn everything_is_described() {
    let schema = introspected().await;
    let mut silent = Vec::new();
    let mut look = |path: String, thing: &Value| {
        if thing["description"].as_str().is_none_or(|text| text.trim().len() < 5) {
            silent.push(path);
        }
    };
    for kind in list(&schema["types"]) {
        let name = name(kind);
        if name.starts_with("__") || ["ID", "String", "Int", "Float", "Boolean"].contains(&name) {
            continue; // of the language itself
        }
        look(name.to_owned(), kind);
        for field in list(&kind["fields"]) {
            look(format!("{name}.{}", self::name(field)), field);
            for argument in list(&field["args"]) {
                let path = format!("{name}.{}({})", self::name(field), self::name(argument));
                look(path, argument);
            }
        }
        for field in list(&kind["inputFields"]).chain(list(&kind["enumValues"])) {
            look(format!("{name}.{}", self::name(field)), field);
        }
    }
    assert!(silent.is_empty(), "without a description: {silent:#?}");
}

#[tokio::test]
async fn a_mutation_takes_one_input_and_answers_with_a_payload_of_its_own() {
    let schema = introspected().await;
    for mutation in list(&find(&schema, "Mutation")["fields"]) {
        let field = name(mutation);
        let own = format!("{}{}", field[..1].to_uppercase(), &field[1..]);
        let arguments: Vec<_> = list(&mutation["args"]).collect();
        let [input] = arguments[..] else { panic!("{field} has other arguments than `input`") };
        assert_eq!(name(input), "input", "{field}");
        assert_eq!(innermost(&input["type"]), format!("{own}Input"), "{field}");
        let payload = innermost(&mutation["type"]);
        assert_eq!(payload, format!("{own}Payload"), "{field}");
        for object in list(&find(&schema, &payload)["fields"]) {
            let required = object["type"]["kind"] == "NON_NULL";
            let plain = matches!(name(object), "userErrors" | "position" | "signedOut" | "done");
            assert_eq!(required, plain, "{payload}.{}", name(object));
        }
    }
}

#[tokio::test]
async fn every_mutation_but_signing_in_can_be_repeated_by_its_key() {
    let schema = introspected().await;
    // There is no version to expect of what comes to be, of a session that ends, and of what stands in no log.
    let versionless = [
        "mailRetry",
        "operatorSetup",
        "organisationCreate",
        "projectionRebuild",
        "projectionResume",
        "recoveryCodesMake",
        "serviceKeyCreate",
        "sessionEnd",
        "signOut",
        // Each of the accounts has a version of its own.
        "activationSend",
        "activationSendAll",
        "invitationLinkCreate",
        "systemMessageSend",
        "noticeSend",
    ];
    for mutation in list(&find(&schema, "Mutation")["fields"]) {
        let input = find(&schema, &innermost(&mutation["args"][0]["type"]));
        let fields: Vec<_> = list(&input["inputFields"]).map(name).collect();
        let has = |field| fields.contains(&field);
        // A token, or what a mail server said, is shown once and kept nowhere: no such answer could be given again.
        let once = [
            "mailSettingsTest",
            // What is on its way is left alone: a key would add nothing.
            "mailRetryAll",
            "passwordReset",
            "passwordResetRequest",
            "emailConfirm",
            "signIn",
            "signInCode",
            "signInFinish",
            "signInFactorBegin",
            "signInFactorConfirm",
            "passkeyBegin",
            "signInWithPasskey",
            "stepUp",
            "stepUpCode",
            "factorBegin",
            "impersonate",
            "sessionsEnd",
            "activate",
            "invitationAccept",
        ];
        let signs_in = once.contains(&name(mutation));
        let no_version = signs_in || versionless.contains(&name(mutation));
        assert_ne!(has("idempotencyKey"), signs_in, "{}", name(mutation));
        // What makes something new each time is once in a document (S21), where whoever asks isn't signed in or it is
        // a secret that comes of it.
        let repeated = ["mailRetryAll", "mailSettingsTest", "impersonate", "sessionsEnd"];
        let limited = Limits::default().sign_in_fields.contains(&name(mutation));
        assert!(limited || !signs_in || repeated.contains(&name(mutation)), "{}", name(mutation));
        assert_ne!(has("expectedVersion"), no_version, "{}", name(mutation));
    }
}

#[tokio::test]
async fn an_action_in_the_history_has_the_name_of_its_mutation() {
    let schema = introspected().await;
    let mutations: Vec<_> = list(&find(&schema, "Mutation")["fields"]).map(name).collect();
    // Signing out ends a session; what is wrong is counted by signing in, which asks for a second factor, too, and by
    // activating; a letter is downloaded over a route of its own.
    let within = [
        "signInFail",
        "passwordResetFail",
        "signInAsk",
        "secondFactorFail",
        "factorSuspect",
        "activationFail",
        "letterDownload",
        "factorCodeSend",
        "factorEnrol",
        "projectionsManage",
    ];
    // The outbox sends what others order, and notes what becomes of it.
    let mails = ["mailOrder", "mailSend", "mailFail", "mailGiveUp"];
    let inner = [&within[..], &mails].concat();
    for action in commands::Action::ALL {
        let action = action.name();
        let is_read = action.ends_with("Read") || action == "eventsFollow";
        let named = mutations.contains(&action);
        assert_ne!(named, is_read || inner.contains(&action), "{action}");
    }
}

#[tokio::test]
async fn every_connection_has_the_same_shape_and_arguments() {
    let schema = introspected().await;
    let mut connections = 0;
    for kind in list(&schema["types"]) {
        for field in list(&kind["fields"]) {
            let listed = innermost(&field["type"]);
            if !listed.ends_with("Connection") {
                continue;
            }
            connections += 1;
            let shape: Vec<_> = list(&find(&schema, &listed)["fields"]).map(name).collect();
            assert_eq!(shape, ["edges", "nodes", "pageInfo", "totalCount", "position"]);
            if listed == "DashboardRowConnection" {
                continue; // its arguments stand one level above, at `dashboard`
            }
            let arguments: Vec<_> = list(&field["args"]).map(name).collect();
            for argument in ["first", "after", "last", "before"] {
                assert!(arguments.contains(&argument), "{}.{argument}", name(field));
            }
        }
    }
    assert!(connections >= 7, "only {connections} connections were found");
}

pub(super) fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

pub(super) fn name(thing: &Value) -> &str {
    thing["name"].as_str().unwrap_or_default()
}

pub(super) fn find<'a>(schema: &'a Value, type_name: &str) -> &'a Value {
    list(&schema["types"])
        .find(|kind| name(kind) == type_name)
        .unwrap_or_else(|| panic!("the schema has no {type_name}"))
}

/// The named type inside lists and non-nulls.
pub(super) fn innermost(kind: &Value) -> String {
    if kind["ofType"].is_null() { name(kind).to_owned() } else { innermost(&kind["ofType"]) }
}
