//! More commands at once on one stream than may be on their way, and states that outgrow their place.

use std::sync::{Arc, atomic::Ordering};

use super::{
    ahead::until,
    moody::{Mood, Moody},
};
use crate::{
    Command, Failure, Handler,
    handle::slot::DEPTH,
    testing::{Bench, Ticking, create, text},
};

#[tokio::test]
async fn whoever_waits_for_a_place_gets_the_next_one_in_turn() {
    const WAITING: usize = 40;
    let store = Arc::new(Moody::closed(Mood::Calm));
    store.gate.add_permits(1);
    let bench = Arc::new(Bench::over(store.clone()).await);
    let organisation = bench.organisation("Havenbedrijf").await;
    let rename = |number: usize| {
        let (bench, name) = (Arc::clone(&bench), text(&format!("Haven {number}")));
        tokio::spawn(async move {
            let rename = Command::OrganisationRename { organisation, name };
            bench.handler.handle(&bench.console(), rename).await.map(|done| done.version.0)
        })
    };
    let depth = DEPTH as usize;
    let renames: Vec<_> = (0..depth + WAITING).map(rename).collect();
    let received = || store.received.load(Ordering::Relaxed);
    until(|| received() == 1 + depth).await;
    // Each answer lets one more set out, and nobody has to wait for all to land.
    for more in 1..=WAITING {
        store.gate.add_permits(1);
        until(|| received() == 1 + depth + more).await;
    }
    store.gate.add_permits(depth);
    let mut versions = Vec::new();
    for rename in renames {
        versions.push(rename.await.unwrap().unwrap());
    }
    assert!(versions.is_sorted(), "somebody was overtaken: {versions:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_of_the_log_is_an_error_and_locks_nobody_out() {
    let store = Arc::new(Moody::new(Mood::Calm));
    let bench = Bench::over(store.clone()).await;
    let organisation = bench.organisation("Havenbedrijf").await;
    let rename = |name| Command::OrganisationRename { organisation, name: text(name) };
    store.panics.store(true, Ordering::Relaxed);
    let failed = bench.handler.handle(&bench.console(), rename("Werf")).await;
    assert!(matches!(failed, Err(Failure::Unavailable(_))), "{failed:?}");
    bench.must(rename("Haven")).await;
}

#[tokio::test]
async fn a_small_cache_counts_what_grows_and_what_goes() {
    let bench = Bench::in_memory().await;
    let handler = Handler::with_cache(
        bench.store.clone(),
        bench.vault.clone(),
        Arc::new(Ticking::default()),
        bench.ids.clone(),
        20_000,
    );
    let mut organisations = Vec::new();
    for name in ["Haven", "Werf", "Kade"] {
        organisations.push(bench.organisation(name).await);
    }
    for member in 0..120 {
        for (number, organisation) in organisations.iter().enumerate() {
            let name = format!("lid{number}x{member}");
            let create = create(*organisation, &name, events::value::MemberKind::Full);
            handler.handle(&bench.console(), create).await.unwrap();
        }
    }
    let weight = handler.slots.weight();
    assert!(weight <= 20_000 + 3 * 7_000, "it holds {weight} bytes");
}
