//! What somebody's session must have shown before it lets anybody in (S13).

use chrono::TimeDelta;
use events::{
    AccountId, Actor, FactorId, OrganisationId, ServiceKeyId, SessionId,
    account::PasswordSetBy,
    factor::FactorKind,
    id::Ids,
    value::{
        EmailAddress, Language, MailHost, MailKind, MailSettings, MailTemplate, PhoneNumber,
        PolicyRule, ProfileEntry, ProfileField, Scope, TlsMode,
    },
};

use crate::{
    Action, Command, Failure, Refusal, Request,
    access::Assurance,
    session::PROOF_COUNTS,
    testing::{Bench, email, profile, text, username},
};

fn update(account: AccountId, changes: Vec<(ProfileField, Option<ProfileEntry>)>) -> Command {
    Command::ProfileUpdate { account, changes, mails: vec![] }
}

fn mail_through(host: &str) -> Command {
    let settings = MailSettings {
        host: MailHost::parse(host).unwrap(),
        port: 587,
        tls: TlsMode::Starttls,
        username: None,
        from: email("post@example.org"),
    };
    Command::MailSettingsSet { settings, password: None }
}

/// An organisation, who runs the installation, and whose accounts they might take over.
struct Place {
    bench: Bench,
    haven: OrganisationId,
    root: AccountId,
    /// Has a second factor.
    ben: AccountId,
    factor: FactorId,
}

impl Place {
    async fn new() -> Self {
        let bench = Bench::in_memory().await;
        let haven = bench.organisation("Haven").await;
        let setup = Command::OperatorSetup {
            username: username("root"),
            profile: profile("Root", None),
            credential: bench.ids.next().into(),
        };
        let root = bench.must(setup).await.into();
        let ben = bench.account(haven, "ben").await;
        bench.must(mail_through("mail.example.org")).await;
        let factor = bench.ids.next().into();
        let place = Self { bench, haven, root, ben, factor };
        let by_ben = place.bench.fresh(ben, haven).await;
        place.step_up(&by_ben).await;
        let kind = FactorKind::Totp;
        let confirm = Command::FactorConfirm {
            account: ben,
            factor,
            kind,
            name: None,
            step: Some(1),
            mails: vec![],
        };
        place.bench.handler.handle(&by_ben, confirm).await.unwrap();
        place
    }

    /// One of each that asks when it is about anything but oneself.
    fn commands(&self) -> Vec<Command> {
        let (organisation, account, ids) = (self.haven, self.ben, &self.bench.ids);
        let changes =
            vec![(ProfileField::Email, Some(ProfileEntry::Email(email("ben@haven.example"))))];
        vec![
            Command::OperatorAppoint { account },
            Command::PolicySet { organisation, rules: vec![PolicyRule::Capital(Some(false))] },
            Command::OwnerSet { organisation, account },
            update(account, changes),
            Command::PasswordSet {
                account,
                credential: ids.next().into(),
                by: PasswordSetBy::Administrator,
                mails: vec![],
            },
            Command::FactorRemove { account, factor: self.factor, mails: vec![] },
            Command::Impersonate {
                session: ids.next().into(),
                account,
                reason: text("helps"),
                until: self.bench.handler.now() + TimeDelta::hours(1),
            },
            Command::ServiceKeyCreate {
                key: ids.next().into(),
                organisation,
                name: text("Koppeling"),
                scopes: [Scope::AccountsWrite].into(),
                expires_at: None,
            },
            Command::MailTemplateSet {
                organisation,
                kind: MailKind::PasswordReset,
                language: Language::Nl,
                template: Some(MailTemplate {
                    subject: "Wachtwoord".to_owned(),
                    text: "{{ link }} {{ code }}".to_owned(),
                    html: None,
                }),
            },
            mail_through("elsewhere.example.org"),
            Command::MailSettingsRestore,
        ]
    }

    /// Whoever runs the installation, signed in longer ago than that counts.
    async fn stale(&self) -> Request {
        let request = self.bench.fresh(self.root, None).await;
        self.bench.clock.advance(PROOF_COUNTS);
        request
    }

    async fn step_up(&self, request: &Request) {
        let Actor::Account { account, session } = request.actor else { panic!("no session") };
        let until = self.bench.handler.now() + PROOF_COUNTS;
        let step_up = Command::StepUp { session, account, proof: None, until, mails: vec![] };
        self.bench.handler.handle(request, step_up).await.unwrap();
    }

    /// Why something isn't done; then nothing may have happened.
    async fn refusal(&self, request: &Request, command: Command) -> Option<Refusal> {
        let head = self.bench.store.head();
        match self.bench.handler.handle(request, command).await {
            Ok(_) => None,
            Err(Failure::Refused(refusal)) => {
                assert_eq!(self.bench.store.head(), head, "a refusal appends nothing");
                Some(refusal)
            }
            Err(failure) => panic!("{failure}"),
        }
    }
}

#[tokio::test]
async fn s13_whoever_signed_in_long_ago_steps_up_before_they_let_anybody_in() {
    let mut asked: Vec<_> = Action::ALL
        .into_iter()
        .filter(|action| action.asks().others == Assurance::Fresh)
        .map(Action::name)
        .collect();
    for number in 0..Place::new().await.commands().len() {
        let place = Place::new().await;
        let command = place.commands().swap_remove(number);
        let name = command.action().name();
        asked.retain(|asked| *asked != name);
        let stale = place.stale().await;
        let refused = place.refusal(&stale, command.clone()).await;
        assert_eq!(refused, Some(Refusal::StepUpRequired), "{name}");
        place.step_up(&stale).await;
        let before = place.bench.store.head();
        assert_eq!(place.refusal(&stale, command.clone()).await, None, "{name}");
        assert!(place.bench.store.head() > before, "{name}: nothing happened");
    }
    assert!(asked.is_empty(), "not tried: {asked:?}");
}

#[tokio::test]
async fn s13_signing_in_counts_for_a_quarter_of_an_hour() {
    for number in 0..Place::new().await.commands().len() {
        let place = Place::new().await;
        let command = place.commands().swap_remove(number);
        let name = command.action().name();
        let fresh = place.bench.fresh(place.root, None).await;
        place.bench.clock.advance(PROOF_COUNTS - TimeDelta::seconds(1));
        assert_eq!(place.refusal(&fresh, command).await, None, "{name}");
    }
}

#[tokio::test]
async fn s13_the_console_has_no_session_to_ask() {
    for number in 0..Place::new().await.commands().len() {
        let place = Place::new().await;
        let command = place.commands().swap_remove(number);
        let action = command.action();
        // Nobody at the console acts for somebody.
        let refused = (action == Action::Impersonate).then_some(Refusal::Forbidden);
        let console = place.bench.console();
        assert_eq!(place.refusal(&console, command).await, refused, "{}", action.name());
    }
}

#[tokio::test]
async fn s13_a_service_key_has_no_session_to_ask() {
    let place = Place::new().await;
    let pending = place.bench.account(place.haven, "cor").await;
    let key = ServiceKeyId::new(place.bench.ids.next());
    place
        .bench
        .must(Command::ServiceKeyCreate {
            key,
            organisation: place.haven,
            name: text("Koppeling"),
            scopes: [Scope::AccountsWrite].into(),
            expires_at: None,
        })
        .await;
    place.bench.clock.advance(PROOF_COUNTS);
    let console = place.bench.console();
    let actor = Actor::ServiceKey { key };
    let program = Request { actor, organisation: Some(place.haven), ..console };
    let mobile = PhoneNumber::parse("+31612345678").unwrap();
    for (field, entry) in [
        (ProfileField::Email, ProfileEntry::Email(email("ben@haven.example"))),
        (ProfileField::Mobile, ProfileEntry::Phone(mobile)),
    ] {
        let update = update(pending, vec![(field, Some(entry))]);
        assert_eq!(place.refusal(&program, update).await, None, "{field:?}");
    }
}

#[tokio::test]
async fn s13_taking_away_and_what_lets_nobody_in_is_never_asked_about() {
    let place = Place::new().await;
    let (organisation, account) = (place.haven, place.ben);
    let administrator = |on| Command::AdministratorSet { organisation, account, on };
    place.bench.administrator(organisation, "cor").await;
    let stale = place.stale().await;
    let position = (ProfileField::Position, Some(ProfileEntry::Text(text("Kapitein"))));
    let (kind, language) = (MailKind::PasswordReset, Language::Nl);
    for command in [
        administrator(true),
        administrator(false),
        update(account, vec![position.clone()]),
        update(place.root, vec![position]),
        Command::MailTemplateSet { organisation, kind, language, template: None },
        Command::AccountDeactivate { organisation, account, reason: None },
        Command::OperatorDismiss { account },
    ] {
        let name = command.action().name();
        assert_eq!(place.refusal(&stale, command).await, None, "{name}");
    }
}

#[tokio::test]
async fn s13_how_somebody_is_reached_is_guarded_field_by_field() {
    let place = Place::new().await;
    let stale = place.stale().await;
    let phone = || ProfileEntry::Phone(PhoneNumber::parse("+31612345678").unwrap());
    let address = || -> EmailAddress { email("elders@haven.example") };
    for (field, entry) in [
        (ProfileField::Email, ProfileEntry::Email(address())),
        (ProfileField::RecoveryEmail, ProfileEntry::Email(address())),
        (ProfileField::Phone, phone()),
        (ProfileField::Mobile, phone()),
    ] {
        for entry in [Some(entry), None] {
            let update = update(place.ben, vec![(field, entry)]);
            let refused = place.refusal(&stale, update).await;
            assert_eq!(refused, Some(Refusal::StepUpRequired), "{field:?}");
        }
    }
}

#[tokio::test]
async fn s13_ones_own_way_in_asks_for_more_than_a_sign_in() {
    let place = Place::new().await;
    let ben = place.ben;
    let by_ben = place.bench.fresh(ben, place.haven).await;
    let phone = ProfileEntry::Phone(PhoneNumber::parse("+31612345678").unwrap());
    let own = || {
        [
            update(ben, vec![(ProfileField::Mobile, Some(phone.clone()))]),
            Command::PasswordSet {
                account: ben,
                credential: place.bench.ids.next().into(),
                by: PasswordSetBy::Owner,
                mails: vec![],
            },
            Command::RecoveryCodesMake {
                account: ben,
                codes: place.bench.ids.next().into(),
                count: 10,
            },
            Command::FactorRemove { account: ben, factor: place.factor, mails: vec![] },
        ]
    };
    for command in own() {
        let name = command.action().name();
        let refused = place.refusal(&by_ben, command).await;
        assert_eq!(refused, Some(Refusal::StepUpRequired), "{name}");
    }
    place.step_up(&by_ben).await;
    for command in own() {
        let name = command.action().name();
        assert_eq!(place.refusal(&by_ben, command).await, None, "{name}");
    }
}

#[tokio::test]
async fn s13_what_is_refused_anyway_asks_for_no_proof() {
    let place = Place::new().await;
    let stale = place.stale().await;
    let stranger = AccountId::new(place.bench.ids.next());
    let appoint = Command::OperatorAppoint { account: stranger };
    assert_eq!(place.refusal(&stale, appoint).await, Some(Refusal::AccountNotFound));
    let by_ben = place.bench.by(place.ben, place.haven);
    for command in place.commands() {
        if command.target(None).account == Some(place.ben) {
            continue;
        }
        let name = command.action().name();
        assert_eq!(place.refusal(&by_ben, command).await, Some(Refusal::Forbidden), "{name}");
    }
}

#[tokio::test]
async fn s20_acting_for_somebody_lets_nobody_in_however_fresh_the_operator_is() {
    let place = Place::new().await;
    let cor = place.bench.administrator(place.haven, "cor").await;
    let root = place.bench.fresh(place.root, None).await;
    place.step_up(&root).await;
    let session = SessionId::new(place.bench.ids.next());
    let until = place.bench.handler.now() + TimeDelta::minutes(30);
    let impersonate = Command::Impersonate { session, account: cor, reason: text("helps"), until };
    place.bench.handler.handle(&root, impersonate).await.unwrap();
    assert_eq!(place.bench.handler.fresh_until(session).await.unwrap(), None);
    let actor = Actor::Account { account: place.root, session };
    let organisation = Some(place.haven);
    let acting = Request { actor, on_behalf_of: Some(cor), organisation, ..root };
    for command in place.commands() {
        let name = command.action().name();
        let refused = place.refusal(&acting, command).await;
        assert_eq!(refused, Some(Refusal::Impersonating), "{name}");
    }
    let rename = Command::OrganisationRename { organisation: place.haven, name: text("Werf") };
    assert_eq!(place.refusal(&acting, rename).await, None);
}
