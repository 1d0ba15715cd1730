//! Reading over HTTP, one client.

use std::time::Instant;

use serde_json::{Value, json};

use super::{
    BenchError, OPERATOR,
    client::{Client, body},
    report::{Figure, Target, Unit},
    sample::Samples,
};

/// How often each query is measured.
const SAMPLES: usize = 500;
/// How often it is asked before, unmeasured.
const WARM_UP: usize = 50;
/// Rows of a page.
const PAGE: usize = 100;
/// The page that is far from the start.
const FAR: usize = 500;

const BY_ID: &str =
    "query($id: ID!) { account(by: { id: $id }) { id username displayName email status } }";
const LIST: &str = "query($first: Int!, $after: String) { accounts(first: $first, after: $after) { \
    nodes { id username displayName email status } pageInfo { endCursor hasNextPage } } }";
const SEARCH: &str = "query($text: String!) { accounts(first: 20, filter: { displayName: { contains: $text } }) { \
    nodes { id username displayName email status } pageInfo { endCursor hasNextPage } } }";
const DASHBOARD: &str = "query($organisation: ID!, $first: Int!) { \
    dashboard(organisation: $organisation, first: $first) { \
    services { service { key } enabled } \
    rows { nodes { account { id displayName } type administrator services { access effective } } \
    pageInfo { endCursor hasNextPage } } } }";
const HISTORY: &str = "query($organisation: ID!, $first: Int!) { history(organisation: $organisation, first: $first) { \
    nodes { id at kind sentence actor { kind } } pageInfo { endCursor hasNextPage } } }";
const ORGANISATIONS: &str = "{ organisations(first: 100) { nodes { id } } }";

/// An account that something can be done to.
pub(super) struct Member {
    /// Its global id.
    pub(super) id: String,
    /// The name that lists show.
    pub(super) display_name: String,
    /// Its organisation's domain.
    pub(super) domain: String,
}

/// Measures all queries. `far` is the cursor of a page far from the start.
pub(super) async fn measure(
    client: &mut Client,
    members: &[Member],
    far: &Value,
) -> Result<Vec<Figure>, BenchError> {
    let organisations = client.ask(ORGANISATIONS, json!({})).await?;
    let organisations = texts(&organisations["organisations"]["nodes"], "id");
    if organisations.is_empty() {
        return Err(BenchError::Odd("the installation is empty".into()));
    }
    // Far from each other, so that no two measurements find the same things at hand.
    let member = |number: usize| &members[number * 7919 % members.len()];
    let organisation = |number: usize| &organisations[number % organisations.len()];

    let by_id = ask(client, BY_ID, |number| json!({ "id": member(number).id })).await?;
    let first = ask(client, LIST, |_| json!({ "first": PAGE })).await?;
    let far_page = ask(client, LIST, |_| json!({ "first": PAGE, "after": far })).await?;
    let search =
        ask(client, SEARCH, |number| json!({ "text": part(&member(number).display_name) })).await?;
    let dashboard = ask(
        client,
        DASHBOARD,
        |number| json!({ "organisation": organisation(number), "first": PAGE }),
    )
    .await?;
    let history = ask(
        client,
        HISTORY,
        |number| json!({ "organisation": organisation(number), "first": PAGE }),
    )
    .await?;

    let mut figures = Vec::new();
    let mut add = |name: &str, samples: &Samples, percent: usize, most: Option<f64>| {
        let (name, value) = (format!("{name}, p{percent}"), samples.percentile(percent));
        figures.push(match most {
            Some(most) => Figure::aimed(name, value, Unit::Milliseconds, Target::AtMost(most)),
            None => Figure::plain(name, value, Unit::Milliseconds),
        });
    };
    add("account by id", &by_id, 50, Some(0.3));
    add("account by id", &by_id, 99, None);
    for (name, samples, most) in [
        ("list of accounts, first page of 100", &first, 5.0),
        ("list of accounts, 500th page of 100", &far_page, 5.0),
        ("search for a part of a name", &search, 10.0),
        ("dashboard, page of 100", &dashboard, 5.0),
        ("history of an organisation, page of 100", &history, 5.0),
    ] {
        add(name, samples, 50, None);
        add(name, samples, 99, Some(most));
    }
    Ok(figures)
}

/// Pages forward to the far page, or to the last where there are fewer; answers whom it met, and its cursor.
pub(super) async fn walk(client: &mut Client) -> Result<(Vec<Member>, Value), BenchError> {
    let (mut members, mut after) = (Vec::new(), Value::Null);
    for _ in 1..FAR {
        let answer = client.ask(LIST, json!({ "first": PAGE, "after": after })).await?;
        let list = &answer["accounts"];
        for node in list["nodes"].as_array().into_iter().flatten() {
            let email = node["email"].as_str().and_then(|email| email.split_once('@'));
            let (Some(id), Some(name), Some((_, domain))) =
                (node["id"].as_str(), node["displayName"].as_str(), email)
            else {
                continue;
            };
            // The operator is a member of nothing.
            let is_member = node["username"] != OPERATOR;
            if is_member && (node["status"] == "ACTIVE" || node["status"] == "PENDING") {
                let (id, display_name, domain) = (id.into(), name.into(), domain.into());
                members.push(Member { id, display_name, domain });
            }
        }
        if list["pageInfo"]["hasNextPage"] != true {
            break;
        }
        after = list["pageInfo"]["endCursor"].clone();
    }
    if members.is_empty() {
        return Err(BenchError::Odd("the installation is empty".into()));
    }
    Ok((members, after))
}

/// Asks one thing often, each time with other variables.
async fn ask(
    client: &mut Client,
    query: &str,
    variables: impl Fn(usize) -> Value,
) -> Result<Samples, BenchError> {
    let mut samples = Samples::default();
    for number in 0..WARM_UP + SAMPLES {
        let body = body(query, &variables(number));
        let asked = Instant::now();
        client.send(body).await?;
        if number >= WARM_UP {
            samples.push(asked.elapsed());
        }
    }
    Ok(samples)
}

fn texts(nodes: &Value, field: &str) -> Vec<String> {
    let nodes = nodes.as_array().into_iter().flatten();
    nodes.filter_map(|node| node[field].as_str()).map(str::to_owned).collect()
}

/// Some letters from within a name.
fn part(name: &str) -> String {
    let letters = name.chars().count();
    name.chars().skip(letters / 3).take(4).collect()
}
