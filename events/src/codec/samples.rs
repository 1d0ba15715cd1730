//! One event of every kind, always the same, for the golden files.

use chrono::DateTime;
use uuid::Uuid;

use crate::{
    AccountId, Event, OrganisationId, Sealed, account, factor, installation, mail, membership,
    organisation, service_key, session,
    value::{
        Domain, EmailAddress, HourRange, InvitationDays, Language, LockAfter, MailHost, MailKind,
        MailSettings, MailTemplate, MemberKind, MinLength, Plan, PolicyRule, ProfileField, Scope,
        SecondFactor, ServiceKind, SessionMinutes, Strength, Text, TlsMode, WeekHours,
    },
};

fn anna() -> AccountId {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001).into()
}

fn acme() -> OrganisationId {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0002).into()
}

fn closed<T>() -> Sealed<T> {
    Sealed::Closed { subject: anna(), key: 1, cipher: (0..48).collect() }
}

fn mornings() -> WeekHours {
    WeekHours::parse(&[HourRange { day: chrono::Weekday::Sat, from: 8, until: 12 }]).unwrap()
}

/// One of each, more where a field may be missing.
pub(super) fn samples() -> Vec<Event> {
    let text = || Text::parse("Wijnhandel Müller").unwrap();
    let service = || ServiceKind::parse("cloud_storage").unwrap();
    let domain = || Domain::parse("example.org").unwrap();
    let plan = Plan { full_seats: Some(25), reader_seats: None };
    let (account, organisation) = (anna(), acme());
    let mut all: Vec<Event> = vec![];
    all.extend([
        installation::Event::Initialised { operator: account }.into(),
        installation::Event::OperatorAppointed { account }.into(),
        installation::Event::OperatorDismissed { account }.into(),
        installation::Event::ServiceRegistered { service: service(), name: text() }.into(),
        installation::Event::MailSettingsSet {
            settings: MailSettings {
                host: MailHost::parse("mail.example.org").unwrap(),
                port: 587,
                tls: TlsMode::Starttls,
                username: Some(text()),
                from: EmailAddress::parse("accounts@example.org").unwrap(),
            },
            password: Some(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0003).into()),
        }
        .into(),
        installation::Event::MailSettingsRestored.into(),
        installation::Event::MailSettingsTested { accepted: true }.into(),
        installation::Event::SystemMessageSent {
            message: Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0007).into(),
            text: text(),
            valid_until: DateTime::from_timestamp(1_800_000_000, 0).unwrap(),
        }
        .into(),
    ]);
    all.extend::<[Event; 24]>({
        use organisation::Event as E;
        let link = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0006).into();
        let expires_at = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let kind = MemberKind::Reader;
        [
            E::Created { name: text(), language: Language::Nl, plan }.into(),
            E::Renamed { name: text() }.into(),
            E::LanguageSet { language: Language::De }.into(),
            E::PlanSet { plan }.into(),
            E::MailTemplateSet {
                kind: MailKind::Activation,
                language: Language::Nl,
                template: Some(MailTemplate {
                    subject: "Welkom".to_owned(),
                    text: "{{ link }} tot {{ expires }}".to_owned(),
                    html: None,
                }),
            }
            .into(),
            E::PolicySet { rule: PolicyRule::SignInHours(Some(mornings())) }.into(),
            E::Deactivated.into(),
            E::Reactivated.into(),
            E::DomainRegistered { domain: domain() }.into(),
            E::DomainRemoved { domain: domain() }.into(),
            E::ServiceEnabled { service: service() }.into(),
            E::ServiceDisabled { service: service() }.into(),
            E::MemberJoined { account, kind: MemberKind::Full }.into(),
            E::MemberKindSet { account, kind: MemberKind::Reader }.into(),
            E::AdministratorGranted { account }.into(),
            E::AdministratorRevoked { account }.into(),
            E::OwnerSet { account }.into(),
            E::MemberDeactivated { account, reason: Some(closed()) }.into(),
            E::MemberReactivated { account }.into(),
            E::MemberRemoved { account }.into(),
            E::InvitationLinkCreated { link, kind, expires_at, uses: Some(30) }.into(),
            E::InvitationLinkRevoked { link }.into(),
            E::InvitationAccepted { link, account }.into(),
            E::SystemMessageSent {
                message: Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0007).into(),
                text: text(),
                valid_until: expires_at,
            }
            .into(),
        ]
    });
    all.extend::<[Event; 24]>({
        use account::Event as E;
        let credential = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0003).into();
        let link = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0004).into();
        let until = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let activation = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0004).into();
        let letter = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0005).into();
        let expires_at = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        [
            E::Created { username: closed(), profile: closed() }.into(),
            E::ProfileChanged { field: ProfileField::Email, value: closed() }.into(),
            E::Joined { organisation }.into(),
            E::Left { organisation }.into(),
            E::DefaultOrganisationSet { organisation }.into(),
            E::PasswordSet { credential, by: account::PasswordSetBy::Owner }.into(),
            E::SignInHoursSet { hours: Some(WeekHours::ALWAYS) }.into(),
            E::PasswordResetRequested { reset: link, expires_at: until }.into(),
            E::PasswordResetFailed { reset: link }.into(),
            E::PasswordResetVoided { reset: link }.into(),
            E::EmailChangeRequested { link, email: closed(), expires_at: until }.into(),
            E::EmailChangeWithdrawn.into(),
            E::SignInFailed.into(),
            E::SecondFactorFailed.into(),
            E::Locked.into(),
            E::Unlocked.into(),
            E::SignInFailuresCleared.into(),
            E::ActivationSent { activation, organisation, letter: Some(letter), expires_at }.into(),
            E::ActivationCodeFailed { activation }.into(),
            E::ActivationVoided { activation }.into(),
            E::Activated { activation }.into(),
            E::LetterDownloaded { letter, organisation }.into(),
            E::LetterRemoved { letter, organisation }.into(),
            E::Deleted.into(),
        ]
    });
    all.extend::<[Event; 12]>({
        use membership::Event as E;
        [
            E::ServiceAccessGranted { service: service() }.into(),
            E::ServiceAccessRevoked { service: service() }.into(),
            E::ServiceAdministratorGranted { service: service() }.into(),
            E::ServiceAdministratorRevoked { service: service() }.into(),
            E::AliasAdded { address: closed() }.into(),
            E::AliasRemoved { address: closed() }.into(),
            E::SendOnBehalfGranted { delegate: account }.into(),
            E::SendOnBehalfRevoked { delegate: account }.into(),
            E::MailboxHiddenSet { hidden: true }.into(),
            E::MailboxSharedSet { shared: true }.into(),
            E::AlwaysBccSet { address: Some(closed()) }.into(),
            E::Ended.into(),
        ]
    });
    all.extend::<[Event; 9]>({
        use factor::{Event as E, FactorKind, NotSent};
        let factor = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0004).into();
        let codes = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0005).into();
        let (kind, step) = (FactorKind::Totp, Some(60_000_000));
        [
            E::Added { factor, kind, name: Some(closed()), step }.into(),
            E::Removed { factor }.into(),
            E::RecoveryCodesMade { codes, count: 10 }.into(),
            E::Asked.into(),
            E::Used { factor, step }.into(),
            E::RecoveryCodeUsed { place: 3 }.into(),
            E::CodeSent { factor }.into(),
            E::CodeNotSent { factor, reason: NotSent::Unreachable }.into(),
            E::Suspected { factor }.into(),
        ]
    });
    all.extend::<[Event; 6]>([
        session::Event::Opened { account, until: None }.into(),
        session::Event::Impersonated {
            account,
            by: Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0006).into(),
            reason: closed(),
            until: DateTime::from_timestamp(1_800_001_800, 0).unwrap(),
        }
        .into(),
        session::Event::SteppedUp {
            account,
            until: DateTime::from_timestamp(1_800_000_900, 0).unwrap(),
        }
        .into(),
        session::Event::Ended { account, reason: session::EndReason::SignedOut }.into(),
        service_key::Event::Created {
            organisation,
            name: text(),
            scopes: [Scope::AccountsRead, Scope::HistoryRead].into(),
            expires_at: DateTime::from_timestamp(1_800_000_000, 0),
        }
        .into(),
        service_key::Event::Revoked { organisation }.into(),
    ]);
    all.extend::<[Event; 5]>({
        use mail::Event as E;
        let (organisation, kind) = (Some(organisation), MailKind::PasswordReset);
        let at = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let reply = || Some(closed());
        [
            E::Queued {
                account,
                organisation,
                kind,
                to: closed(),
                language: Language::De,
                expires_at: at,
            }
            .into(),
            E::Sent { account, organisation, kind, attempt: 2, reply: reply() }.into(),
            E::Failed { account, organisation, kind, attempt: 1, reply: reply(), next_at: at }
                .into(),
            E::GivenUp {
                account,
                organisation,
                kind,
                attempts: 1,
                reason: mail::GivenUpReason::Refused,
                reply: reply(),
            }
            .into(),
            E::Retried { account, organisation, kind }.into(),
        ]
    });
    all
}

/// The same kinds with their optional fields empty.
pub(super) fn bare_samples() -> Vec<Event> {
    let (account, organisation) = (anna(), acme());
    let rules = [
        PolicyRule::MinLength(MinLength::parse(15).ok()),
        PolicyRule::Capital(Some(false)),
        PolicyRule::Digit(Some(true)),
        PolicyRule::Strength(Strength::parse(4).ok()),
        PolicyRule::LockAfter(LockAfter::parse(5).ok()),
        PolicyRule::SecondFactor(Some(SecondFactor::Administrators)),
        PolicyRule::SessionIdle(SessionMinutes::parse(15).ok()),
        PolicyRule::SessionLifetime(SessionMinutes::parse(480).ok()),
        PolicyRule::InvitationDays(InvitationDays::parse(14).ok()),
        PolicyRule::SignInHours(None),
    ];
    let rules = rules.map(|rule| organisation::Event::PolicySet { rule }.into());
    let mut all = rules.to_vec();
    all.extend([
        session::Event::Opened { account, until: DateTime::from_timestamp(1_800_000_900, 0) }
            .into(),
        organisation::Event::MemberDeactivated { account, reason: None }.into(),
        organisation::Event::MailTemplateSet {
            kind: MailKind::Test,
            language: Language::En,
            template: None,
        }
        .into(),
        organisation::Event::InvitationLinkCreated {
            link: Uuid::from_u128(6).into(),
            kind: MemberKind::Full,
            expires_at: DateTime::UNIX_EPOCH,
            uses: None,
        }
        .into(),
        account::Event::ActivationSent {
            activation: Uuid::from_u128(4).into(),
            organisation,
            letter: None,
            expires_at: DateTime::UNIX_EPOCH,
        }
        .into(),
        membership::Event::AlwaysBccSet { address: None }.into(),
        service_key::Event::Created {
            organisation,
            name: Text::parse("n").unwrap(),
            scopes: [].into(),
            expires_at: None,
        }
        .into(),
        organisation::Event::PlanSet { plan: Plan::default() }.into(),
        mail::Event::Sent {
            account,
            organisation: None,
            kind: MailKind::Test,
            attempt: 1,
            reply: None,
        }
        .into(),
        factor::Event::Added {
            factor: Uuid::from_u128(4).into(),
            kind: factor::FactorKind::Passkey,
            name: None,
            step: None,
        }
        .into(),
    ]);
    all
}
