//! From where something was asked stands in the log, sealed, also of those who come to be by it.

use std::{net::IpAddr, sync::Arc};

use events::{
    Actor, Cause, CredentialId, Origin, Position, Recorded,
    id::Ids,
    keyring,
    value::{MemberKind, Scope},
};

use crate::{
    Command, Request,
    testing::{Bench, create, profile, text, username},
};

/// The origins of the newest events, as many as one command made.
async fn origins(bench: &Bench, after: Position) -> Vec<Option<IpAddr>> {
    let mut origins = Vec::new();
    let stored = bench.store.read_all(after, 100).await.unwrap();
    let stored: Vec<_> = stored.into_iter().map(Arc::new).collect();
    for recorded in keyring::decode_page(&bench.vault, &stored).await.unwrap() {
        let Recorded { cause, .. } = recorded;
        let Cause { origin, .. } = &*cause;
        origins.push(origin.as_ref().and_then(|sealed| Some(sealed.value()?.address)));
    }
    origins
}

#[tokio::test]
async fn au1_the_first_operator_came_from_somewhere() {
    let bench = Bench::in_memory().await;
    let address = IpAddr::from([192, 0, 2, 7]);
    let origin = Some(Origin { address, agent: None });
    let setup = Command::OperatorSetup {
        username: username("operator"),
        profile: profile("Operator", None),
        credential: CredentialId::new(bench.ids.next()),
    };
    bench.handler.handle(&Request { origin, ..bench.console() }, setup).await.unwrap();
    assert_eq!(origins(&bench, Position::START).await, [Some(address); 3]);
}

#[tokio::test]
async fn au1_an_account_that_a_program_made_came_from_somewhere() {
    let bench = Bench::in_memory().await;
    let organisation = bench.organisation("Havenbedrijf").await;
    let key = bench.ids.next().into();
    let scopes = [Scope::AccountsWrite].into();
    let name = text("Import");
    bench
        .must(Command::ServiceKeyCreate { key, organisation, name, scopes, expires_at: None })
        .await;
    let head = bench.store.head();
    let address = IpAddr::from([192, 0, 2, 8]);
    let request = Request {
        origin: Some(Origin { address, agent: None }),
        organisation: Some(organisation),
        ..Request::new(Actor::ServiceKey { key }, bench.ids.next().into())
    };
    let anna = create(organisation, "anna", MemberKind::Full);
    bench.handler.handle(&request, anna).await.unwrap();
    let origins = origins(&bench, head).await;
    assert!(!origins.is_empty() && origins.iter().all(|origin| *origin == Some(address)));
}
