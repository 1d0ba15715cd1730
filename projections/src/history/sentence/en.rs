//! English.

use events::{
    Event, Sealed,
    account::{self, PasswordSetBy},
    installation, membership, organisation, service_key,
    session::{self, EndReason},
    value::{EmailAddress, Language, MemberKind, Plan, ProfileField, ServiceKind},
};

use super::{Story, Words, brand, factor, mail, policy};

pub(super) const WORDS: Words = Words {
    console: "The console",
    system: "Stamrol",
    somebody: "Somebody",
    on_behalf_of: "on behalf of",
    outsider: "somebody outside the organisation",
    erased_person: "[erased person]",
    erased: "[erased]",
    unknown_organisation: "an organisation",
    service_key: "service key",
    language: language_name,
    own: Language::En,
};

pub(super) fn sentence(story: &Story<'_>) -> String {
    match &story.entry.event {
        Event::Installation(event) => installation(story, event),
        Event::Organisation(event) => organisation(story, event),
        Event::Account(event) => account(story, event),
        Event::Membership(event) => membership(story, event),
        Event::Session(event) => session(story, event),
        Event::ServiceKey(event) => service_key(story, event),
        Event::Mail(event) => mail::en(story, event),
        Event::Factor(event) => factor::sentence(story, event, Language::En),
    }
}

fn installation(story: &Story<'_>, event: &installation::Event) -> String {
    use installation::Event;
    let (actor, person) = (story.actor(), story.account());
    match event {
        Event::Initialised { .. } => {
            format!("{person} set up this installation as its first operator.")
        }
        Event::OperatorAppointed { .. } => format!("{actor} made {person} an operator."),
        Event::OperatorDismissed { .. } => format!("{actor} dismissed {person} as an operator."),
        Event::ServiceRegistered { service, name } => {
            format!("{actor} registered the service {} ({}).", name.as_str(), service.as_str())
        }
        Event::MailSettingsSet { settings, .. } => {
            let (host, port) = (settings.host.as_str(), settings.port);
            format!("{actor} set {host}:{port} as the server that mail goes to.")
        }
        Event::MailSettingsRestored => {
            format!("{actor} had mail go where the configuration says again.")
        }
        Event::MailSettingsTested { accepted: true } => {
            format!("{actor} had a test mail sent, and it was taken.")
        }
        Event::MailSettingsTested { accepted: false } => {
            format!("{actor} had a test mail sent, and it was not taken.")
        }
        Event::SystemMessageSent { text, .. } => {
            let text = text.as_str();
            format!("{actor} sent a message to everybody who is signed in: “{text}”")
        }
    }
}

fn organisation(story: &Story<'_>, event: &organisation::Event) -> String {
    use organisation::Event;
    let (actor, person, firm) = (story.actor(), story.account(), story.organisation());
    match event {
        Event::Created { name, .. } => {
            format!("{actor} created the organisation {}.", name.as_str())
        }
        Event::Renamed { name } => match story.before("name") {
            Some(before) => {
                format!("{actor} renamed the organisation {before} to {}.", name.as_str())
            }
            None => format!("{actor} renamed the organisation to {}.", name.as_str()),
        },
        Event::LanguageSet { language } => {
            format!("{actor} set the default language of {firm} to {}.", language_name(*language))
        }
        Event::PlanSet { plan } => format!("{actor} set the plan of {firm} to {}.", seats(*plan)),
        Event::MailTemplateSet { kind, language, template } => {
            mail::template_en(story, *kind, language_name(*language), template.is_some())
        }
        Event::PolicySet { rule } => policy::english(story, rule),
        Event::Deactivated => format!("{actor} deactivated the organisation {firm}."),
        Event::Reactivated => format!("{actor} reactivated the organisation {firm}."),
        Event::DomainRegistered { domain } => {
            format!("{actor} registered the mail domain {} for {firm}.", domain.as_str())
        }
        Event::DomainRemoved { domain } => {
            format!("{actor} removed the mail domain {} from {firm}.", domain.as_str())
        }
        Event::ServiceEnabled { service } => {
            format!("{actor} enabled {} for {firm}.", service_name(service))
        }
        Event::ServiceDisabled { service } => {
            format!("{actor} disabled {} for {firm}.", service_name(service))
        }
        Event::MemberJoined { kind, .. } => {
            format!("{actor} added {person} to {firm} as a {}.", kind_name(*kind))
        }
        Event::MemberKindSet { kind, .. } => {
            format!("{actor} made {person} a {} of {firm}.", kind_name(*kind))
        }
        Event::AdministratorGranted { .. } => {
            format!("{actor} made {person} an administrator of {firm}.")
        }
        Event::AdministratorRevoked { .. } => {
            format!("{actor} revoked {person}'s administrator rights in {firm}.")
        }
        Event::OwnerSet { .. } => match story.before("owner") {
            Some(before) => {
                format!("{actor} transferred ownership of {firm} from {before} to {person}.")
            }
            None => format!("{actor} made {person} the owner of {firm}."),
        },
        Event::MemberDeactivated { reason: Some(reason), .. } => {
            let reason = story.text(reason, |text| text.as_str());
            format!("{actor} deactivated {person} in {firm}: “{reason}”")
        }
        Event::MemberDeactivated { reason: None, .. } => {
            format!("{actor} deactivated {person} in {firm}.")
        }
        Event::MemberReactivated { .. } => format!("{actor} reactivated {person} in {firm}."),
        Event::SystemMessageSent { text, .. } => {
            let text = text.as_str();
            format!("{actor} sent a message to everybody who is signed in at {firm}: “{text}”")
        }
        Event::InvitationLinkCreated { .. } => {
            format!("{actor} made a link by which people can join {firm}.")
        }
        Event::InvitationLinkRevoked { .. } => {
            format!("{actor} revoked an invitation link of {firm}.")
        }
        Event::InvitationAccepted { .. } => {
            format!("{person} joined {firm} by an invitation link.")
        }
        Event::MemberRemoved { .. } => format!("{actor} removed {person} from {firm}."),
    }
}

fn account(story: &Story<'_>, event: &account::Event) -> String {
    use account::Event;
    let (actor, person) = (story.actor(), story.account());
    match event {
        Event::Created { username, .. } => {
            let username = story.text(username, |name| name.as_str());
            format!("{actor} created the account {username} for {person}.")
        }
        Event::ProfileChanged { field, value } => {
            let whose =
                if story.is_own_doing() { "their own".to_owned() } else { format!("{person}'s") };
            let before = story.profile_before(*field);
            let field = field_name(*field);
            match (before, value.value()) {
                (_, Some(None)) => format!("{actor} cleared {whose} {field}."),
                (Some(before), Some(Some(entry))) => {
                    format!(
                        "{actor} changed {whose} {field} from “{before}” to “{}”.",
                        story.entry_text(entry)
                    )
                }
                (None, Some(Some(entry))) => {
                    format!("{actor} set {whose} {field} to “{}”.", story.entry_text(entry))
                }
                (_, None) => format!("{actor} changed {whose} {field} to {}.", WORDS.erased),
            }
        }
        Event::Joined { organisation } => {
            format!("{person} became a member of {}.", story.organisation_named(*organisation))
        }
        Event::Left { organisation } => {
            format!(
                "{person} is no longer a member of {}.",
                story.organisation_named(*organisation)
            )
        }
        Event::DefaultOrganisationSet { organisation } => {
            let firm = story.organisation_named(*organisation);
            if story.is_own_doing() {
                format!("{person} chose {firm} as their default organisation.")
            } else {
                format!("{actor} made {firm} {person}'s default organisation.")
            }
        }
        Event::PasswordSet { by, .. } => match by {
            PasswordSetBy::Setup => {
                format!("{person} chose a password while setting up the installation.")
            }
            PasswordSetBy::Owner => format!("{person} changed their password."),
            PasswordSetBy::Activation => format!("{person} chose a password."),
            PasswordSetBy::Administrator => format!("{actor} set a new password for {person}."),
            PasswordSetBy::Reset => format!("{person} chose a new password by the mailed link."),
            PasswordSetBy::Rehash => {
                format!("The protection of {person}'s password was strengthened.")
            }
        },
        Event::SignInHoursSet { hours: Some(_) } => {
            format!("{actor} set the hours in which {person} may sign in.")
        }
        Event::SignInHoursSet { hours: None } => {
            format!(
                "{actor} lifted {person}'s own sign-in hours; those of the organisation apply again."
            )
        }
        Event::PasswordResetRequested { .. } => {
            format!("A link to choose a new password was asked for {person}'s account.")
        }
        Event::PasswordResetFailed { .. } => {
            format!(
                "A wrong code was given with the link to a new password for {person}'s account."
            )
        }
        Event::PasswordResetVoided { .. } => format!(
            "The link to a new password for {person}'s account was voided after too many wrong codes."
        ),
        Event::EmailChangeRequested { email, .. } => {
            let email = story.text(email, |it| it.as_str());
            format!("{actor} asked for the e-mail address {email}, which is to be confirmed.")
        }
        Event::EmailChangeWithdrawn => {
            format!("{actor} withdrew the change of {person}'s e-mail address.")
        }
        Event::SignInFailed => format!("A sign-in to {person}'s account failed: wrong password."),
        Event::SecondFactorFailed => {
            format!("A sign-in to {person}'s account failed: wrong second factor.")
        }
        Event::SignInFailuresCleared => {
            format!(
                "The wrong passwords tried on {person}'s account were forgotten after a successful sign-in."
            )
        }
        Event::Locked => {
            format!("{person}'s account was locked after too many wrong passwords or codes.")
        }
        Event::Unlocked => format!("{actor} unlocked {person}'s account."),
        Event::ActivationSent { letter: None, .. } => {
            format!("{actor} invited {person} by e-mail to activate the account.")
        }
        Event::ActivationSent { letter: Some(_), .. } => format!(
            "{actor} sent {person}'s activation details: the link by e-mail, the code in a letter."
        ),
        Event::ActivationCodeFailed { .. } => {
            format!("A wrong activation code was given for {person}'s account.")
        }
        Event::ActivationVoided { .. } => {
            format!("{person}'s activation details were voided after too many wrong codes.")
        }
        Event::Activated { .. } => format!("{person} activated the account."),
        Event::LetterDownloaded { .. } => {
            format!("{actor} downloaded the letter with {person}'s activation code.")
        }
        Event::LetterRemoved { .. } => {
            format!("{actor} removed the letter with {person}'s activation code.")
        }
        Event::Deleted => format!("{actor} deleted {person}'s account."),
    }
}

fn membership(story: &Story<'_>, event: &membership::Event) -> String {
    use membership::Event;
    let (actor, person, firm) = (story.actor(), story.account(), story.organisation());
    let text = |address: &Sealed<EmailAddress>| story.text(address, |it| it.as_str());
    match event {
        Event::ServiceAccessGranted { service } => {
            format!("{actor} gave {person} access to {} in {firm}.", service_name(service))
        }
        Event::ServiceAccessRevoked { service } => {
            format!("{actor} revoked {person}'s access to {} in {firm}.", service_name(service))
        }
        Event::ServiceAdministratorGranted { service } => {
            format!(
                "{actor} made {person} an administrator of {} in {firm}.",
                service_name(service)
            )
        }
        Event::ServiceAdministratorRevoked { service } => {
            format!(
                "{actor} revoked {person}'s administrator rights for {} in {firm}.",
                service_name(service)
            )
        }
        Event::AliasAdded { address } => {
            format!("{actor} added the alias {} to {person}'s mailbox.", text(address))
        }
        Event::AliasRemoved { address } => {
            format!("{actor} removed the alias {} from {person}'s mailbox.", text(address))
        }
        Event::SendOnBehalfGranted { delegate } => {
            format!(
                "{actor} allowed {} to send mail on behalf of {person}.",
                story.person(*delegate)
            )
        }
        Event::SendOnBehalfRevoked { delegate } => {
            format!(
                "{actor} no longer allows {} to send mail on behalf of {person}.",
                story.person(*delegate)
            )
        }
        Event::MailboxHiddenSet { hidden: true } => {
            format!("{actor} hid {person}'s mailbox from the address book of {firm}.")
        }
        Event::MailboxHiddenSet { hidden: false } => {
            format!("{actor} made {person}'s mailbox visible in the address book of {firm}.")
        }
        Event::MailboxSharedSet { shared: true } => {
            format!("{actor} turned {person}'s mailbox into a shared mailbox.")
        }
        Event::MailboxSharedSet { shared: false } => {
            format!("{actor} turned {person}'s mailbox back into a personal mailbox.")
        }
        Event::AlwaysBccSet { address: Some(address) } => {
            format!(
                "{actor} set {} to receive a blind copy of all mail sent from {person}'s mailbox.",
                text(address)
            )
        }
        Event::AlwaysBccSet { address: None } => {
            format!("{actor} stopped the blind copies of mail sent from {person}'s mailbox.")
        }
        Event::Ended => {
            format!("{person}'s services and aliases in {firm} ended with the membership.")
        }
    }
}

fn session(story: &Story<'_>, event: &session::Event) -> String {
    use session::Event;
    let (actor, person) = (story.actor(), story.account());
    match event {
        Event::Opened { .. } => format!("{person} signed in."),
        Event::Impersonated { reason, .. } => {
            let reason = story.text(reason, |text| text.as_str());
            format!("{actor} began to act for {person}: “{reason}”")
        }
        Event::SteppedUp { .. } => {
            format!("{person} confirmed their identity again during a session.")
        }
        Event::Ended { reason, .. } => match reason {
            EndReason::SignedOut => format!("{person} signed out."),
            EndReason::Expired => format!("A session of {person} expired."),
            EndReason::PasswordChanged => {
                format!("A session of {person} ended because the password was changed.")
            }
            EndReason::Ended => format!("{actor} ended a session of {person}."),
            EndReason::Barred => {
                format!("A session of {person} ended because the account was barred.")
            }
            EndReason::OutsideHours => {
                format!("A session of {person} ended because their sign-in hours were over.")
            }
        },
    }
}

fn service_key(story: &Story<'_>, event: &service_key::Event) -> String {
    use service_key::Event;
    let (actor, firm) = (story.actor(), story.organisation());
    match event {
        Event::Created { name, .. } => {
            format!("{actor} created the service key {} for {firm}.", name.as_str())
        }
        Event::Revoked { .. } => {
            format!("{actor} revoked the {} of {firm}.", story.own_service_key())
        }
    }
}

fn service_name(service: &ServiceKind) -> &str {
    brand(service).unwrap_or_else(|| match service.as_str() {
        "mail" => "mail",
        "cloud_storage" => "cloud storage",
        "documents" => "Documents",
        "people" => "People",
        "projects" => "Projects",
        other => other,
    })
}

const fn language_name(language: Language) -> &'static str {
    match language {
        Language::Nl => "Dutch",
        Language::De => "German",
        Language::En => "English",
    }
}

const fn kind_name(kind: MemberKind) -> &'static str {
    match kind {
        MemberKind::Full => "full member",
        MemberKind::Reader => "reader",
    }
}

fn seats(plan: Plan) -> String {
    let count = |seats: Option<u32>, kind: &str| match seats {
        None => format!("unlimited {kind} seats"),
        Some(1) => format!("1 {kind} seat"),
        Some(seats) => format!("{seats} {kind} seats"),
    };
    format!("{} and {}", count(plan.full_seats, "full"), count(plan.reader_seats, "reader"))
}

const fn field_name(field: ProfileField) -> &'static str {
    match field {
        ProfileField::DisplayName => "display name",
        ProfileField::FirstName => "first name",
        ProfileField::LastName => "last name",
        ProfileField::Salutation => "salutation",
        ProfileField::Email => "e-mail address",
        ProfileField::RecoveryEmail => "recovery e-mail address",
        ProfileField::Language => "language",
        ProfileField::TimeZone => "time zone",
        ProfileField::Position => "position",
        ProfileField::Location => "location",
        ProfileField::BirthDate => "date of birth",
        ProfileField::Phone => "telephone number",
        ProfileField::Mobile => "mobile number",
        ProfileField::Description => "description",
    }
}
