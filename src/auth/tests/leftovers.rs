//! What nothing refers to doesn't stay.

use std::time::Duration;

use chrono::TimeDelta;
use commands::{Command, Failure, Refusal};
use events::{
    AccountId, CredentialId, SessionId,
    id::Clock,
    session::EndReason,
    value::Username,
    vault::{Token, TokenKind},
};
use graphql::port::{Denied, Gate};
use uuid::{Timestamp, Uuid};

use super::world::{PASSWORD, World, ended, new};

impl World {
    async fn credentials(&self) -> Vec<(CredentialId, AccountId)> {
        self.auth.vault.credentials_after(Uuid::nil().into(), 1_000).await.unwrap()
    }

    async fn opened(&self, account: AccountId) -> SessionId {
        let session = SessionId::new(self.auth.ids.next());
        self.auth.sessions.open(session, account, TimeDelta::hours(12)).await.unwrap();
        let request = self.anonymous();
        self.handler
            .handle(&request, Command::SignIn { session, account, proof: None, mails: vec![] })
            .await
            .unwrap();
        session
    }

    /// An id that was given two hours ago, by the clock.
    fn old(&self) -> Uuid {
        let given = self.clock.now() - Duration::from_hours(2);
        let seconds = u64::try_from(given.timestamp()).unwrap();
        Uuid::new_v7(Timestamp::from_unix_time(seconds, 0, 0, 0))
    }
}

#[tokio::test]
async fn d7_the_password_of_a_deleted_account_goes() {
    let (world, organisation, anna, berta) = World::with_members().await;
    assert_eq!(world.credentials().await.len(), 2);
    world.console(Command::AccountDelete { organisation, account: berta }).await;
    world.react().await;
    let left: Vec<_> = world.credentials().await.into_iter().map(|(_, of)| of).collect();
    assert_eq!(left, [anna]);
}

#[tokio::test]
async fn d7_an_account_that_is_not_made_leaves_no_hash() {
    let (world, organisation, ..) = World::with_members().await;
    let taken = new(organisation, "ANNA");
    let refused =
        world.auth.account_create(&world.as_console(), taken, Some(PASSWORD.into())).await;
    let Err(Denied::Failed(Failure::Refused(refusal))) = refused else { panic!("{refused:?}") };
    assert_eq!(refusal, Refusal::UsernameTaken);
    assert_eq!(world.credentials().await.len(), 2);
}

#[tokio::test]
async fn d7_whoever_hangs_up_leaves_nothing_that_no_event_names() {
    let (world, organisation, ..) = World::with_members().await;
    let request = world.as_console();
    let create =
        world.auth.account_create(&request, new(organisation, "clara"), Some(PASSWORD.into()));
    let mut create = Box::pin(create);
    // Until its hash is kept; then nobody waits any more.
    while world.credentials().await.len() < 3 {
        if futures_util::poll!(&mut create).is_ready() {
            break;
        }
        tokio::task::yield_now().await;
    }
    drop(create);
    let clara = Username::parse("clara").unwrap();
    for _ in 0..10_000 {
        if world.handler.account_of(&clara).await.unwrap().is_some() {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("the hash is there, and no account names it");
}

#[tokio::test]
async fn d7_what_no_account_names_is_swept_up_once_it_is_old() {
    let (world, _, anna, _) = World::with_members().await;
    let old = world.old();
    for (id, account) in [(old, anna), (world.old(), AccountId::new(world.old()))] {
        world.auth.vault.put_credential(id.into(), account, "hash".into()).await.unwrap();
    }
    let named = world.credentials().await.len() - 2;
    let kept = |id: Uuid| Token {
        kind: TokenKind::ServiceKey,
        id,
        account: None,
        hash: [7; 32],
        created_at: world.clock.now(),
        last_used_at: world.clock.now(),
        expires_at: None,
    };
    world.auth.vault.put_token(kept(old)).await.unwrap();
    world.auth.tidy().await.unwrap();
    assert_eq!(world.credentials().await.len(), named);
    assert!(world.auth.vault.find_token(&[7; 32]).await.unwrap().is_none());
    assert!(world.sign_in("anna", PASSWORD).await.is_ok());
}

#[tokio::test]
async fn au1_every_session_that_expires_ends_by_an_event() {
    const MANY: usize = 300;
    let (world, _, anna, berta) = World::with_members().await;
    for number in 0..MANY {
        world.opened(if number % 2 == 0 { anna } else { berta }).await;
    }
    world.clock.advance(24 * 60 * 60);
    for _ in 0..2 {
        world.auth.tidy().await.unwrap();
    }
    assert_eq!(ended(&world.events().await), MANY);
}

#[tokio::test]
async fn au1_whoever_hangs_up_leaves_no_session_that_never_ends() {
    let (world, _, anna, _) = World::with_members().await;
    for polls in 0..40 {
        let session = world.opened(anna).await;
        let before = ended(&world.events().await);
        let request = world.auth.own_request();
        let sessions = [session];
        let mut ending =
            Box::pin(world.auth.end_sessions(&request, anna, &sessions, EndReason::SignedOut));
        for _ in 0..polls {
            if futures_util::poll!(&mut ending).is_ready() {
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(ending);
        // What was handed to the vault is done, whoever waits for it.
        world.auth.vault.touch_tokens(&[(session.uuid(), world.clock.now())]).await.unwrap();
        let lives =
            world.auth.sessions.of(anna).await.unwrap().iter().any(|(id, _)| *id == session);
        assert!(lives || ended(&world.events().await) > before, "after {polls} polls");
        world.auth.end_sessions(&request, anna, &sessions, EndReason::SignedOut).await.unwrap();
    }
}

#[tokio::test]
async fn s15_being_let_in_again_before_the_reactor_looks_keeps_no_session() {
    let (world, organisation, anna, berta) = World::with_members().await;
    let (of_anna, of_berta) = (
        world.sign_in("anna", PASSWORD).await.unwrap(),
        world.sign_in("berta", PASSWORD).await.unwrap(),
    );
    world.console(Command::AccountDeactivate { organisation, account: berta, reason: None }).await;
    world.console(Command::AccountReactivate { organisation, account: berta }).await;
    for _ in 0..3 {
        let fail = Command::SignInFail { account: anna, threshold: 3, mails: vec![] };
        world.handler.handle(&world.anonymous(), fail).await.unwrap();
    }
    world.console(Command::AccountUnlock { account: anna }).await;
    world.react().await;
    assert!(!world.works(&of_anna).await && !world.works(&of_berta).await);
    world.clock.advance(1);
    let again = world.sign_in("berta", PASSWORD).await.unwrap();
    world.react().await;
    assert!(world.works(&again).await);
}

#[tokio::test]
async fn s15_whoever_is_barred_in_one_place_goes_on_in_another() {
    let (world, organisation, _, berta) = World::with_members().await;
    let create = Command::OrganisationCreate {
        name: events::value::Text::parse("Werf").unwrap(),
        language: events::value::Language::Nl,
        plan: events::value::Plan::default(),
    };
    let werf = world.console(create).await.into();
    let kind = events::value::MemberKind::Full;
    world.console(Command::MemberAdd { organisation: werf, account: berta, kind }).await;
    let session = world.sign_in("berta", PASSWORD).await.unwrap();
    world.console(Command::AccountDeactivate { organisation, account: berta, reason: None }).await;
    world.react().await;
    assert!(world.works(&session).await);
}

#[tokio::test]
async fn s15_whoever_runs_the_installation_no_more_starts_anew_when_appointed_again() {
    let (world, organisation, _, berta) = World::with_members().await;
    let token = world.first_token().await.unwrap();
    world.setup(&token).await.unwrap();
    world.console(Command::OperatorAppoint { account: berta }).await;
    world.console(Command::AccountDeactivate { organisation, account: berta, reason: None }).await;
    world.clock.advance(1);
    // Barred as a member, she still runs the installation.
    let session = world.sign_in("berta", PASSWORD).await.unwrap();
    world.react().await;
    assert!(world.works(&session).await);
    world.clock.advance(1);
    world.console(Command::OperatorDismiss { account: berta }).await;
    world.console(Command::OperatorAppoint { account: berta }).await;
    world.react().await;
    assert!(!world.works(&session).await);
    world.clock.advance(1);
    assert!(world.sign_in("berta", PASSWORD).await.is_ok());
}
