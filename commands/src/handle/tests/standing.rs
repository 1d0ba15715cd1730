//! Who may do what, from the write side's own state.

use events::{
    AccountId, Actor, CredentialId, OrganisationId, ServiceKeyId,
    account::PasswordSetBy,
    id::Ids,
    value::{MemberKind, ProfileEntry, ProfileField, Scope, ServiceKind},
};

use crate::{
    Command, Failure, Refusal, Request,
    testing::{Bench, create, email, text},
};

async fn refused(bench: &Bench, request: &Request, command: Command) -> Refusal {
    match bench.handler.handle(request, command.clone()).await {
        Err(Failure::Refused(refusal)) => refusal,
        other => panic!("{command:?}: {other:?}"),
    }
}

async fn allowed(bench: &Bench, request: &Request, command: Command) {
    bench
        .handler
        .handle(request, command.clone())
        .await
        .unwrap_or_else(|why| panic!("{command:?}: {why}"));
}

fn first_name(account: AccountId) -> Command {
    let value = Some(ProfileEntry::Text(text("Cor")));
    Command::ProfileUpdate {
        account,
        changes: vec![(ProfileField::FirstName, value)],
        mails: vec![],
    }
}

fn password(bench: &Bench, account: AccountId) -> Command {
    let credential = CredentialId::new(bench.ids.next());
    Command::PasswordSet { account, credential, by: PasswordSetBy::Administrator, mails: vec![] }
}

fn switch(organisation: OrganisationId, account: AccountId, service: &str) -> Command {
    let service = ServiceKind::parse(service).unwrap();
    Command::ServiceAccessSet { organisation, account, service, on: true }
}

#[tokio::test]
async fn an_administrator_manages_only_their_own_organisation() {
    let bench = Bench::in_memory().await;
    let (haven, werf) = (bench.organisation("Haven").await, bench.organisation("Werf").await);
    let anna = bench.administrator(haven, "anna").await;
    let (ben, cor) = (bench.account(haven, "ben").await, bench.account(werf, "cor").await);
    let at_home = bench.by(anna, haven);
    allowed(&bench, &at_home, first_name(ben)).await;
    allowed(&bench, &at_home, create(haven, "dirk", MemberKind::Full)).await;
    for request in [&at_home, &bench.by(anna, werf), &bench.by(anna, None)] {
        assert_eq!(refused(&bench, request, first_name(cor)).await, Refusal::Forbidden);
        let intruder = create(werf, "erik", MemberKind::Full);
        assert_eq!(refused(&bench, request, intruder).await, Refusal::Forbidden);
    }
    let unknown = OrganisationId::new(bench.ids.next());
    let rename = Command::OrganisationRename { organisation: unknown, name: text("Niets") };
    assert_eq!(refused(&bench, &at_home, rename).await, Refusal::Forbidden);
}

#[tokio::test]
async fn a_member_changes_only_their_own_profile_and_password() {
    let bench = Bench::in_memory().await;
    let haven = bench.organisation("Haven").await;
    let (anna, ben) = (bench.account(haven, "anna").await, bench.account(haven, "ben").await);
    let own = bench.by(anna, haven);
    allowed(&bench, &own, first_name(anna)).await;
    allowed(&bench, &own, password(&bench, anna)).await;
    assert_eq!(refused(&bench, &own, first_name(ben)).await, Refusal::Forbidden);
    assert_eq!(refused(&bench, &own, password(&bench, ben)).await, Refusal::Forbidden);
    assert_eq!(refused(&bench, &own, switch(haven, anna, "mail")).await, Refusal::Forbidden);
}

#[tokio::test]
async fn a_deactivated_administrator_has_no_standing_left() {
    let bench = Bench::in_memory().await;
    let haven = bench.organisation("Haven").await;
    let anna = bench.administrator(haven, "anna").await;
    bench.administrator(haven, "ben").await;
    bench
        .must(Command::AccountDeactivate { organisation: haven, account: anna, reason: None })
        .await;
    let rename = || Command::OrganisationRename { organisation: haven, name: text("Werf") };
    assert_eq!(refused(&bench, &bench.by(anna, haven), rename()).await, Refusal::Forbidden);
    bench.must(Command::AccountReactivate { organisation: haven, account: anna }).await;
    allowed(&bench, &bench.by(anna, haven), rename()).await;
}

#[tokio::test]
async fn in_a_deactivated_organisation_only_operators_have_a_standing() {
    let bench = Bench::in_memory().await;
    let haven = bench.organisation("Haven").await;
    let anna = bench.administrator(haven, "anna").await;
    bench.must(Command::OrganisationDeactivate { organisation: haven }).await;
    let rename = Command::OrganisationRename { organisation: haven, name: text("Werf") };
    assert_eq!(refused(&bench, &bench.by(anna, haven), rename).await, Refusal::Forbidden);
}

#[tokio::test]
async fn a_locked_account_counts_as_not_signed_in() {
    let bench = Bench::in_memory().await;
    let haven = bench.organisation("Haven").await;
    let anna = bench.administrator(haven, "anna").await;
    bench.must(password(&bench, anna)).await;
    let anonymous = Request { actor: Actor::Anonymous, ..bench.console() };
    for _ in 0..3 {
        allowed(
            &bench,
            &anonymous,
            Command::SignInFail { account: anna, threshold: 3, mails: vec![] },
        )
        .await;
    }
    assert!(bench.handler.account_state(anna).await.unwrap().unwrap().locked);
    let rename = Command::OrganisationRename { organisation: haven, name: text("Werf") };
    assert_eq!(refused(&bench, &bench.by(anna, haven), rename).await, Refusal::NotSignedIn);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parallel_wrong_passwords_lock_once_and_the_log_does_not_grow_with_the_flood() {
    let bench = std::sync::Arc::new(Bench::in_memory().await);
    let haven = bench.organisation("Haven").await;
    let anna = bench.account(haven, "anna").await;
    bench.must(password(&bench, anna)).await;
    let before = bench.store.head();
    let tries: Vec<_> = (0..200)
        .map(|_| {
            let bench = std::sync::Arc::clone(&bench);
            tokio::spawn(async move {
                let anonymous = Request { actor: Actor::Anonymous, ..bench.console() };
                allowed(
                    &bench,
                    &anonymous,
                    Command::SignInFail { account: anna, threshold: 3, mails: vec![] },
                )
                .await;
            })
        })
        .collect();
    for one in tries {
        one.await.unwrap();
    }
    assert_eq!(bench.store.head().0 - before.0, 4, "three failures and one lock");
}

#[tokio::test]
async fn an_administrator_does_not_reach_into_accounts_that_belong_elsewhere() {
    let bench = Bench::in_memory().await;
    let (haven, werf) = (bench.organisation("Haven").await, bench.organisation("Werf").await);
    let anna = bench.administrator(haven, "anna").await;
    let (ben, cor, dirk) = (
        bench.account(haven, "ben").await,
        bench.account(haven, "cor").await,
        bench.account(haven, "dirk").await,
    );
    bench
        .must(Command::MemberAdd { organisation: werf, account: ben, kind: MemberKind::Full })
        .await;
    let setup = Command::OperatorSetup {
        username: crate::testing::username("operator"),
        profile: crate::testing::profile("Operator", None),
        credential: CredentialId::new(bench.ids.next()),
    };
    bench.must(setup).await;
    bench.must(Command::OperatorAppoint { account: cor }).await;
    bench.must(Command::OwnerSet { organisation: haven, account: dirk }).await;
    let request = bench.fresh(anna, haven).await;
    let change_email = |account| {
        let value = Some(ProfileEntry::Email(email("mijn@haven.example")));
        Command::ProfileUpdate {
            account,
            changes: vec![(ProfileField::Email, value)],
            mails: vec![],
        }
    };
    for (account, refusal) in [
        (ben, Refusal::BelongsElsewhere),
        (cor, Refusal::BelongsElsewhere),
        (dirk, Refusal::OwnerStays),
    ] {
        assert_eq!(refused(&bench, &request, password(&bench, account)).await, refusal);
        assert_eq!(refused(&bench, &request, change_email(account)).await, refusal);
        allowed(&bench, &request, first_name(account)).await;
    }
    allowed(&bench, &bench.fresh(cor, None).await, password(&bench, ben)).await;
}

#[tokio::test]
async fn operators_run_everything_and_can_not_be_deleted() {
    let bench = Bench::in_memory().await;
    let haven = bench.organisation("Haven").await;
    let setup = || Command::OperatorSetup {
        username: crate::testing::username("operator"),
        profile: crate::testing::profile("Operator", None),
        credential: CredentialId::new(bench.ids.next()),
    };
    let operator = AccountId::new(bench.must(setup()).await);
    assert_eq!(refused(&bench, &bench.console(), setup()).await, Refusal::AlreadySetUp);
    let request = bench.by(operator, None);
    allowed(&bench, &request, create(haven, "anna", MemberKind::Full)).await;
    bench
        .must(Command::MemberAdd { organisation: haven, account: operator, kind: MemberKind::Full })
        .await;
    let delete = Command::AccountDelete { organisation: haven, account: operator };
    assert_eq!(refused(&bench, &bench.console(), delete).await, Refusal::FirstOperator);
}

#[tokio::test]
async fn s20_whoever_impersonates_changes_no_credentials() {
    let bench = Bench::in_memory().await;
    let haven = bench.organisation("Haven").await;
    let (anna, ben) = (bench.administrator(haven, "anna").await, bench.account(haven, "ben").await);
    let request = Request { on_behalf_of: Some(ben), ..bench.by(anna, haven) };
    allowed(&bench, &request, first_name(ben)).await;
    assert_eq!(refused(&bench, &request, password(&bench, ben)).await, Refusal::Impersonating);
    let value = Some(ProfileEntry::Email(email("mijn@haven.example")));
    let email = Command::ProfileUpdate {
        account: ben,
        changes: vec![(ProfileField::Email, value)],
        mails: vec![],
    };
    assert_eq!(refused(&bench, &request, email).await, Refusal::Impersonating);
    // Whoever acts for somebody has that person's standing, not their own.
    let rename = Command::OrganisationRename { organisation: haven, name: text("Werf") };
    assert_eq!(refused(&bench, &request, rename).await, Refusal::Forbidden);
}

#[tokio::test]
async fn a_service_key_does_what_its_scopes_say_and_nothing_elsewhere() {
    let bench = Bench::in_memory().await;
    let (haven, werf) = (bench.organisation("Haven").await, bench.organisation("Werf").await);
    let anna = bench.administrator(haven, "anna").await;
    let ben = bench.account(haven, "ben").await;
    let key = ServiceKeyId::new(bench.ids.next());
    let scopes = [Scope::AccountsWrite].into();
    bench
        .must(Command::ServiceKeyCreate {
            key,
            organisation: haven,
            name: text("Koppeling"),
            scopes,
            expires_at: None,
        })
        .await;
    let request =
        Request { actor: Actor::ServiceKey { key }, organisation: Some(haven), ..bench.console() };
    allowed(&bench, &request, create(haven, "cor", MemberKind::Full)).await;
    allowed(&bench, &request, switch(haven, ben, "mail")).await;
    allowed(&bench, &request, first_name(ben)).await;
    for command in [
        create(werf, "cor", MemberKind::Full),
        Command::AdministratorSet { organisation: haven, account: ben, on: true },
        Command::AccountDelete { organisation: haven, account: anna },
        first_name(anna),
        password(&bench, ben),
    ] {
        assert_eq!(refused(&bench, &request, command).await, Refusal::Forbidden);
    }
    // Where somebody is reached it may say until there is a password, which a reset would send there.
    let change_email = || {
        let value = Some(ProfileEntry::Email(email("elders@haven.example")));
        Command::ProfileUpdate {
            account: ben,
            changes: vec![(ProfileField::Email, value)],
            mails: vec![],
        }
    };
    allowed(&bench, &request, change_email()).await;
    bench.must(password(&bench, ben)).await;
    assert_eq!(refused(&bench, &request, change_email()).await, Refusal::Forbidden);
    bench.must(Command::ServiceKeyRevoke { organisation: haven, key }).await;
    assert_eq!(refused(&bench, &request, first_name(ben)).await, Refusal::NotSignedIn);
}

#[tokio::test]
async fn a_service_administrator_manages_that_service_only() {
    let bench = Bench::in_memory().await;
    let haven = bench.organisation("Haven").await;
    let (anna, ben) = (bench.account(haven, "anna").await, bench.account(haven, "ben").await);
    let service = ServiceKind::parse("mail").unwrap();
    bench
        .must(Command::ServiceAdministratorSet {
            organisation: haven,
            account: anna,
            service,
            on: true,
        })
        .await;
    let request = bench.by(anna, haven);
    allowed(&bench, &request, switch(haven, ben, "mail")).await;
    allowed(
        &bench,
        &request,
        Command::MailboxHiddenSet { organisation: haven, account: ben, hidden: true },
    )
    .await;
    assert_eq!(
        refused(&bench, &request, switch(haven, ben, "documents")).await,
        Refusal::Forbidden
    );
}

#[tokio::test]
async fn services_and_mailboxes_follow_the_organisation() {
    let bench = Bench::in_memory().await;
    let haven = bench.organisation("Haven").await;
    let (anna, console) = (bench.account(haven, "anna").await, bench.console());
    let ben = AccountId::new(bench.must(create(haven, "ben", MemberKind::Reader)).await);
    assert_eq!(
        refused(&bench, &console, switch(haven, ben, "crm")).await,
        Refusal::ServiceNotForReaders
    );
    assert_eq!(
        refused(&bench, &console, switch(haven, anna, "wiki")).await,
        Refusal::ServiceDisabled
    );
    let stranger = AccountId::new(bench.ids.next());
    assert_eq!(
        refused(&bench, &console, switch(haven, stranger, "mail")).await,
        Refusal::MemberNotFound
    );
    let alias = |account, address| Command::AliasAdd {
        organisation: haven,
        account,
        address: email(address),
    };
    let nowhere = Refusal::DomainNotRegistered { domain: "haven.example".to_owned() };
    assert_eq!(refused(&bench, &console, alias(anna, "info@haven.example")).await, nowhere);
    let domain = events::value::Domain::parse("haven.example").unwrap();
    bench.must(Command::DomainRegister { organisation: haven, domain }).await;
    bench.must(alias(anna, "info@haven.example")).await;
    let taken = refused(&bench, &console, alias(ben, "INFO@haven.example")).await;
    assert_eq!(taken, Refusal::AliasTaken);
    // SV5: also against primary addresses, both ways round.
    let primary = |address| {
        let value = Some(ProfileEntry::Email(email(address)));
        Command::ProfileUpdate {
            account: ben,
            changes: vec![(ProfileField::Email, value)],
            mails: vec![],
        }
    };
    assert_eq!(
        refused(&bench, &console, primary("info@haven.example")).await,
        Refusal::AddressTaken
    );
    bench.must(primary("ben@haven.example")).await;
    assert_eq!(
        refused(&bench, &console, alias(anna, "ben@haven.example")).await,
        Refusal::AliasTaken
    );
    bench.must(Command::AccountDelete { organisation: haven, account: ben }).await;
    bench.must(alias(anna, "ben@haven.example")).await;
    bench.must(Command::AccountDelete { organisation: haven, account: anna }).await;
    let cor = bench.account(haven, "cor").await;
    bench.must(alias(cor, "info@haven.example")).await;
}
