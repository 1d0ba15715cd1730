//! What a median doesn't show: memory, 95th percentiles, the naive cost of changes, and readers beside a writer:
//! `cargo bench -p rights --bench tails`. `RIGHTS_SIZES=s` leaves out the large size.

mod organisation;

use std::{
    alloc::System,
    hint::black_box,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use organisation::{
    Dice, Organisation, Size,
    naive::Naive,
    world::{World, commit},
};
use rights::{Change, Engine, Snapshot};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() {
    let only_s = std::env::var("RIGHTS_SIZES").is_ok_and(|sizes| sizes == "s");
    let sizes = [
        ("a tenth of S", Size::TENTH),
        ("S", Size::S),
        ("L", Size::L),
        ("L crowded", Size::L_CROWDED),
    ];
    for (name, size) in sizes.into_iter().take(if only_s { 2 } else { 4 }) {
        println!("\n== {name}: {size:?}");
        memory(size);
        let world = World::new(size);
        changes(&world);
        naive(&world);
        readers(&world);
    }
}

/// What is derived of each folder, in bytes: two labels, a zone, and a place in the preorder.
const DERIVED: usize = 8 + 8 + 4 + 4;

/// What a snapshot holds, by counting allocations: facts that were told, and rights that follow from them.
fn memory(size: Size) {
    let organisation = Organisation::new(size);
    let live = |region: &Region<System>| {
        let change = region.change();
        change.bytes_allocated.saturating_sub(change.bytes_deallocated)
    };
    let region = Region::new(ALLOCATOR);
    let snapshot = Snapshot::rebuild(&organisation.description).expect("sound");
    let all = live(&region);
    let mut bare = organisation.description.clone();
    (bare.grants, bare.exclusions) = (Vec::new(), Vec::new());
    let region = Region::new(ALLOCATOR);
    let told = Snapshot::rebuild(&bare).expect("sound");
    let people_and_folders = live(&region);
    bare.folders.clear();
    let region = Region::new(ALLOCATOR);
    let people = Snapshot::rebuild(&bare).expect("sound");
    let people_only = live(&region);
    println!("memory, everything                       {:>9.1} MB", megabytes(all));
    println!(
        "  of which grants, exclusions, what follows{:>7.1} MB",
        megabytes(all - people_and_folders)
    );
    println!(
        "  of which folders, labels, order, ids   {:>9.1} MB",
        megabytes(people_and_folders - people_only)
    );
    println!("  of which accounts, groups, memberships {:>9.1} MB", megabytes(people_only));
    let derived = all - people_and_folders + organisation.description.folders.len() * DERIVED;
    println!("  of all that derived, at most           {:>9.1} MB", megabytes(derived));
    black_box((snapshot, told, people));
}

#[expect(clippy::cast_precision_loss, reason = "for print")]
fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}

fn changes(world: &World) {
    let movable = world.movable();
    let (mut moves, mut joins) = (Dice(11), Dice(12));
    percentiles("move of 1,000 folders", 300, || vec![world.shift(&movable, &mut moves)], world);
    percentiles("one membership", 300, || vec![world.join(&mut joins)], world);
    percentiles("grant to a group of 200 over 5,000", 100, || vec![world.grant_to_group()], world);
    percentiles("grant to everyone at the root", 5, || vec![world.grant_to_everyone()], world);
}

fn percentiles(name: &str, count: usize, mut change: impl FnMut() -> Vec<Change>, world: &World) {
    let mut times = Vec::with_capacity(count);
    let mut accounts = 0;
    while times.len() < count {
        let (engine, changes) = (world.engine(), change());
        if engine.prepare(&changes).is_err() {
            continue;
        }
        let start = Instant::now();
        accounts = accounts.max(commit(&engine, &changes));
        times.push(start.elapsed());
    }
    times.sort_unstable();
    let at = |percent: usize| times[(times.len() * percent / 100).min(times.len() - 1)];
    println!(
        "{name:<40} p50 {:>10.3?}  p95 {:>10.3?}  max {:>10.3?}  (up to {accounts} accounts change)",
        at(50),
        at(95),
        at(100)
    );
}

/// What the changes cost when each cell is walked before and after, from the cost of a sample of cells.
fn naive(world: &World) {
    let start = Instant::now();
    for &(account, folder) in &world.pairs[..20_000] {
        black_box(world.naive.check(account, folder));
    }
    let cell = start.elapsed() / 20_000;
    let size = world.organisation.size;
    let all = |accounts: u32, folders: u32| {
        Duration::from_secs_f64(cell.as_secs_f64() * 2.0 * f64::from(accounts) * f64::from(folders))
    };
    let (account, folder) = world.pairs[0];
    let start = Instant::now();
    black_box(world.naive.who(folder));
    println!("  naive: who                             {:>12.1?}", start.elapsed());
    let start = Instant::now();
    black_box(world.naive.reach(account));
    println!("  naive: reach                           {:>12.1?}", start.elapsed());
    println!("naive, one cell {cell:?}; so from here by the number of cells, before and after:");
    println!("  naive: grant to a group of 200         {:>12.1?}", all(200, 5_000));
    println!("  naive: one membership                  {:>12.1?}", all(1, size.folders));
    println!("  naive: move of 1,000 folders           {:>12.1?}", all(size.accounts, 1_000));
    println!(
        "  naive: everyone at the root, rebuild   {:>12.1?}",
        all(size.accounts, size.folders)
    );
    let start = Instant::now();
    black_box(Naive::new(&world.organisation.description));
    println!("  naive: hash maps alone, without rights {:>12.1?}", start.elapsed());
}

/// Checks at full speed on one thread, while another recalculates.
fn readers(world: &World) {
    let engine = world.engine();
    // Sixteen at a time: a single one is shorter than the clock.
    let measure = |engine: &Engine, stop: &dyn Fn(usize) -> bool| {
        let (mut times, mut at) = (Vec::with_capacity(1 << 22), 0);
        while !stop(times.len()) && times.len() < 1 << 22 {
            let start = Instant::now();
            for _ in 0..16 {
                let (account, folder) = world.pairs[at % world.pairs.len()];
                at += 1;
                black_box(engine.check(account, folder)).ok();
            }
            times.push(start.elapsed());
        }
        times.sort_unstable();
        times
    };
    let show = |name: &str, times: &[Duration]| {
        let at = |part: usize| times[(times.len() * part / 1_000).min(times.len() - 1)] / 16;
        println!(
            "{name:<40} p50 {:>10.1?}  p99 {:>10.1?}  p99.9 {:>10.1?}  ({} checks)",
            at(500),
            at(990),
            at(999),
            times.len() * 16
        );
    };
    let idle = measure(&engine, &|done| done >= 100_000);
    show("check while nothing happens", &idle);
    let done = AtomicBool::new(false);
    let rounds = if world.organisation.size.accounts > 50_000 { 3 } else { 20 };
    thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..rounds {
                let recalculations = [world.grant_to_everyone()];
                let mut recalculation = engine.prepare(&recalculations).expect("possible");
                while !recalculation.step(1_000).is_finished() {}
                engine.publish(&recalculation).expect("alone");
                let Change::Grant { grant, .. } = recalculations[0] else { continue };
                commit(&engine, &[Change::Revoke { grant }]);
            }
            done.store(true, Ordering::Relaxed);
        });
        let busy = measure(&engine, &|_| done.load(Ordering::Relaxed));
        show("check while All users are recalculated", &busy);
    });
}
