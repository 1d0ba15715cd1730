//! What history tells: every kind of event, in every language, before and after; and to whom.

use std::{collections::BTreeSet, fmt::Write};

use events::{
    AccountId, Actor, CredentialId, Event, OrganisationId, Sealed, ServiceKeyId, SessionId, Stream,
    account::{self, PasswordSetBy},
    installation, membership, organisation, service_key,
    session::{self, EndReason},
    value::{Domain, Language, MemberKind, Plan, ProfileEntry, ProfileField, Scope},
};

use super::support::{World, address, service, text};
use crate::{
    Name, PageRequest, Views, Visible,
    history::{AsOf, Entry, HistoryFilter, Subject, Value},
};

/// Two people, and an organisation in which everything happens that can.
struct Everything {
    anna: AccountId,
    bert: AccountId,
    firm: OrganisationId,
}

async fn everything(world: &World) -> Everything {
    let firm = world.organisation("Bakkerij Zoet").await;
    let anna = world.member(firm, "Anna de Vries").await;
    let bert = world.member(firm, "Bert Jansen").await;
    let (session, key) = (SessionId::new(world.id()), ServiceKeyId::new(world.id()));
    let credential = || CredentialId::new(world.id());
    let by_anna = Actor::Account { account: anna, session };
    let entry = |text_: &str| ProfileEntry::Text(text(text_));
    let profile = |field, value: Option<ProfileEntry>| account::Event::ProfileChanged {
        field,
        value: Sealed::new(bert, value),
    };
    let the_firm = |event: organisation::Event| (Stream::Organisation(firm), Event::from(event));
    let to_bert = |event: account::Event| (Stream::Account(bert), Event::from(event));
    let berts = |event: membership::Event| (Stream::Membership(firm, bert), Event::from(event));
    let the_house = |event: installation::Event| (Stream::Installation, Event::from(event));
    let domain = || Domain::parse("zoet.example").unwrap();
    let plan = Plan { full_seats: Some(25), reader_seats: None };
    {
        use account::Event as A;
        use installation::Event as I;
        use membership::Event as M;
        use organisation::Event as O;
        for (stream, event) in [
            the_house(I::Initialised { operator: anna }),
            the_house(I::OperatorAppointed { account: bert }),
            the_house(I::OperatorDismissed { account: bert }),
            the_house(I::ServiceRegistered { service: service("wiki"), name: text("Wiki") }),
            the_firm(O::Renamed { name: text("Bakkerij Zoet & Zoon") }),
            the_firm(O::LanguageSet { language: Language::De }),
            the_firm(O::PlanSet { plan }),
            the_firm(O::PlanSet { plan: Plan { reader_seats: Some(3), ..plan } }),
            the_firm(O::PlanSet { plan: Plan { reader_seats: Some(5), ..plan } }),
            the_firm(O::DomainRegistered { domain: domain() }),
            the_firm(O::DomainRemoved { domain: domain() }),
            the_firm(O::ServiceDisabled { service: service("documents") }),
            the_firm(O::ServiceEnabled { service: service("wiki") }),
            the_firm(O::MemberKindSet { account: bert, kind: MemberKind::Reader }),
            the_firm(O::AdministratorGranted { account: bert }),
            the_firm(O::AdministratorRevoked { account: bert }),
            the_firm(O::OwnerSet { account: anna }),
            the_firm(O::OwnerSet { account: bert }),
            the_firm(O::MemberDeactivated {
                account: bert,
                reason: Some(Sealed::new(bert, text("op reis"))),
            }),
            the_firm(O::MemberReactivated { account: bert }),
            the_firm(O::MemberDeactivated { account: bert, reason: None }),
            the_firm(O::Deactivated),
            the_firm(O::Reactivated),
            to_bert(profile(ProfileField::DisplayName, Some(entry("Bert de Bakker")))),
            to_bert(profile(ProfileField::Location, Some(entry("Utrecht")))),
            to_bert(profile(ProfileField::Location, Some(entry("Zeist")))),
            to_bert(profile(ProfileField::Location, None)),
            to_bert(A::DefaultOrganisationSet { organisation: firm }),
            to_bert(A::PasswordSet { credential: credential(), by: PasswordSetBy::Setup }),
            to_bert(A::PasswordSet { credential: credential(), by: PasswordSetBy::Owner }),
            to_bert(A::PasswordSet { credential: credential(), by: PasswordSetBy::Administrator }),
            to_bert(A::PasswordSet { credential: credential(), by: PasswordSetBy::Rehash }),
            to_bert(A::SignInFailed),
            to_bert(A::SignInFailuresCleared),
            to_bert(A::Locked),
            to_bert(A::Unlocked),
            berts(M::ServiceAccessGranted { service: service("mail") }),
            berts(M::ServiceAccessRevoked { service: service("mail") }),
            berts(M::ServiceAdministratorGranted { service: service("crm") }),
            berts(M::ServiceAdministratorRevoked { service: service("crm") }),
            berts(M::AliasAdded { address: Sealed::new(bert, address("brood@zoet.example")) }),
            berts(M::AliasRemoved { address: Sealed::new(bert, address("brood@zoet.example")) }),
            berts(M::SendOnBehalfGranted { delegate: anna }),
            berts(M::SendOnBehalfRevoked { delegate: anna }),
            berts(M::MailboxHiddenSet { hidden: true }),
            berts(M::MailboxHiddenSet { hidden: false }),
            berts(M::MailboxSharedSet { shared: true }),
            berts(M::MailboxSharedSet { shared: false }),
            berts(M::AlwaysBccSet {
                address: Some(Sealed::new(bert, address("kopie@zoet.example"))),
            }),
            berts(M::AlwaysBccSet { address: None }),
        ] {
            world.append_by(by_anna, "test", vec![(stream, vec![event])]).await;
        }
    }
    for reason in
        [EndReason::SignedOut, EndReason::Expired, EndReason::PasswordChanged, EndReason::Barred]
    {
        let session = Stream::Session(SessionId::new(world.id()));
        let opened = session::Event::Opened { account: bert }.into();
        world.append_by(Actor::Anonymous, "signIn", vec![(session, vec![opened])]).await;
        let ended = session::Event::Ended { account: bert, reason }.into();
        world.append_by(Actor::System, "sessionEnd", vec![(session, vec![ended])]).await;
    }
    let scopes = [Scope::AccountsRead, Scope::HistoryRead].into();
    let made = service_key::Event::Created {
        organisation: firm,
        name: text("Dashboard"),
        scopes,
        expires_at: None,
    };
    world
        .append_by(by_anna, "serviceKeyCreate", vec![(Stream::ServiceKey(key), vec![made.into()])])
        .await;
    let by_key = Actor::ServiceKey { key };
    let own = Sealed::new(bert, Some(ProfileEntry::Text(text("bakker"))));
    let own = account::Event::ProfileChanged { field: ProfileField::Position, value: own };
    world.append_by(by_key, "profileUpdate", vec![(Stream::Account(bert), vec![own.into()])]).await;
    let revoked = service_key::Event::Revoked { organisation: firm };
    world
        .append_by(
            by_anna,
            "serviceKeyRevoke",
            vec![(Stream::ServiceKey(key), vec![revoked.into()])],
        )
        .await;
    world
        .append_by(
            by_anna,
            "accountDelete",
            vec![
                (
                    Stream::Organisation(firm),
                    vec![organisation::Event::MemberRemoved { account: bert }.into()],
                ),
                (Stream::Membership(firm, bert), vec![membership::Event::Ended.into()]),
                (
                    Stream::Account(bert),
                    vec![
                        account::Event::Left { organisation: firm }.into(),
                        account::Event::Deleted.into(),
                    ],
                ),
            ],
        )
        .await;
    Everything { anna, bert, firm }
}

/// All of a history, oldest first, by pages of seven.
async fn all(
    views: &Views,
    visible: Visible,
    subject: Subject,
    filter: &HistoryFilter,
) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut before = None;
    loop {
        let request = PageRequest::Last { count: 7, before: before.take() };
        let page = views.history().page(visible, subject, filter, &request).await.unwrap();
        before = page.edges.first().map(|edge| edge.cursor.clone());
        // The last of a list that runs newest first are the oldest.
        entries.extend(page.edges.into_iter().rev().map(|edge| edge.node));
        if !page.has_previous {
            return entries;
        }
    }
}

fn tell(entries: &[Entry]) -> String {
    let mut told = String::new();
    for entry in entries {
        writeln!(told, "{} {}", entry.position, entry.kind).unwrap();
        for language in [Language::Nl, Language::De, Language::En] {
            writeln!(told, "  {}", entry.sentence(language)).unwrap();
        }
        for change in &entry.changes {
            let value = |value: &Value| match value {
                Value::Absent => "∅".to_owned(),
                Value::Text(text) => text.clone(),
                Value::Flag(flag) => flag.to_string(),
                Value::Number(number) => number.to_string(),
                Value::Account(id) => name(entry, id.uuid()),
                Value::Organisation(id) => name(entry, id.uuid()),
                Value::Erased => "[erased]".to_owned(),
            };
            writeln!(
                told,
                "    {}: {} → {}",
                change.field,
                value(&change.before),
                value(&change.after)
            )
            .unwrap();
        }
    }
    told
}

fn name(entry: &Entry, id: uuid::Uuid) -> String {
    entry.names.get(&id).map_or_else(|| "nobody".to_owned(), |name| format!("@{name}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_kind_of_event_is_told_in_every_language() {
    let world = World::new().await;
    let views = world.views().await;
    everything(&world).await;
    world.settle(&views).await;
    let entries = all(&views, Visible::Everything, Subject::All, &HistoryFilter::default()).await;
    assert_eq!(entries.len() as u64, world.store.head().0);
    let told: BTreeSet<String> = entries.iter().map(|entry| entry.kind.clone()).collect();
    let golden =
        std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../events/golden")).unwrap();
    let stored: BTreeSet<String> = golden
        .filter_map(|file| {
            file.unwrap()
                .file_name()
                .into_string()
                .unwrap()
                .strip_suffix(".json")
                .map(str::to_owned)
        })
        .filter_map(|name| Some(name.rsplit_once(".v")?.0.to_owned()))
        .collect();
    assert_eq!(told, stored, "a kind of event isn't told of");
    insta::assert_snapshot!("every_kind", tell(&entries));
    views.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_erased_is_told_of_as_erased() {
    let world = World::new().await;
    let views = world.views().await;
    let Everything { bert, firm, .. } = everything(&world).await;
    world.settle(&views).await;
    world.vault.destroy_key(bert).await.unwrap();
    // History opens what it reads; only the directory holds open names, and is rebuilt.
    let mut progress = views.rebuild(Name::Directory).unwrap();
    progress.wait_for(|progress| progress.outcome.is_some()).await.unwrap();
    let entries =
        all(&views, Visible::Everything, Subject::Account(bert), &HistoryFilter::default()).await;
    let told = tell(&entries);
    for secret in
        ["Bert", "Jansen", "bert.jansen", "Zeist", "Utrecht", "brood@", "kopie@", "op reis"]
    {
        assert!(!told.contains(secret), "{secret} is still told:\n{told}");
    }
    insta::assert_snapshot!("erased", told);
    let account =
        views.directory().account(Visible::Organisation(firm), bert).await.unwrap().unwrap();
    assert_eq!((account.username.as_ref(), account.display_name()), (None, None));
    views.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn history_is_filtered_by_kind_actor_and_moment() {
    let world = World::new().await;
    let views = world.views().await;
    let Everything { anna, bert, firm } = everything(&world).await;
    world.settle(&views).await;
    let whole = all(&views, Visible::Everything, Subject::All, &HistoryFilter::default()).await;
    let (from, until) = (whole[10].at, whole[30].at);
    let kinds = vec!["account.locked".to_owned(), "session.opened".to_owned()];
    let by_anna = Actor::Account { account: anna, session: SessionId::new(world.id()) };
    for (filter, fits) in [
        (
            HistoryFilter { kinds: kinds.clone(), ..HistoryFilter::default() },
            &(|entry: &Entry| kinds.contains(&entry.kind)) as &dyn Fn(&Entry) -> bool,
        ),
        (
            HistoryFilter { actor: Some(by_anna), ..HistoryFilter::default() },
            &|entry: &Entry| matches!(entry.actor, Actor::Account { account, .. } if account == anna),
        ),
        (
            HistoryFilter { from: Some(from), until: Some(until), ..HistoryFilter::default() },
            &|entry: &Entry| entry.at >= from && entry.at < until,
        ),
    ] {
        for subject in [Subject::All, Subject::Account(bert), Subject::Organisation(firm)] {
            let concerned =
                all(&views, Visible::Everything, subject, &HistoryFilter::default()).await;
            let wanted: Vec<_> = concerned.into_iter().filter(fits).collect();
            let found = all(&views, Visible::Everything, subject, &filter).await;
            assert_eq!(tell(&found), tell(&wanted), "{filter:?}");
            let count = views.history().count(Visible::Everything, subject, &filter).await.unwrap();
            assert_eq!(count, wanted.len() as u64);
        }
    }
    views.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_another_organisation_is_told() {
    let world = World::new().await;
    let views = world.views().await;
    let (one, other) = (world.organisation("Eén").await, world.organisation("Ander").await);
    let anna = world.member(one, "Anna").await;
    let joined = organisation::Event::MemberJoined { account: anna, kind: MemberKind::Full };
    world.append(vec![(Stream::Organisation(other), vec![joined.into()])]).await;
    let bert = world.member(other, "Bert").await;
    world
        .in_membership(
            other,
            anna,
            membership::Event::ServiceAccessGranted { service: service("mail") },
        )
        .await;
    world.append(vec![(Stream::Account(anna), vec![account::Event::Locked.into()])]).await;
    world.settle(&views).await;
    let (history, directory) = (views.history(), views.directory());
    let seen = Visible::Organisation(one);
    for subject in [
        Subject::All,
        Subject::Account(anna),
        Subject::Account(bert),
        Subject::Organisation(one),
        Subject::Organisation(other),
    ] {
        let entries = all(&views, seen, subject, &HistoryFilter::default()).await;
        assert!(
            entries.iter().all(|entry| entry.organisation.is_none_or(|it| it == one)),
            "{subject:?}"
        );
        match subject {
            Subject::Account(id) if id == anna => {
                assert!(entries.iter().any(|entry| entry.kind == "account.locked"));
            }
            Subject::Account(_) => assert!(entries.is_empty()),
            Subject::Organisation(id) if id == other => assert!(entries.is_empty()),
            _ => assert!(!entries.is_empty()),
        }
    }
    let then = AsOf::Position(world.store.head());
    assert_eq!(history.account_as_of(seen, bert, then).await.unwrap(), None);
    for account in [
        history.account_as_of(seen, anna, then).await.unwrap().unwrap(),
        directory.account(seen, anna).await.unwrap().unwrap(),
    ] {
        assert_eq!(account.memberships.len(), 1);
        assert_eq!(account.memberships[0].organisation, one);
    }
    assert_eq!(directory.account(seen, bert).await.unwrap(), None);
    assert_eq!(directory.organisation(seen, other).await.unwrap(), None);
    assert_eq!(directory.account(Visible::Account(bert), anna).await.unwrap(), None);
    assert_eq!(directory.organisation(Visible::Account(bert), one).await.unwrap(), None);
    assert!(directory.organisation(Visible::Account(bert), other).await.unwrap().is_some());
    views.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_is_shown_as_it_was() {
    let world = World::new().await;
    let views = world.views().await;
    let Everything { bert, firm, .. } = everything(&world).await;
    world.settle(&views).await;
    let history = views.history();
    let visible = Visible::Organisation(firm);
    let entries =
        all(&views, Visible::Everything, Subject::Account(bert), &HistoryFilter::default()).await;
    let of = |kind: &str| entries.iter().find(|entry| entry.kind == kind).unwrap();
    let renamed = of("account.profile_changed");
    for (as_of, name) in [
        (AsOf::Position(events::Position(renamed.position.0 - 1)), "Bert Jansen"),
        (AsOf::Position(renamed.position), "Bert de Bakker"),
        (AsOf::Moment(renamed.at), "Bert de Bakker"),
        (AsOf::Moment(renamed.at - chrono::TimeDelta::microseconds(1)), "Bert Jansen"),
    ] {
        let account = history.account_as_of(visible, bert, as_of).await.unwrap().unwrap();
        assert_eq!(account.display_name(), Some(name), "{as_of:?}");
    }
    let before_all = AsOf::Moment(entries[0].at - chrono::TimeDelta::hours(1));
    assert_eq!(history.account_as_of(visible, bert, before_all).await.unwrap(), None);
    let (start, locked) = (of("account.created"), of("account.locked"));
    let changes = history
        .account_difference(
            visible,
            bert,
            AsOf::Position(start.position),
            AsOf::Position(locked.position),
        )
        .await
        .unwrap();
    insta::assert_debug_snapshot!(
        "difference",
        changes
            .iter()
            .map(|change| {
                // Ids are the same in every run, but say nothing.
                let field = change.field.replace(&firm.to_string(), "FIRM");
                (field, change.before.clone(), change.after.clone())
            })
            .collect::<Vec<_>>()
    );
    // Now and then are one fold.
    let now =
        history.account_as_of(visible, bert, AsOf::Position(world.store.head())).await.unwrap();
    assert!(now.is_some());
    assert_eq!(views.directory().account(visible, bert).await.unwrap(), now);
    views.close().await;
}
