//! The same organisation, a tenth of S, in the rights engine, in cedar-policy and in casbin: equal answers, and
//! checks per second side by side. `cargo run --release --manifest-path rights/compare/Cargo.toml`.
//!
//! Everybody is a full member here and folders are at most nine deep: casbin follows no more than ten links.

mod casbin_side;
mod cedar_side;
#[path = "../../benches/organisation/mod.rs"]
#[expect(dead_code, reason = "the benchmarks use more of it")]
mod organisation;

use std::{error::Error, time::Instant};

use organisation::{Organisation, Size, world::World};
use rights::{AccountId, FolderId, Kind, Right, Rights};

/// What both others can be asked: one right at a time.
trait Side {
    fn allows(&self, account: AccountId, folder: FolderId, right: Right) -> bool;
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut world = World::new(Size { depth: 9, ..Size::TENTH });
    let description = &mut world.organisation.description;
    for (_, kind) in &mut description.accounts {
        *kind = Kind::Full;
    }
    world.snapshot = rights::Snapshot::rebuild(description)?;
    let cedar = cedar_side::Cedar::new(&world.organisation)?;
    let casbin = casbin_side::Casbin::new(&world.organisation).await?;

    equal("cedar-policy", &cedar, &world, 400);
    equal("casbin", &casbin, &world, 20);
    let single = |account, folder| {
        let held = world.snapshot.check(account, folder).unwrap_or_default();
        held.contains(Right::View.into())
    };
    let speed = |name: &str, checks: usize, ask: &dyn Fn(AccountId, FolderId) -> bool| {
        let start = Instant::now();
        let pairs = world.pairs.iter().cycle().take(checks);
        let allowed = pairs.filter(|&&(account, folder)| ask(account, folder)).count();
        let each = start.elapsed().as_secs_f64() / f64::from(u32::try_from(checks).unwrap_or(1));
        println!(
            "{name:<40} {:>12.0} checks/s  {:>10.3} µs each  ({allowed} of {checks} allowed)",
            1.0 / each,
            each * 1e6
        );
    };
    speed("rights engine, one right by ids", 4_000_000, &single);
    speed("naive ancestor walk, one right", 400_000, &|account, folder| {
        world.naive.check(account, folder).contains(Right::View.into())
    });
    speed("cedar-policy, one right", 2_000, &|account, folder| {
        cedar.allows(account, folder, Right::View)
    });
    speed("casbin, one right", 100, &|account, folder| casbin.allows(account, folder, Right::View));
    Ok(())
}

/// Asks for all twenty rights of some pairs, and asserts that the answers are the engine's. Something is held in
/// every other pair: whoever says no to everything would agree with the engine in most of those drawn at random.
fn equal(name: &str, side: &dyn Side, world: &World, pairs: usize) {
    let held = |&(account, folder): &(AccountId, FolderId)| {
        world.snapshot.check(account, folder).unwrap_or_default()
    };
    let (some, none): (Vec<_>, Vec<_>) =
        world.pairs.iter().partition(|pair| !held(pair).is_empty());
    let drawn: Vec<_> = some.into_iter().zip(none).flat_map(<[_; 2]>::from).take(pairs).collect();
    assert_eq!(drawn.len(), pairs, "too few pairs of one sort");
    let mut cells = 0;
    for pair @ (account, folder) in drawn {
        let ours = held(&pair);
        let theirs: Rights =
            Right::ALL.into_iter().filter(|&right| side.allows(account, folder, right)).collect();
        assert_eq!(ours, theirs, "{name} differs for {account} on {folder}");
        cells += ours.len();
    }
    println!("{name}: equal in {pairs} pairs × 20 rights ({cells} of them held)");
}

/// The name of a right in the others' policies.
fn name(right: Right) -> String {
    format!("{right:?}")
}

/// The facts, as both others need them: who belongs to what, and what lies in what.
fn memberships(organisation: &Organisation) -> impl Iterator<Item = (AccountId, String)> {
    let groups = organisation.description.groups.iter();
    groups.flat_map(|(group, members)| {
        members.iter().map(move |&account| (account, group.to_string()))
    })
}
