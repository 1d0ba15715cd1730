//! Deciding ahead of the log: it overlaps, and whatever the log's mood it never decides on what didn't happen.

use std::{
    collections::HashSet,
    sync::{Arc, atomic::Ordering},
};

use events::{
    Position, Stream, Version, codec::decode, id::Ids, store::EventStore, value::MemberKind,
};

use tokio::sync::Semaphore;

use super::{
    legal::Ledger,
    moody::{Mood, Moody},
};
use crate::{
    Command, Failure, Handler, Refusal, Request,
    testing::{Bench, Random, Script, Ticking, create, text},
};

/// Lets other tasks run until something is so.
pub(super) async fn until(so: impl Fn() -> bool) {
    for _ in 0..100_000 {
        if so() {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("it never came to be");
}

#[tokio::test]
async fn whoever_hears_of_an_event_can_wait_for_what_it_made() {
    let store = Arc::new(Moody::new(Mood::Calm));
    let bench = Arc::new(Bench::over(store.clone()).await);
    let organisation = bench.organisation("Havenbedrijf").await;
    let name = async || bench.handler.organisation_name(organisation).await.unwrap().unwrap();
    let rename = |name| Command::OrganisationRename { organisation, name: text(name) };
    let (before, stream) = (store.head(), Stream::Organisation(organisation));

    // It stands in the log, where others see it, and whoever asked for it has no answer yet.
    store.tongue.forget_permits(usize::MAX);
    let renamed = {
        let (bench, rename) = (bench.clone(), rename("Haven"));
        tokio::spawn(async move { bench.must(rename).await })
    };
    until(|| store.head() > before).await;
    assert_eq!(&*name().await, "Havenbedrijf");
    let reached = {
        let bench = bench.clone();
        tokio::spawn(async move { bench.handler.reach(stream, Version(2)).await })
    };
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert!(!reached.is_finished());
    store.tongue.add_permits(Semaphore::MAX_PERMITS);
    reached.await.unwrap().unwrap();
    assert_eq!(&*name().await, "Haven");
    renamed.await.unwrap();

    // What another handler appended is read from the log.
    let (vault, ids) = (bench.vault.clone(), bench.ids.clone());
    let other = Handler::new(store.clone(), vault, Arc::new(Ticking::default()), ids);
    other.handle(&bench.console(), rename("Werf")).await.unwrap();
    bench.handler.reach(stream, Version(3)).await.unwrap();
    assert_eq!(&*name().await, "Werf");
}

#[tokio::test]
async fn commands_on_one_stream_set_out_before_the_first_is_answered() {
    let store = Arc::new(Moody::closed(Mood::Calm));
    store.gate.add_permits(1);
    let bench = Arc::new(Bench::over(store.clone()).await);
    let organisation = bench.organisation("Havenbedrijf").await;
    let rename = |number: usize| {
        let (bench, name) = (Arc::clone(&bench), text(&format!("Haven {number}")));
        tokio::spawn(async move {
            bench
                .handler
                .handle(&bench.console(), Command::OrganisationRename { organisation, name })
                .await
        })
    };
    let renames: Vec<_> = (0..20).map(rename).collect();
    until(|| store.received.load(Ordering::Relaxed) == 21).await;
    assert!(renames.iter().all(|rename| !rename.is_finished()), "answered before it was durable");

    store.gate.add_permits(20);
    let mut versions = Vec::new();
    for rename in renames {
        versions.push(rename.await.unwrap().unwrap().version.0);
    }
    versions.sort_unstable();
    assert_eq!(versions, (2..=21).collect::<Vec<_>>());
}

#[tokio::test]
async fn without_an_exclusive_log_each_waits_for_the_one_before() {
    let store = Arc::new(Moody { exclusive: false, ..Moody::closed(Mood::Calm) });
    store.gate.add_permits(1);
    let bench = Arc::new(Bench::over(store.clone()).await);
    let organisation = bench.organisation("Havenbedrijf").await;
    let rename = |name| Command::OrganisationRename { organisation, name: text(name) };
    let (console, other) = (bench.console(), bench.console());
    let first = bench.handler.handle(&console, rename("Haven A"));
    let second = bench.handler.handle(&other, rename("Haven B"));
    let release = async {
        until(|| store.received.load(Ordering::Relaxed) == 2).await;
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        assert_eq!(store.received.load(Ordering::Relaxed), 2);
        store.gate.add_permits(2);
    };
    let (first, second, ()) = tokio::join!(first, second, release);
    assert_eq!((first.unwrap().version, second.unwrap().version), (Version(2), Version(3)));
}

#[tokio::test]
async fn already_so_is_said_only_once_it_is_so() {
    let store = Arc::new(Moody::closed(Mood::Calm));
    store.gate.add_permits(1);
    let bench = Bench::over(store.clone()).await;
    let organisation = bench.organisation("Havenbedrijf").await;
    let rename = || Command::OrganisationRename { organisation, name: text("Haven") };
    let (console, other) = (bench.console(), bench.console());
    let first = bench.handler.handle(&console, rename());
    let mut second = std::pin::pin!(bench.handler.handle(&other, rename()));
    let release = async {
        until(|| store.received.load(Ordering::Relaxed) == 2).await;
        store.gate.add_permits(1);
    };
    let early = async {
        until(|| store.received.load(Ordering::Relaxed) == 2).await;
        std::future::poll_fn(|context| {
            assert!(second.as_mut().poll(context).is_pending(), "nothing is durable yet");
            std::task::Poll::Ready(())
        })
        .await;
    };
    let (first, (), ()) = tokio::join!(first, early, release);
    let second = second.await.unwrap();
    assert_eq!(first.unwrap().position, second.position);
    assert_eq!(store.received.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn whoever_stops_waiting_leaves_nothing_unknown() {
    let store = Arc::new(Moody::closed(Mood::Calm));
    store.gate.add_permits(1);
    let bench = Bench::over(store.clone()).await;
    let organisation = bench.organisation("Havenbedrijf").await;
    let rename = |name| Command::OrganisationRename { organisation, name: text(name) };
    {
        let console = bench.console();
        let mut given_up = std::pin::pin!(bench.handler.handle(&console, rename("Haven")));
        std::future::poll_fn(|context| {
            assert!(given_up.as_mut().poll(context).is_pending());
            std::task::Poll::Ready(())
        })
        .await;
    }
    store.gate.add_permits(2);
    let done = bench.handler.handle(&bench.console(), rename("Havenbedrijf")).await.unwrap();
    assert_eq!(done.version, Version(3), "the first name was taken back, so it had been given");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_the_mood_of_the_log_only_what_is_true_is_said_and_written() {
    let seeds =
        std::env::var("STAMROL_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(12);
    for seed in 0..seeds {
        in_a_bad_mood(seed).await;
    }
}

async fn in_a_bad_mood(seed: u64) {
    let store = Arc::new(Moody::new(Mood::Bad(seed)));
    let bench = Arc::new(Bench::over(store.clone()).await);
    let script = Arc::new(std::sync::Mutex::new(Script::new(seed, 25)));
    let tasks = (0..8).map(|_| {
        let (bench, script) = (Arc::clone(&bench), Arc::clone(&script));
        tokio::spawn(async move {
            let (mut done, mut not_done) = (Vec::new(), Vec::new());
            for _ in 0..150 {
                let command = script.lock().unwrap().command();
                let request = Request::new(Script::actor(&command), bench.ids.next().into());
                match bench.handler.handle(&request, command.clone()).await {
                    Ok(answer) => {
                        script.lock().unwrap().note(&command, &answer);
                        done.push((request.id, answer.position));
                    }
                    Err(Failure::Refused(_) | Failure::Busy | Failure::Full) => {
                        not_done.push(request.id);
                    }
                    // The log has lost its tongue: nobody knows.
                    Err(Failure::Unavailable(_)) => {}
                }
            }
            (done, not_done)
        })
    });
    let tasks: Vec<_> = tasks.collect();
    let (mut done, mut not_done) = (Vec::new(), Vec::new());
    for task in tasks {
        let (some_done, some_not) = task.await.unwrap();
        done.extend(some_done);
        not_done.extend(some_not);
    }

    // Every event that is in the log could happen where it stands.
    let mut ledger = Ledger::default();
    let mut written = HashSet::new();
    let all = store.read_all(Position::START, u32::MAX).await.unwrap();
    for stored in &all {
        let cause: events::Cause = serde_json::from_str(&stored.cause).unwrap();
        written.insert(cause.request);
        let event = decode(&stored.kind, &stored.data).unwrap();
        ledger.take_in(stored.stream, &event).unwrap_or_else(|why| {
            panic!("seed {seed}, position {}: {why}: {event:?}", stored.position)
        });
    }
    let head = store.head();
    assert!(
        done.iter().all(|(_, position)| *position <= head),
        "an answer names a position that is not there"
    );
    for request in not_done {
        assert!(!written.contains(&request), "seed {seed}: {request} was refused, and written");
    }
    // What the handler knows is what another one reads.
    let ids = bench.ids.clone();
    let again = Handler::new(store.clone(), bench.vault.clone(), Arc::new(Ticking::default()), ids);
    let members = script.lock().unwrap().members().to_vec();
    for (_, account) in members {
        let live = bench.handler.account_state(account).await.unwrap();
        assert_eq!(live, again.account_state(account).await.unwrap(), "seed {seed}: {account}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s19_two_administrators_who_demote_each_other_never_leave_none() {
    let memory: Arc<dyn EventStore> = Arc::new(events::store::memory::Memory::new());
    for store in [memory, Arc::new(Moody::new(Mood::Calm))] {
        let bench = Arc::new(Bench::over(store).await);
        let organisation = bench.organisation("Havenbedrijf").await;
        let anna = bench.administrator(organisation, "anna").await;
        let ben = bench.administrator(organisation, "ben").await;
        let mut random = Random::new(19);
        for round in 0..1_000 {
            let demote = |by, account| {
                let bench = Arc::clone(&bench);
                tokio::spawn(async move {
                    let demote = Command::AdministratorSet { organisation, account, on: false };
                    bench.handler.handle(&bench.by(by, organisation), demote).await
                })
            };
            let pair = [(anna, ben), (ben, anna)];
            let first = usize::try_from(random.below(2)).unwrap();
            let one = demote(pair[first].0, pair[first].1);
            let other = demote(pair[1 - first].0, pair[1 - first].1);
            let results = [one.await.unwrap(), other.await.unwrap()];
            let demoted = results.iter().filter(|result| result.is_ok()).count();
            assert_eq!(demoted, 1, "round {round}: {results:?}");
            for account in [anna, ben] {
                bench.must(Command::AdministratorSet { organisation, account, on: true }).await;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_64_who_want_the_same_username_exactly_one_gets_it() {
    const TASKS: usize = 64;
    const NAMES: usize = 1_000;
    let bench = Arc::new(Bench::in_memory().await);
    let organisation = bench.organisation("Havenbedrijf").await;
    let barrier = Arc::new(tokio::sync::Barrier::new(TASKS));
    let tasks: Vec<_> = (0..TASKS)
        .map(|_| {
            let (bench, barrier) = (Arc::clone(&bench), Arc::clone(&barrier));
            tokio::spawn(async move {
                let mut won = Vec::new();
                for name in 0..NAMES {
                    if name % 50 == 0 {
                        barrier.wait().await;
                    }
                    let create = create(organisation, &format!("naam{name}"), MemberKind::Full);
                    match bench.handler.handle(&bench.console(), create).await {
                        Ok(_) => won.push(name),
                        Err(Failure::Refused(Refusal::UsernameTaken)) => {}
                        Err(failure) => panic!("naam{name}: {failure}"),
                    }
                }
                won
            })
        })
        .collect();
    let mut wins = vec![0; NAMES];
    for task in tasks {
        for name in task.await.unwrap() {
            wins[name] += 1;
        }
    }
    assert_eq!(wins, vec![1; NAMES]);
    let members =
        bench.store.read(Stream::Organisation(organisation), Version(1), u32::MAX).await.unwrap();
    assert_eq!(members.len(), NAMES);
}
