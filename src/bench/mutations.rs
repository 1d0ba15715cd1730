//! Changing things over HTTP: each client adds an alias to one mailbox after the other.

use std::{
    net::SocketAddr,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use hyper::body::Bytes;
use serde_json::{Value, json};

use super::{
    BenchError,
    client::{Client, body},
    log,
    queries::Member,
    report::{Figure, Target, Unit},
    sample::{Samples, rate},
};

/// Clients at once.
const CLIENTS: usize = 64;
/// The alternation of one client and the bare disk, whose moods both should meet.
const ROUNDS: u32 = 4;

const ADD: &str = "mutation($input: AliasAddInput!) { aliasAdd(input: $input) { position userErrors { code message } } }";
const SEE: &str =
    "query($id: ID!, $position: Position!) { account(by: { id: $id }, atLeast: $position) { id } }";
const BEHIND: &str = "{ projections { position head } }";

/// What load is made of.
pub(super) struct Load<'a> {
    /// Where the server listens.
    address: SocketAddr,
    /// Of the operator.
    token: &'a str,
    /// Whose mailboxes get aliases.
    members: &'a [Member],
    /// How long each kind of load runs.
    time: Duration,
    /// Numbers the aliases.
    next: AtomicUsize,
}

impl<'a> Load<'a> {
    /// Of so long, by somebody, on somebody's mailboxes.
    pub(super) fn new(
        address: SocketAddr,
        token: &'a str,
        members: &'a [Member],
        time: Duration,
    ) -> Self {
        Self { address, token, members, time, next: AtomicUsize::new(0) }
    }

    /// One client after another answer, in turns with bare commits.
    pub(super) async fn one_client(&self, scratch: &Path) -> Result<Vec<Figure>, BenchError> {
        let turn = self.time / ROUNDS;
        let (mut bare, mut samples) = (Samples::default(), Samples::default());
        let mut busy = Duration::ZERO;
        for _ in 0..ROUNDS {
            bare.extend([log::bare_commits(scratch, turn).await?]);
            let began = Instant::now();
            samples.extend([self.client(began + turn).await?]);
            busy += began.elapsed();
        }
        let (bare, p50) = (bare.percentile(50), samples.percentile(50));
        Ok(vec![
            Figure::plain("bare SQLite commit beside mutations, p50", bare, Unit::Milliseconds),
            Figure::aimed(
                "mutation, one client, p50",
                p50,
                Unit::Milliseconds,
                Target::AtMost(bare + 0.5),
            ),
            Figure::plain("mutation, one client, p99", samples.percentile(99), Unit::Milliseconds),
            Figure::plain("mutations, one client", rate(samples.len(), busy), Unit::PerSecond),
        ])
    }

    /// Many clients, and one beside them that looks how long it takes until a change is visible.
    pub(super) async fn many_clients(
        &self,
        client: &mut Client,
    ) -> Result<Vec<Figure>, BenchError> {
        let before = log_head(client).await?;
        let began = Instant::now();
        let until = began + self.time;
        let clients = futures_util::future::try_join_all((0..CLIENTS).map(|_| self.client(until)));
        let (clients, visible) =
            futures_util::future::try_join(clients, self.visible(until)).await?;
        let took = began.elapsed();
        let after = caught_up(client).await?;
        let projected = usize::try_from(after.saturating_sub(before)).unwrap_or(usize::MAX);
        let projected = rate(projected, began.elapsed());

        let mut samples = Samples::default();
        samples.extend(clients);
        let mutations = rate(samples.len(), took);
        Ok(vec![
            Figure::aimed(
                "mutations, 64 clients",
                mutations,
                Unit::PerSecond,
                Target::AtLeast(5000.0),
            ),
            Figure::plain("mutation, 64 clients, p50", samples.percentile(50), Unit::Milliseconds),
            Figure::plain("mutation, 64 clients, p99", samples.percentile(99), Unit::Milliseconds),
            Figure::aimed(
                "acknowledged to visible under that load, p50",
                visible.percentile(50),
                Unit::Milliseconds,
                Target::AtMost(2.0),
            ),
            Figure::aimed(
                "acknowledged to visible under that load, p99",
                visible.percentile(99),
                Unit::Milliseconds,
                Target::AtMost(15.0),
            ),
            Figure::plain("events projected under that load", projected, Unit::PerSecond),
        ])
    }

    /// One mutation after the other.
    async fn client(&self, until: Instant) -> Result<Samples, BenchError> {
        let mut client = Client::signed_in(self.address, self.token).await?;
        let mut samples = Samples::default();
        while Instant::now() < until {
            let (_, mutation) = self.mutation();
            let asked = Instant::now();
            client.send(mutation).await?;
            samples.push(asked.elapsed());
        }
        Ok(samples)
    }

    /// From the answer to a mutation to the answer of a query that shows it, the query's own time included.
    async fn visible(&self, until: Instant) -> Result<Samples, BenchError> {
        let mut client = Client::signed_in(self.address, self.token).await?;
        let mut samples = Samples::default();
        while Instant::now() < until {
            let (id, mutation) = self.mutation();
            let answer = client.send(mutation).await?;
            let acknowledged = Instant::now();
            let answer: Value = serde_json::from_slice(&answer).map_err(BenchError::odd)?;
            let position = &answer["data"]["aliasAdd"]["position"];
            client.send(body(SEE, &json!({ "id": id, "position": position }))).await?;
            samples.push(acknowledged.elapsed());
        }
        Ok(samples)
    }

    /// The next mutation, and the account that it is about.
    fn mutation(&self) -> (&str, Bytes) {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let Member { id, domain, .. } = &self.members[number % self.members.len()];
        let alias = format!("bench-{number}@{domain}");
        (id, body(ADD, &json!({ "input": { "account": id, "alias": alias } })))
    }
}

/// Where the log ends, as the read models know it.
pub(super) async fn log_head(client: &mut Client) -> Result<u64, BenchError> {
    let answer = client.ask(BEHIND, json!({})).await?;
    let projections = answer["projections"].as_array().into_iter().flatten();
    Ok(projections.map(|projection| number(&projection["head"])).max().unwrap_or_default())
}

/// Waits until all read models show everything; answers where the log ends.
async fn caught_up(client: &mut Client) -> Result<u64, BenchError> {
    loop {
        let answer = client.ask(BEHIND, json!({})).await?;
        let mut projections = answer["projections"].as_array().into_iter().flatten();
        if projections.all(|projection| projection["position"] == projection["head"]) {
            return log_head(client).await;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// A position, as number or text.
fn number(value: &Value) -> u64 {
    value.as_u64().or_else(|| value.as_str()?.parse().ok()).unwrap_or_default()
}
