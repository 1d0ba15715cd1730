//! One mail at a time: what servers do, and what becomes of it.

use events::mail::{Event, GivenUpReason};
use secrecy::ExposeSecret;
use tokio::{io::AsyncWriteExt, net::TcpListener};

use super::{
    server::{Does, Server, header},
    world::{PATIENCE, World, way, way_into, way_to},
};
use crate::mail::delivery::Patience;

fn reply(event: &Event) -> &str {
    let (Event::Sent { reply, .. } | Event::Failed { reply, .. } | Event::GivenUp { reply, .. }) =
        event
    else {
        panic!("{event:?}");
    };
    reply.as_ref().unwrap().value().unwrap().as_str()
}

#[tokio::test]
async fn a_mail_is_sent_and_what_it_said_is_destroyed() {
    let (world, server) = (World::new().await, Server::start(|_| Does::Accept).await);
    let running = world.run(way_to(&server, 2), PATIENCE, 2);
    let mail = world.queue("481 207").await;
    world.until(1, &["mail.sent"]).await;
    running.stop().await;
    let story = world.story(mail).await;
    assert!(matches!(&story[..], [Event::Queued { .. }, Event::Sent { attempt: 1, .. }]));
    assert_eq!(reply(&story[1]), "250 2.0.0 queued as 7F3A");
    assert!(world.vault.parcel(mail).await.unwrap().is_none());
    let letters = server.seen(|seen| seen.accepted.clone());
    let [letter] = &letters[..] else { panic!("{letters:?}") };
    assert_eq!(header(letter, "To"), "anna@zoet.example");
    assert_eq!(header(letter, "From"), "\"Bakkerij Zoet\" <no-reply@accounts.example.org>");
    assert_eq!(header(letter, "Subject"), "Uw aanmeldcode");
    assert_eq!(header(letter, "Message-ID"), format!("<{mail}@accounts.example.org>"));
    assert_eq!(header(letter, "Auto-Submitted"), "auto-generated");
    assert!(letter.contains("481 207") && letter.contains("Beste Anna de Vries,"), "{letter}");
    assert!(server.seen(|seen| seen.hello.contains("accounts.example.org")));
}

#[tokio::test]
async fn a_server_that_says_later_is_asked_again_after_growing_pauses() {
    let script =
        |letter| if letter < 2 { Does::Refuse("451 4.7.1 Greylisted\r\n") } else { Does::Accept };
    let (world, server) = (World::new().await, Server::start(script).await);
    let running = world.run(way_to(&server, 1), PATIENCE, 1);
    let queued_at = events::id::Clock::now(&*world.clock);
    let mail = world.queue("481 207").await;
    for (tries, pause) in [(1, 5), (2, 10)] {
        world.until(tries, &["mail.failed"]).await;
        assert!(world.vault.parcel(mail).await.unwrap().is_some());
        world.clock.advance(pause);
        running.outbox.look();
    }
    world.until(1, &["mail.sent"]).await;
    running.stop().await;
    let story = world.story(mail).await;
    let [
        _,
        Event::Failed { attempt: 1, next_at, .. },
        Event::Failed { attempt: 2, next_at: then, .. },
        Event::Sent { attempt: 3, .. },
    ] = &story[..]
    else {
        panic!("{story:?}");
    };
    assert_eq!((*next_at - queued_at).num_seconds(), 5);
    assert_eq!((*then - *next_at).num_seconds(), 10);
    assert!(reply(&story[1]).contains("4.7.1 Greylisted"), "{}", reply(&story[1]));
    let ids = server.seen(|seen| {
        seen.accepted.iter().map(|l| header(l, "Message-ID").to_owned()).collect::<Vec<_>>()
    });
    assert_eq!(ids, [format!("<{mail}@accounts.example.org>")]);
}

#[tokio::test]
async fn a_server_that_says_never_is_believed_at_once() {
    for does in [
        Does::Refuse("550 5.1.1 <anna@zoet.example>: no such user\r\n"),
        Does::RefuseData("554 5.7.1 we don't like it\r\n"),
    ] {
        let (world, server) = (World::new().await, Server::start(move |_| does).await);
        let running = world.run(way_to(&server, 1), PATIENCE, 1);
        let mail = world.queue("481 207").await;
        world.until(1, &["mail.given_up"]).await;
        running.stop().await;
        let story = world.story(mail).await;
        assert!(
            matches!(story[1], Event::GivenUp { attempts: 1, reason: GivenUpReason::Refused, .. }),
            "{story:?}"
        );
        assert!(reply(&story[1]).contains("5."), "{}", reply(&story[1]));
        // It can be tried once more until it is of no use.
        assert!(world.vault.parcel(mail).await.unwrap().is_some());
        assert!(world.vault.due_parcels(world.in_an_hour(), 9).await.unwrap().is_empty());
        world.vault.delete_expired(world.in_an_hour()).await.unwrap();
        assert!(world.vault.parcel(mail).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn what_a_server_says_about_us_is_no_reason_to_give_up_a_mail() {
    // Before the first word; and to the sender, which somebody set wrongly.
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = closed.local_addr().unwrap();
    let says_no = tokio::spawn(async move {
        loop {
            let (mut socket, _) = closed.accept().await.unwrap();
            socket.write_all(b"554 5.7.1 we don't know you\r\n").await.unwrap();
        }
    });
    let script = |letter| match letter {
        0 => Does::RefuseSender("550 5.7.1 not from you\r\n"),
        1 => Does::RefuseSender("553 5.1.8 no such domain\r\n"),
        _ => Does::Accept,
    };
    let (world, server) = (World::new().await, Server::start(script).await);
    let mail = world.queue("481 207").await;
    let running = world.run(way(address, 1), PATIENCE, 1);
    world.until(1, &["mail.failed"]).await;
    running.stop().await;
    says_no.abort();
    world.clock.advance(5);
    let patience = Patience { tries: 9, ..PATIENCE };
    let running = world.run(way_to(&server, 1), patience, 1);
    for (tries, pause) in [(2, 10), (3, 20)] {
        world.until(tries, &["mail.failed"]).await;
        world.clock.advance(pause);
        running.outbox.look();
    }
    world.until(1, &["mail.sent"]).await;
    running.stop().await;
    let story = world.story(mail).await;
    let said: Vec<_> = story[1..4].iter().map(reply).collect();
    assert!(said[0].contains("we don't know you"), "{said:?}");
    assert!(said[1].contains("not from you") && said[2].contains("no such domain"), "{said:?}");
}

#[tokio::test]
async fn trouble_on_the_way_is_no_reason_to_give_up_but_for_the_number_of_tries() {
    for does in [Does::Stall, Does::DropBefore] {
        let (world, server) = (World::new().await, Server::start(move |_| does).await);
        let running = world.run(way_to(&server, 1), PATIENCE, 1);
        let mail = world.queue("481 207").await;
        for (tries, pause) in [(1, 5), (2, 10)] {
            world.until(tries, &["mail.failed"]).await;
            world.clock.advance(pause);
            running.outbox.look();
        }
        world.until(1, &["mail.given_up"]).await;
        running.stop().await;
        let story = world.story(mail).await;
        assert!(
            matches!(
                story[3],
                Event::GivenUp { attempts: 3, reason: GivenUpReason::Exhausted, .. }
            ),
            "{does:?} {story:?}"
        );
    }
}

#[tokio::test]
async fn what_is_of_no_use_any_more_is_not_sent() {
    let (world, server) = (World::new().await, Server::start(|_| Does::Accept).await);
    let mail = world.queue_until("481 207", world.in_an_hour()).await;
    world.clock.advance(3_600);
    let running = world.run(way_to(&server, 1), PATIENCE, 1);
    world.until(1, &["mail.given_up"]).await;
    running.stop().await;
    let story = world.story(mail).await;
    assert!(matches!(story[1], Event::GivenUp { attempts: 0, reason: GivenUpReason::Expired, .. }));
    assert!(world.vault.parcel(mail).await.unwrap().is_none());
    assert_eq!(server.seen(|seen| seen.letters), 0);
}

#[tokio::test]
async fn what_waits_is_sent_after_a_restart_and_nothing_twice() {
    let (world, server) =
        (World::new().await, Server::start(|_| Does::Refuse("421 busy\r\n")).await);
    let first = world.queue("111 111").await;
    let running = world.run(way_to(&server, 1), PATIENCE, 1);
    world.until(1, &["mail.failed"]).await;
    running.stop().await;
    let second = world.queue("222 222").await;
    drop(server);

    let server = Server::start(|_| Does::Accept).await;
    // A crash may lose the checkpoint: then all is looked at again.
    std::fs::remove_file(world.folder.path().join("mails")).unwrap();
    world.clock.advance(5);
    let running = world.run(way_to(&server, 2), PATIENCE, 2);
    world.until(2, &["mail.sent"]).await;
    running.stop().await;
    std::fs::remove_file(world.folder.path().join("mails")).unwrap();
    let running = world.run(way_to(&server, 2), PATIENCE, 2);
    let third = world.queue("333 333").await;
    world.until(3, &["mail.sent"]).await;
    running.stop().await;
    assert_eq!(server.seen(|seen| seen.accepted.len()), 3);
    for mail in [first, second, third] {
        assert!(world.state(mail).await.sent);
    }
}

#[tokio::test]
async fn without_a_mail_server_mails_become_files() {
    let world = World::new().await;
    let folder = world.folder.path().join("letters");
    let running = world.run(way_into(&folder), PATIENCE, 2);
    let mail = world.queue("481 207").await;
    world.until(1, &["mail.sent"]).await;
    running.stop().await;
    let files: Vec<_> =
        std::fs::read_dir(&folder).unwrap().map(|f| f.unwrap().file_name()).collect();
    assert_eq!(files, [std::ffi::OsString::from(format!("{mail}.eml"))]);
    let letter = std::fs::read_to_string(folder.join(&files[0])).unwrap();
    assert!(letter.contains("481 207"));
}

#[tokio::test]
async fn what_nobody_queued_is_never_sent() {
    let (world, server) = (World::new().await, Server::start(|_| Does::Accept).await);
    let fields = crate::mail::Fields::new().with("code", "999 999");
    let order = world.order(events::value::MailKind::Passcode, &fields, world.in_an_hour()).await;
    let running = world.run(way_to(&server, 1), PATIENCE, 1);
    running.outbox.look();
    let mail = world.queue("481 207").await;
    world.until(1, &["mail.sent"]).await;
    running.stop().await;
    assert_eq!(server.seen(|seen| seen.accepted.len()), 1);
    assert!(world.state(mail).await.sent);
    let kept = world.vault.parcel(order.mail).await.unwrap().unwrap();
    assert!(kept.expose_secret().contains("999 999"));
}

#[tokio::test]
async fn s24_what_lets_people_in_is_said_in_ones_own_words_to_ones_own_people_only() {
    let (world, server) = (World::new().await, Server::start(|_| Does::Accept).await);
    let template = events::value::MailTemplate {
        subject: "Van Zoet".to_owned(),
        text: "Zoet: {{ code }} {{ expires }}".to_owned(),
        html: None,
    };
    let set = commands::Command::MailTemplateSet {
        organisation: world.firm,
        kind: events::value::MailKind::Passcode,
        language: events::value::Language::Nl,
        template: Some(template),
    };
    world.handler.handle(&world.console(), set).await.unwrap();
    let running = world.run(way_to(&server, 1), PATIENCE, 1);
    world.queue("111 111").await;
    world.until(1, &["mail.sent"]).await;
    // She owns it now: an administrator couldn't set her password, and so reads none of her codes either.
    let own = commands::Command::OwnerSet { organisation: world.firm, account: world.anna };
    world.handler.handle(&world.console(), own).await.unwrap();
    world.queue("222 222").await;
    world.until(2, &["mail.sent"]).await;
    running.stop().await;
    let subjects = server.seen(|seen| {
        let subject = |letter: &String| header(letter, "Subject").to_owned();
        seen.accepted.iter().map(subject).collect::<Vec<_>>()
    });
    assert_eq!(subjects, ["Van Zoet", "Uw aanmeldcode"]);
}

#[tokio::test]
async fn s27_neither_log_nor_vault_hold_what_was_sent() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("vault.db");
    let vault = events::vault::Vault::open(&file, events::vault::MasterKey::new([7; 32])).await;
    let world = World::over(std::sync::Arc::new(vault.unwrap())).await;
    let server = Server::start(|_| Does::Accept).await;
    let canary = "KANARIE-4812-0736";
    let running = world.run(way_to(&server, 1), PATIENCE, 1);
    let mail = world.queue(canary).await;
    let in_vault = || {
        let files = std::fs::read_dir(home.path()).unwrap().map(|file| file.unwrap().path());
        files
            .map(|path| std::fs::read(path).unwrap())
            .any(|bytes| bytes.windows(canary.len()).any(|window| window == canary.as_bytes()))
    };
    assert!(!in_vault(), "not even while it waits");
    world.until(1, &["mail.sent"]).await;
    running.stop().await;
    assert!(server.seen(|seen| seen.accepted[0].contains(canary)), "the mail says it");
    assert!(!in_vault());
    assert!(world.vault.parcel(mail).await.unwrap().is_none());
    let log = world.store.read_all(events::Position::START, 1_000).await.unwrap();
    for stored in log {
        assert!(!stored.data.contains(canary) && !stored.cause.contains(canary));
        assert!(!stored.data.contains("zoet.example"), "the address is sealed: {}", stored.data);
    }
}
