//! What a command costs besides the append: `cargo test --release -p commands -- --ignored --nocapture speed`.

use std::time::Instant;

use events::{
    AccountId, OrganisationId, Origin, Stream, Version,
    id::Ids,
    store::EventStore,
    value::{MemberKind, ServiceKind},
};
use uuid::Uuid;

use crate::{
    Command, Request,
    testing::{Bench, create, scramble, text},
};

fn report(what: &str, count: u32, since: Instant) {
    println!("{what:<60}{:>8.1} µs", since.elapsed().as_secs_f64() * 1e6 / f64::from(count));
}

#[tokio::test]
#[ignore = "a measurement, for a release build"]
async fn speed() {
    let bench = Bench::in_memory().await;
    let organisation = bench.organisation("Havenbedrijf").await;
    let anna = bench.administrator(organisation, "anna").await;
    let origin = Origin { address: "192.0.2.1".parse().unwrap(), agent: Some("Firefox".into()) };
    let request = || Request { origin: Some(origin.clone()), ..bench.by(anna, organisation) };

    let count = 5_000;
    let mut accounts = Vec::new();
    let start = Instant::now();
    for number in 0..count {
        let create = create(organisation, &format!("konto{number}"), MemberKind::Full);
        let done = bench.handler.handle(&request(), create).await.unwrap();
        accounts.push(AccountId::new(done.subject.unwrap()));
    }
    report("accountCreate, with the vault's write", count, start);

    let service = ServiceKind::parse("mail").unwrap();
    let switch = |account, on| Command::ServiceAccessSet {
        organisation,
        account,
        service: service.clone(),
        on,
    };
    for on in [true, false] {
        let start = Instant::now();
        for account in &accounts {
            bench.handler.handle(&request(), switch(*account, on)).await.unwrap();
        }
        report(
            if on { "serviceAccessSet, first time" } else { "serviceAccessSet, cached" },
            count,
            start,
        );
    }
    let start = Instant::now();
    for account in &accounts {
        bench.handler.handle(&request(), switch(*account, false)).await.unwrap();
    }
    report("serviceAccessSet, already so", count, start);

    let start = Instant::now();
    for number in 0..count {
        let rename =
            Command::OrganisationRename { organisation, name: text(&format!("Haven {number}")) };
        bench.handler.handle(&request(), rename).await.unwrap();
    }
    report("organisationRename", count, start);

    let start = Instant::now();
    for account in &accounts {
        bench.handler.account_state(*account).await.unwrap();
    }
    report("account_state, cached", count, start);
    large(&bench, OrganisationId::new(bench.ids.next())).await;
}

/// An organisation of 100,000, written straight into the log.
async fn large(bench: &Bench, organisation: OrganisationId) {
    use events::store::{Batch, NewEvent, Write};
    let member =
        |number: u64| Uuid::from_u128(u128::from(number) << 80 | u128::from(scramble(number)));
    let created = events::organisation::Event::Created {
        name: text("Groot"),
        language: events::value::Language::Nl,
        plan: events::value::Plan::default(),
    };
    let kind = MemberKind::Full;
    let joined = (0..100_000).map(|number| events::organisation::Event::MemberJoined {
        account: member(number).into(),
        kind,
    });
    let code = |event: events::organisation::Event| {
        let coded = events::codec::encode(&event.into()).unwrap();
        NewEvent { id: bench.ids.next().into(), kind: coded.kind, data: coded.data }
    };
    let write = Write {
        stream: Stream::Organisation(organisation),
        expected: Version::NONE,
        events: std::iter::once(created).chain(joined).map(code).collect(),
    };
    let batch = Batch {
        writes: vec![write],
        claims: vec![],
        receipt: None,
        at: chrono::Utc::now(),
        cause: "{}".into(),
    };
    EventStore::append(&*bench.store, batch).await.unwrap();

    let start = Instant::now();
    let (account, console) = (member(7).into(), bench.console());
    let promote = Command::AdministratorSet { organisation, account, on: true };
    bench.handler.handle(&console, promote).await.unwrap();
    report("the first command on an organisation of 100,000", 1, start);
    let start = Instant::now();
    for number in 0..1_000 {
        let promote = Command::AdministratorSet {
            organisation,
            account: member(100 + number).into(),
            on: true,
        };
        bench.handler.handle(&console, promote).await.unwrap();
    }
    report("administratorSet in an organisation of 100,000", 1_000, start);
}
