use std::{fmt::Write, time::Instant};

use async_graphql::{Variables, value};

use super::{Checked, Documents, Limits, Rejection, check};

fn measure(query: &str) -> Result<Checked, Rejection> {
    check(&Documents::default(), query, None, &Variables::default(), &Limits::default())
}

#[track_caller]
fn refused_for(query: &str, what: &str) {
    match measure(query) {
        Err(Rejection::Limit { what: found, .. }) => assert_eq!(found, what),
        other => panic!("expected too many {what}, got {other:?}"),
    }
}

/// `levels` fragments, each of which spreads the next one twice: 2^levels fields from a few bytes a level.
fn bomb(levels: usize) -> String {
    let mut query = String::from("{ ...F0 }");
    for level in 0..levels {
        write!(query, " fragment F{level} on Query {{ ...F{0} ...F{0} }}", level + 1).unwrap();
    }
    write!(query, " fragment F{levels} on Query {{ __typename }}").unwrap();
    query
}

#[test]
fn s21_a_fragment_bomb_is_counted_as_what_it_spreads_to_in_linear_time() {
    let small = measure(&bomb(3)).unwrap();
    assert_eq!(small.cost.selections, 1 + 2 + 4 + 8 + 8);

    let started = Instant::now();
    refused_for(&bomb(22), "selections");
    assert!(started.elapsed().as_millis() < 100, "a bomb must not cost more than its length");
}

#[test]
fn a_fragment_that_spreads_itself_is_refused() {
    let refused =
        measure("{ ...A } fragment A on Query { ...B } fragment B on Query { ...A ...A }");
    assert!(matches!(refused, Err(Rejection::Cycle { .. })), "{refused:?}");
}

#[test]
fn s21_brackets_that_would_overflow_the_parser_are_refused_before_it() {
    refused_for(&"{a".repeat(20_000), "nested brackets");
    refused_for(&format!("{{ a(x: {}) }}", "[".repeat(20_000)), "nested brackets");
    refused_for(&format!("query ($x: {}) {{ a }}", "[".repeat(20_000)), "nested brackets");
}

#[test]
fn s21_each_limit_refuses_what_is_one_too_many() {
    let limits = Limits::default();
    let fields = |count: u64, field: &str| {
        format!("{{ {} }}", format!("{field} ").repeat(count.try_into().unwrap()))
    };

    assert!(measure(&fields(limits.selections, "a")).is_ok());
    refused_for(&fields(limits.selections + 1, "a"), "selections");
    assert!(measure(&fields(limits.aliases, "x: a")).is_ok());
    refused_for(&fields(limits.aliases + 1, "x: a"), "aliases");
    assert!(measure(&fields(limits.directives, "a @skip(if: false)")).is_ok());
    refused_for(&fields(limits.directives + 1, "a @skip(if: false)"), "directives");

    let deep = |depth: u32| {
        let depth = depth as usize;
        format!("{}{}", "{ a ".repeat(depth), "}".repeat(depth))
    };
    assert!(measure(&deep(limits.depth)).is_ok());
    refused_for(&deep(limits.depth + 1), "levels of fields");

    let inline = |depth: usize| format!("{{ {} a {} }}", "... { ".repeat(depth), "}".repeat(depth));
    assert!(measure(&inline(31)).is_ok());
    refused_for(&inline(32), "levels");

    let arguments = |count: usize| {
        let arguments: Vec<_> = (0..count).map(|number| format!("a{number}: 1")).collect();
        format!("{{ a({}) }}", arguments.join(" "))
    };
    assert!(measure(&arguments(limits.arguments)).is_ok());
    refused_for(&arguments(limits.arguments + 1), "arguments of one field");
}

#[test]
fn depth_adds_up_through_fragments_that_were_measured_elsewhere() {
    let nest = |depth: usize, inside: &str| {
        format!("{} {inside} {}", "a { ".repeat(depth), "}".repeat(depth))
    };
    let query =
        format!("{{ ...F {} }} fragment F on Query {{ {} }}", nest(12, "...F"), nest(11, "leaf"));
    refused_for(&query, "levels of fields");
}

#[test]
fn s21_one_sign_in_is_allowed_and_no_alias_or_fragment_makes_it_two() {
    assert!(measure("mutation { signIn(input: {}) { session { token } } }").unwrap().signs_in);
    refused_for("mutation { a: signIn { x } b: signIn { x } }", "sign-in attempts");
    refused_for("mutation { a: passwordChange { x } b: passwordChange { x } }", "sign-in attempts");
    refused_for(
        "mutation { ...S ... { operatorSetup { x } } } fragment S on Mutation { signIn { x } }",
        "sign-in attempts",
    );
    assert!(!measure("{ viewer { signIn } }").unwrap().signs_in, "only root fields try a password");
}

#[test]
fn pages_multiply_the_cost_of_what_is_in_them() {
    let cost = |query: &str| measure(query).unwrap().cost.total;
    assert_eq!(cost("{ accounts(first: 50) { nodes { id } } }"), 1 + 50 * 2);
    assert_eq!(cost("{ accounts { nodes { id } } }"), 1 + 20 * 2, "the default page");
    assert_eq!(cost("{ accounts { ...P } } fragment P on C { nodes { id } }"), 1 + 20 * 2);
    refused_for(
        "{ a(first: 100) { nodes { a(first: 100) { nodes { a(last: 100) { nodes { id } } } } } } }",
        "fields times page sizes",
    );

    let query = "query ($n: Int = 7) { accounts(first: $n) { nodes { id } } }";
    assert_eq!(cost(query), 1 + 7 * 2);
    let variables = Variables::from_value(value!({ "n": 30 }));
    assert_eq!(
        check(&Documents::default(), query, None, &variables, &Limits::default())
            .unwrap()
            .cost
            .total,
        1 + 30 * 2
    );
}

#[track_caller]
fn refused_with(query: &str, variables: async_graphql::Value, what: &str) {
    let checked = check(
        &Documents::default(),
        query,
        query.contains("query A ").then_some("A"),
        &Variables::from_value(variables),
        &Limits::default(),
    );
    match checked {
        Err(Rejection::Limit { what: found, .. }) => assert_eq!(found, what),
        other => panic!("expected too many {what}, got {other:?}"),
    }
}

#[test]
fn a_variable_counts_wherever_it_is_named() {
    let hundred = value!({ "v": ((0..100).collect::<Vec<_>>()) });
    let (few, many) = ("$v ".repeat(20), "$v ".repeat(100));
    for query in [
        "query ($v: [Int]) { a(x: [MANY]) }",
        "query ($v: [Int]) { a(first: [MANY]) }",
        "query ($v: [Int]) { a @d(x: [MANY]) }",
        "query ($v: [Int]) @d(x: [MANY]) { a }",
        "query ($v: [Int] @d(x: [MANY])) { a }",
        "query ($v: [Int]) { ...F ...F ...F ...F } fragment F on Query { a(x: [FEW]) }",
        "query A { ...F } query B { ...F } query C { ...F } query D { ...F } fragment F on Query { a(x: [FEW]) }",
        "{ b } fragment F on Query { a(x: [MANY]) }",
    ] {
        let query = query.replace("FEW", &few).replace("MANY", &many);
        refused_with(&query, hundred.clone(), "values in arguments");
    }
    let (query, variables) = (format!("{{ a(x: [{few}]) }}"), Variables::from_value(hundred));
    assert!(check(&Documents::default(), &query, None, &variables, &Limits::default()).is_ok());
}

#[test]
fn values_that_are_no_variables_and_long_texts_count_as_well() {
    refused_for(&format!("{{ a(x: [{}]) }}", "1 ".repeat(10_000)), "values in arguments");
    let ones = "1 ".repeat(4_000);
    refused_for(
        &format!("query ($v: [Int] = [{ones}]) {{ a(x: [$v $v]) }}"),
        "values in arguments",
    );
    refused_with("{ a }", value!({ "v": ((0..2_000).collect::<Vec<_>>()) }), "values in variables");
    let text = value!({ "v": ("x".repeat(30_000)) });
    let query = format!("query ($v: String) {{ a(x: [{}]) }}", "$v ".repeat(30));
    refused_with(&query, text, "values in arguments");
}

#[test]
fn arguments_of_many_values_cost_more_than_a_field_and_on_every_page() {
    let cost = |query: &str| measure(query).unwrap().cost.total;
    assert_eq!(cost("{ a(x: [1, 2, 3]) }"), 4);
    assert_eq!(cost("{ c(first: 50) { nodes { a(x: [1, 2, 3]) } } }"), 1 + 50 * (1 + 4));
}

#[test]
fn the_operation_is_chosen_by_its_name() {
    let query = "query A { a } mutation B { b }";
    let choose = |name| {
        check(&Documents::default(), query, name, &Variables::default(), &Limits::default())
            .map(|checked| checked.kind)
    };
    assert_eq!(choose(Some("B")).unwrap(), async_graphql::parser::types::OperationType::Mutation);
    assert_eq!(choose(Some("C")), Err(Rejection::UnknownOperation));
    assert_eq!(choose(None), Err(Rejection::OperationNameRequired));
}

#[test]
fn a_variable_that_must_have_a_value_is_asked_for_before_anything_runs() {
    let missing = |query, given| {
        let checked = check(
            &Documents::default(),
            query,
            None,
            &Variables::from_value(given),
            &Limits::default(),
        );
        matches!(checked, Err(Rejection::VariableMissing { .. }))
    };
    assert!(missing("query ($n: Int!) { a(n: $n) }", value!({})));
    assert!(missing("query ($n: Int!) { a(n: $n) }", value!({ "n": null })));
    assert!(missing("query ($n: Int! = 1) { a(n: $n) }", value!({ "n": null })));
    assert!(!missing("query ($n: Int! = 1) { a(n: $n) }", value!({})));
    assert!(!missing("query ($n: Int) { a(n: $n) }", value!({})));
}

#[test]
fn introspection_is_seen_at_the_root_also_through_fragments() {
    assert!(measure("{ __schema { types { name } } }").unwrap().introspects);
    assert!(
        measure("{ ...S } fragment S on Query { __type(name: \"A\") { name } }")
            .unwrap()
            .introspects
    );
    assert!(!measure("{ __typename }").unwrap().introspects);
}

#[test]
fn a_syntax_error_does_not_repeat_the_query() {
    let Err(Rejection::Syntax { message, locations }) = measure("{ a(password: \"hunter2\" }")
    else {
        panic!("must not parse")
    };
    assert!(!message.contains("hunter2"), "{message}");
    assert_eq!(locations.len(), 1);
}
