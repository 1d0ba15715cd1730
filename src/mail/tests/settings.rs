//! What operators set about mail.

use std::sync::Arc;

use commands::{Command, Request};
use events::{
    Actor,
    id::Ids,
    value::{EmailAddress, Language, MailHost, MailSettings, Profile, Text, TlsMode, Username},
};
use graphql::port::{Mailing, NewPassword};

use super::{
    server::{Does, Server, header},
    world::{World, way_into},
};
use crate::{config, mail::mailroom::Mailroom};

async fn mailroom(world: &World) -> (Mailroom, Request) {
    let setup = Command::OperatorSetup {
        username: Username::parse("operator").unwrap(),
        profile: Profile { display_name: Text::parse("Operator").unwrap(), entries: vec![] },
        credential: world.ids.next().into(),
    };
    world.handler.handle(&world.console(), setup).await.unwrap();
    let mailroom = Mailroom::new(
        world.handler.clone(),
        world.vault.clone(),
        world.clock.clone(),
        world.ids.clone(),
        way_into(&world.folder.path().join("letters")),
        config::Mail::default(),
    );
    (mailroom, world.console())
}

fn settings(server: &Server, username: Option<&str>) -> MailSettings {
    MailSettings {
        host: MailHost::parse(&server.address.ip().to_string()).unwrap(),
        port: server.address.port(),
        tls: TlsMode::None,
        username: username.map(|name| Text::parse(name).unwrap()),
        from: EmailAddress::parse("accounts@example.org").unwrap(),
    }
}

fn anna() -> EmailAddress {
    EmailAddress::parse("anna@example.org").unwrap()
}

#[tokio::test]
async fn a_test_mail_goes_the_way_that_was_set_and_the_servers_answer_is_told() {
    let world = World::new().await;
    let (mailroom, console) = mailroom(&world).await;
    let script = |letter| {
        if letter == 0 { Does::Accept } else { Does::Refuse("550 5.7.1 not from you\r\n") }
    };
    let server = Server::start(script).await;
    assert!(mailroom.mail_settings().await.unwrap().is_configured);
    let password = NewPassword::Set("kanarie".into());
    mailroom.mail_settings_set(&console, settings(&server, Some("post")), password).await.unwrap();
    let shown = mailroom.mail_settings().await.unwrap();
    assert!(
        shown.has_password && !shown.is_configured && !format!("{shown:?}").contains("kanarie")
    );

    let (_, tested) = mailroom.mail_settings_test(&console, anna(), Language::En).await.unwrap();
    assert!(tested.accepted);
    assert_eq!(tested.reply.as_str(), "250 2.0.0 queued as 7F3A");
    let letter = server.seen(|seen| seen.accepted[0].clone());
    assert_eq!(header(&letter, "From"), "Stamrol <accounts@example.org>");
    // AUTH PLAIN: nothing, the name and the password, with zeros between them.
    assert!(server.seen(|seen| seen.hello.contains("AGtwb3N0AGthbmFyaWU=")
        || seen.hello.contains("AHBvc3QAa2FuYXJpZQ==")));

    let (_, tested) = mailroom.mail_settings_test(&console, anna(), Language::En).await.unwrap();
    assert!(!tested.accepted);
    assert!(tested.reply.as_str().contains("5.7.1 not from you"), "{}", tested.reply.as_str());
}

#[tokio::test]
async fn a_password_stays_for_the_server_and_name_that_it_was_given_for_and_for_no_other() {
    let world = World::new().await;
    let (mailroom, console) = mailroom(&world).await;
    let server = Server::start(|_| Does::Accept).await;
    let set = async |name, password| {
        mailroom
            .mail_settings_set(&console, settings(&server, Some(name)), password)
            .await
            .unwrap();
        world.handler.mail_settings().await.unwrap().unwrap().1
    };
    let first = set("post", NewPassword::Set("kanarie".into())).await;
    assert!(first.is_some());
    assert_eq!(set("post", NewPassword::Kept).await, first);
    assert_eq!(set("other", NewPassword::Kept).await, None);
    assert!(world.vault.credential(first.unwrap()).await.unwrap().is_none(), "it is gone");
    let next = set("other", NewPassword::Set("sijsje".into())).await.unwrap();
    assert_eq!(set("other", NewPassword::None).await, None);
    assert!(world.vault.credential(next).await.unwrap().is_none());
}

#[tokio::test]
async fn only_who_runs_the_installation_has_test_mails_sent() {
    let world = World::new().await;
    let (mailroom, console) = mailroom(&world).await;
    let server = Server::start(|_| Does::Accept).await;
    mailroom.mail_settings_set(&console, settings(&server, None), NewPassword::None).await.unwrap();
    let ids: Arc<dyn Ids> = world.ids.clone();
    let session = ids.next().into();
    let by_anna = Request {
        organisation: Some(world.firm),
        ..Request::new(Actor::Account { account: world.anna, session }, ids.next().into())
    };
    for request in [by_anna, Request::new(Actor::Anonymous, ids.next().into())] {
        assert!(mailroom.mail_settings_test(&request, anna(), Language::En).await.is_err());
    }
    assert_eq!(server.seen(|seen| seen.letters), 0);
}
