//! Second factors, in Dutch, German and English.

use events::{
    Sealed,
    factor::{Event, FactorKind, NotSent},
    value::{Language, Text},
};

use super::Story;

/// Says what happened to somebody's second factors.
pub(super) fn sentence(story: &Story<'_>, event: &Event, language: Language) -> String {
    match language {
        Language::Nl => dutch(story, event),
        Language::De => german(story, event),
        Language::En => english(story, event),
    }
}

/// A factor by its kind, and the name that its owner gave it.
fn called(
    story: &Story<'_>,
    kind: FactorKind,
    name: Option<&Sealed<Text>>,
    language: Language,
) -> String {
    let kind = kind.name(language);
    name.map_or_else(
        || kind.to_owned(),
        |name| {
            let name = story.text(name, |text| text.as_str());
            match language {
                Language::Nl => format!("{kind} ‘{name}’"),
                Language::De => format!("{kind} „{name}“"),
                Language::En => format!("{kind} “{name}”"),
            }
        },
    )
}

fn dutch(story: &Story<'_>, event: &Event) -> String {
    let (actor, person) = (story.actor(), story.account());
    match event {
        Event::Added { kind, name, .. } => {
            let what = called(story, *kind, name.as_ref(), Language::Nl);
            format!("{person} heeft een tweede factor ingesteld: {what}.")
        }
        Event::Removed { .. } if story.is_own_doing() => {
            format!("{person} heeft een eigen tweede factor verwijderd.")
        }
        Event::Removed { .. } => {
            format!("{actor} heeft een tweede factor van {person} verwijderd.")
        }
        Event::RecoveryCodesMade { count, .. } => {
            format!(
                "{person} heeft {count} nieuwe herstelcodes gekregen; eerdere werken niet meer."
            )
        }
        Event::Asked => {
            format!(
                "Bij het account van {person} werd na het juiste wachtwoord om een tweede factor gevraagd."
            )
        }
        Event::Used { .. } => format!("{person} heeft een tweede factor gebruikt."),
        Event::RecoveryCodeUsed { .. } => {
            format!("{person} heeft een herstelcode gebruikt, die nu niet meer werkt.")
        }
        Event::CodeSent { .. } => format!("Aan {person} is een code per sms gestuurd."),
        Event::CodeNotSent { reason: NotSent::Unreachable, .. } => format!(
            "Aan {person} kon geen code per sms worden gestuurd: de sms-dienst was niet te bereiken."
        ),
        Event::CodeNotSent { reason: NotSent::Refused, .. } => format!(
            "Aan {person} kon geen code per sms worden gestuurd: de sms-dienst weigerde het bericht."
        ),
        Event::Suspected { .. } => {
            format!(
                "Een passkey van {person} telde terug en werd geweigerd: misschien bestaat er een kopie van."
            )
        }
    }
}

fn german(story: &Story<'_>, event: &Event) -> String {
    let (actor, person) = (story.actor(), story.account());
    match event {
        Event::Added { kind, name, .. } => {
            let what = called(story, *kind, name.as_ref(), Language::De);
            format!("{person} hat einen zweiten Faktor eingerichtet: {what}.")
        }
        Event::Removed { .. } if story.is_own_doing() => {
            format!("{person} hat einen eigenen zweiten Faktor entfernt.")
        }
        Event::Removed { .. } => format!("{actor} hat einen zweiten Faktor von {person} entfernt."),
        Event::RecoveryCodesMade { count, .. } => {
            format!(
                "{person} hat {count} neue Wiederherstellungscodes erhalten; frühere gelten nicht mehr."
            )
        }
        Event::Asked => {
            format!(
                "Am Konto von {person} wurde nach dem richtigen Passwort ein zweiter Faktor verlangt."
            )
        }
        Event::Used { .. } => format!("{person} hat einen zweiten Faktor benutzt."),
        Event::RecoveryCodeUsed { .. } => {
            format!("{person} hat einen Wiederherstellungscode benutzt, der nun nicht mehr gilt.")
        }
        Event::CodeSent { .. } => format!("An {person} wurde ein Code per SMS gesendet."),
        Event::CodeNotSent { reason: NotSent::Unreachable, .. } => format!(
            "An {person} konnte kein Code per SMS gesendet werden: der SMS-Dienst war nicht erreichbar."
        ),
        Event::CodeNotSent { reason: NotSent::Refused, .. } => format!(
            "An {person} konnte kein Code per SMS gesendet werden: der SMS-Dienst lehnte die Nachricht ab."
        ),
        Event::Suspected { .. } => {
            format!(
                "Ein Passkey von {person} zählte rückwärts und wurde abgelehnt: Vielleicht gibt es eine Kopie."
            )
        }
    }
}

fn english(story: &Story<'_>, event: &Event) -> String {
    let (actor, person) = (story.actor(), story.account());
    match event {
        Event::Added { kind, name, .. } => {
            let what = called(story, *kind, name.as_ref(), Language::En);
            format!("{person} set up a second factor: {what}.")
        }
        Event::Removed { .. } if story.is_own_doing() => {
            format!("{person} removed one of their own second factors.")
        }
        Event::Removed { .. } => format!("{actor} removed a second factor of {person}."),
        Event::RecoveryCodesMade { count, .. } => {
            format!("{person} got {count} new recovery codes; earlier ones work no longer.")
        }
        Event::Asked => {
            format!(
                "After the right password, a second factor was asked for at {person}'s account."
            )
        }
        Event::Used { .. } => format!("{person} used a second factor."),
        Event::RecoveryCodeUsed { .. } => {
            format!("{person} used a recovery code, which works no more.")
        }
        Event::CodeSent { .. } => format!("A code was sent to {person} by text message."),
        Event::CodeNotSent { reason: NotSent::Unreachable, .. } => format!(
            "No code could be sent to {person} by text message: the gateway couldn't be reached."
        ),
        Event::CodeNotSent { reason: NotSent::Refused, .. } => {
            format!("No code could be sent to {person} by text message: the gateway refused it.")
        }
        Event::Suspected { .. } => {
            format!(
                "A passkey of {person} counted backwards and was refused: there may be a copy of it."
            )
        }
    }
}
