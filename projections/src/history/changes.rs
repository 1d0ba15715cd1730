//! What an event changed, field by field.

mod policy;

use chrono::{DateTime, SecondsFormat, Utc};
use events::{
    AccountId, Event, OrganisationId, Recorded, Sealed, Stream, account, factor, installation,
    mail, membership, organisation, service_key, session,
    value::{EmailAddress, Language, MemberKind, Plan, ProfileEntry, ProfileField, Scope, Text},
};

use super::Value;

/// One field that an event changed.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Change {
    /// Which.
    pub(super) field: String,
    /// What it was.
    pub(super) before: Before,
    /// What it is.
    pub(super) after: Value,
}

/// How the value before a change is known.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Before {
    /// The event alone tells: a switch that is on was off.
    Known(Value),
    /// Whatever event set this field of this entity the last time tells.
    AsSet(Vec<u8>),
}

/// The field name of an event that set all fields of an entity.
pub(super) const ALL_FIELDS: &str = "*";

/// What an event changed.
pub(super) fn changes(recorded: &Recorded<Event>) -> Vec<Change> {
    match (recorded.stream, &recorded.event) {
        (Stream::Account(id), Event::Account(event)) => account_changes(id, event),
        (Stream::Organisation(id), Event::Organisation(event)) => organisation_changes(id, event),
        (Stream::Membership(organisation, account), Event::Membership(event)) => {
            membership_changes(organisation, account, event)
        }
        (_, Event::Installation(event)) => installation_changes(event),
        (_, Event::ServiceKey(event)) => service_key_changes(event),
        (_, Event::Session(event)) => match event {
            session::Event::Opened { .. } => vec![switched("signedIn", true)],
            session::Event::Impersonated { reason, .. } => {
                vec![made("reason", text_of(reason, |text| text.as_str()))]
            }
            session::Event::SteppedUp { .. } => Vec::new(),
            session::Event::Ended { .. } => vec![switched("signedIn", false)],
        },
        (_, Event::Mail(event)) => mail_changes(event),
        (_, Event::Factor(event)) => factor_changes(event),
        // An event in a stream of another kind can't be decoded.
        _ => Vec::new(),
    }
}

/// Which fields of which entity an event set, for the changes that come after it.
pub(super) fn settings(recorded: &Recorded<Event>) -> Vec<(Vec<u8>, String)> {
    let own = match (recorded.stream, &recorded.event) {
        (Stream::Account(id), Event::Account(account::Event::Created { .. })) => Some(entity(id)),
        (Stream::Organisation(id), Event::Organisation(organisation::Event::Created { .. })) => {
            Some(entity(id))
        }
        _ => None,
    };
    if let Some(entity) = own {
        return vec![(entity, ALL_FIELDS.to_owned())];
    }
    changes(recorded)
        .into_iter()
        .filter_map(|change| match change.before {
            Before::AsSet(entity) => Some((entity, change.field)),
            Before::Known(_) => None,
        })
        .collect()
}

fn account_changes(id: AccountId, event: &account::Event) -> Vec<Change> {
    use account::Event;
    match event {
        Event::Created { username, profile } => {
            let mut changes = vec![made("username", text_of(username, |name| name.as_str()))];
            match profile.value() {
                None => changes.push(made("displayName", missing(profile))),
                Some(profile) => {
                    let name = Value::Text(profile.display_name.as_str().to_owned());
                    changes.push(made("displayName", name));
                    for (field, entry) in &profile.entries {
                        changes.push(made(field_name(*field), entry_value(entry)));
                    }
                }
            }
            changes
        }
        Event::ProfileChanged { field, value } => {
            let after = match value.value() {
                None => missing(value),
                Some(None) => Value::Absent,
                Some(Some(entry)) => entry_value(entry),
            };
            vec![replaced(field_name(*field), entity(id), after)]
        }
        Event::Joined { organisation } => {
            vec![added("organisations", Value::Organisation(*organisation))]
        }
        Event::Left { organisation } => {
            vec![removed("organisations", Value::Organisation(*organisation))]
        }
        Event::DefaultOrganisationSet { organisation } => {
            vec![replaced("defaultOrganisation", entity(id), Value::Organisation(*organisation))]
        }
        Event::SignInHoursSet { hours } => {
            let after = hours.as_ref().map_or(Value::Absent, |it| Value::Text(policy::week(it)));
            vec![replaced("signInHours", entity(id), after)]
        }
        Event::Locked => vec![switched("locked", true)],
        Event::Unlocked => vec![switched("locked", false)],
        Event::Deleted => vec![switched("deleted", true)],
        Event::EmailChangeRequested { email, .. } => {
            vec![replaced("emailPending", entity(id), text_of(email, |it| it.as_str()))]
        }
        Event::EmailChangeWithdrawn => vec![replaced("emailPending", entity(id), Value::Absent)],
        // That there is another password is told; what it is or was, never.
        Event::Activated { .. } => vec![switched("activated", true)],
        Event::PasswordSet { .. }
        | Event::PasswordResetRequested { .. }
        | Event::PasswordResetFailed { .. }
        | Event::PasswordResetVoided { .. }
        | Event::SignInFailed
        | Event::SecondFactorFailed
        | Event::SignInFailuresCleared
        | Event::ActivationSent { .. }
        | Event::ActivationCodeFailed { .. }
        | Event::ActivationVoided { .. }
        | Event::LetterDownloaded { .. }
        | Event::LetterRemoved { .. } => Vec::new(),
    }
}

fn organisation_changes(id: OrganisationId, event: &organisation::Event) -> Vec<Change> {
    use organisation::Event;
    match event {
        Event::Created { name, language, plan } => {
            let mut changes = vec![
                made("name", Value::Text(name.as_str().to_owned())),
                made("language", Value::Text(language_name(*language).to_owned())),
            ];
            changes.extend(seats(*plan).map(|(field, seats)| made(field, seats)));
            changes
        }
        Event::Renamed { name } => {
            vec![replaced("name", entity(id), Value::Text(name.as_str().to_owned()))]
        }
        Event::LanguageSet { language } => {
            vec![replaced("language", entity(id), Value::Text(language_name(*language).to_owned()))]
        }
        Event::PlanSet { plan } => {
            seats(*plan).map(|(field, seats)| replaced(field, entity(id), seats)).into()
        }
        Event::MailTemplateSet { kind, language, template } => {
            let field = format!("mailTemplates.{}.{}", kind.as_str(), language_name(*language));
            let subject = template.as_ref().map(|template| Value::Text(template.subject.clone()));
            vec![replaced(&field, entity(id), subject.unwrap_or(Value::Absent))]
        }
        Event::PolicySet { rule } => {
            let (field, value) = policy::field(rule);
            vec![replaced(field, entity(id), value)]
        }
        Event::Deactivated => vec![switched("active", false)],
        Event::Reactivated | Event::MemberReactivated { .. } => vec![switched("active", true)],
        Event::DomainRegistered { domain } => {
            vec![added("domains", Value::Text(domain.as_str().to_owned()))]
        }
        Event::DomainRemoved { domain } => {
            vec![removed("domains", Value::Text(domain.as_str().to_owned()))]
        }
        Event::ServiceEnabled { service } => {
            vec![switched(format!("services.{}.enabled", service.as_str()), true)]
        }
        Event::ServiceDisabled { service } => {
            vec![switched(format!("services.{}.enabled", service.as_str()), false)]
        }
        Event::MemberJoined { account, kind } => {
            let kind = Value::Text(kind_name(*kind).to_owned());
            vec![
                added("members", Value::Account(*account)),
                Change {
                    field: "type".to_owned(),
                    before: Before::AsSet(member(id, *account)),
                    after: kind,
                },
            ]
        }
        Event::MemberKindSet { account, kind } => {
            vec![replaced("type", member(id, *account), Value::Text(kind_name(*kind).to_owned()))]
        }
        Event::AdministratorGranted { .. } => vec![switched("administrator", true)],
        Event::AdministratorRevoked { .. } => vec![switched("administrator", false)],
        Event::OwnerSet { account } => {
            vec![replaced("owner", entity(id), Value::Account(*account))]
        }
        Event::MemberDeactivated { reason, .. } => {
            let mut changes = vec![switched("active", false)];
            if let Some(reason) = reason {
                changes.push(made("deactivationReason", text_of(reason, |text| text.as_str())));
            }
            changes
        }
        Event::InvitationLinkCreated { .. }
        | Event::InvitationLinkRevoked { .. }
        | Event::InvitationAccepted { .. } => Vec::new(),
        Event::SystemMessageSent { text, valid_until, .. } => message(text, *valid_until),
        Event::MemberRemoved { account } => {
            let gone = Value::Absent;
            vec![
                removed("members", Value::Account(*account)),
                Change {
                    field: "type".to_owned(),
                    before: Before::AsSet(member(id, *account)),
                    after: gone,
                },
            ]
        }
    }
}

fn membership_changes(
    organisation: OrganisationId,
    account: AccountId,
    event: &membership::Event,
) -> Vec<Change> {
    use membership::Event;
    let address = |address: &Sealed<EmailAddress>| text_of(address, |it| it.as_str());
    match event {
        Event::ServiceAccessGranted { service } => {
            vec![switched(format!("services.{}.access", service.as_str()), true)]
        }
        Event::ServiceAccessRevoked { service } => {
            vec![switched(format!("services.{}.access", service.as_str()), false)]
        }
        Event::ServiceAdministratorGranted { service } => {
            vec![switched(format!("services.{}.administrator", service.as_str()), true)]
        }
        Event::ServiceAdministratorRevoked { service } => {
            vec![switched(format!("services.{}.administrator", service.as_str()), false)]
        }
        Event::AliasAdded { address: alias } => vec![added("mailbox.aliases", address(alias))],
        Event::AliasRemoved { address: alias } => vec![removed("mailbox.aliases", address(alias))],
        Event::SendOnBehalfGranted { delegate } => {
            vec![added("mailbox.sendOnBehalf", Value::Account(*delegate))]
        }
        Event::SendOnBehalfRevoked { delegate } => {
            vec![removed("mailbox.sendOnBehalf", Value::Account(*delegate))]
        }
        Event::MailboxHiddenSet { hidden } => vec![switched("mailbox.hidden", *hidden)],
        Event::MailboxSharedSet { shared } => vec![switched("mailbox.shared", *shared)],
        Event::AlwaysBccSet { address: bcc } => {
            let after = bcc.as_ref().map_or(Value::Absent, address);
            vec![replaced("mailbox.alwaysBcc", member(organisation, account), after)]
        }
        Event::Ended => vec![switched("membership", false)],
    }
}

fn installation_changes(event: &installation::Event) -> Vec<Change> {
    use installation::Event;
    match event {
        Event::Initialised { operator: account } | Event::OperatorAppointed { account } => {
            vec![added("operators", Value::Account(*account))]
        }
        Event::OperatorDismissed { account } => {
            vec![removed("operators", Value::Account(*account))]
        }
        Event::ServiceRegistered { service, name } => {
            vec![made(
                format!("services.{}", service.as_str()),
                Value::Text(name.as_str().to_owned()),
            )]
        }
        Event::MailSettingsSet { settings, .. } => {
            let server = format!("{}:{}", settings.host.as_str(), settings.port);
            let from = settings.from.as_str().to_owned();
            vec![
                replaced("mail.server", installation_entity(), Value::Text(server)),
                replaced("mail.from", installation_entity(), Value::Text(from)),
            ]
        }
        Event::MailSettingsRestored => vec![
            replaced("mail.server", installation_entity(), Value::Absent),
            replaced("mail.from", installation_entity(), Value::Absent),
        ],
        Event::MailSettingsTested { accepted } => {
            vec![made("accepted", Value::Flag(*accepted))]
        }
        Event::SystemMessageSent { text, valid_until, .. } => message(text, *valid_until),
    }
}

/// What those who are signed in are told, and until when.
fn message(text: &Text, valid_until: DateTime<Utc>) -> Vec<Change> {
    let until = valid_until.to_rfc3339_opts(SecondsFormat::AutoSi, true);
    vec![
        made("message", Value::Text(text.as_str().to_owned())),
        made("validUntil", Value::Text(until)),
    ]
}

/// What stands for the installation, of which there is one.
fn installation_entity() -> Vec<u8> {
    uuid::Uuid::nil().as_bytes().to_vec()
}

fn service_key_changes(event: &service_key::Event) -> Vec<Change> {
    use service_key::Event;
    match event {
        Event::Created { name, scopes, expires_at, .. } => {
            let mut changes = vec![made("name", Value::Text(name.as_str().to_owned()))];
            changes.extend(
                scopes
                    .iter()
                    .map(|scope| added("scopes", Value::Text(scope_name(*scope).to_owned()))),
            );
            changes.extend(expires_at.map(|at| {
                made("expiresAt", Value::Text(at.to_rfc3339_opts(SecondsFormat::AutoSi, true)))
            }));
            changes
        }
        Event::Revoked { .. } => vec![switched("revoked", true)],
    }
}

/// Where the mail is on its way.
fn mail_changes(event: &mail::Event) -> Vec<Change> {
    use mail::Event;
    let state = |before: Option<&str>, after: &str| {
        let text = |text: &str| Value::Text(text.to_owned());
        let before = Before::Known(before.map_or(Value::Absent, text));
        vec![Change { field: "state".to_owned(), before, after: text(after) }]
    };
    match event {
        Event::Queued { .. } => state(None, "queued"),
        Event::Sent { .. } => state(Some("queued"), "sent"),
        Event::Failed { .. } => vec![],
        Event::GivenUp { .. } => state(Some("queued"), "given_up"),
        Event::Retried { .. } => state(Some("given_up"), "queued"),
    }
}

fn factor_changes(event: &factor::Event) -> Vec<Change> {
    use factor::Event;
    match event {
        Event::Added { factor, name, .. } => {
            let mut changes = vec![switched(format!("factors.{factor}"), true)];
            if let Some(name) = name {
                let field = format!("factors.{factor}.name");
                changes.push(made(field, text_of(name, |text| text.as_str())));
            }
            changes
        }
        Event::Removed { factor } => vec![switched(format!("factors.{factor}"), false)],
        // What they know is told nobody.
        Event::RecoveryCodesMade { .. }
        | Event::Asked
        | Event::Used { .. }
        | Event::RecoveryCodeUsed { .. }
        | Event::CodeSent { .. }
        | Event::CodeNotSent { .. }
        | Event::Suspected { .. } => Vec::new(),
    }
}

fn switched(field: impl Into<String>, is_on: bool) -> Change {
    let before = Before::Known(Value::Flag(!is_on));
    Change { field: field.into(), before, after: Value::Flag(is_on) }
}

fn made(field: impl Into<String>, after: Value) -> Change {
    Change { field: field.into(), before: Before::Known(Value::Absent), after }
}

fn added(field: &str, what: Value) -> Change {
    made(field, what)
}

fn removed(field: &str, what: Value) -> Change {
    Change { field: field.to_owned(), before: Before::Known(what), after: Value::Absent }
}

fn replaced(field: &str, entity: Vec<u8>, after: Value) -> Change {
    Change { field: field.to_owned(), before: Before::AsSet(entity), after }
}

fn entity<K>(id: events::Id<K>) -> Vec<u8> {
    id.uuid().as_bytes().to_vec()
}

fn member(organisation: OrganisationId, account: AccountId) -> Vec<u8> {
    [entity(organisation), entity(account)].concat()
}

fn seats(plan: Plan) -> [(&'static str, Value); 2] {
    let seats =
        |seats: Option<u32>| seats.map_or(Value::Absent, |seats| Value::Number(seats.into()));
    [("plan.fullSeats", seats(plan.full_seats)), ("plan.readerSeats", seats(plan.reader_seats))]
}

fn text_of<T>(sealed: &Sealed<T>, text: impl Fn(&T) -> &str) -> Value {
    sealed.value().map_or_else(|| missing(sealed), |value| Value::Text(text(value).to_owned()))
}

/// What stands where a value can't be read.
const fn missing<T>(_: &Sealed<T>) -> Value {
    Value::Erased
}

/// The value of a field of a profile.
pub(super) fn entry_value(entry: &ProfileEntry) -> Value {
    Value::Text(match entry {
        ProfileEntry::Text(text) => text.as_str().to_owned(),
        ProfileEntry::Email(address) => address.as_str().to_owned(),
        ProfileEntry::Language(language) => language_name(*language).to_owned(),
        ProfileEntry::TimeZone(zone) => zone.as_str().to_owned(),
        ProfileEntry::Date(date) => date.to_string(),
        ProfileEntry::Phone(number) => number.as_str().to_owned(),
    })
}

/// The name of a field of a profile, as in the API.
pub(super) const fn field_name(field: ProfileField) -> &'static str {
    match field {
        ProfileField::DisplayName => "displayName",
        ProfileField::FirstName => "firstName",
        ProfileField::LastName => "lastName",
        ProfileField::Salutation => "salutation",
        ProfileField::Email => "email",
        ProfileField::RecoveryEmail => "recoveryEmail",
        ProfileField::Language => "language",
        ProfileField::TimeZone => "timeZone",
        ProfileField::Position => "position",
        ProfileField::Location => "location",
        ProfileField::BirthDate => "birthDate",
        ProfileField::Phone => "phone",
        ProfileField::Mobile => "mobile",
        ProfileField::Description => "description",
    }
}

/// A language, as in the API.
pub(super) const fn language_name(language: Language) -> &'static str {
    match language {
        Language::Nl => "nl",
        Language::De => "de",
        Language::En => "en",
    }
}

const fn kind_name(kind: MemberKind) -> &'static str {
    match kind {
        MemberKind::Full => "full",
        MemberKind::Reader => "reader",
    }
}

const fn scope_name(scope: Scope) -> &'static str {
    match scope {
        Scope::AccountsRead => "accounts_read",
        Scope::AccountsWrite => "accounts_write",
        Scope::HistoryRead => "history_read",
    }
}
