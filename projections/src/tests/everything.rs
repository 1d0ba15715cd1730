//! An organisation in which everything happens that can.

use chrono::{DateTime, NaiveDate, Weekday};
use events::{
    AccountId, ActivationId, Actor, CredentialId, Event, FactorId, InvitationLinkId, LetterId,
    MailId, MessageId, OrganisationId, Sealed, ServiceKeyId, SessionId, Stream,
    account::{self, PasswordSetBy},
    factor::{self, FactorKind, NotSent},
    installation, mail, membership, organisation, service_key,
    session::{self, EndReason},
    value::{
        Domain, HourRange, InvitationDays, Language, LockAfter, MailHost, MailKind, MailSettings,
        MailTemplate, MemberKind, MinLength, Plan, PolicyRule as P, ProfileEntry, ProfileField,
        Reply, Scope, SecondFactor, SessionMinutes, Strength, TlsMode, WeekHours,
    },
};

use super::support::{World, address, service, text};

/// Two people, and an organisation in which everything happens that can.
pub(super) struct Everything {
    pub(super) anna: AccountId,
    pub(super) bert: AccountId,
    pub(super) firm: OrganisationId,
}

pub(super) async fn everything(world: &World) -> Everything {
    let firm = world.organisation("Bakkerij Zoet").await;
    let anna = world.member(firm, "Anna de Vries").await;
    let bert = world.member(firm, "Bert Jansen").await;
    let (session, key) = (SessionId::new(world.id()), ServiceKeyId::new(world.id()));
    let credential = || CredentialId::new(world.id());
    let link = || events::LinkId::new(world.id());
    let activation = || ActivationId::new(world.id());
    let letter = LetterId::new(world.id());
    let letter = || letter;
    let invitation = InvitationLinkId::new(world.id());
    let by_anna = Actor::Account { account: anna, session };
    let entry = |text_: &str| ProfileEntry::Text(text(text_));
    let profile = |field, value: Option<ProfileEntry>| account::Event::ProfileChanged {
        field,
        value: Sealed::new(bert, value),
    };
    let the_firm = |event: organisation::Event| (Stream::Organisation(firm), Event::from(event));
    let to_bert = |event: account::Event| (Stream::Account(bert), Event::from(event));
    let berts = |event: membership::Event| (Stream::Membership(firm, bert), Event::from(event));
    let berts_factor = |event: factor::Event| (Stream::Factors(bert), Event::from(event));
    let factor = FactorId::new(world.id());
    let the_house = |event: installation::Event| (Stream::Installation, Event::from(event));
    let day = |year| NaiveDate::from_ymd_opt(year, 3, 2).unwrap();
    let domain = || Domain::parse("zoet.example").unwrap();
    let plan = Plan { full_seats: Some(25), reader_seats: None };
    {
        use account::Event as A;
        use factor::Event as F;
        use installation::Event as I;
        use membership::Event as M;
        use organisation::Event as O;
        for (stream, event) in [
            the_house(I::Initialised { operator: anna }),
            the_house(I::OperatorAppointed { account: bert }),
            the_house(I::OperatorDismissed { account: bert }),
            the_house(I::ServiceRegistered { service: service("wiki"), name: text("Wiki") }),
            the_house(I::MailSettingsSet { settings: mail_settings(), password: None }),
            the_house(I::MailSettingsTested { accepted: true }),
            the_house(I::MailSettingsTested { accepted: false }),
            the_house(I::MailSettingsRestored),
            the_house(I::SystemMessageSent {
                message: MessageId::new(world.id()),
                text: text("Vanavond onderhoud"),
                valid_until: chrono::DateTime::from_timestamp(1_800_003_600, 0).unwrap(),
            }),
            the_firm(O::SystemMessageSent {
                message: MessageId::new(world.id()),
                text: text("De bakkerij sluit om vijf uur"),
                valid_until: chrono::DateTime::from_timestamp(1_800_003_600, 0).unwrap(),
            }),
            the_firm(mail_template(Some("Welkom bij Zoet"))),
            the_firm(mail_template(None)),
            the_firm(O::Renamed { name: text("Bakkerij Zoet & Zoon") }),
            the_firm(O::LanguageSet { language: Language::De }),
            the_firm(O::PlanSet { plan }),
            the_firm(O::PlanSet { plan: Plan { reader_seats: Some(3), ..plan } }),
            the_firm(O::PlanSet { plan: Plan { reader_seats: Some(5), ..plan } }),
            the_firm(O::PlanSet { plan: Plan { full_seats: Some(1), reader_seats: Some(1) } }),
            the_firm(O::DomainRegistered { domain: domain() }),
            the_firm(O::DomainRemoved { domain: domain() }),
            the_firm(O::InvitationLinkCreated {
                link: invitation,
                kind: MemberKind::Reader,
                expires_at: DateTime::UNIX_EPOCH,
                uses: Some(1),
            }),
            the_firm(O::InvitationAccepted { link: invitation, account: bert }),
            the_firm(O::InvitationLinkRevoked { link: invitation }),
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
            to_bert(profile(ProfileField::Language, Some(ProfileEntry::Language(Language::De)))),
            to_bert(profile(ProfileField::Language, Some(ProfileEntry::Language(Language::Nl)))),
            to_bert(profile(ProfileField::BirthDate, Some(ProfileEntry::Date(day(1980))))),
            to_bert(profile(ProfileField::BirthDate, Some(ProfileEntry::Date(day(1981))))),
            to_bert(A::DefaultOrganisationSet { organisation: firm }),
            to_bert(A::PasswordSet { credential: credential(), by: PasswordSetBy::Setup }),
            to_bert(A::PasswordSet { credential: credential(), by: PasswordSetBy::Owner }),
            to_bert(A::PasswordSet { credential: credential(), by: PasswordSetBy::Administrator }),
            to_bert(A::PasswordSet { credential: credential(), by: PasswordSetBy::Rehash }),
            to_bert(A::SignInHoursSet { hours: Some(WeekHours::ALWAYS) }),
            to_bert(A::SignInHoursSet { hours: None }),
            to_bert(A::PasswordSet { credential: credential(), by: PasswordSetBy::Reset }),
            to_bert(A::PasswordResetRequested { reset: link(), expires_at: world.now() }),
            to_bert(A::PasswordResetFailed { reset: link() }),
            to_bert(A::PasswordResetVoided { reset: link() }),
            to_bert(A::EmailChangeRequested {
                link: link(),
                email: Sealed::new(bert, address("nieuw@zoet.example")),
                expires_at: world.now(),
            }),
            to_bert(A::EmailChangeWithdrawn),
            to_bert(A::ActivationSent {
                activation: activation(),
                organisation: firm,
                letter: None,
                expires_at: DateTime::UNIX_EPOCH,
            }),
            to_bert(A::ActivationSent {
                activation: activation(),
                organisation: firm,
                letter: Some(letter()),
                expires_at: DateTime::UNIX_EPOCH,
            }),
            to_bert(A::LetterDownloaded { letter: letter(), organisation: firm }),
            to_bert(A::LetterRemoved { letter: letter(), organisation: firm }),
            to_bert(A::ActivationCodeFailed { activation: activation() }),
            to_bert(A::ActivationVoided { activation: activation() }),
            to_bert(A::Activated { activation: activation() }),
            to_bert(A::SignInFailed),
            to_bert(A::SecondFactorFailed),
            berts_factor(F::Added {
                factor,
                kind: FactorKind::Totp,
                name: Some(Sealed::new(bert, text("werktelefoon"))),
                step: Some(7),
            }),
            berts_factor(F::Added {
                factor: FactorId::new(world.id()),
                kind: FactorKind::Passkey,
                name: None,
                step: None,
            }),
            berts_factor(F::RecoveryCodesMade { codes: credential(), count: 10 }),
            berts_factor(F::Asked),
            berts_factor(F::Used { factor, step: Some(8) }),
            berts_factor(F::RecoveryCodeUsed { place: 3 }),
            berts_factor(F::CodeSent { factor }),
            berts_factor(F::CodeNotSent { factor, reason: NotSent::Unreachable }),
            berts_factor(F::CodeNotSent { factor, reason: NotSent::Refused }),
            berts_factor(F::Suspected { factor }),
            berts_factor(F::Removed { factor }),
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
    for rule in rules() {
        let set = organisation::Event::PolicySet { rule }.into();
        world.append_by(by_anna, "policySet", vec![(Stream::Organisation(firm), vec![set])]).await;
    }
    for reason in [
        EndReason::SignedOut,
        EndReason::Expired,
        EndReason::PasswordChanged,
        EndReason::Barred,
        EndReason::OutsideHours,
        EndReason::Ended,
    ] {
        let session = Stream::Session(SessionId::new(world.id()));
        let opened = session::Event::Opened { account: bert, until: None }.into();
        world.append_by(Actor::Anonymous, "signIn", vec![(session, vec![opened])]).await;
        let until = chrono::DateTime::from_timestamp(1_800_000_900, 0).unwrap();
        let proved = session::Event::SteppedUp { account: bert, until }.into();
        world.append_by(Actor::Anonymous, "stepUp", vec![(session, vec![proved])]).await;
        let ended = session::Event::Ended { account: bert, reason }.into();
        world.append_by(Actor::System, "sessionEnd", vec![(session, vec![ended])]).await;
    }
    let acting = Stream::Session(SessionId::new(world.id()));
    let until = chrono::DateTime::from_timestamp(1_800_001_800, 0).unwrap();
    let reason = Sealed::new(bert, text("helpt met de import"));
    let acts = session::Event::Impersonated { account: bert, by: anna, reason, until };
    world.append_by(by_anna, "impersonate", vec![(acting, vec![acts.into()])]).await;
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
    mails(world, firm, bert).await;
    Everything { anna, bert, firm }
}

/// Every mail to somebody, and all that can become of one.
async fn mails(world: &World, firm: OrganisationId, bert: AccountId) {
    use mail::{Event as E, GivenUpReason};
    let (account, organisation) = (bert, Some(firm));
    let at = world.now();
    let reply = || Some(Sealed::new(bert, Reply::of("451 4.7.1 Greylisted")));
    for kind in MailKind::ALL {
        let to = Sealed::new(bert, address("bert@zoet.example"));
        let language = Language::Nl;
        let queued = E::Queued { account, organisation, kind, to, language, expires_at: at };
        let sent = E::Sent { account, organisation, kind, attempt: 1, reply: None };
        let stream = Stream::Mail(MailId::new(world.id()));
        world.append_by(Actor::System, "test", vec![(stream, vec![queued.into()])]).await;
        world.append_by(Actor::System, "mailSend", vec![(stream, vec![sent.into()])]).await;
    }
    let kind = MailKind::Passcode;
    let given_up =
        |reason| E::GivenUp { account, organisation, kind, attempts: 2, reason, reply: reply() };
    for event in [
        E::Failed { account, organisation, kind, attempt: 1, reply: reply(), next_at: at },
        given_up(GivenUpReason::Refused),
        E::Retried { account, organisation, kind },
        given_up(GivenUpReason::Exhausted),
        given_up(GivenUpReason::Expired),
        given_up(GivenUpReason::Unwritable),
    ] {
        let stream = Stream::Mail(MailId::new(world.id()));
        world.append_by(Actor::System, "test", vec![(stream, vec![event.into()])]).await;
    }
}

/// Every rule of a policy, set, and then left to the installation again.
fn rules() -> Vec<P> {
    let hours = |day, from, until| HourRange { day, from, until };
    let week =
        [hours(Weekday::Mon, 8, 12), hours(Weekday::Mon, 13, 18), hours(Weekday::Sat, 9, 10)];
    vec![
        P::MinLength(MinLength::parse(12).ok()),
        P::MinLength(MinLength::parse(15).ok()),
        P::MinLength(None),
        P::Capital(Some(true)),
        P::Capital(Some(false)),
        P::Capital(None),
        P::Digit(Some(true)),
        P::Digit(Some(false)),
        P::Digit(None),
        P::Strength(Strength::parse(4).ok()),
        P::Strength(None),
        P::LockAfter(LockAfter::parse(5).ok()),
        P::LockAfter(LockAfter::parse(1).ok()),
        P::LockAfter(None),
        P::SecondFactor(Some(SecondFactor::Administrators)),
        P::SecondFactor(Some(SecondFactor::Everybody)),
        P::SecondFactor(Some(SecondFactor::Nobody)),
        P::SecondFactor(None),
        P::SessionIdle(SessionMinutes::parse(15).ok()),
        P::SessionIdle(None),
        P::SessionLifetime(SessionMinutes::parse(480).ok()),
        P::SessionLifetime(None),
        P::SignInHours(WeekHours::parse(&week).ok()),
        P::SignInHours(None),
        P::InvitationDays(InvitationDays::parse(14).ok()),
        P::InvitationDays(InvitationDays::parse(1).ok()),
        P::InvitationDays(None),
    ]
}

fn mail_settings() -> MailSettings {
    MailSettings {
        host: MailHost::parse("mail.zoet.example").unwrap(),
        port: 587,
        tls: TlsMode::Starttls,
        username: None,
        from: address("accounts@zoet.example"),
    }
}

fn mail_template(subject: Option<&str>) -> organisation::Event {
    organisation::Event::MailTemplateSet {
        kind: MailKind::Activation,
        language: Language::De,
        template: subject.map(|subject| MailTemplate {
            subject: subject.to_owned(),
            text: "{{ link }} {{ expires }}".to_owned(),
            html: None,
        }),
    }
}
