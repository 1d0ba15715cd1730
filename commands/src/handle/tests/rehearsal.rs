//! What would happen is told, and nothing happens; a request is the same only with the same password.

use events::{CredentialId, Version, id::Ids, value::MemberKind};

use crate::{
    Command, Failure, IdempotencyKey, Refusal, Request,
    testing::{Bench, create, text},
};

fn keyed(bench: &Bench, secret: Option<u8>) -> Request {
    let key = IdempotencyKey::parse("a").unwrap();
    let secret = secret.map(|byte| [byte; 32]);
    Request { idempotency_key: Some(key), secret, ..bench.console() }
}

#[tokio::test]
async fn a_rehearsal_refuses_like_the_command_and_appends_nothing() {
    let bench = Bench::in_memory().await;
    let organisation = bench.organisation("Havenbedrijf").await;
    let anna = bench.account(organisation, "anna").await;
    let head = bench.store.head();
    let rehearse = async |request: &Request, command: Command| match bench
        .handler
        .rehearse(request, command)
        .await
    {
        Ok(earlier) => Ok(earlier.is_some()),
        Err(Failure::Refused(refusal)) => Err(refusal),
        Err(failure) => panic!("{failure}"),
    };
    let console = bench.console();
    assert_eq!(rehearse(&console, create(organisation, "ben", MemberKind::Full)).await, Ok(false));
    let taken = rehearse(&console, create(organisation, "ANNA", MemberKind::Full)).await;
    assert_eq!(taken, Err(Refusal::UsernameTaken));
    let by_anna = bench.by(anna, organisation);
    let forbidden = rehearse(&by_anna, create(organisation, "ben", MemberKind::Full)).await;
    assert_eq!(forbidden, Err(Refusal::Forbidden));
    let rename = Command::OrganisationRename { organisation, name: text("Haven") };
    let stale = Request { expected_version: Some(Version(99)), ..bench.console() };
    let conflict = rehearse(&stale, rename.clone()).await;
    assert_eq!(conflict, Err(Refusal::Conflict { current: Version(2) }));
    let already = Command::OrganisationRename { organisation, name: text("Havenbedrijf") };
    assert_eq!(rehearse(&console, already).await, Ok(false));
    assert_eq!(bench.store.head(), head);

    bench.handler.handle(&keyed(&bench, None), rename.clone()).await.unwrap();
    assert_eq!(rehearse(&keyed(&bench, None), rename).await, Ok(true));
    // What was rehearsed can be done.
    bench.must(create(organisation, "ben", MemberKind::Full)).await;
}

#[tokio::test]
async fn with_another_password_it_is_another_request() {
    let bench = Bench::in_memory().await;
    let organisation = bench.organisation("Havenbedrijf").await;
    let anna = |credential: bool| {
        let mut anna = create(organisation, "anna", MemberKind::Full);
        if let Command::AccountCreate { credential: place, .. } = &mut anna {
            *place = credential.then(|| CredentialId::new(bench.ids.next()));
        }
        anna
    };
    let first = bench.handler.handle(&keyed(&bench, Some(1)), anna(true)).await.unwrap();
    let again = bench.handler.handle(&keyed(&bench, Some(1)), anna(true)).await.unwrap();
    assert!(again.replayed && again.subject == first.subject);
    for (secret, credential) in [(Some(2), true), (None, false)] {
        let other = bench.handler.handle(&keyed(&bench, secret), anna(credential)).await;
        assert!(matches!(other, Err(Failure::Refused(Refusal::KeyReused))), "{other:?}");
    }
}

#[tokio::test]
async fn words_about_somebody_are_their_names_addresses_and_organisations() {
    let bench = Bench::in_memory().await;
    let organisation = bench.organisation("Havenbedrijf").await;
    let account = bench.account(organisation, "rita.ruysdael").await;
    let words = bench.handler.words_about(account).await.unwrap();
    assert_eq!(words, ["rita.ruysdael", "rita.ruysdael", "Havenbedrijf"]);
    bench.must(Command::AccountDelete { organisation, account }).await;
    assert!(bench.handler.words_about(account).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_log_is_known_by_the_pepper_of_its_vault() {
    let bench = Bench::in_memory().await;
    assert!(bench.handler.fits_its_log().await.unwrap());
    let setup = Command::OperatorSetup {
        username: crate::testing::username("operator"),
        profile: crate::testing::profile("Operator", None),
        credential: CredentialId::new(bench.ids.next()),
    };
    bench.must(setup).await;
    assert!(bench.handler.fits_its_log().await.unwrap());
    let other = Bench::over(bench.store.clone()).await;
    assert!(!other.handler.fits_its_log().await.unwrap());
}
