//! What somebody can do with another person's session, and for how long.

use commands::{Command, Refusal, Request, session::PROOF_COUNTS};
use events::{
    AccountId, OrganisationId, SessionId,
    value::{PolicyRule, Text},
};
use graphql::port::{Denied, Gate, Presence, Second};

use super::{
    second::refusal,
    world::{PASSWORD, World},
};

/// A quarter of an hour, in seconds.
fn counts() -> u64 {
    PROOF_COUNTS.num_seconds().cast_unsigned()
}

impl World {
    pub(super) async fn is_fresh(&self, session: SessionId) -> bool {
        self.handler.fresh_until(session).await.unwrap().is_some()
    }

    async fn is_proven(&self, session: SessionId) -> bool {
        self.handler.proven_until(session).await.unwrap().is_some()
    }

    async fn set_password(&self, request: &Request, account: AccountId) -> Result<(), Denied> {
        let new = Some("Zwaluw 9 vliegt laag".into());
        self.auth.password_set(request, account, new, None).await.map(drop)
    }

    async fn appoint(&self, request: &Request, organisation: OrganisationId, account: AccountId) {
        let command = Command::AdministratorSet { organisation, account, on: true };
        self.handler.handle(request, command).await.unwrap();
    }
}

#[tokio::test]
async fn s13_a_session_found_in_the_afternoon_lets_nobody_into_other_peoples_accounts() {
    let (world, organisation, _, berta) = World::with_members().await;
    let mut admin = world.sign_in("anna", PASSWORD).await.unwrap();
    let request = world.by(&admin);
    world.clock.advance(counts());
    assert!(world.works(&admin).await && !world.is_fresh(admin.session).await);
    let before = world.store.head();
    assert_eq!(refusal(world.set_password(&request, berta).await), Refusal::StepUpRequired);
    let name = Text::parse("Koppeling").unwrap();
    let scopes = [events::value::Scope::AccountsWrite].into();
    let key = Gate::service_key_create(&*world.auth, &request, organisation, name, scopes, None);
    assert_eq!(refusal(key.await), Refusal::StepUpRequired);
    assert_eq!(world.store.head(), before);
    assert!(world.sign_in("berta", PASSWORD).await.is_ok(), "the password is what it was");

    admin.token = world.step_up(&admin, PASSWORD, None).await.unwrap().token;
    assert!(world.works(&admin).await && world.is_fresh(admin.session).await);
    world.set_password(&request, berta).await.unwrap();
    assert!(world.sign_in("berta", PASSWORD).await.is_err());
    world.clock.advance(counts());
    assert_eq!(refusal(world.set_password(&request, berta).await), Refusal::StepUpRequired);
}

#[tokio::test]
async fn s13_whoever_has_just_signed_in_or_set_up_the_installation_administers_unasked() {
    let (world, organisation, anna, berta) = World::with_members().await;
    let token = world.first_token().await.unwrap();
    world.setup(&token).await.unwrap();
    let operator = world.sign_in("operator", PASSWORD).await.unwrap();
    assert!(world.is_fresh(operator.session).await && !world.is_proven(operator.session).await);
    world.appoint(&world.by(&operator), organisation, berta).await;
    let admin = world.sign_in("anna", PASSWORD).await.unwrap();
    world.clock.advance(counts() - 1);
    world.set_password(&world.by(&admin), berta).await.unwrap();
    // But their own way in isn't theirs yet.
    let codes = Second::recovery_codes_make(&*world.auth, &world.by(&admin)).await;
    assert_eq!(refusal(codes), Refusal::StepUpRequired);
    assert_eq!(admin.account, anna);
}

#[tokio::test]
async fn s20_a_session_in_which_an_operator_acts_is_never_fresh() {
    let (world, organisation, anna, berta) = World::with_members().await;
    let token = world.first_token().await.unwrap();
    world.setup(&token).await.unwrap();
    let operator = world.sign_in("operator", PASSWORD).await.unwrap();
    let why = || Text::parse("import").unwrap();
    let acted = Presence::impersonate(&*world.auth, &world.by(&operator), anna, why()).await;
    let acted = acted.unwrap();
    assert!(!world.is_fresh(acted.session).await);
    let request = world.acting(&operator, &acted);
    assert_eq!(refusal(world.set_password(&request, berta).await), Refusal::Impersonating);
    let rules = vec![PolicyRule::Capital(Some(false))];
    let policy = world.handler.handle(&request, Command::PolicySet { organisation, rules }).await;
    assert_eq!(refusal(policy.map_err(Denied::from)), Refusal::Impersonating);
    // Nor is the operator's own session for ever.
    world.clock.advance(counts());
    let again = Presence::impersonate(&*world.auth, &world.by(&operator), anna, why()).await;
    assert_eq!(refusal(again), Refusal::StepUpRequired);
}
