//! Nederlands.

use events::{
    Event, Sealed,
    account::{self, PasswordSetBy},
    installation, membership, organisation, service_key,
    session::{self, EndReason},
    value::{EmailAddress, Language, MemberKind, Plan, ProfileField, ServiceKind},
};

use super::{Story, Words, brand, factor, mail, policy};

pub(super) const WORDS: Words = Words {
    console: "De console",
    system: "Stamrol",
    somebody: "Iemand",
    on_behalf_of: "namens",
    outsider: "iemand van buiten de organisatie",
    erased_person: "[gewiste persoon]",
    erased: "[gewist]",
    unknown_organisation: "een organisatie",
    service_key: "servicesleutel",
    language: language_name,
    own: Language::Nl,
};

pub(super) fn sentence(story: &Story<'_>) -> String {
    match &story.entry.event {
        Event::Installation(event) => installation(story, event),
        Event::Organisation(event) => organisation(story, event),
        Event::Account(event) => account(story, event),
        Event::Membership(event) => membership(story, event),
        Event::Session(event) => session(story, event),
        Event::ServiceKey(event) => service_key(story, event),
        Event::Mail(event) => mail::nl(story, event),
        Event::Factor(event) => factor::sentence(story, event, Language::Nl),
    }
}

fn installation(story: &Story<'_>, event: &installation::Event) -> String {
    use installation::Event;
    let (actor, person) = (story.actor(), story.account());
    match event {
        Event::Initialised { .. } => {
            format!("{person} heeft deze installatie als eerste beheerder ingericht.")
        }
        Event::OperatorAppointed { .. } => {
            format!("{actor} heeft {person} tot beheerder van de installatie benoemd.")
        }
        Event::OperatorDismissed { .. } => {
            format!("{actor} heeft {person} de rol van beheerder van de installatie ontnomen.")
        }
        Event::ServiceRegistered { service, name } => {
            format!(
                "{actor} heeft de dienst {} ({}) geregistreerd.",
                name.as_str(),
                service.as_str()
            )
        }
        Event::MailSettingsSet { settings, .. } => {
            let (host, port) = (settings.host.as_str(), settings.port);
            format!("{actor} heeft {host}:{port} ingesteld als server voor mail.")
        }
        Event::MailSettingsRestored => {
            format!("{actor} heeft ingesteld dat mail weer gaat zoals geconfigureerd.")
        }
        Event::MailSettingsTested { accepted: true } => {
            format!("{actor} heeft een proefmail laten verzenden; die is aangenomen.")
        }
        Event::MailSettingsTested { accepted: false } => {
            format!("{actor} heeft een proefmail laten verzenden; die is niet aangenomen.")
        }
        Event::SystemMessageSent { text, .. } => {
            let text = text.as_str();
            format!("{actor} heeft alle aangemelde gebruikers een bericht gestuurd: “{text}”")
        }
    }
}

fn organisation(story: &Story<'_>, event: &organisation::Event) -> String {
    use organisation::Event;
    let (actor, person, firm) = (story.actor(), story.account(), story.organisation());
    match event {
        Event::Created { name, .. } => {
            format!("{actor} heeft de organisatie {} aangemaakt.", name.as_str())
        }
        Event::Renamed { name } => match story.before("name") {
            Some(before) => format!(
                "{actor} heeft de naam van de organisatie {before} gewijzigd in {}.",
                name.as_str()
            ),
            None => {
                format!("{actor} heeft de naam van de organisatie gewijzigd in {}.", name.as_str())
            }
        },
        Event::LanguageSet { language } => {
            format!(
                "{actor} heeft de standaardtaal van {firm} ingesteld op {}.",
                language_name(*language)
            )
        }
        Event::PlanSet { plan } => {
            format!("{actor} heeft het abonnement van {firm} gewijzigd: {}.", seats(*plan))
        }
        Event::MailTemplateSet { kind, language, template } => {
            mail::template_nl(story, *kind, language_name(*language), template.is_some())
        }
        Event::PolicySet { rule } => policy::dutch(story, rule),
        Event::Deactivated => format!("{actor} heeft de organisatie {firm} gedeactiveerd."),
        Event::Reactivated => format!("{actor} heeft de organisatie {firm} weer geactiveerd."),
        Event::DomainRegistered { domain } => {
            format!("{actor} heeft het maildomein {} voor {firm} geregistreerd.", domain.as_str())
        }
        Event::DomainRemoved { domain } => {
            format!("{actor} heeft het maildomein {} van {firm} verwijderd.", domain.as_str())
        }
        Event::ServiceEnabled { service } => {
            format!("{actor} heeft {} ingeschakeld voor {firm}.", service_name(service))
        }
        Event::ServiceDisabled { service } => {
            format!("{actor} heeft {} uitgeschakeld voor {firm}.", service_name(service))
        }
        Event::MemberJoined { kind, .. } => {
            format!("{actor} heeft {person} als {} aan {firm} toegevoegd.", kind_name(*kind))
        }
        Event::MemberKindSet { kind, .. } => {
            format!("{actor} heeft van {person} een {} van {firm} gemaakt.", kind_name(*kind))
        }
        Event::AdministratorGranted { .. } => {
            format!("{actor} heeft {person} beheerder van {firm} gemaakt.")
        }
        Event::AdministratorRevoked { .. } => {
            format!("{actor} heeft de beheerdersrechten van {person} in {firm} ingetrokken.")
        }
        Event::OwnerSet { .. } => match story.before("owner") {
            Some(before) => format!(
                "{actor} heeft het eigendom van {firm} overgedragen van {before} aan {person}."
            ),
            None => format!("{actor} heeft {person} eigenaar van {firm} gemaakt."),
        },
        Event::MemberDeactivated { reason: Some(reason), .. } => {
            let reason = story.text(reason, |text| text.as_str());
            format!("{actor} heeft {person} in {firm} gedeactiveerd: ‘{reason}’")
        }
        Event::MemberDeactivated { reason: None, .. } => {
            format!("{actor} heeft {person} in {firm} gedeactiveerd.")
        }
        Event::MemberReactivated { .. } => {
            format!("{actor} heeft {person} in {firm} weer geactiveerd.")
        }
        Event::SystemMessageSent { text, .. } => {
            let text = text.as_str();
            format!(
                "{actor} heeft iedereen die bij {firm} is aangemeld een bericht gestuurd: “{text}”"
            )
        }
        Event::InvitationLinkCreated { .. } => {
            format!("{actor} heeft een link gemaakt waarmee mensen lid kunnen worden van {firm}.")
        }
        Event::InvitationLinkRevoked { .. } => {
            format!("{actor} heeft een uitnodigingslink van {firm} ingetrokken.")
        }
        Event::InvitationAccepted { .. } => {
            format!("{person} is via een uitnodigingslink lid geworden van {firm}.")
        }
        Event::MemberRemoved { .. } => format!("{actor} heeft {person} uit {firm} verwijderd."),
    }
}

fn account(story: &Story<'_>, event: &account::Event) -> String {
    use account::Event;
    let (actor, person) = (story.actor(), story.account());
    match event {
        Event::Created { username, .. } => {
            let username = story.text(username, |name| name.as_str());
            format!("{actor} heeft het account {username} voor {person} aangemaakt.")
        }
        Event::ProfileChanged { field, value } => {
            let whose = if story.is_own_doing() {
                "in het eigen profiel".to_owned()
            } else {
                format!("van {person}")
            };
            let before = story.profile_before(*field);
            let field = field_name(*field);
            match (before, value.value()) {
                (_, Some(None)) => format!("{actor} heeft {field} {whose} leeggemaakt."),
                (Some(before), Some(Some(entry))) => {
                    format!(
                        "{actor} heeft {field} {whose} gewijzigd van ‘{before}’ in ‘{}’.",
                        story.entry_text(entry)
                    )
                }
                (None, Some(Some(entry))) => {
                    format!(
                        "{actor} heeft {field} {whose} ingesteld op ‘{}’.",
                        story.entry_text(entry)
                    )
                }
                (_, None) => {
                    format!("{actor} heeft {field} {whose} gewijzigd in {}.", WORDS.erased)
                }
            }
        }
        Event::Joined { organisation } => {
            format!("{person} is lid geworden van {}.", story.organisation_named(*organisation))
        }
        Event::Left { organisation } => {
            format!("{person} is geen lid meer van {}.", story.organisation_named(*organisation))
        }
        Event::DefaultOrganisationSet { organisation } => {
            let firm = story.organisation_named(*organisation);
            if story.is_own_doing() {
                format!("{person} heeft {firm} als standaardorganisatie gekozen.")
            } else {
                format!("{actor} heeft {firm} als standaardorganisatie van {person} ingesteld.")
            }
        }
        Event::PasswordSet { by, .. } => match by {
            PasswordSetBy::Setup => format!(
                "{person} heeft bij het inrichten van de installatie een wachtwoord gekozen."
            ),
            PasswordSetBy::Owner => format!("{person} heeft het eigen wachtwoord gewijzigd."),
            PasswordSetBy::Activation => format!("{person} heeft een wachtwoord gekozen."),
            PasswordSetBy::Administrator => {
                format!("{actor} heeft een nieuw wachtwoord voor {person} ingesteld.")
            }
            PasswordSetBy::Reset => {
                format!("{person} heeft via de gemailde link een nieuw wachtwoord gekozen.")
            }
            PasswordSetBy::Rehash => {
                format!("De beveiliging van het wachtwoord van {person} is versterkt.")
            }
        },
        Event::SignInHoursSet { hours: Some(_) } => {
            format!("{actor} heeft ingesteld wanneer {person} zich mag aanmelden.")
        }
        Event::SignInHoursSet { hours: None } => {
            format!(
                "{actor} heeft de eigen aanmeldtijden van {person} opgeheven; die van de organisatie gelden weer."
            )
        }
        Event::PasswordResetRequested { .. } => {
            format!(
                "Voor het account van {person} is een link voor een nieuw wachtwoord aangevraagd."
            )
        }
        Event::PasswordResetFailed { .. } => format!(
            "Bij de link voor een nieuw wachtwoord van {person} is een onjuiste code opgegeven."
        ),
        Event::PasswordResetVoided { .. } => format!(
            "De link voor een nieuw wachtwoord van {person} is vervallen na te veel onjuiste codes."
        ),
        Event::EmailChangeRequested { email, .. } => {
            let email = story.text(email, |it| it.as_str());
            format!(
                "{actor} heeft het e-mailadres {email} aangevraagd, dat nog bevestigd moet worden."
            )
        }
        Event::EmailChangeWithdrawn => {
            format!("{actor} heeft de wijziging van het e-mailadres van {person} ingetrokken.")
        }
        Event::SignInFailed => {
            format!("Een aanmelding bij het account van {person} is mislukt: onjuist wachtwoord.")
        }
        Event::SecondFactorFailed => {
            format!(
                "Een aanmelding bij het account van {person} is mislukt: onjuiste tweede factor."
            )
        }
        Event::SignInFailuresCleared => {
            format!(
                "De onjuiste wachtwoorden bij het account van {person} tellen na een geslaagde aanmelding niet meer mee."
            )
        }
        Event::Locked => {
            format!(
                "Het account van {person} is vergrendeld na te veel onjuiste wachtwoorden of codes."
            )
        }
        Event::Unlocked => format!("{actor} heeft het account van {person} ontgrendeld."),
        Event::ActivationSent { letter: None, .. } => {
            format!("{actor} heeft {person} per e-mail uitgenodigd om het account te activeren.")
        }
        Event::ActivationSent { letter: Some(_), .. } => format!(
            "{actor} heeft de activatiegegevens voor {person} verstuurd: de link per e-mail, de code in een brief."
        ),
        Event::ActivationCodeFailed { .. } => {
            format!("Voor het account van {person} is een onjuiste activatiecode ingevuld.")
        }
        Event::ActivationVoided { .. } => {
            format!("De activatiegegevens van {person} zijn vervallen na te veel onjuiste codes.")
        }
        Event::Activated { .. } => format!("{person} heeft het account geactiveerd."),
        Event::LetterDownloaded { .. } => {
            format!("{actor} heeft de brief met de activatiecode voor {person} gedownload.")
        }
        Event::LetterRemoved { .. } => {
            format!("{actor} heeft de brief met de activatiecode voor {person} verwijderd.")
        }
        Event::Deleted => format!("{actor} heeft het account van {person} verwijderd."),
    }
}

fn membership(story: &Story<'_>, event: &membership::Event) -> String {
    use membership::Event;
    let (actor, person, firm) = (story.actor(), story.account(), story.organisation());
    let text = |address: &Sealed<EmailAddress>| story.text(address, |it| it.as_str());
    match event {
        Event::ServiceAccessGranted { service } => {
            format!(
                "{actor} heeft {person} in {firm} toegang gegeven tot {}.",
                service_name(service)
            )
        }
        Event::ServiceAccessRevoked { service } => {
            format!(
                "{actor} heeft de toegang van {person} tot {} in {firm} ingetrokken.",
                service_name(service)
            )
        }
        Event::ServiceAdministratorGranted { service } => {
            format!(
                "{actor} heeft {person} in {firm} beheerder gemaakt van {}.",
                service_name(service)
            )
        }
        Event::ServiceAdministratorRevoked { service } => {
            format!(
                "{actor} heeft de beheerdersrechten van {person} voor {} in {firm} ingetrokken.",
                service_name(service)
            )
        }
        Event::AliasAdded { address } => {
            format!(
                "{actor} heeft de alias {} aan de mailbox van {person} toegevoegd.",
                text(address)
            )
        }
        Event::AliasRemoved { address } => {
            format!(
                "{actor} heeft de alias {} uit de mailbox van {person} verwijderd.",
                text(address)
            )
        }
        Event::SendOnBehalfGranted { delegate } => {
            format!(
                "{actor} heeft {} toegestaan namens {person} mail te versturen.",
                story.person(*delegate)
            )
        }
        Event::SendOnBehalfRevoked { delegate } => {
            format!(
                "{actor} staat {} niet langer toe namens {person} mail te versturen.",
                story.person(*delegate)
            )
        }
        Event::MailboxHiddenSet { hidden: true } => {
            format!("{actor} heeft de mailbox van {person} verborgen in het adresboek van {firm}.")
        }
        Event::MailboxHiddenSet { hidden: false } => {
            format!(
                "{actor} heeft de mailbox van {person} zichtbaar gemaakt in het adresboek van {firm}."
            )
        }
        Event::MailboxSharedSet { shared: true } => {
            format!("{actor} heeft van de mailbox van {person} een gedeelde mailbox gemaakt.")
        }
        Event::MailboxSharedSet { shared: false } => {
            format!(
                "{actor} heeft van de mailbox van {person} weer een persoonlijke mailbox gemaakt."
            )
        }
        Event::AlwaysBccSet { address: Some(address) } => {
            format!(
                "{actor} heeft ingesteld dat {} een blinde kopie krijgt van alle mail uit de mailbox van {person}.",
                text(address)
            )
        }
        Event::AlwaysBccSet { address: None } => {
            format!(
                "{actor} heeft de blinde kopieën van mail uit de mailbox van {person} stopgezet."
            )
        }
        Event::Ended => format!(
            "De diensten en aliassen van {person} in {firm} zijn met het lidmaatschap beëindigd."
        ),
    }
}

fn session(story: &Story<'_>, event: &session::Event) -> String {
    use session::Event;
    let (actor, person) = (story.actor(), story.account());
    match event {
        Event::Opened { .. } => format!("{person} heeft zich aangemeld."),
        Event::Impersonated { reason, .. } => {
            let reason = story.text(reason, |text| text.as_str());
            format!("{actor} handelt namens {person}: ‘{reason}’")
        }
        Event::SteppedUp { .. } => {
            format!("{person} heeft zich in een sessie opnieuw geïdentificeerd.")
        }
        Event::Ended { reason, .. } => match reason {
            EndReason::SignedOut => format!("{person} heeft zich afgemeld."),
            EndReason::Expired => format!("Een sessie van {person} is verlopen."),
            EndReason::PasswordChanged => {
                format!("Een sessie van {person} is beëindigd omdat het wachtwoord is gewijzigd.")
            }
            EndReason::Ended => format!("Een sessie van {person} is door {actor} beëindigd."),
            EndReason::Barred => {
                format!("Een sessie van {person} is beëindigd omdat het account is geblokkeerd.")
            }
            EndReason::OutsideHours => {
                format!("Een sessie van {person} is beëindigd omdat de aanmeldtijd voorbij was.")
            }
        },
    }
}

fn service_key(story: &Story<'_>, event: &service_key::Event) -> String {
    use service_key::Event;
    let (actor, firm) = (story.actor(), story.organisation());
    match event {
        Event::Created { name, .. } => {
            format!("{actor} heeft de servicesleutel {} voor {firm} aangemaakt.", name.as_str())
        }
        Event::Revoked { .. } => {
            format!("{actor} heeft de {} van {firm} ingetrokken.", story.own_service_key())
        }
    }
}

fn service_name(service: &ServiceKind) -> &str {
    brand(service).unwrap_or_else(|| match service.as_str() {
        "mail" => "mail",
        "cloud_storage" => "cloudopslag",
        "documents" => "Documenten",
        "people" => "Personen",
        "projects" => "Projecten",
        other => other,
    })
}

const fn language_name(language: Language) -> &'static str {
    match language {
        Language::Nl => "Nederlands",
        Language::De => "Duits",
        Language::En => "Engels",
    }
}

const fn kind_name(kind: MemberKind) -> &'static str {
    match kind {
        MemberKind::Full => "volwaardig lid",
        MemberKind::Reader => "lezer",
    }
}

fn seats(plan: Plan) -> String {
    let count = |seats: Option<u32>, who: &str| match seats {
        None => format!("onbeperkt veel plaatsen voor {who}"),
        Some(1) => format!("1 plaats voor {who}"),
        Some(seats) => format!("{seats} plaatsen voor {who}"),
    };
    let (full, readers) = (plan.full_seats, plan.reader_seats);
    format!("{} en {}", count(full, "volwaardige leden"), count(readers, "lezers"))
}

const fn field_name(field: ProfileField) -> &'static str {
    match field {
        ProfileField::DisplayName => "de weergavenaam",
        ProfileField::FirstName => "de voornaam",
        ProfileField::LastName => "de achternaam",
        ProfileField::Salutation => "de aanhef",
        ProfileField::Email => "het e-mailadres",
        ProfileField::RecoveryEmail => "het hersteladres",
        ProfileField::Language => "de taal",
        ProfileField::TimeZone => "de tijdzone",
        ProfileField::Position => "de functie",
        ProfileField::Location => "de locatie",
        ProfileField::BirthDate => "de geboortedatum",
        ProfileField::Phone => "het telefoonnummer",
        ProfileField::Mobile => "het mobiele nummer",
        ProfileField::Description => "de omschrijving",
    }
}
