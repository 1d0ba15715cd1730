//! The targets of the design, each with what the naive way costs beside it: `cargo bench -p rights --bench targets`.
//!
//! `RIGHTS_SIZES=s` leaves out the large size.

mod organisation;

use std::sync::LazyLock;

use divan::{Bencher, black_box};
use organisation::{
    Dice, Size,
    world::{World, commit},
};
use rights::{Right, Snapshot};

static TENTH: LazyLock<World> = LazyLock::new(|| World::new(Size::TENTH));
static S: LazyLock<World> = LazyLock::new(|| World::new(Size::S));
static L: LazyLock<World> = LazyLock::new(|| World::new(Size::L));
static L_CROWDED: LazyLock<World> = LazyLock::new(|| World::new(Size::L_CROWDED));

fn main() {
    divan::main();
}

fn sizes() -> Vec<&'static str> {
    if std::env::var("RIGHTS_SIZES").is_ok_and(|sizes| sizes == "s") {
        vec!["S/10", "S"]
    } else {
        vec!["S/10", "S", "L"]
    }
}

fn sizes_and_crowded() -> Vec<&'static str> {
    let mut sizes = sizes();
    if sizes.contains(&"L") {
        sizes.push("L crowded");
    }
    sizes
}

fn world(size: &str) -> &'static World {
    match size {
        "S/10" => &TENTH,
        "S" => &S,
        "L" => &L,
        _ => &L_CROWDED,
    }
}

/// One check in a loop over random pairs, so that caches are as cold as they would be.
fn next<T: Copy>(items: &[T], at: &mut usize) -> T {
    *at = (*at + 1) % items.len();
    items[*at]
}

#[divan::bench_group(sample_count = 50, sample_size = 20_000)]
mod check {
    use super::{Bencher, next, sizes_and_crowded, world};

    /// Both looked up by id.
    #[divan::bench(args = sizes_and_crowded())]
    fn by_ids(bencher: Bencher, size: &str) {
        let (world, mut at) = (world(size), 0);
        bencher.bench_local(|| {
            let (account, folder) = next(&world.pairs, &mut at);
            world.snapshot.check(account, folder)
        });
    }

    /// The account known, as within one request.
    #[divan::bench(args = sizes_and_crowded())]
    fn by_reader(bencher: Bencher, size: &str) {
        let (world, mut at) = (world(size), 0);
        let readers: Vec<_> = world
            .pairs
            .iter()
            .filter_map(|&(account, folder)| Some((world.snapshot.reader(account).ok()?, folder)))
            .collect();
        bencher.bench_local(|| {
            let (reader, folder) = next(&readers, &mut at);
            reader.rights_on(folder)
        });
    }
}

#[divan::bench_group(sample_count = 20, sample_size = 2_000)]
mod check_naive {
    use super::{Bencher, next, sizes_and_crowded, world};

    #[divan::bench(args = sizes_and_crowded())]
    fn ancestor_walk(bencher: Bencher, size: &str) {
        let (world, mut at) = (world(size), 0);
        bencher.bench_local(|| {
            let (account, folder) = next(&world.pairs, &mut at);
            world.naive.check(account, folder)
        });
    }
}

#[divan::bench_group(sample_count = 50)]
mod questions {
    use super::{Bencher, Right, next, sizes, world};

    #[divan::bench(args = sizes(), sample_size = 1_000)]
    fn explain(bencher: Bencher, size: &str) {
        let (world, mut at) = (world(size), 0);
        bencher.bench_local(|| {
            let (account, folder) = next(&world.pairs, &mut at);
            world.snapshot.explain(account, folder)
        });
    }

    #[divan::bench(args = sizes(), sample_size = 20)]
    fn who(bencher: Bencher, size: &str) {
        let (world, mut at) = (world(size), 0);
        bencher.bench_local(|| {
            let (_, folder) = next(&world.pairs, &mut at);
            world.snapshot.who(folder, Some(Right::View)).map(|found| found.len())
        });
    }

    #[divan::bench(args = sizes(), sample_size = 20)]
    fn reach(bencher: Bencher, size: &str) {
        let (world, mut at) = (world(size), 0);
        bencher.bench_local(|| {
            let (account, _) = next(&world.pairs, &mut at);
            world.snapshot.reach(account).map(|reach| reach.len())
        });
    }
}

#[divan::bench_group(sample_count = 3, sample_size = 1)]
mod questions_naive {
    use super::{Bencher, next, sizes, world};

    #[divan::bench(args = sizes())]
    fn who(bencher: Bencher, size: &str) {
        let (world, mut at) = (world(size), 0);
        bencher.bench_local(|| world.naive.who(next(&world.pairs, &mut at).1));
    }

    #[divan::bench(args = sizes())]
    fn reach(bencher: Bencher, size: &str) {
        let (world, mut at) = (world(size), 0);
        bencher.bench_local(|| world.naive.reach(next(&world.pairs, &mut at).0));
    }
}

#[divan::bench_group(sample_size = 1)]
mod changes {
    use super::{Bencher, Dice, Snapshot, black_box, commit, sizes, world};

    #[divan::bench(args = sizes(), sample_count = 5)]
    fn cold_rebuild(bencher: Bencher, size: &str) {
        let description = &world(size).organisation.description;
        bencher.bench_local(|| Snapshot::rebuild(black_box(description)));
    }

    #[divan::bench(args = sizes(), sample_count = 100)]
    fn grant_to_a_group_of_200_over_5000_folders(bencher: Bencher, size: &str) {
        let world = world(size);
        let change = [world.grant_to_group()];
        bencher.with_inputs(|| world.engine()).bench_local_refs(|engine| commit(engine, &change));
    }

    #[divan::bench(args = sizes(), sample_count = 100)]
    fn one_membership(bencher: Bencher, size: &str) {
        let (world, mut dice) = (world(size), Dice(3));
        bencher
            .with_inputs(|| {
                let mut join = world.join(&mut dice);
                while world.engine().prepare(std::slice::from_ref(&join)).is_err() {
                    join = world.join(&mut dice);
                }
                (world.engine(), [join])
            })
            .bench_local_refs(|(engine, change)| commit(engine, change));
    }

    #[divan::bench(args = sizes(), sample_count = 100)]
    fn move_of_1000_folders(bencher: Bencher, size: &str) {
        let (world, mut dice) = (world(size), Dice(4));
        let movable = world.movable();
        bencher
            .with_inputs(|| (world.engine(), [world.shift(&movable, &mut dice)]))
            .bench_local_refs(|(engine, change)| commit(engine, change));
    }

    #[divan::bench(args = sizes(), sample_count = 5)]
    fn grant_to_everyone_at_the_root(bencher: Bencher, size: &str) {
        let world = world(size);
        let change = [world.grant_to_everyone()];
        bencher.with_inputs(|| world.engine()).bench_local_refs(|engine| commit(engine, &change));
    }
}
