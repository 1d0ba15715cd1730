//! Where mail goes, and whether that works.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::DateTime;
use commands::{Command, Done, Failure, Handler, Request, mail::Order};
use events::{
    AccountId, Actor, OrganisationId,
    id::Ids,
    mail::GivenUpReason,
    value::{EmailAddress, Language, MailKind, MailSettings, MailTemplate, Reply, TlsMode},
};
use serde_json::{Value, json};

use super::support::{Browser, Who, World};
use crate::ids::GlobalId;
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

    async fn mail_preview(
        &self,
        template: MailTemplate,
        kind: MailKind,
        _: Language,
    ) -> Result<Result<Preview, Unusable>, Failure> {
        let lacks = |field: &&'static str| !template.text.contains(*field);
        let lacking = kind.required().iter().copied().find(lacks);
        let MailTemplate { subject, text, .. } = template;
        Ok(lacking.map_or(Ok(Preview { subject, text, html: String::new() }), |field| {
            Err(Unusable::Lacks(field))
        }))
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

impl World {
    /// A mail to somebody, of which a server said this for now; its global id.
    pub(super) async fn mail(
        &self,
        account: AccountId,
        organisation: Option<OrganisationId>,
        reply: &str,
    ) -> String {
        let request = || Request::new(Actor::System, self.ids.next().into());
        let (mail, next_at) =
            (self.ids.next().into(), DateTime::from_timestamp(1_900_000_000, 0).unwrap());
        let order = Order {
            mail,
            account,
            organisation,
            kind: MailKind::AccountLocked,
            to: EmailAddress::parse("anna@example.org").unwrap(),
            language: Language::Nl,
            expires_at: next_at,
        };
        self.handler.handle(&request(), Command::MailOrder { order }).await.unwrap();
        let failed = Command::MailFail { mail, account, reply: Some(Reply::of(reply)), next_at };
        self.handler.handle(&request(), failed).await.unwrap();
        async_graphql::ID::from(GlobalId::Mail(mail)).to_string()
    }

    /// What somebody sees of the outbox.
    async fn outbox(&self, who: &Who, arguments: &str) -> Value {
        let position = self.store.head();
        let then = Browser { at_least: Some(position.0), ..Browser::default() };
        let query = format!(
            "{{ mails{arguments} {{ totalCount nodes {{ id kind state tries reply nextTryAt reason account {{ id }} }} }} }}"
        );
        self.ask_with(who, then, &query).await
    }
}

#[tokio::test]
async fn administrators_see_the_mails_of_their_organisation_and_operators_all() {
    let (world, operator) = World::new().await;
    let (acme, admin) = world.organisation(&operator, "Acme").await;
    let (_, stranger) = world.organisation(&operator, "Werf").await;
    let house = GlobalId::organisation(&acme).unwrap();
    let anna = world.account(&admin, &acme, "annas").await;
    let account = GlobalId::account(&anna).unwrap();
    let mail = world.mail(account, Some(house), "450 later").await;
    let of_the_installation = world.mail(account, None, "450 later still").await;

    let seen = world.outbox(&admin, "").await;
    let expected = json!([{ "id": mail, "kind": "ACCOUNT_LOCKED", "state": "FAILED", "tries": 1,
        "reply": "450 later", "nextTryAt": "2030-03-17T17:46:40+00:00", "reason": null, "account": { "id": anna } }]);
    assert_eq!(seen["data"]["mails"]["nodes"], expected, "{seen}");
    assert_eq!(seen["data"]["mails"]["totalCount"], 1);
    let seen = world.outbox(&operator, "").await;
    let ids: Vec<_> =
        seen["data"]["mails"]["nodes"].as_array().unwrap().iter().map(|mail| &mail["id"]).collect();
    assert_eq!(ids, [&json!(of_the_installation), &json!(mail)], "{seen}");

    for (filter, count) in [
        ("(filter: { state: [FAILED], kind: [ACCOUNT_LOCKED, TEST] })", 1),
        ("(filter: { state: [SENT, GIVEN_UP] })", 0),
        ("(filter: { kind: [TEST] })", 0),
    ] {
        let seen = world.outbox(&admin, filter).await;
        assert_eq!(seen["data"]["mails"]["totalCount"], count, "{filter}: {seen}");
    }
    // Nobody else's, and not by those who manage nothing.
    let theirs = format!("(organisation: \"{acme}\")");
    let seen = world.outbox(&stranger, &theirs).await;
    assert_eq!(seen["errors"][0]["extensions"]["code"], "NOT_FOUND", "{seen}");
    let member = world.sign_in("annas").await;
    let seen = world.outbox(&member, "").await;
    assert_eq!(seen["errors"][0]["extensions"]["code"], "NOT_FOUND", "{seen}");
}

impl World {
    /// A mail that was given up, for this reason.
    async fn given_up(
        &self,
        account: AccountId,
        organisation: Option<OrganisationId>,
        reason: GivenUpReason,
    ) -> String {
        let id = self.mail(account, organisation, "450 later").await;
        let request = Request::new(Actor::System, self.ids.next().into());
        let mail = GlobalId::mail(&async_graphql::ID::from(&id)).unwrap();
        let reply = Some(Reply::of("550 nobody"));
        let give_up = Command::MailGiveUp { mail, account, reason, tried: true, reply };
        self.handler.handle(&request, give_up).await.unwrap();
        id
    }
}

#[tokio::test]
async fn a_mail_that_is_tried_again_is_shown_and_says_no_more_why_it_was_given_up() {
    let (world, operator) = World::new().await;
    let (acme, admin) = world.organisation(&operator, "Acme").await;
    let anna = world.account(&admin, &acme, "annas").await;
    let (account, house) = (GlobalId::account(&anna), GlobalId::organisation(&acme));
    let id = world.given_up(account.unwrap(), house, GivenUpReason::Refused).await;
    let seen = world.outbox(&admin, "").await;
    let mail = &seen["data"]["mails"]["nodes"][0];
    assert_eq!((&mail["state"], &mail["reason"]), (&json!("GIVEN_UP"), &json!("REFUSED")));
    let shown = "mail { id state reason reply account { id } }";
    let retried = world.must(&admin, "mailRetry", shown, json!({ "mail": id })).await;
    let expected = json!({ "id": id, "state": "QUEUED", "reason": null, "reply": "550 nobody",
        "account": { "id": anna } });
    assert_eq!(retried["mail"], expected);
}

#[tokio::test]
async fn all_mails_that_were_given_up_and_are_of_use_are_tried_again_a_batch_at_a_time() {
    let (world, operator) = World::new().await;
    let (acme, admin) = world.organisation(&operator, "Acme").await;
    let (werf, stranger) = world.organisation(&operator, "Werf").await;
    let anna = world.account(&admin, &acme, "annas").await;
    let piet = world.account(&stranger, &werf, "pieter").await;
    let (anna, piet) = (GlobalId::account(&anna).unwrap(), GlobalId::account(&piet).unwrap());
    let (house, elsewhere) = (GlobalId::organisation(&acme), GlobalId::organisation(&werf));
    for number in 0..60 {
        let reason =
            if number % 2 == 0 { GivenUpReason::Refused } else { GivenUpReason::Exhausted };
        world.given_up(anna, house, reason).await;
    }
    world.given_up(anna, house, GivenUpReason::Expired).await;
    world.given_up(anna, house, GivenUpReason::Unwritable).await;
    world.mail(anna, house, "450 later").await;
    world.given_up(piet, elsewhere, GivenUpReason::Refused).await;
    world.given_up(anna, None, GivenUpReason::Refused).await;

    let shown = "results { retried mail { state } userErrors { code } } remaining endCursor";
    let batch = async |who: &Who, input: Value| {
        let answer = world.must(who, "mailRetryAll", shown, input).await;
        let results = answer["results"].as_array().unwrap().clone();
        let one = json!({ "retried": true, "mail": { "state": "QUEUED" }, "userErrors": [] });
        assert!(results.iter().all(|result| *result == one), "{results:?}");
        (results.len(), answer["remaining"].as_u64().unwrap(), answer["endCursor"].clone())
    };
    let (count, remaining, cursor) = batch(&admin, json!({})).await;
    assert_eq!((count, remaining), (50, 10));
    let last = batch(&admin, json!({ "after": cursor })).await;
    assert_eq!(last, (10, 0, Value::Null));
    assert_eq!(batch(&admin, json!({})).await, (0, 0, Value::Null), "they are on their way");
    // Operators have those of everybody tried again.
    assert_eq!(batch(&operator, json!({})).await, (2, 0, Value::Null));

    let query =
        "mutation ($input: MailRetryAllInput!) { mailRetryAll(input: $input) { remaining } }";
    let member = world.sign_in("annas").await;
    for who in [&stranger, &member] {
        let answer = world.ask(who, query, json!({ "input": { "organisation": acme } })).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{answer}");
    }
}
