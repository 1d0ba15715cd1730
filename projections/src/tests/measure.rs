//! How fast: to be run by hand, in release, on a machine that does nothing else.

use std::time::{Duration, Instant};

use commands::{
    Command,
    testing::{Bench, Random, profile, text, username},
};
use events::{
    AccountId, OrganisationId,
    value::{MemberKind, ProfileEntry, ProfileField},
};

use super::support::{World, service};
use crate::{
    Direction, Page, PageRequest, Views, Visible,
    directory::{AccountFilter, AccountOrder, AccountSort, Comparator, TextField},
    history::{HistoryFilter, Subject},
};

const FIRST_NAMES: [&str; 12] = [
    "Anna", "Bert", "Zoë", "Chris", "Daan", "Eva", "Fleur", "Jürgen", "Hanna", "Ines", "Jan",
    "Klara",
];
const LAST_NAMES: [&str; 12] = [
    "de Vries",
    "Jansen",
    "van den Berg",
    "Müller",
    "Schmidt",
    "Bakker",
    "Visser",
    "Smit",
    "Meijer",
    "Weiß",
    "Peeters",
    "Maes",
];

async fn fill(bench: &Bench, accounts: u64) -> (OrganisationId, Vec<AccountId>) {
    let firm = bench.organisation("Groot & Zonen").await;
    let mut random = Random::new(7);
    let mut made = Vec::new();
    for number in 0..accounts {
        let first = random.one_of(&FIRST_NAMES).unwrap();
        let last = random.one_of(&LAST_NAMES).unwrap();
        let name = format!("{first} {last} {}", random.below(100_000));
        let mut profile = profile(&name, Some(&format!("a{number}@groot.example")));
        profile.entries.push((ProfileField::LastName, ProfileEntry::Text(text(last))));
        profile.entries.push((ProfileField::Location, ProfileEntry::Text(text("Utrecht"))));
        let created = bench
            .must(Command::AccountCreate {
                organisation: firm,
                username: username(&format!("gebruiker{number}")),
                profile,
                kind: if random.once_in(5) { MemberKind::Reader } else { MemberKind::Full },
                credential: None,
            })
            .await;
        let account = AccountId::new(created);
        made.push(account);
        for key in ["mail", "documents"] {
            bench
                .must(Command::ServiceAccessSet {
                    organisation: firm,
                    account,
                    service: service(key),
                    on: true,
                })
                .await;
        }
    }
    (firm, made)
}

fn report(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |share: f64| {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "an index"
        )]
        times[((times.len() - 1) as f64 * share) as usize]
    };
    println!("{what:<44} p50 {:>10.1?} p99 {:>10.1?} max {:>10.1?}", at(0.5), at(0.99), at(1.0));
}

async fn time<T>(rounds: usize, mut run: impl AsyncFnMut(usize) -> T) -> Vec<Duration> {
    let mut times = Vec::new();
    for round in 0..rounds {
        let begun = Instant::now();
        run(round).await;
        times.push(begun.elapsed());
    }
    times
}

fn first(count: u32) -> PageRequest {
    PageRequest::First { count, after: None }
}

async fn deep(views: &Views, visible: Visible, order: AccountOrder) -> PageRequest {
    let mut page = first(100);
    for _ in 0..499 {
        let Page { edges, .. } =
            views.directory().accounts(visible, &AccountFilter::ALL, order, &page).await.unwrap();
        page =
            PageRequest::First { count: 100, after: edges.last().map(|edge| edge.cursor.clone()) };
    }
    page
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "measures; by hand and in release"]
async fn how_fast() {
    let accounts = std::env::var("ACCOUNTS").ok().and_then(|it| it.parse().ok()).unwrap_or(100_000);
    let bench = Bench::in_memory().await;
    let begun = Instant::now();
    let (firm, made) = fill(&bench, accounts).await;
    let events = bench.store.head().0;
    println!("{events} events appended in {:.1?}", begun.elapsed());
    let world = World::over(bench.store.clone(), bench.vault.clone());
    let begun = Instant::now();
    let views = world.views().await;
    views.all_caught_up(world.store.head(), Duration::from_mins(10)).await.unwrap();
    let took = begun.elapsed();
    #[expect(clippy::cast_precision_loss, reason = "a rate")]
    let rate = events as f64 / took.as_secs_f64();
    println!("filled in {took:.1?}: {rate:.0} events/s");
    for file in std::fs::read_dir(world.folder.path().join("views")).unwrap() {
        let file = file.unwrap();
        println!("{:?}: {} MB", file.file_name(), file.metadata().unwrap().len() / 1_000_000);
    }
    let (directory, history) = (views.directory(), views.history());
    let mut random = Random::new(9);
    for visible in [Visible::Organisation(firm), Visible::Everything] {
        println!("{visible:?}");
        report(
            "account by id",
            time(2000, async |_| {
                let id = *random.one_of(&made).unwrap();
                directory.account(visible, id).await.unwrap().unwrap()
            })
            .await,
        );
        for by in [AccountSort::DisplayName, AccountSort::Email, AccountSort::Location] {
            for direction in [Direction::Ascending, Direction::Descending] {
                let order = AccountOrder { by, direction };
                let page = first(100);
                report(
                    &format!("first page by {by:?} {direction:?}"),
                    time(200, async |_| {
                        directory
                            .accounts(visible, &AccountFilter::ALL, order, &page)
                            .await
                            .unwrap()
                    })
                    .await,
                );
            }
        }
        let order = AccountOrder::default();
        let page = deep(&views, visible, order).await;
        report(
            "500th page",
            time(200, async |_| {
                directory.accounts(visible, &AccountFilter::ALL, order, &page).await.unwrap()
            })
            .await,
        );
        for term in ["zoe", "muller 12", "99999", "an", "qqq", "zo", "qx"] {
            let filter =
                AccountFilter::Text(TextField::DisplayName, Comparator::Contains(term.into()));
            report(
                &format!("contains {term:?}"),
                time(100, async |_| {
                    directory.accounts(visible, &filter, order, &first(100)).await.unwrap()
                })
                .await,
            );
        }
        let filter = AccountFilter::Locked(true);
        report(
            "locked (none is)",
            time(10, async |_| {
                directory.accounts(visible, &filter, order, &first(100)).await.unwrap()
            })
            .await,
        );
        report(
            "count",
            time(20, async |_| {
                directory.count_accounts(visible, &AccountFilter::ALL).await.unwrap()
            })
            .await,
        );
    }
    report(
        "dashboard page",
        time(200, async |_| {
            directory
                .dashboard(
                    Visible::Organisation(firm),
                    firm,
                    &AccountFilter::ALL,
                    AccountOrder::default(),
                    &first(100),
                )
                .await
                .unwrap()
        })
        .await,
    );
    let filter = HistoryFilter::default();
    report(
        "history page of the organisation",
        time(200, async |_| {
            history
                .page(
                    Visible::Organisation(firm),
                    Subject::Organisation(firm),
                    &filter,
                    &first(100),
                )
                .await
                .unwrap()
        })
        .await,
    );
    report(
        "history page of everything",
        time(200, async |_| {
            history.page(Visible::Everything, Subject::All, &filter, &first(100)).await.unwrap()
        })
        .await,
    );
    report(
        "history of an account",
        time(200, async |_| {
            let id = *random.one_of(&made).unwrap();
            history
                .page(Visible::Organisation(firm), Subject::Account(id), &filter, &first(100))
                .await
                .unwrap()
        })
        .await,
    );
    for name in crate::Name::ALL {
        report(&format!("acknowledged to visible: {name}"), {
            let mut times = Vec::new();
            for round in 0..1000_u64 {
                let account = made[usize::try_from(random.below(accounts)).unwrap()];
                bench
                    .must(Command::ServiceAccessSet {
                        organisation: firm,
                        account,
                        service: service("projects"),
                        on: round % 3 > 0,
                    })
                    .await;
                let begun = Instant::now();
                views.caught_up(name, world.store.head(), Duration::from_mins(1)).await.unwrap();
                times.push(begun.elapsed());
            }
            times
        });
    }
    report("acknowledged to visible: account created", {
        let mut times = Vec::new();
        for round in 0..500 {
            let create = Command::AccountCreate {
                organisation: firm,
                username: username(&format!("nieuw{round}")),
                profile: profile(
                    &format!("Nieuw {round} Persoon"),
                    Some(&format!("n{round}@groot.example")),
                ),
                kind: MemberKind::Full,
                credential: None,
            };
            bench.must(create).await;
            let begun = Instant::now();
            views.all_caught_up(world.store.head(), Duration::from_mins(1)).await.unwrap();
            times.push(begun.elapsed());
        }
        times
    });
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    println!("{:?}", status.lines().find(|line| line.starts_with("VmRSS")));
    views.close().await;
}
