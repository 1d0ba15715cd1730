//! A reader manages nothing, not even inside a service.

use events::{
    Actor, Cause, Event, Stream, Version,
    codec::{Coded, encode},
    id::Ids,
    membership,
    store::{Batch, NewEvent, Write},
    value::{Domain, MemberKind, ServiceKind},
};

use crate::{
    Command, Failure, Refusal,
    testing::{Bench, create, email},
};

fn mail() -> ServiceKind {
    ServiceKind::parse("mail").unwrap()
}

#[tokio::test]
async fn ac8_a_reader_is_made_administrator_of_no_service() {
    let bench = Bench::in_memory().await;
    let organisation = bench.organisation("Havenbedrijf").await;
    let reader = bench.must(create(organisation, "rita", MemberKind::Reader)).await.into();
    let set = |on| Command::ServiceAdministratorSet {
        organisation,
        account: reader,
        service: mail(),
        on,
    };
    let refused = bench.handler.handle(&bench.console(), set(true)).await;
    assert!(matches!(refused, Err(Failure::Refused(Refusal::ReaderCantManage))), "{refused:?}");
    // Ending it is no promotion.
    bench.must(set(false)).await;
}

#[tokio::test]
async fn ac8_a_reader_who_was_made_one_before_that_was_refused_manages_nothing() {
    let bench = Bench::in_memory().await;
    let organisation = bench.organisation("Havenbedrijf").await;
    let domain = Domain::parse("haven.example").unwrap();
    bench.must(Command::DomainRegister { organisation, domain }).await;
    let reader = bench.must(create(organisation, "rita", MemberKind::Reader)).await.into();
    let anna = bench.account(organisation, "anna").await;
    let event = Event::from(membership::Event::ServiceAdministratorGranted { service: mail() });
    let Coded { kind, data } = encode(&event).unwrap();
    let cause = Cause {
        actor: Actor::Console,
        on_behalf_of: None,
        origin: None,
        request: bench.ids.next().into(),
        action: "serviceAdministratorSet".to_owned(),
        event: None,
    };
    let write = Write {
        stream: Stream::Membership(organisation, reader),
        expected: Version::NONE,
        events: vec![NewEvent { id: bench.ids.next().into(), kind, data }],
    };
    let batch = Batch {
        writes: vec![write],
        claims: vec![],
        receipt: None,
        at: chrono::DateTime::UNIX_EPOCH,
        cause: serde_json::to_string(&cause).unwrap().into(),
    };
    bench.store.append(batch).await.unwrap();
    let add = Command::AliasAdd { organisation, account: anna, address: email("a@haven.example") };
    let refused = bench.handler.handle(&bench.by(reader, organisation), add).await;
    assert!(matches!(refused, Err(Failure::Refused(Refusal::Forbidden))), "{refused:?}");
}
