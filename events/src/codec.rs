//! Stored names and JSON ⇄ events; older stored forms are lifted here, once.
//!
//! An event is stored as a name with a version, such as `account.created.v1`, and the JSON of what
//! it says. Every form that was ever stored has a file in `events/golden/`, which never changes.
//!
//! A variant that has to say something else gets the next version here and upcast (`codec/upcast.rs`) from the
//! version before; readers only ever see the newest form.

mod named;
mod upcast;

use std::sync::Arc;

use serde::Deserialize;

use crate::{
    Event, account, factor, installation, mail, membership, organisation, service_key, session,
};
use named::Named;
use upcast::{UPCASTS, Upcast};

/// An event in its stored form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coded {
    /// The stored name, for instance `account.created.v1`.
    pub kind: Arc<str>,
    /// The data, as JSON.
    pub data: Box<str>,
}

/// Why an event can't be coded.
#[derive(Debug, thiserror::Error)]
pub enum CodecError {
    /// Nobody knows an event of this name.
    #[error("no event is stored under the name `{0}`")]
    UnknownKind(String),
    /// The data doesn't fit the name.
    #[error("`{kind}`: {source}")]
    Data {
        /// The stored name.
        kind: String,
        /// What doesn't fit.
        source: serde_json::Error,
    },
}

/// Codes an event whose personal data is sealed. Open personal data is an error: it would stand in the log for ever.
pub fn encode(event: &Event) -> Result<Coded, CodecError> {
    let kind = stored_name(event);
    let json = serde_json::to_string(event)
        .map_err(|source| CodecError::Data { kind: kind.to_owned(), source })?;
    let data = untagged(&json, kind).ok_or_else(|| CodecError::UnknownKind(kind.to_owned()))?;
    Ok(Coded { kind: kind.into(), data: data.into() })
}

/// Reads an event of any stored version.
pub fn decode(kind: &str, data: &str) -> Result<Event, CodecError> {
    decode_with(&UPCASTS, kind, data)
}

/// What an event is called where versions don't matter, for instance `account.created`.
pub fn kind_of(event: &Event) -> &'static str {
    let name = stored_name(event);
    name.rsplit_once(".v").map_or(name, |(kind, _)| kind)
}

/// The name under which an event is stored today. Written out, so that renaming a variant can't touch the log.
pub fn stored_name(event: &Event) -> &'static str {
    match event {
        Event::Installation(event) => installation_name(event),
        Event::Organisation(event) => organisation_name(event),
        Event::Account(event) => account_name(event),
        Event::Membership(event) => membership_name(event),
        Event::Session(event) => match event {
            session::Event::Opened { .. } => "session.opened.v1",
            session::Event::Impersonated { .. } => "session.impersonated.v1",
            session::Event::SteppedUp { .. } => "session.stepped_up.v1",
            session::Event::Ended { .. } => "session.ended.v1",
        },
        Event::ServiceKey(event) => match event {
            service_key::Event::Created { .. } => "service_key.created.v1",
            service_key::Event::Revoked { .. } => "service_key.revoked.v1",
        },
        Event::Mail(event) => mail_name(event),
        Event::Factor(event) => factor_name(event),
    }
}

fn installation_name(event: &installation::Event) -> &'static str {
    use installation::Event as E;
    match event {
        E::Initialised { .. } => "installation.initialised.v1",
        E::OperatorAppointed { .. } => "installation.operator_appointed.v1",
        E::OperatorDismissed { .. } => "installation.operator_dismissed.v1",
        E::ServiceRegistered { .. } => "installation.service_registered.v1",
        E::MailSettingsSet { .. } => "installation.mail_settings_set.v1",
        E::MailSettingsRestored => "installation.mail_settings_restored.v1",
        E::MailSettingsTested { .. } => "installation.mail_settings_tested.v1",
        E::SystemMessageSent { .. } => "installation.system_message_sent.v1",
    }
}

fn organisation_name(event: &organisation::Event) -> &'static str {
    use organisation::Event as E;
    match event {
        E::Created { .. } => "organisation.created.v1",
        E::Renamed { .. } => "organisation.renamed.v1",
        E::LanguageSet { .. } => "organisation.language_set.v1",
        E::PlanSet { .. } => "organisation.plan_set.v1",
        E::MailTemplateSet { .. } => "organisation.mail_template_set.v1",
        E::PolicySet { .. } => "organisation.policy_set.v1",
        E::Deactivated => "organisation.deactivated.v1",
        E::Reactivated => "organisation.reactivated.v1",
        E::DomainRegistered { .. } => "organisation.domain_registered.v1",
        E::DomainRemoved { .. } => "organisation.domain_removed.v1",
        E::ServiceEnabled { .. } => "organisation.service_enabled.v1",
        E::ServiceDisabled { .. } => "organisation.service_disabled.v1",
        E::MemberJoined { .. } => "organisation.member_joined.v1",
        E::MemberKindSet { .. } => "organisation.member_kind_set.v1",
        E::AdministratorGranted { .. } => "organisation.administrator_granted.v1",
        E::AdministratorRevoked { .. } => "organisation.administrator_revoked.v1",
        E::OwnerSet { .. } => "organisation.owner_set.v1",
        E::MemberDeactivated { .. } => "organisation.member_deactivated.v1",
        E::MemberReactivated { .. } => "organisation.member_reactivated.v1",
        E::MemberRemoved { .. } => "organisation.member_removed.v1",
        E::InvitationLinkCreated { .. } => "organisation.invitation_link_created.v1",
        E::InvitationLinkRevoked { .. } => "organisation.invitation_link_revoked.v1",
        E::InvitationAccepted { .. } => "organisation.invitation_accepted.v1",
        E::SystemMessageSent { .. } => "organisation.system_message_sent.v1",
    }
}

fn account_name(event: &account::Event) -> &'static str {
    use account::Event as E;
    match event {
        E::Created { .. } => "account.created.v1",
        E::ProfileChanged { .. } => "account.profile_changed.v1",
        E::Joined { .. } => "account.joined.v1",
        E::Left { .. } => "account.left.v1",
        E::DefaultOrganisationSet { .. } => "account.default_organisation_set.v1",
        E::PasswordSet { .. } => "account.password_set.v1",
        E::SignInHoursSet { .. } => "account.sign_in_hours_set.v1",
        E::PasswordResetRequested { .. } => "account.password_reset_requested.v1",
        E::PasswordResetFailed { .. } => "account.password_reset_failed.v1",
        E::PasswordResetVoided { .. } => "account.password_reset_voided.v1",
        E::EmailChangeRequested { .. } => "account.email_change_requested.v1",
        E::EmailChangeWithdrawn => "account.email_change_withdrawn.v1",
        E::SignInFailed => "account.sign_in_failed.v1",
        E::SecondFactorFailed => "account.second_factor_failed.v1",
        E::Locked => "account.locked.v1",
        E::Unlocked => "account.unlocked.v1",
        E::SignInFailuresCleared => "account.sign_in_failures_cleared.v1",
        E::ActivationSent { .. } => "account.activation_sent.v1",
        E::ActivationCodeFailed { .. } => "account.activation_code_failed.v1",
        E::ActivationVoided { .. } => "account.activation_voided.v1",
        E::Activated { .. } => "account.activated.v1",
        E::LetterDownloaded { .. } => "account.letter_downloaded.v1",
        E::LetterRemoved { .. } => "account.letter_removed.v1",
        E::Deleted => "account.deleted.v1",
    }
}

fn factor_name(event: &factor::Event) -> &'static str {
    use factor::Event as E;
    match event {
        E::Added { .. } => "factor.added.v1",
        E::Removed { .. } => "factor.removed.v1",
        E::CodeSent { .. } => "factor.code_sent.v1",
        E::CodeNotSent { .. } => "factor.code_not_sent.v1",
        E::RecoveryCodesMade { .. } => "factor.recovery_codes_made.v1",
        E::Asked => "factor.asked.v1",
        E::Used { .. } => "factor.used.v1",
        E::RecoveryCodeUsed { .. } => "factor.recovery_code_used.v1",
        E::Suspected { .. } => "factor.suspected.v1",
    }
}

fn membership_name(event: &membership::Event) -> &'static str {
    use membership::Event as E;
    match event {
        E::ServiceAccessGranted { .. } => "membership.service_access_granted.v1",
        E::ServiceAccessRevoked { .. } => "membership.service_access_revoked.v1",
        E::ServiceAdministratorGranted { .. } => "membership.service_administrator_granted.v1",
        E::ServiceAdministratorRevoked { .. } => "membership.service_administrator_revoked.v1",
        E::AliasAdded { .. } => "membership.alias_added.v1",
        E::AliasRemoved { .. } => "membership.alias_removed.v1",
        E::SendOnBehalfGranted { .. } => "membership.send_on_behalf_granted.v1",
        E::SendOnBehalfRevoked { .. } => "membership.send_on_behalf_revoked.v1",
        E::MailboxHiddenSet { .. } => "membership.mailbox_hidden_set.v1",
        E::MailboxSharedSet { .. } => "membership.mailbox_shared_set.v1",
        E::AlwaysBccSet { .. } => "membership.always_bcc_set.v1",
        E::Ended => "membership.ended.v1",
    }
}

fn mail_name(event: &mail::Event) -> &'static str {
    use mail::Event as E;
    match event {
        E::Queued { .. } => "mail.queued.v1",
        E::Sent { .. } => "mail.sent.v1",
        E::Failed { .. } => "mail.failed.v1",
        E::GivenUp { .. } => "mail.given_up.v1",
        E::Retried { .. } => "mail.retried.v1",
    }
}

fn decode_with(upcasts: &[Upcast], kind: &str, data: &str) -> Result<Event, CodecError> {
    let wrong = |source| CodecError::Data { kind: kind.to_owned(), source };
    if let Some((kind, data)) = upcast::lift(upcasts, kind, data).map_err(wrong)? {
        return decode_newest(kind, &data);
    }
    decode_newest(kind, data)
}

/// Reads the newest form in one pass over the JSON, without a tree in between.
fn decode_newest(kind: &str, data: &str) -> Result<Event, CodecError> {
    let unknown = || CodecError::UnknownKind(kind.to_owned());
    let (stream, event) = split(kind).ok_or_else(unknown)?;
    let mut json = serde_json::Deserializer::from_str(data);
    let event = Event::deserialize(Named::new(&[stream, event], &mut json))
        .and_then(|event| json.end().map(|()| event))
        .map_err(|source| CodecError::Data { kind: kind.to_owned(), source })?;
    // A version that this release doesn't have yet, though it has the name.
    if stored_name(&event) == kind { Ok(event) } else { Err(unknown()) }
}

/// `account.created.v1` → `account`, `created`.
fn split(kind: &str) -> Option<(&str, &str)> {
    kind.rsplit_once(".v")?.0.split_once('.')
}

/// What stands inside `{"account":{"created":…}}`; nothing but the name stands for a variant without fields.
fn untagged<'a>(json: &'a str, kind: &str) -> Option<&'a str> {
    fn inside<'a>(json: &'a str, tag: &str) -> Option<&'a str> {
        json.strip_prefix("{\"")?.strip_prefix(tag)?.strip_prefix("\":")?.strip_suffix('}')
    }
    let (stream, event) = split(kind)?;
    let variant = inside(json, stream)?;
    let bare = || (variant.trim_matches('"') == event).then_some("{}");
    inside(variant, event).or_else(bare)
}

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;
