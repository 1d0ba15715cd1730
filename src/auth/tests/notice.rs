//! What is mailed to those who are signed in goes to them, to nobody else, and to each once.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use commands::{Failure, IdempotencyKey, Refusal, Request};
use events::{
    AccountId, OrganisationId,
    value::{MailKind, ProfileField, Prose, Text},
};
use graphql::port::{Denied, Gate, Notice, Noticed, Presence};

use super::world::{PASSWORD, World};

fn notice(organisation: Option<OrganisationId>) -> Notice {
    Notice {
        organisation,
        subject: Text::parse("Onderhoud vanavond").unwrap(),
        text: Prose::parse("Om 19:00 ligt alles stil.\n\nTot morgen!").unwrap(),
        after: None,
        confirmed: true,
    }
}

fn is_forbidden(outcome: &Result<Noticed, Denied>) -> bool {
    matches!(outcome, Err(Denied::Failed(Failure::Refused(Refusal::Forbidden))))
}

impl World {
    /// To which addresses notices went.
    async fn noticed(&self) -> Vec<String> {
        let letters = self.letters().await.into_iter();
        letters.filter(|letter| letter.kind == MailKind::Notice).map(|letter| letter.to).collect()
    }

    async fn notice(&self, request: &Request, notice: Notice) -> Result<Noticed, Denied> {
        Presence::notice_send(&*self.auth, request, notice).await
    }
}

#[tokio::test]
async fn a_notice_goes_to_members_who_are_signed_in_and_have_an_address() {
    let (world, organisation, anna, berta) = World::with_members().await;
    let clara = world.member(organisation, "clara").await;
    world.address(anna, ProfileField::Email, "anna@bakker.example").await;
    world.address(clara, ProfileField::Email, "clara@bakker.example").await;
    let admin = world.sign_in("anna", PASSWORD).await.unwrap();
    let member = world.sign_in("berta", PASSWORD).await.unwrap();
    // Of another organisation, and signed in.
    let create = commands::Command::OrganisationCreate {
        name: Text::parse("Elders").unwrap(),
        language: events::value::Language::De,
        plan: events::value::Plan::default(),
    };
    let other: OrganisationId = world.console(create).await.into();
    let dirk = world.member(other, "dirk").await;
    world.address(dirk, ProfileField::Email, "dirk@elders.example").await;
    world.sign_in("dirk", PASSWORD).await.unwrap();

    let by_anna = world.by(&admin);
    let unconfirmed = Notice { confirmed: false, ..notice(Some(organisation)) };
    let counted = world.notice(&by_anna, unconfirmed).await.unwrap();
    let nothing = Noticed { position: None, sent: 1, skipped: 1, remaining: 0, last: None };
    assert_eq!(counted, nothing);
    assert_eq!(world.noticed().await, [""; 0]);

    for (request, organisation) in [
        (world.by(&member), Some(organisation)),
        (by_anna.clone(), Some(other)),
        (by_anna.clone(), None),
    ] {
        assert!(is_forbidden(&world.notice(&request, notice(organisation)).await));
    }
    assert_eq!(world.noticed().await, [""; 0]);

    let sent = world.notice(&by_anna, notice(Some(organisation))).await.unwrap();
    assert_eq!((sent.sent, sent.skipped, sent.remaining, sent.last), (1, 1, 0, None));
    assert_eq!(sent.position, Some(world.store.head()));
    assert_eq!(world.noticed().await, ["anna@bakker.example"]);
    let letter = world.letters().await.pop().unwrap();
    assert_eq!(letter.field("subject"), "Onderhoud vanavond");
    assert_eq!(letter.field("text"), "Om 19:00 ligt alles stil.\n\nTot morgen!");
    // Whoever is only acted for isn't there.
    world.address(berta, ProfileField::Email, "berta@bakker.example").await;
    let all = world.notice(&world.as_console(), notice(None)).await.unwrap();
    assert_eq!((all.sent, all.skipped), (3, 0), "anna, berta and dirk");
}

#[tokio::test]
async fn a_batch_goes_on_where_the_one_before_ended_and_a_repeated_one_sends_nothing_twice() {
    let (world, organisation, _, _) = World::with_members().await;
    for number in 0..53 {
        let new = super::world::new(organisation, &format!("lid.{number}"));
        let made = Gate::account_create(&*world.auth, &world.as_console(), new, None).await;
        let account: AccountId = made.unwrap().subject.unwrap().into();
        let address = format!("lid.{number}@bakker.example");
        world.address(account, ProfileField::Email, &address).await;
        let session = world.auth.ids.next().into();
        world.auth.sessions.open(session, account, TimeDelta::hours(1)).await.unwrap();
    }
    let key = IdempotencyKey::parse("onderhoud-1").unwrap();
    let request = Request { idempotency_key: Some(key), ..world.as_console() };
    let first = world.notice(&request, notice(Some(organisation))).await.unwrap();
    assert_eq!((first.sent, first.skipped, first.remaining), (50, 0, 3));
    let again = world.notice(&request, notice(Some(organisation))).await.unwrap();
    assert_eq!((again.sent, again.last), (50, first.last));
    assert_eq!(world.noticed().await.len(), 50);
    // The same key with other words is another wish.
    let text = Prose::parse("Toch niet.").unwrap();
    let other = Notice { text, ..notice(Some(organisation)) };
    let reused = world.notice(&request, other).await;
    assert!(matches!(reused, Err(Denied::Failed(Failure::Refused(_)))), "{reused:?}");
    let next = Notice { after: first.last, ..notice(Some(organisation)) };
    let last = world.notice(&request, next).await.unwrap();
    assert_eq!((last.sent, last.remaining, last.last), (3, 0, None));
    let to: BTreeSet<_> = world.noticed().await.into_iter().collect();
    assert_eq!((to.len(), world.noticed().await.len()), (53, 53));
}
