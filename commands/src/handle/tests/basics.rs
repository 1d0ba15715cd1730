//! What one command does.

use events::{Actor, Version, value::MemberKind};

use crate::{
    Command, Failure, Refusal,
    testing::{Bench, create, text},
};

#[tokio::test]
async fn an_account_that_was_created_can_be_looked_up() {
    let bench = Bench::in_memory().await;
    let organisation = bench.organisation("Havenbedrijf").await;
    let anna = bench.administrator(organisation, "anna").await;

    let state = bench.handler.account_state(anna).await.unwrap().unwrap();
    assert_eq!(state.default_organisation, Some(organisation));
    assert!(state.credential.is_none() && !state.operator && !state.deleted);
    let [membership] = state.memberships.as_slice() else { panic!("one membership") };
    assert!(membership.administrator && membership.active && !membership.owner);
    assert_eq!(membership.kind, MemberKind::Full);
}

#[tokio::test]
async fn a_username_is_taken_once_and_for_ever() {
    let bench = Bench::in_memory().await;
    let organisation = bench.organisation("Havenbedrijf").await;
    let anna = bench.account(organisation, "anna").await;
    bench.must(Command::AccountDelete { organisation, account: anna }).await;
    let again = create(organisation, "anna", MemberKind::Full);
    let refused = bench.handler.handle(&bench.console(), again).await.unwrap_err();
    assert!(matches!(refused, Failure::Refused(Refusal::UsernameTaken)), "{refused:?}");
    assert!(bench.handler.account_state(anna).await.unwrap().unwrap().deleted);
}

#[tokio::test]
async fn what_was_decided_is_found_again_by_another_handler() {
    let bench = Bench::in_memory().await;
    let organisation = bench.organisation("Havenbedrijf").await;
    let anna = bench.administrator(organisation, "anna").await;
    let other = crate::Handler::new(
        bench.store.clone(),
        bench.vault.clone(),
        std::sync::Arc::new(crate::testing::Ticking::default()),
        bench.ids.clone(),
    );
    assert_eq!(
        other.account_state(anna).await.unwrap(),
        bench.handler.account_state(anna).await.unwrap()
    );
    let rename = Command::OrganisationRename { organisation, name: text("Haven") };
    let done = other.handle(&bench.by(anna, organisation), rename).await.unwrap();
    assert_eq!(done.version, Version(4));
}

#[tokio::test]
async fn nobody_who_has_not_signed_in_gets_anything_done() {
    let bench = Bench::in_memory().await;
    let organisation = bench.organisation("Havenbedrijf").await;
    let mut request = bench.console();
    request.actor = Actor::Anonymous;
    let rename = Command::OrganisationRename { organisation, name: text("Haven") };
    let refused = bench.handler.handle(&request, rename).await.unwrap_err();
    assert!(matches!(refused, Failure::Refused(Refusal::NotSignedIn)), "{refused:?}");
}
