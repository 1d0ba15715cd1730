//! What this machine does with an installation of many accounts, beside what it should do.
//!
//! The installation is made by the `demo` command and served by the `serve` command, each in
//! a process of its own, so that their memory and their start are what users get. Client and
//! server share the processors. What bare SQLite does is measured in the same run, because a
//! figure without the disk's figure beside it says little.

mod client;
mod log;
mod mutations;
mod queries;
mod rebuild;
mod report;
mod sample;
mod server;
mod sign_in;

use std::{
    io,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

pub use report::{Figure, Report, Target, Unit};

use self::{
    client::Client,
    sample::rate,
    server::{Scratch, Server, program},
};
use serde_json::json;

/// The name of the operator that asks.
const OPERATOR: &str = "bench";
/// Until a server that has nothing to do is at rest.
const REST: Duration = Duration::from_secs(3);
/// How often its start is measured.
const STARTS: usize = 3;

/// What is measured with.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Where the installation is made, in a directory of its own that is removed in the end.
    pub directory: PathBuf,
    /// How many accounts it has.
    pub accounts: u32,
    /// How long each kind of load runs.
    pub time: Duration,
    /// What is measured; everything where it is empty.
    pub only: Vec<Part>,
}

/// What can be measured by itself, on an installation of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Part {
    /// Appends to the log, beside bare SQLite.
    Log,
    /// Queries of one client.
    Queries,
    /// Mutations of one client and of many, and how soon they are visible.
    Mutations,
    /// Sign-ins: what their time tells, and what many of them do to others.
    SignIns,
    /// Rebuilding the read models.
    Rebuild,
}

impl Plan {
    fn includes(&self, part: Part) -> bool {
        self.only.is_empty() || self.only.contains(&part)
    }
}

/// Why nothing was measured.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// A file, a process or a connection failed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The server broke off.
    #[error(transparent)]
    Http(#[from] hyper::Error),
    /// Bare SQLite failed.
    #[error(transparent)]
    Sqlite(#[from] sqlx::Error),
    /// The log failed.
    #[error(transparent)]
    Log(#[from] events::store::StoreError),
    /// Something else than expected came.
    #[error("unexpected: {0}")]
    Odd(String),
}

impl BenchError {
    fn odd(error: impl std::fmt::Display) -> Self {
        Self::Odd(error.to_string())
    }
}

/// Measures everything; takes some minutes.
pub async fn run(plan: &Plan) -> Result<Report, BenchError> {
    let scratch = Scratch::new(&plan.directory)?;
    let data = scratch.path().join("data");
    let mut figures = Vec::new();

    if plan.includes(Part::Log) {
        step("the log alone");
        figures.extend(log::measure(scratch.path(), plan.time * 2).await?);
    }

    step("making the installation");
    let (folder, accounts) = (data.clone(), plan.accounts);
    let filled = tokio::task::spawn_blocking(move || fill(&folder, accounts));
    let (password, filled) = filled.await.map_err(BenchError::odd)??;
    let accounts = usize::try_from(plan.accounts).unwrap_or(usize::MAX);
    figures.push(Figure::plain(
        "accounts created by `demo`",
        rate(accounts, filled),
        Unit::PerSecond,
    ));

    step("starting");
    let (server, start) = started(&data).await?;
    let target = Target::AtMost(300.0);
    figures.push(Figure::aimed("start to ready", start, Unit::Milliseconds, target));
    tokio::time::sleep(REST).await;
    let target = Target::AtMost(60.0);
    figures.push(Figure::aimed("memory at rest", server.memory()?, Unit::Mebibytes, target));

    let token = sign_in(&server, &password).await?;
    let mut client = Client::signed_in(server.address, &token).await?;

    let (members, far) = queries::walk(&mut client).await?;

    if plan.includes(Part::Queries) {
        step("queries");
        figures.extend(queries::measure(&mut client, &members, &far).await?);
    }
    if plan.includes(Part::Mutations) {
        step("mutations");
        let load = mutations::Load::new(server.address, &token, &members, plan.time);
        figures.extend(load.one_client(scratch.path()).await?);
        figures.extend(load.many_clients(&mut client).await?);
    }
    let (peak, target) = (server.memory_peak()?, Target::AtMost(250.0));
    figures.push(Figure::aimed("memory under load, most", peak, Unit::Mebibytes, target));
    if plan.includes(Part::SignIns) {
        step("signing in");
        figures.extend(sign_in::measure(server.address, &mut client).await?);
        let peak = server.memory_peak()?;
        figures.push(Figure::aimed(
            "memory beside 500 sign-ins, most",
            peak,
            Unit::Mebibytes,
            target,
        ));
    }
    if plan.includes(Part::Rebuild) {
        step("rebuilding the read models");
        figures.extend(rebuild::measure(&data, &mut client).await?);
        let peak = server.memory_peak()?;
        figures.push(Figure::aimed("memory beside a rebuild, most", peak, Unit::Mebibytes, target));
    }

    Ok(Report {
        release: env!("CARGO_PKG_VERSION"),
        accounts: plan.accounts,
        processors: std::thread::available_parallelism().map_or(1, usize::from),
        figures,
    })
}

/// Makes an installation as large organisations have it; answers the operator's password and how long it took.
fn fill(data: &Path, accounts: u32) -> Result<(String, Duration), BenchError> {
    let began = Instant::now();
    let output = program()?
        .args(["demo", "--operator", OPERATOR, "--seed", "1", "--set", "log.filter=warn"])
        .args(["--accounts", &accounts.to_string()])
        .args(["--organisations", &(accounts / 1000).max(1).to_string()])
        .arg("--data")
        .arg(data)
        .stderr(Stdio::inherit())
        .output()?;
    let took = began.elapsed();
    let text = String::from_utf8_lossy(&output.stdout);
    let password = text.lines().find_map(|line| line.strip_prefix("password: "));
    let password =
        password.ok_or_else(|| BenchError::Odd(format!("the demo ended: {}", output.status)))?;
    Ok((password.to_owned(), took))
}

/// A running server, and the milliseconds that its start takes in the middle of several.
async fn started(data: &Path) -> Result<(Server, f64), BenchError> {
    // The first start after `demo` may have things to finish.
    let mut server = Server::start(data).await?;
    let mut starts = Vec::new();
    for _ in 0..STARTS {
        drop(server);
        server = Server::start(data).await?;
        starts.push(server.start.as_secs_f64() * 1e3);
    }
    Ok((server, sample::median(starts)))
}

async fn sign_in(server: &Server, password: &str) -> Result<String, BenchError> {
    let mut client = Client::connect(server.address).await?;
    let mutation = "mutation($input: SignInInput!) { signIn(input: $input) { session { token } userErrors { message } } }";
    let input = json!({ "input": { "username": OPERATOR, "password": password } });
    let answer = client.ask(mutation, input).await?;
    let token = answer["signIn"]["session"]["token"].as_str();
    token.map(str::to_owned).ok_or_else(|| BenchError::Odd(answer.to_string()))
}

/// Says on standard error what comes now.
fn step(what: &str) {
    eprintln!("bench: {what}");
}
