//! Deutsch.

use events::{
    Event, Sealed,
    account::{self, PasswordSetBy},
    installation, membership, organisation, service_key,
    session::{self, EndReason},
    value::{EmailAddress, Language, MemberKind, Plan, ProfileField, ServiceKind},
};

use super::{Story, Words, brand, factor, mail, policy};

pub(super) const WORDS: Words = Words {
    console: "Die Konsole",
    system: "Stamrol",
    somebody: "Jemand",
    on_behalf_of: "im Namen von",
    outsider: "jemand außerhalb der Organisation",
    erased_person: "[gelöschte Person]",
    erased: "[gelöscht]",
    unknown_organisation: "eine Organisation",
    service_key: "Dienstschlüssel",
    language: language_name,
    own: Language::De,
};

pub(super) fn sentence(story: &Story<'_>) -> String {
    match &story.entry.event {
        Event::Installation(event) => installation(story, event),
        Event::Organisation(event) => organisation(story, event),
        Event::Account(event) => account(story, event),
        Event::Membership(event) => membership(story, event),
        Event::Session(event) => session(story, event),
        Event::ServiceKey(event) => service_key(story, event),
        Event::Mail(event) => mail::de(story, event),
        Event::Factor(event) => factor::sentence(story, event, Language::De),
    }
}

fn installation(story: &Story<'_>, event: &installation::Event) -> String {
    use installation::Event;
    let (actor, person) = (story.actor(), story.account());
    match event {
        Event::Initialised { .. } => {
            format!("{person} hat diese Installation als erster Betreiber eingerichtet.")
        }
        Event::OperatorAppointed { .. } => format!("{actor} hat {person} zum Betreiber ernannt."),
        Event::OperatorDismissed { .. } => format!("{actor} hat {person} als Betreiber abberufen."),
        Event::ServiceRegistered { service, name } => {
            format!("{actor} hat den Dienst {} ({}) registriert.", name.as_str(), service.as_str())
        }
        Event::MailSettingsSet { settings, .. } => {
            let (host, port) = (settings.host.as_str(), settings.port);
            format!("{actor} hat {host}:{port} als Server für Mails festgelegt.")
        }
        Event::MailSettingsRestored => {
            format!("{actor} hat festgelegt, dass Mails wieder den konfigurierten Weg nehmen.")
        }
        Event::MailSettingsTested { accepted: true } => {
            format!("{actor} hat eine Testmail senden lassen; sie wurde angenommen.")
        }
        Event::MailSettingsTested { accepted: false } => {
            format!("{actor} hat eine Testmail senden lassen; sie wurde nicht angenommen.")
        }
        Event::SystemMessageSent { text, .. } => {
            let text = text.as_str();
            format!("{actor} hat allen angemeldeten Benutzern eine Nachricht gesendet: „{text}“")
        }
    }
}

fn organisation(story: &Story<'_>, event: &organisation::Event) -> String {
    use organisation::Event;
    let (actor, person, firm) = (story.actor(), story.account(), story.organisation());
    match event {
        Event::Created { name, .. } => {
            format!("{actor} hat die Organisation {} angelegt.", name.as_str())
        }
        Event::Renamed { name } => match story.before("name") {
            Some(before) => {
                format!("{actor} hat die Organisation {before} in {} umbenannt.", name.as_str())
            }
            None => format!("{actor} hat die Organisation in {} umbenannt.", name.as_str()),
        },
        Event::LanguageSet { language } => {
            format!(
                "{actor} hat die Standardsprache von {firm} auf {} gesetzt.",
                language_name(*language)
            )
        }
        Event::PlanSet { plan } => {
            format!("{actor} hat den Tarif von {firm} geändert: {}.", seats(*plan))
        }
        Event::MailTemplateSet { kind, language, template } => {
            mail::template_de(story, *kind, language_name(*language), template.is_some())
        }
        Event::PolicySet { rule } => policy::german(story, rule),
        Event::Deactivated => format!("{actor} hat die Organisation {firm} deaktiviert."),
        Event::Reactivated => format!("{actor} hat die Organisation {firm} wieder aktiviert."),
        Event::DomainRegistered { domain } => {
            format!("{actor} hat die Maildomain {} für {firm} registriert.", domain.as_str())
        }
        Event::DomainRemoved { domain } => {
            format!("{actor} hat die Maildomain {} von {firm} entfernt.", domain.as_str())
        }
        Event::ServiceEnabled { service } => {
            format!("{actor} hat {} für {firm} eingeschaltet.", service_name(service))
        }
        Event::ServiceDisabled { service } => {
            format!("{actor} hat {} für {firm} ausgeschaltet.", service_name(service))
        }
        Event::MemberJoined { kind, .. } => {
            format!("{actor} hat {person} als {} zu {firm} hinzugefügt.", kind_name(*kind))
        }
        Event::MemberKindSet { kind, .. } => {
            format!("{actor} hat {person} in {firm} zum {} gemacht.", kind_name(*kind))
        }
        Event::AdministratorGranted { .. } => {
            format!("{actor} hat {person} zum Administrator von {firm} gemacht.")
        }
        Event::AdministratorRevoked { .. } => {
            format!("{actor} hat {person} die Administratorrechte in {firm} entzogen.")
        }
        Event::OwnerSet { .. } => match story.before("owner") {
            Some(before) => format!("{actor} hat {firm} von {before} an {person} übergeben."),
            None => format!("{actor} hat {person} zum Inhaber von {firm} gemacht."),
        },
        Event::MemberDeactivated { reason: Some(reason), .. } => {
            let reason = story.text(reason, |text| text.as_str());
            format!("{actor} hat {person} in {firm} deaktiviert: „{reason}“")
        }
        Event::MemberDeactivated { reason: None, .. } => {
            format!("{actor} hat {person} in {firm} deaktiviert.")
        }
        Event::MemberReactivated { .. } => {
            format!("{actor} hat {person} in {firm} wieder aktiviert.")
        }
        Event::SystemMessageSent { text, .. } => {
            let text = text.as_str();
            format!(
                "{actor} hat allen, die bei {firm} angemeldet sind, eine Nachricht gesendet: „{text}“"
            )
        }
        Event::InvitationLinkCreated { .. } => {
            format!("{actor} hat einen Link erstellt, über den man {firm} beitreten kann.")
        }
        Event::InvitationLinkRevoked { .. } => {
            format!("{actor} hat einen Einladungslink von {firm} widerrufen.")
        }
        Event::InvitationAccepted { .. } => {
            format!("{person} ist {firm} über einen Einladungslink beigetreten.")
        }
        Event::MemberRemoved { .. } => format!("{actor} hat {person} aus {firm} entfernt."),
    }
}

fn account(story: &Story<'_>, event: &account::Event) -> String {
    use account::Event;
    let (actor, person) = (story.actor(), story.account());
    match event {
        Event::Created { username, .. } => {
            let username = story.text(username, |name| name.as_str());
            format!("{actor} hat das Konto {username} für {person} angelegt.")
        }
        Event::ProfileChanged { field, value } => {
            let whose = if story.is_own_doing() {
                "im eigenen Profil".to_owned()
            } else {
                format!("von {person}")
            };
            let before = story.profile_before(*field);
            let field = field_name(*field);
            match (before, value.value()) {
                (_, Some(None)) => format!("{actor} hat {field} {whose} geleert."),
                (Some(before), Some(Some(entry))) => {
                    format!(
                        "{actor} hat {field} {whose} von „{before}“ in „{}“ geändert.",
                        story.entry_text(entry)
                    )
                }
                (None, Some(Some(entry))) => {
                    format!(
                        "{actor} hat {field} {whose} auf „{}“ gesetzt.",
                        story.entry_text(entry)
                    )
                }
                (_, None) => format!("{actor} hat {field} {whose} in {} geändert.", WORDS.erased),
            }
        }
        Event::Joined { organisation } => {
            format!(
                "{person} ist Mitglied von {} geworden.",
                story.organisation_named(*organisation)
            )
        }
        Event::Left { organisation } => {
            format!(
                "{person} ist nicht mehr Mitglied von {}.",
                story.organisation_named(*organisation)
            )
        }
        Event::DefaultOrganisationSet { organisation } => {
            let firm = story.organisation_named(*organisation);
            if story.is_own_doing() {
                format!("{person} hat {firm} als Standardorganisation gewählt.")
            } else {
                format!("{actor} hat {firm} als Standardorganisation von {person} festgelegt.")
            }
        }
        Event::PasswordSet { by, .. } => match by {
            PasswordSetBy::Setup => {
                format!("{person} hat beim Einrichten der Installation ein Passwort gewählt.")
            }
            PasswordSetBy::Owner => format!("{person} hat das eigene Passwort geändert."),
            PasswordSetBy::Activation => format!("{person} hat ein Passwort gewählt."),
            PasswordSetBy::Administrator => {
                format!("{actor} hat ein neues Passwort für {person} gesetzt.")
            }
            PasswordSetBy::Reset => {
                format!("{person} hat über den gemailten Link ein neues Passwort gewählt.")
            }
            PasswordSetBy::Rehash => {
                format!("Der Schutz des Passworts von {person} wurde verstärkt.")
            }
        },
        Event::SignInHoursSet { hours: Some(_) } => {
            format!("{actor} hat festgelegt, wann {person} sich anmelden darf.")
        }
        Event::SignInHoursSet { hours: None } => {
            format!(
                "{actor} hat die eigenen Anmeldezeiten von {person} aufgehoben; es gelten die der Organisation."
            )
        }
        Event::PasswordResetRequested { .. } => {
            format!(
                "Für das Konto von {person} wurde ein Link zu einem neuen Passwort angefordert."
            )
        }
        Event::PasswordResetFailed { .. } => format!(
            "Zum Link für ein neues Passwort von {person} wurde ein falscher Code angegeben."
        ),
        Event::PasswordResetVoided { .. } => format!(
            "Der Link für ein neues Passwort von {person} ist nach zu vielen falschen Codes verfallen."
        ),
        Event::EmailChangeRequested { email, .. } => {
            let email = story.text(email, |it| it.as_str());
            format!("{actor} hat die E-Mail-Adresse {email} beantragt, die noch zu bestätigen ist.")
        }
        Event::EmailChangeWithdrawn => {
            format!("{actor} hat die Änderung der E-Mail-Adresse von {person} zurückgenommen.")
        }
        Event::SignInFailed => {
            format!("Eine Anmeldung am Konto von {person} ist fehlgeschlagen: falsches Passwort.")
        }
        Event::SecondFactorFailed => {
            format!(
                "Eine Anmeldung am Konto von {person} ist fehlgeschlagen: falscher zweiter Faktor."
            )
        }
        Event::SignInFailuresCleared => {
            format!(
                "Die falschen Passwörter am Konto von {person} zählen nach einer gelungenen Anmeldung nicht mehr."
            )
        }
        Event::Locked => {
            format!(
                "Das Konto von {person} wurde nach zu vielen falschen Passwörtern oder Codes gesperrt."
            )
        }
        Event::Unlocked => format!("{actor} hat das Konto von {person} entsperrt."),
        Event::ActivationSent { letter: None, .. } => {
            format!("{actor} hat {person} per E-Mail eingeladen, das Konto zu aktivieren.")
        }
        Event::ActivationSent { letter: Some(_), .. } => format!(
            "{actor} hat die Aktivierungsdaten für {person} verschickt: den Link per E-Mail, den Code in einem Brief."
        ),
        Event::ActivationCodeFailed { .. } => {
            format!("Für das Konto von {person} wurde ein falscher Aktivierungscode eingegeben.")
        }
        Event::ActivationVoided { .. } => format!(
            "Die Aktivierungsdaten von {person} sind nach zu vielen falschen Codes verfallen."
        ),
        Event::Activated { .. } => format!("{person} hat das Konto aktiviert."),
        Event::LetterDownloaded { .. } => {
            format!("{actor} hat den Brief mit dem Aktivierungscode für {person} heruntergeladen.")
        }
        Event::LetterRemoved { .. } => {
            format!("{actor} hat den Brief mit dem Aktivierungscode für {person} entfernt.")
        }
        Event::Deleted => format!("{actor} hat das Konto von {person} gelöscht."),
    }
}

fn membership(story: &Story<'_>, event: &membership::Event) -> String {
    use membership::Event;
    let (actor, person, firm) = (story.actor(), story.account(), story.organisation());
    let text = |address: &Sealed<EmailAddress>| story.text(address, |it| it.as_str());
    match event {
        Event::ServiceAccessGranted { service } => {
            format!("{actor} hat {person} in {firm} Zugriff auf {} gegeben.", service_name(service))
        }
        Event::ServiceAccessRevoked { service } => {
            format!(
                "{actor} hat {person} in {firm} den Zugriff auf {} entzogen.",
                service_name(service)
            )
        }
        Event::ServiceAdministratorGranted { service } => {
            format!(
                "{actor} hat {person} in {firm} zum Administrator von {} gemacht.",
                service_name(service)
            )
        }
        Event::ServiceAdministratorRevoked { service } => {
            format!(
                "{actor} hat {person} in {firm} die Administratorrechte für {} entzogen.",
                service_name(service)
            )
        }
        Event::AliasAdded { address } => {
            format!(
                "{actor} hat dem Postfach von {person} den Alias {} hinzugefügt.",
                text(address)
            )
        }
        Event::AliasRemoved { address } => {
            format!(
                "{actor} hat den Alias {} aus dem Postfach von {person} entfernt.",
                text(address)
            )
        }
        Event::SendOnBehalfGranted { delegate } => {
            format!(
                "{actor} hat {} erlaubt, im Namen von {person} E-Mails zu senden.",
                story.person(*delegate)
            )
        }
        Event::SendOnBehalfRevoked { delegate } => {
            format!(
                "{actor} erlaubt {} nicht mehr, im Namen von {person} E-Mails zu senden.",
                story.person(*delegate)
            )
        }
        Event::MailboxHiddenSet { hidden: true } => {
            format!("{actor} hat das Postfach von {person} im Adressbuch von {firm} ausgeblendet.")
        }
        Event::MailboxHiddenSet { hidden: false } => {
            format!(
                "{actor} hat das Postfach von {person} im Adressbuch von {firm} wieder eingeblendet."
            )
        }
        Event::MailboxSharedSet { shared: true } => {
            format!(
                "{actor} hat das Postfach von {person} in ein gemeinsames Postfach umgewandelt."
            )
        }
        Event::MailboxSharedSet { shared: false } => {
            format!(
                "{actor} hat das Postfach von {person} wieder in ein persönliches Postfach umgewandelt."
            )
        }
        Event::AlwaysBccSet { address: Some(address) } => {
            format!(
                "{actor} hat festgelegt, dass {} eine Blindkopie aller E-Mails aus dem Postfach von {person} erhält.",
                text(address)
            )
        }
        Event::AlwaysBccSet { address: None } => {
            format!(
                "{actor} hat die Blindkopien der E-Mails aus dem Postfach von {person} beendet."
            )
        }
        Event::Ended => format!(
            "Die Dienste und Aliasse von {person} in {firm} endeten mit der Mitgliedschaft."
        ),
    }
}

fn session(story: &Story<'_>, event: &session::Event) -> String {
    use session::Event;
    let (actor, person) = (story.actor(), story.account());
    match event {
        Event::Opened { .. } => format!("{person} hat sich angemeldet."),
        Event::Impersonated { reason, .. } => {
            let reason = story.text(reason, |text| text.as_str());
            format!("{actor} handelt im Namen von {person}: „{reason}“")
        }
        Event::SteppedUp { .. } => {
            format!("{person} hat sich in einer Sitzung erneut ausgewiesen.")
        }
        Event::Ended { reason, .. } => match reason {
            EndReason::SignedOut => format!("{person} hat sich abgemeldet."),
            EndReason::Expired => format!("Eine Sitzung von {person} ist abgelaufen."),
            EndReason::PasswordChanged => {
                format!(
                    "Eine Sitzung von {person} wurde beendet, weil das Passwort geändert wurde."
                )
            }
            EndReason::Ended => format!("Eine Sitzung von {person} wurde von {actor} beendet."),
            EndReason::Barred => {
                format!("Eine Sitzung von {person} wurde beendet, weil das Konto gesperrt wurde.")
            }
            EndReason::OutsideHours => {
                format!("Eine Sitzung von {person} wurde beendet, weil die Anmeldezeit vorbei war.")
            }
        },
    }
}

fn service_key(story: &Story<'_>, event: &service_key::Event) -> String {
    use service_key::Event;
    let (actor, firm) = (story.actor(), story.organisation());
    match event {
        Event::Created { name, .. } => {
            format!("{actor} hat den Dienstschlüssel {} für {firm} angelegt.", name.as_str())
        }
        Event::Revoked { .. } => {
            format!("{actor} hat den {} von {firm} widerrufen.", story.own_service_key())
        }
    }
}

fn service_name(service: &ServiceKind) -> &str {
    brand(service).unwrap_or_else(|| match service.as_str() {
        "mail" => "E-Mail",
        "cloud_storage" => "Cloud-Speicher",
        "documents" => "Dokumente",
        "people" => "Personen",
        "projects" => "Projekte",
        other => other,
    })
}

const fn language_name(language: Language) -> &'static str {
    match language {
        Language::Nl => "Niederländisch",
        Language::De => "Deutsch",
        Language::En => "Englisch",
    }
}

const fn kind_name(kind: MemberKind) -> &'static str {
    match kind {
        MemberKind::Full => "Vollmitglied",
        MemberKind::Reader => "Lesebenutzer",
    }
}

fn seats(plan: Plan) -> String {
    let count = |seats: Option<u32>, whom: &str| match seats {
        None => format!("unbegrenzt viele Plätze für {whom}"),
        Some(1) => format!("1 Platz für {whom}"),
        Some(seats) => format!("{seats} Plätze für {whom}"),
    };
    let (full, readers) = (plan.full_seats, plan.reader_seats);
    format!("{} und {}", count(full, "Vollmitglieder"), count(readers, "Lesebenutzer"))
}

const fn field_name(field: ProfileField) -> &'static str {
    match field {
        ProfileField::DisplayName => "den Anzeigenamen",
        ProfileField::FirstName => "den Vornamen",
        ProfileField::LastName => "den Nachnamen",
        ProfileField::Salutation => "die Anrede",
        ProfileField::Email => "die E-Mail-Adresse",
        ProfileField::RecoveryEmail => "die Wiederherstellungsadresse",
        ProfileField::Language => "die Sprache",
        ProfileField::TimeZone => "die Zeitzone",
        ProfileField::Position => "die Position",
        ProfileField::Location => "den Standort",
        ProfileField::BirthDate => "das Geburtsdatum",
        ProfileField::Phone => "die Telefonnummer",
        ProfileField::Mobile => "die Mobilnummer",
        ProfileField::Description => "die Beschreibung",
    }
}
