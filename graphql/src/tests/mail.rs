//! Where mail goes, and whether that works.

use std::sync::Arc;

use async_trait::async_trait;
use commands::{Command, Done, Failure, Handler, Request};
use events::value::{EmailAddress, Language, MailSettings, Reply, TlsMode};
use serde_json::{Value, json};

use super::support::World;
use crate::port::{MailServer, Mailing, NewPassword, Tested};

/// Keeps no passwords, and has every test mail taken.
pub(super) struct Postman(pub(super) Arc<Handler>);

#[async_trait]
impl Mailing for Postman {
    async fn mail_settings(&self) -> Result<MailServer, Failure> {
        let settings = self.0.mail_settings().await?;
        let is_configured = settings.is_none();
        let from = EmailAddress::parse("no-reply@accounts.example.org").unwrap();
        let settings = settings.map(|(settings, _)| settings);
        Ok(MailServer {
            server: settings.as_ref().map(|s| (s.host.as_str().to_owned(), s.port)),
            tls: settings.as_ref().map_or(TlsMode::Starttls, |settings| settings.tls),
            username: None,
            has_password: false,
            from: settings.map_or(from, |settings| settings.from),
            is_configured,
        })
    }

    async fn mail_settings_set(
        &self,
        request: &Request,
        settings: MailSettings,
        _: NewPassword,
    ) -> Result<Done, Failure> {
        self.0.handle(request, Command::MailSettingsSet { settings, password: None }).await
    }

    async fn mail_settings_test(
        &self,
        request: &Request,
        _: EmailAddress,
        _: Language,
    ) -> Result<(Done, Tested), Failure> {
        let done = self.0.handle(request, Command::MailSettingsTest { accepted: true }).await?;
        Ok((done, Tested { accepted: true, reply: Reply::of("250 2.0.0 queued") }))
    }
}

const SETTINGS: &str = "mailSettings { host port tls hasPassword from configured }";

fn input(host: &str) -> Value {
    json!({ "host": host, "port": 587, "tls": "STARTTLS", "from": "accounts@example.org" })
}

#[tokio::test]
async fn an_operator_sets_where_mail_goes_tries_it_and_restores_it() {
    let (world, operator) = World::new().await;
    let set = world.must(&operator, "mailSettingsSet", SETTINGS, input("mail.example.org")).await;
    let expected = json!({ "host": "mail.example.org", "port": 587, "tls": "STARTTLS",
        "hasPassword": false, "from": "accounts@example.org", "configured": false });
    assert_eq!(set["mailSettings"], expected);
    let to = json!({ "to": "anna@example.org" });
    let tested = world.must(&operator, "mailSettingsTest", "accepted reply", to).await;
    assert_eq!(tested["accepted"], true);
    assert_eq!(tested["reply"], "250 2.0.0 queued");
    let restored = world.must(&operator, "mailSettingsRestore", SETTINGS, json!({})).await;
    assert_eq!(restored["mailSettings"]["configured"], true);
    assert_eq!(restored["mailSettings"]["host"], Value::Null);
}

#[tokio::test]
async fn nobody_else_sees_or_sets_where_mail_goes() {
    let (world, operator) = World::new().await;
    let (_, admin) = world.organisation(&operator, "Acme").await;
    let seen = world.ask(&admin, "{ mailSettings { host } }", json!({})).await;
    assert_eq!(seen["errors"][0]["extensions"]["code"], "FORBIDDEN", "{seen}");
    let set = "mutation ($input: MailSettingsSetInput!) {
        mailSettingsSet(input: $input) { userErrors { code field } } }";
    let refused = world.ask(&admin, set, json!({ "input": input("mail.example.org") })).await;
    assert_eq!(refused["data"]["mailSettingsSet"]["userErrors"][0]["code"], "FORBIDDEN");
    let wrong = world.ask(&operator, set, json!({ "input": input("not a host") })).await;
    let error = &wrong["data"]["mailSettingsSet"]["userErrors"][0];
    assert_eq!((&error["code"], &error["field"]), (&json!("INVALID_DOMAIN"), &json!(["host"])));
}

#[tokio::test]
async fn a_mail_that_is_none_is_not_tried_again() {
    let (world, operator) = World::new().await;
    let retry =
        "mutation ($mail: ID!) { mailRetry(input: { mail: $mail }) { userErrors { code } } }";
    for mail in ["", "nothing", "01900000-0000-7000-8000-000000000001"] {
        let answer = world.ask(&operator, retry, json!({ "mail": mail })).await;
        assert_eq!(
            answer["data"]["mailRetry"]["userErrors"][0]["code"], "MAIL_NOT_FOUND",
            "{answer}"
        );
    }
}
