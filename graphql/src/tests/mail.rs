//! Where mail goes, and whether that works.

use std::sync::Arc;

use async_trait::async_trait;
use commands::{Command, Done, Failure, Handler, Request};
use events::{
    OrganisationId,
    value::{EmailAddress, Language, MailKind, MailSettings, MailTemplate, Reply, TlsMode},
};
use serde_json::{Value, json};

use super::support::World;
use crate::port::{MailServer, Mailing, NewPassword, Preview, Tested, Unusable};

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

    async fn mail_template(
        &self,
        organisation: OrganisationId,
        kind: MailKind,
        language: Language,
    ) -> Result<(MailTemplate, bool), Failure> {
        let own = self.0.mail_template(organisation, kind, language).await?;
        let built_in =
            MailTemplate { subject: "S".to_owned(), text: "built in".to_owned(), html: None };
        Ok(own.map_or((built_in, false), |own| (own, true)))
    }

    fn mail_preview(
        &self,
        template: &MailTemplate,
        kind: MailKind,
        _: Language,
    ) -> Result<Preview, Unusable> {
        let lacks = |field: &&'static str| !template.text.contains(*field);
        let lacking = kind.required().iter().copied().find(lacks);
        let MailTemplate { subject, text, .. } = template.clone();
        lacking.map_or(Ok(Preview { subject, text, html: String::new() }), |field| {
            Err(Unusable::Lacks(field))
        })
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

#[tokio::test]
async fn an_administrator_replaces_a_template_and_restores_it_and_nobody_else_sees_it() {
    let (world, operator) = World::new().await;
    let (_, admin) = world.organisation(&operator, "Acme").await;
    let template = |text: &str| {
        let template =
            json!({ "kind": "ACTIVATION", "language": "NL", "subject": "Welkom", "text": text });
        json!({ "template": template })
    };
    let shown = "mailTemplate { text own required }";
    let good = template("{{ link }} tot {{ expires }}");
    let set = world.must(&admin, "mailTemplateSet", shown, good).await;
    assert_eq!(set["mailTemplate"]["own"], true);
    assert_eq!(set["mailTemplate"]["required"], json!(["link", "expires"]));

    let query = "mutation ($input: MailTemplateSetInput!) {
        mailTemplateSet(input: $input) { mailTemplate { text } userErrors { code message field } } }";
    let refused = world.ask(&admin, query, json!({ "input": template("{{ link }}") })).await;
    let payload = &refused["data"]["mailTemplateSet"];
    assert_eq!(payload["userErrors"][0]["code"], "TEMPLATE_LACKS_FIELD", "{refused}");
    assert!(payload["userErrors"][0]["message"].as_str().unwrap().contains("{{ expires }}"));
    assert_eq!(payload["mailTemplate"]["text"], "{{ link }} tot {{ expires }}", "as it was");

    let restore = json!({ "kind": "ACTIVATION", "language": "NL" });
    let restored = world.must(&admin, "mailTemplateRestore", shown, restore).await;
    assert_eq!(restored["mailTemplate"]["own"], false);

    let (acme, stranger) = world.organisation(&operator, "Werf").await;
    drop(stranger);
    let read = "query ($organisation: ID!) {
        mailTemplate(organisation: $organisation, kind: TEST, language: EN) { text } }";
    let seen = world.ask(&admin, read, json!({ "organisation": acme })).await;
    assert_eq!(seen["errors"][0]["extensions"]["code"], "FORBIDDEN", "{seen}");
}
