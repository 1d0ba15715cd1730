//! To whom history tells what.

use events::{
    AccountId, Actor, Event, OrganisationId, Position, Sealed, ServiceKeyId, SessionId, Stream,
    account, membership, organisation, service_key,
    session::{self, EndReason},
    value::{Language, MemberKind, ProfileEntry, ProfileField, Scope},
};

use super::{
    support::{World, service, text},
    telling::all,
};
use crate::{
    Views, Visible,
    history::{AsOf, Entry, HistoryFilter, Subject, Value},
};

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

/// Anna works for one organisation, and may come to work for another one too.
struct Career {
    world: World,
    views: Views,
    one: OrganisationId,
    other: OrganisationId,
    anna: AccountId,
}

impl Career {
    async fn new() -> Self {
        let world = World::new().await;
        let views = world.views().await;
        let (one, other) = (world.organisation("Eén").await, world.organisation("Ander").await);
        let anna = world.member(one, "Anna").await;
        Self { world, views, one, other, anna }
    }

    async fn to_anna(&self, actor: Actor, event: account::Event) -> Position {
        let writes = vec![(Stream::Account(self.anna), vec![event.into()])];
        self.world.append_by(actor, "test", writes).await
    }

    async fn joins(&self, organisation: OrganisationId) {
        let joined =
            organisation::Event::MemberJoined { account: self.anna, kind: MemberKind::Full };
        let known = account::Event::Joined { organisation };
        self.world
            .append(vec![
                (Stream::Organisation(organisation), vec![joined.into()]),
                (Stream::Account(self.anna), vec![known.into()]),
            ])
            .await;
    }

    /// Anna leaves organisations, in one request with what else happens to her account.
    async fn leaves(&self, organisations: &[OrganisationId], and: Option<account::Event>) {
        let removed = organisation::Event::MemberRemoved { account: self.anna };
        let mut writes: Vec<(Stream, Vec<Event>)> = organisations
            .iter()
            .map(|each| (Stream::Organisation(*each), vec![removed.clone().into()]))
            .collect();
        let left = organisations
            .iter()
            .map(|organisation| account::Event::Left { organisation: *organisation });
        writes.push((Stream::Account(self.anna), left.chain(and).map(Event::from).collect()));
        self.world.append(writes).await;
    }

    async fn seen(&self, visible: Visible, subject: Subject) -> Vec<Entry> {
        self.world.settle(&self.views).await;
        all(&self.views, visible, subject, &HistoryFilter::default()).await
    }

    /// The kinds of what an organisation sees of Anna's account as such: in her history, and in its own.
    async fn told(&self, organisation: OrganisationId) -> Vec<String> {
        let visible = Visible::Organisation(organisation);
        let of_account = |entries: Vec<Entry>| -> Vec<String> {
            let of_account = |entry: &Entry| entry.organisation.is_none();
            entries.into_iter().filter(of_account).map(|entry| entry.kind).collect()
        };
        let told = of_account(self.seen(visible, Subject::Account(self.anna)).await);
        let whole = Subject::Organisation(organisation);
        assert_eq!(of_account(self.seen(visible, whole).await), told);
        assert_eq!(of_account(self.seen(Visible::Everything, whole).await), told);
        told
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn au2_an_organisation_sees_what_happened_to_its_members_while_they_were_members() {
    let career = Career::new().await;
    let Career { world, one, other, anna, .. } = &career;
    career.to_anna(Actor::Console, account::Event::SignInFailed).await;
    career.joins(*other).await;
    career.to_anna(Actor::Console, account::Event::Locked).await;
    let session = Stream::Session(SessionId::new(world.id()));
    let opened = session::Event::Opened { account: *anna, until: None };
    world.append_by(Actor::Anonymous, "signIn", vec![(session, vec![opened.into()])]).await;
    career.leaves(&[*one], None).await;
    career.to_anna(Actor::Console, account::Event::Unlocked).await;
    assert_eq!(
        career.told(*one).await,
        ["account.created", "account.sign_in_failed", "account.locked", "session.opened"]
    );
    assert_eq!(career.told(*other).await, ["account.locked", "session.opened", "account.unlocked"]);

    // Back again, and then deleted; the last session ends after that.
    career.joins(*one).await;
    career.to_anna(Actor::Console, account::Event::Locked).await;
    career.leaves(&[*one, *other], Some(account::Event::Deleted)).await;
    let ended = session::Event::Ended { account: *anna, reason: EndReason::Barred };
    world.append_by(Actor::System, "sessionEnd", vec![(session, vec![ended.into()])]).await;
    let end = ["account.locked", "account.deleted", "session.ended"].map(str::to_owned);
    for organisation in [*one, *other] {
        assert!(career.told(organisation).await.ends_with(&end));
    }
    career.views.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn au2_an_organisation_that_was_left_hears_no_more_of_the_account() {
    let career = Career::new().await;
    career.joins(career.other).await;
    career.leaves(&[career.one], None).await;
    career.leaves(&[career.other], Some(account::Event::Deleted)).await;
    assert_eq!(career.told(career.one).await, ["account.created"]);
    assert_eq!(career.told(career.other).await, ["account.deleted"]);
    career.views.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s18_whoever_acts_from_another_organisation_has_no_name() {
    let career = Career::new().await;
    let Career { world, views, one, other, anna } = &career;
    career.joins(*other).await;
    let bert = world.member(*other, "Bert Elders").await;
    let key = ServiceKeyId::new(world.id());
    let made = service_key::Event::Created {
        organisation: *other,
        name: text("Sleutel elders"),
        scopes: [Scope::AccountsWrite].into(),
        expires_at: None,
    };
    world.append(vec![(Stream::ServiceKey(key), vec![made.into()])]).await;
    let by_bert = Actor::Account { account: bert, session: SessionId::new(world.id()) };
    let by_key = Actor::ServiceKey { key };
    let location = |place| account::Event::ProfileChanged {
        field: ProfileField::Location,
        value: Sealed::new(*anna, Some(ProfileEntry::Text(text(place)))),
    };
    let first = career.to_anna(by_bert, location("Gouda")).await;
    let second = career.to_anna(by_key, location("Delft")).await;
    for organisation in [*other, *one] {
        let chosen = account::Event::DefaultOrganisationSet { organisation };
        career.to_anna(Actor::Console, chosen).await;
    }
    let entries = career.seen(Visible::Organisation(*one), Subject::All).await;
    let at = |position| entries.iter().find(|entry| entry.position == position).unwrap();
    assert_eq!(
        at(first).sentence(Language::En),
        "Somebody outside the organisation set Anna's location to “Gouda”."
    );
    assert_eq!(
        at(second).sentence(Language::En),
        "Somebody outside the organisation changed Anna's location from “Gouda” to “Delft”."
    );
    assert_eq!(at(first).origin, None);
    let chosen = entries.last().unwrap();
    assert_eq!(chosen.kind, "account.default_organisation_set");
    assert_eq!(chosen.changes[0].before, Value::Absent);
    for entry in &entries {
        for language in [Language::Nl, Language::De, Language::En] {
            let sentence = entry.sentence(language);
            assert!(["lders", "Ander"].iter().all(|name| !sentence.contains(name)), "{sentence}");
        }
    }
    // Asking for them by id tells as little as asking for somebody who isn't anywhere.
    for actor in [by_bert, by_key] {
        let filter = HistoryFilter { actor: Some(actor), ..HistoryFilter::default() };
        for subject in [Subject::All, Subject::Account(*anna)] {
            let visible = Visible::Organisation(*one);
            assert_eq!(all(views, visible, subject, &filter).await, []);
            assert_eq!(views.history().count(visible, subject, &filter).await.unwrap(), 0);
            let there = all(views, Visible::Organisation(*other), subject, &filter).await;
            assert_eq!(there.len(), 1);
            assert!(there[0].sentence(Language::En).contains("lders"));
        }
    }
    // An operator acts everywhere, and under their name.
    let appointed = events::installation::Event::OperatorAppointed { account: bert };
    world.append(vec![(Stream::Installation, vec![appointed.into()])]).await;
    let entries = career.seen(Visible::Organisation(*one), Subject::All).await;
    let bert_did = entries.iter().find(|entry| entry.position == first).unwrap();
    assert_eq!(bert_did.sentence(Language::En), "Bert Elders set Anna's location to “Gouda”.");
    views.close().await;
}
