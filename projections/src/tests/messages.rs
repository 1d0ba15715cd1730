//! What those who are signed in are told.

use events::{Event, MessageId, OrganisationId, Position, Stream, installation, organisation};

use super::support::{World, text};
use crate::Views;

/// What those are told after a position who work in an organisation.
async fn told(views: &Views, organisation: Option<OrganisationId>, after: Position) -> Vec<String> {
    let messages = views.directory().messages(organisation, after).await.unwrap();
    messages.into_iter().map(|message| message.text).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_the_messages_to_the_same_people_the_newest_twenty_are_kept() {
    let world = World::new().await;
    let views = world.views().await;
    let (firm, other) = (world.organisation("Zoet").await, world.organisation("Zout").await);
    let valid_until = chrono::DateTime::from_timestamp(1_800_003_600, 0).unwrap();
    let to_all = |it: &str| -> (Stream, Vec<Event>) {
        let (message, text) = (MessageId::new(world.id()), text(it));
        let sent = installation::Event::SystemMessageSent { message, text, valid_until };
        (Stream::Installation, vec![sent.into()])
    };
    let to = |organisation, it: &str| -> (Stream, Vec<Event>) {
        let (message, text) = (MessageId::new(world.id()), text(it));
        let sent = organisation::Event::SystemMessageSent { message, text, valid_until };
        (Stream::Organisation(organisation), vec![sent.into()])
    };
    world.append(vec![to_all("everybody")]).await;
    world.append(vec![to(other, "elsewhere")]).await;
    for number in 0..25 {
        world.append(vec![to(firm, &format!("number {number}"))]).await;
        if number == 11 {
            world.settle(&views).await;
        }
    }
    world.settle(&views).await;

    let start = Position::default();
    let kept = (5..25).map(|number| format!("number {number}"));
    let kept: Vec<_> = std::iter::once("everybody".to_owned()).chain(kept).collect();
    assert_eq!(told(&views, Some(firm), start).await, kept);
    assert_eq!(told(&views, Some(other), start).await, ["everybody", "elsewhere"]);
    assert_eq!(told(&views, None, start).await, ["everybody"]);

    let messages = views.directory().messages(Some(firm), start).await.unwrap();
    let last = messages[messages.len() - 3].position;
    assert_eq!(told(&views, Some(firm), last).await, ["number 23", "number 24"]);
}
