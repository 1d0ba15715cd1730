//! What a refused sign-in tells by its time (nothing), and what a flood of them does to others.

use std::{net::SocketAddr, time::Instant};

use futures_util::future::join_all;
use serde_json::json;

use super::{
    BenchError,
    client::Client,
    report::{Figure, Target, Unit},
    sample::Samples,
};

/// Refused sign-ins, of names that somebody has and of names that nobody has.
const TRIES: usize = 200;
/// Tries per name: the first three are evaluated, then the account is locked, and both take as long.
const TRIES_PER_NAME: usize = 5;
/// Sign-ins at once.
const FLOOD: usize = 500;

const ORGANISATION: &str = "mutation($input: OrganisationCreateInput!) { organisationCreate(input: $input) { organisation { id } } }";
const CREATE: &str = "mutation($input: AccountCreateInput!) { accountCreate(input: $input) { account { id } userErrors { message } } }";
const SIGN_IN: &str =
    "mutation($input: SignInInput!) { signIn(input: $input) { userErrors { code } } }";
const VIEWER: &str = "{ viewer { __typename } }";

/// Measures both. `operator` is signed in.
pub(super) async fn measure(
    address: SocketAddr,
    operator: &mut Client,
) -> Result<Vec<Figure>, BenchError> {
    // One of their own, in which there are seats for them.
    let made = operator.ask(ORGANISATION, json!({ "input": { "name": "Bench" } })).await?;
    let organisation = &made["organisationCreate"]["organisation"]["id"];
    for number in 0..TRIES / TRIES_PER_NAME {
        let input = json!({ "organisation": organisation, "username": name(number), "password": "Kanarie fluit 7 deuntjes" });
        let made = operator.ask(CREATE, json!({ "input": input })).await?;
        if made["accountCreate"]["account"].is_null() {
            return Err(BenchError::Odd(made.to_string()));
        }
    }
    let mut client = Client::connect(address).await?;
    let (mut known, mut unknown) = (Samples::default(), Samples::default());
    for number in 0..TRIES {
        let name = name(number / TRIES_PER_NAME);
        refused(&mut client, &name, &mut known).await?;
        refused(&mut client, &format!("no.{name}"), &mut unknown).await?;
    }
    let apart = (known.percentile(50) / unknown.percentile(50) - 1.0).abs() * 100.0;
    let beside = flood(address, operator).await?;
    let p50 =
        |name, samples: &Samples| Figure::plain(name, samples.percentile(50), Unit::Milliseconds);
    Ok(vec![
        p50("refused sign-in, known name, p50", &known),
        p50("refused sign-in, unknown name, p50", &unknown),
        Figure::aimed("how far these are apart", apart, Unit::Percent, Target::AtMost(5.0)),
        Figure::aimed(
            "query beside 500 sign-ins at once, p99",
            beside.percentile(99),
            Unit::Milliseconds,
            Target::AtMost(100.0),
        ),
    ])
}

fn name(number: usize) -> String {
    format!("bench.sign-in.{number}")
}

async fn refused(client: &mut Client, name: &str, samples: &mut Samples) -> Result<(), BenchError> {
    let input = json!({ "input": { "username": name, "password": "Kanarie zwijgt 7 deuntjes" } });
    let began = Instant::now();
    let answer = client.ask(SIGN_IN, input).await?;
    samples.push(began.elapsed());
    let code = &answer["signIn"]["userErrors"][0]["code"];
    if code == "INVALID_CREDENTIALS" { Ok(()) } else { Err(BenchError::Odd(answer.to_string())) }
}

/// How long queries take while many sign in.
async fn flood(address: SocketAddr, operator: &mut Client) -> Result<Samples, BenchError> {
    let mut clients = Vec::with_capacity(FLOOD);
    for _ in 0..FLOOD {
        clients.push(Client::connect(address).await?);
    }
    let flood = clients.into_iter().enumerate().map(async |(number, mut client)| {
        let input = json!({ "username": format!("flood.{number}"), "password": "x" });
        // Whether it was refused or there was no turn for it doesn't matter here.
        let _ = client.ask(SIGN_IN, json!({ "input": input })).await;
    });
    let flood = tokio::spawn(join_all(flood));
    let mut samples = Samples::default();
    while !flood.is_finished() {
        let began = Instant::now();
        operator.ask(VIEWER, json!({})).await?;
        samples.push(began.elapsed());
    }
    Ok(samples)
}
