//! `kill -9` at random moments, under load: nothing that was acknowledged is lost, and nothing is half there.
//!
//! ```text
//! cargo test --test integration kill                          # a few kills
//! STAMROL_KILLS=1000 cargo test --test integration kill       # many
//! STAMROL_SEED=7 …                                            # the same load and moments again
//! ```
//!
//! What it can catch is shown by `tests/plants/run`, which plants faults into a copy of the workspace.

pub(crate) mod load;
mod random;

use std::{fmt, ops::AddAssign, time::Duration};

use tempfile::TempDir;

use crate::support::{
    audit::{Acknowledged, audit},
    client::Client,
    process::Server,
};
use random::Random;

/// Kills in a short run.
const KILLS: u64 = 5;
/// Kills of one installation; then a new one is set up, so that reading all of it stays fast.
const KILLS_OF_ONE: u64 = 40;
/// The load goes on for this long at least and at most, in milliseconds.
const LOAD: std::ops::Range<u64> = 5..400;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_kills_and_read_models_equal_a_rebuild() {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().expect(name));
    let kills = number("STAMROL_KILLS").unwrap_or(KILLS);
    let seed = number("STAMROL_SEED").unwrap_or_else(|| u64::from(std::process::id()));
    eprintln!("STAMROL_KILLS={kills} STAMROL_SEED={seed}");
    let mut random = Random::new(seed);
    let mut left = kills;
    let mut totals = Totals::default();
    while left > 0 {
        let now = left.min(KILLS_OF_ONE);
        totals += one_installation(now, &mut random).await;
        left -= now;
        eprintln!("{} kills: {totals}", kills - left);
    }
    assert!(totals.acknowledged >= kills, "too little was acknowledged to show anything: {totals}");
}

/// Sets an installation up, and kills it again and again.
async fn one_installation(kills: u64, random: &mut Random) -> Totals {
    let data = TempDir::new().expect("a directory can be made");
    let (session, organisation) = load::set_up(data.path()).await;
    let (mut acknowledged, mut accounts) = (Acknowledged::new(), Vec::new());
    let mut totals = Totals::default();
    for kill in 0..kills {
        let server = Server::start(data.path()).await;
        let load = load::Load {
            address: server.address,
            session: session.clone(),
            organisation: organisation.clone(),
            round: format!("{kill}x{:08x}", random.next() >> 32),
        };
        let work = load.start(random);
        // The moment is the only thing that this wait is for.
        tokio::time::sleep(Duration::from_millis(random.between(LOAD))).await;
        server.kill();
        let news = work.finish().await;
        totals.acknowledged += news.acknowledged.len() as u64;
        totals.refused += news.refused;
        acknowledged.extend(news.acknowledged);
        accounts.extend(news.accounts);
        totals.kills += 1;
        totals.events = audit(data.path(), &acknowledged).await.events;
    }
    // It starts once more, and shows what it should to those who ask.
    let server = Server::start(data.path()).await;
    let mut client = Client::connect(server.address).await.expect("the server answers");
    client.session = Some(session);
    load::assert_served(&mut client, accounts).await;
    totals
}

/// What a run did.
#[derive(Debug, Default)]
struct Totals {
    kills: u64,
    acknowledged: u64,
    refused: u64,
    events: u64,
}

impl AddAssign for Totals {
    fn add_assign(&mut self, other: Self) {
        self.kills += other.kills;
        self.acknowledged += other.acknowledged;
        self.refused += other.refused;
        self.events += other.events;
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kills, acknowledged, refused, events } = self;
        write!(f, "{kills} kills, {acknowledged} acknowledged, {refused} refused, {events} events")
    }
}
