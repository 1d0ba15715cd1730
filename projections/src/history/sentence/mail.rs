//! What became of mails, in all languages.

use events::{
    mail::{Event, GivenUpReason},
    value::{MailKind, Reply},
};

use super::Story;

pub(super) fn nl(story: &Story<'_>, event: &Event) -> String {
    let person = story.account();
    let what = what_nl(event.kind());
    let mail = format!("De mail aan {person} met {what}");
    match event {
        Event::Queued { .. } => format!("{mail} staat klaar om te worden verzonden."),
        Event::Sent { .. } => format!("{mail} is verzonden."),
        Event::Failed { reply, .. } => {
            format!("{mail} kon nog niet worden bezorgd{}.", said(story, reply.as_ref()))
        }
        Event::GivenUp { reason, reply, .. } => {
            let why = match reason {
                GivenUpReason::Refused => "de mailserver heeft haar geweigerd",
                GivenUpReason::Exhausted => "ze is te vaak vergeefs geprobeerd",
                GivenUpReason::Expired => "wat erin stond, geldt niet meer",
                GivenUpReason::Unwritable => "ze kon niet worden opgesteld",
            };
            format!("{mail} wordt niet meer verzonden: {why}{}.", said(story, reply.as_ref()))
        }
        Event::Retried { .. } => {
            format!("{} laat de mail aan {person} met {what} opnieuw verzenden.", story.actor())
        }
    }
}

pub(super) fn de(story: &Story<'_>, event: &Event) -> String {
    let person = story.account();
    let what = what_de(event.kind());
    let mail = format!("Die Mail an {person} mit {what}");
    match event {
        Event::Queued { .. } => format!("{mail} wartet auf den Versand."),
        Event::Sent { .. } => format!("{mail} wurde gesendet."),
        Event::Failed { reply, .. } => {
            format!("{mail} konnte noch nicht zugestellt werden{}.", said(story, reply.as_ref()))
        }
        Event::GivenUp { reason, reply, .. } => {
            let why = match reason {
                GivenUpReason::Refused => "der Mailserver hat sie abgelehnt",
                GivenUpReason::Exhausted => "sie wurde zu oft vergeblich versucht",
                GivenUpReason::Expired => "was darin stand, gilt nicht mehr",
                GivenUpReason::Unwritable => "sie konnte nicht verfasst werden",
            };
            format!("{mail} wird nicht mehr gesendet: {why}{}.", said(story, reply.as_ref()))
        }
        Event::Retried { .. } => {
            format!("{} lässt die Mail an {person} mit {what} noch einmal senden.", story.actor())
        }
    }
}

pub(super) fn en(story: &Story<'_>, event: &Event) -> String {
    let person = story.account();
    let what = what_en(event.kind());
    let mail = format!("The mail to {person} with {what}");
    match event {
        Event::Queued { .. } => format!("{mail} is waiting to be sent."),
        Event::Sent { .. } => format!("{mail} was sent."),
        Event::Failed { reply, .. } => {
            format!("{mail} could not be delivered yet{}.", said(story, reply.as_ref()))
        }
        Event::GivenUp { reason, reply, .. } => {
            let why = match reason {
                GivenUpReason::Refused => "the mail server refused it",
                GivenUpReason::Exhausted => "it was tried too often in vain",
                GivenUpReason::Expired => "what it said holds no longer",
                GivenUpReason::Unwritable => "it could not be written",
            };
            format!("{mail} is not sent any more: {why}{}.", said(story, reply.as_ref()))
        }
        Event::Retried { .. } => {
            format!("{} had the mail to {person} with {what} sent again.", story.actor())
        }
    }
}

/// What an organisation's mails of a kind say.
pub(super) fn template_nl(story: &Story<'_>, kind: MailKind, language: &str, own: bool) -> String {
    let (actor, firm, what) = (story.actor(), story.organisation(), what_nl(kind));
    if own {
        format!(
            "{actor} heeft voor {firm} een eigen tekst ingesteld voor de mail met {what} ({language})."
        )
    } else {
        format!(
            "{actor} heeft voor {firm} de standaardtekst hersteld van de mail met {what} ({language})."
        )
    }
}

/// What an organisation's mails of a kind say.
pub(super) fn template_de(story: &Story<'_>, kind: MailKind, language: &str, own: bool) -> String {
    let (actor, firm, what) = (story.actor(), story.organisation(), what_de(kind));
    if own {
        format!(
            "{actor} hat für {firm} einen eigenen Text für die Mail mit {what} festgelegt ({language})."
        )
    } else {
        format!(
            "{actor} hat für {firm} den Standardtext der Mail mit {what} wiederhergestellt ({language})."
        )
    }
}

/// What an organisation's mails of a kind say.
pub(super) fn template_en(story: &Story<'_>, kind: MailKind, language: &str, own: bool) -> String {
    let (actor, firm, what) = (story.actor(), story.organisation(), what_en(kind));
    if own {
        format!("{actor} gave {firm} a text of its own for the mail with {what} ({language}).")
    } else {
        format!(
            "{actor} restored the built-in text of the mail with {what} for {firm} ({language})."
        )
    }
}

const fn what_nl(kind: MailKind) -> &'static str {
    use MailKind as K;
    match kind {
        K::Activation => "de activatielink",
        K::Invitation => "de uitnodiging",
        K::PasswordReset => "de link voor een nieuw wachtwoord",
        K::PasswordChosen => "het nieuwe wachtwoord",
        K::PasswordChanged => "het bericht over het gewijzigde wachtwoord",
        K::Passcode => "de aanmeldcode",
        K::EmailConfirm => "de link om het e-mailadres te bevestigen",
        K::EmailChangeAsked => "het bericht over het opgegeven e-mailadres",
        K::EmailChanged => "het bericht over het gewijzigde e-mailadres",
        K::RecoveryEmailChanged => "het bericht over het gewijzigde hersteladres",
        K::AccountLocked => "het bericht over de vergrendeling",
        K::FactorChanged => "het bericht over de gewijzigde tweede factor",
        K::Notice => "een mededeling",
        K::Test => "een proefbericht",
    }
}

const fn what_de(kind: MailKind) -> &'static str {
    use MailKind as K;
    match kind {
        K::Activation => "dem Aktivierungslink",
        K::Invitation => "der Einladung",
        K::PasswordReset => "dem Link für ein neues Passwort",
        K::PasswordChosen => "dem neuen Passwort",
        K::PasswordChanged => "der Nachricht über das geänderte Passwort",
        K::Passcode => "dem Anmeldecode",
        K::EmailConfirm => "dem Link zur Bestätigung der E-Mail-Adresse",
        K::EmailChangeAsked => "der Nachricht über die angegebene E-Mail-Adresse",
        K::EmailChanged => "der Nachricht über die geänderte E-Mail-Adresse",
        K::RecoveryEmailChanged => "der Nachricht über die geänderte Wiederherstellungsadresse",
        K::AccountLocked => "der Nachricht über die Sperre",
        K::FactorChanged => "der Nachricht über den geänderten zweiten Faktor",
        K::Notice => "einer Mitteilung",
        K::Test => "einer Testnachricht",
    }
}

const fn what_en(kind: MailKind) -> &'static str {
    use MailKind as K;
    match kind {
        K::Activation => "the activation link",
        K::Invitation => "the invitation",
        K::PasswordReset => "the link for a new password",
        K::PasswordChosen => "the new password",
        K::PasswordChanged => "word of the changed password",
        K::Passcode => "the sign-in code",
        K::EmailConfirm => "the link to confirm the e-mail address",
        K::EmailChangeAsked => "word of the e-mail address that was asked for",
        K::EmailChanged => "word of the changed e-mail address",
        K::RecoveryEmailChanged => "word of the changed recovery address",
        K::AccountLocked => "word of the lock",
        K::FactorChanged => "word of the changed second factor",
        K::Notice => "a notice",
        K::Test => "a test message",
    }
}

/// What a mail server said, in brackets.
fn said(story: &Story<'_>, reply: Option<&events::Sealed<Reply>>) -> String {
    let text = reply.map(|reply| story.text(reply, Reply::as_str));
    text.filter(|text| !text.is_empty()).map_or_else(String::new, |text| format!(" ({text})"))
}
