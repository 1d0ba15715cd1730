//! What happened to an organisation, and to the installation that has them all.

use chrono::{DateTime, SecondsFormat, Utc};
use events::{
    OrganisationId, installation, organisation,
    value::{Plan, Text},
};

use super::{
    Before, Change, Value, added, entity, made, member,
    names::{kind_name, language_name},
    policy, removed, replaced, switched, text_of,
};

pub(super) fn organisation_changes(id: OrganisationId, event: &organisation::Event) -> Vec<Change> {
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

pub(super) fn installation_changes(event: &installation::Event) -> Vec<Change> {
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

fn seats(plan: Plan) -> [(&'static str, Value); 2] {
    let seats =
        |seats: Option<u32>| seats.map_or(Value::Absent, |seats| Value::Number(seats.into()));
    [("plan.fullSeats", seats(plan.full_seats)), ("plan.readerSeats", seats(plan.reader_seats))]
}
