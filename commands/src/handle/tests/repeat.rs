//! Idempotency keys and expected versions.

use std::sync::Arc;

use events::{
    Version,
    value::{MemberKind, ProfileEntry, ProfileField},
};

use super::moody::{Mood, Moody};
use crate::{
    Command, Failure, Handler, IdempotencyKey, Refusal, Request,
    testing::{Bench, Ticking, create, email, text},
};

fn keyed(bench: &Bench, key: &str) -> Request {
    Request { idempotency_key: Some(IdempotencyKey::parse(key).unwrap()), ..bench.console() }
}

#[tokio::test]
async fn a_repeated_request_is_answered_like_the_first_and_done_once() {
    let bench = Bench::in_memory().await;
    let organisation = bench.organisation("Havenbedrijf").await;
    let anna = || create(organisation, "anna", MemberKind::Full);
    let first = bench.handler.handle(&keyed(&bench, "a"), anna()).await.unwrap();
    let head = bench.store.head();
    let second = bench.handler.handle(&keyed(&bench, "a"), anna()).await.unwrap();
    assert!(!first.replayed && second.replayed);
    assert_eq!((first.subject, first.position), (second.subject, second.position));
    assert_eq!(bench.store.head(), head);
}

#[tokio::test]
async fn a_key_is_for_one_input_of_one_asker() {
    let bench = Bench::in_memory().await;
    let organisation = bench.organisation("Havenbedrijf").await;
    let anna = bench.administrator(organisation, "anna").await;
    let rename = |name| Command::OrganisationRename { organisation, name: text(name) };
    bench.handler.handle(&keyed(&bench, "a"), rename("Haven")).await.unwrap();
    let other = bench.handler.handle(&keyed(&bench, "a"), rename("Werf")).await;
    assert!(matches!(other, Err(Failure::Refused(Refusal::KeyReused))), "{other:?}");
    let by_anna = Request {
        actor: bench.by(anna, organisation).actor,
        organisation: Some(organisation),
        ..keyed(&bench, "a")
    };
    assert!(!bench.handler.handle(&by_anna, rename("Werf")).await.unwrap().replayed);
}

#[tokio::test]
async fn a_request_that_changed_nothing_is_remembered_too() {
    let bench = Bench::in_memory().await;
    let organisation = bench.organisation("Havenbedrijf").await;
    let rename = |name| Command::OrganisationRename { organisation, name: text(name) };
    let first = bench.handler.handle(&keyed(&bench, "a"), rename("Havenbedrijf")).await.unwrap();
    bench.must(rename("Haven")).await;
    let second = bench.handler.handle(&keyed(&bench, "a"), rename("Havenbedrijf")).await.unwrap();
    assert!(!first.replayed && second.replayed);
    assert_eq!(first.position, second.position);
}

#[tokio::test]
async fn a_refused_request_leaves_nothing_behind() {
    let bench = Bench::in_memory().await;
    let organisation = bench.organisation("Havenbedrijf").await;
    let account = bench.account(organisation, "anna").await;
    let reactivate = Command::OrganisationReactivate { organisation };
    bench.must(Command::OrganisationDeactivate { organisation }).await;
    let head = bench.store.head();
    let promote = || Command::AdministratorSet { organisation, account, on: true };
    let refused = bench.handler.handle(&keyed(&bench, "a"), promote()).await;
    assert!(matches!(refused, Err(Failure::Refused(Refusal::OrganisationDeactivated))));
    assert_eq!(bench.store.head(), head);
    bench.must(reactivate).await;
    assert!(!bench.handler.handle(&keyed(&bench, "a"), promote()).await.unwrap().replayed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn equal_requests_at_once_happen_once() {
    let bench = Arc::new(Bench::over(Arc::new(Moody::new(Mood::Calm))).await);
    let organisation = bench.organisation("Havenbedrijf").await;
    for round in 0..50 {
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let bench = Arc::clone(&bench);
                tokio::spawn(async move {
                    let create = create(organisation, &format!("naam{round}"), MemberKind::Full);
                    bench
                        .handler
                        .handle(&keyed(&bench, &format!("key{round}")), create)
                        .await
                        .unwrap()
                })
            })
            .collect();
        let mut answers = Vec::new();
        for task in tasks {
            answers.push(task.await.unwrap());
        }
        assert_eq!(answers.iter().filter(|done| !done.replayed).count(), 1);
        assert!(answers.iter().all(|done| done.subject == answers[0].subject));
    }
}

#[tokio::test]
async fn an_expected_version_that_has_passed_is_refused_with_the_current_one() {
    let bench = Bench::in_memory().await;
    let organisation = bench.organisation("Havenbedrijf").await;
    let rename = |name| Command::OrganisationRename { organisation, name: text(name) };
    let expecting =
        |version| Request { expected_version: Some(Version(version)), ..bench.console() };
    assert_eq!(
        bench.handler.handle(&expecting(1), rename("Haven")).await.unwrap().version,
        Version(2)
    );
    let late = bench.handler.handle(&expecting(1), rename("Werf")).await;
    let current = Version(2);
    assert!(
        matches!(late, Err(Failure::Refused(Refusal::Conflict { current: at })) if at == current)
    );
}

#[tokio::test]
async fn what_another_node_wrote_is_read_and_decided_on() {
    let bench = Bench::in_memory().await;
    let organisation = bench.organisation("Havenbedrijf").await;
    let anna = bench.administrator(organisation, "anna").await;
    let ben = bench.administrator(organisation, "ben").await;
    let other = crate::Handler::new(
        bench.store.clone(),
        bench.vault.clone(),
        Arc::new(crate::testing::Ticking::default()),
        bench.ids.clone(),
    );
    let demote = |account| Command::AdministratorSet { organisation, account, on: false };
    other.handle(&bench.console(), demote(anna)).await.unwrap();
    // This handler doesn't know yet, and must find out.
    let last = bench.handler.handle(&bench.console(), demote(ben)).await;
    assert!(matches!(last, Err(Failure::Refused(Refusal::LastAdministrator))), "{last:?}");
}

#[tokio::test]
async fn who_changes_only_the_case_of_an_address_isn_t_in_the_own_way() {
    let bench = Bench::in_memory().await;
    let organisation = bench.organisation("Havenbedrijf").await;
    let account = bench.account(organisation, "anna").await;
    let update = |field, value| Command::ProfileUpdate {
        account,
        changes: vec![(field, value)],
        mails: vec![],
    };
    let address = |text| Some(ProfileEntry::Email(email(text)));
    bench.must(update(ProfileField::Email, address("anna@haven.example"))).await;
    // Somebody else writes to the account meanwhile, so that the first try fails.
    let (clock, ids) = (Arc::new(Ticking::default()), bench.ids.clone());
    let other = Handler::new(bench.store.clone(), bench.vault.clone(), clock, ids);
    let name = Some(ProfileEntry::Text(text("Anna")));
    other.handle(&bench.console(), update(ProfileField::FirstName, name)).await.unwrap();
    bench.must(update(ProfileField::Email, address("Anna@haven.example"))).await;
}
