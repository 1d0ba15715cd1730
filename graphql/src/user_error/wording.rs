//! What is said about bad fields, in Dutch, German and English: what is wrong, and how to mend it.

use events::value::{Invalid, Language};

use super::Plain;
use crate::port::WeakPassword;

pub(super) fn invalid(invalid: Invalid, language: Language) -> String {
    match (invalid, language) {
        (Invalid::Empty, Language::Nl) => "Vul hier iets in.".into(),
        (Invalid::Empty, Language::De) => "Bitte füllen Sie dieses Feld aus.".into(),
        (Invalid::Empty, Language::En) => "Enter something here.".into(),
        (Invalid::TooShort { min }, _) => too_short(min, language),
        (Invalid::TooLong { max }, _) => too_long(max, language),
        (Invalid::Character { character }, Language::Nl) => {
            format!("Het teken {character:?} kan hier niet staan. Laat het weg.")
        }
        (Invalid::Character { character }, Language::De) => {
            format!("Das Zeichen {character:?} darf hier nicht stehen. Lassen Sie es weg.")
        }
        (Invalid::Character { character }, Language::En) => {
            format!("The character {character:?} can't stand here. Leave it out.")
        }
        (Invalid::MixedScripts, Language::Nl) => {
            "Gebruik letters van één schrift; deze lijken op elkaar en zijn te verwarren.".into()
        }
        (Invalid::MixedScripts, Language::De) => {
            "Verwenden Sie Buchstaben einer einzigen Schrift; diese sind leicht zu verwechseln.".into()
        }
        (Invalid::MixedScripts, Language::En) => {
            "Use letters of one script; these can be mistaken for each other.".into()
        }
        (Invalid::NotAnAddress, Language::Nl) => {
            "Vul een e-mailadres in, zoals anna@example.org.".into()
        }
        (Invalid::NotAnAddress, Language::De) => {
            "Geben Sie eine E-Mail-Adresse ein, zum Beispiel anna@example.org.".into()
        }
        (Invalid::NotAnAddress, Language::En) => {
            "Enter an e-mail address, such as anna@example.org.".into()
        }
        (Invalid::NotADomain, Language::Nl) => "Vul een domein in, zoals example.org.".into(),
        (Invalid::NotADomain, Language::De) => {
            "Geben Sie eine Domain ein, zum Beispiel example.org.".into()
        }
        (Invalid::NotADomain, Language::En) => "Enter a domain, such as example.org.".into(),
        (Invalid::NotAServiceKey, Language::Nl) => {
            "Vul de sleutel van een dienst in: kleine letters, cijfers en lage streepjes, zoals cloud_storage.".into()
        }
        (Invalid::NotAServiceKey, Language::De) => {
            "Geben Sie den Schlüssel eines Dienstes ein: Kleinbuchstaben, Ziffern und Unterstriche, zum Beispiel cloud_storage.".into()
        }
        (Invalid::NotAServiceKey, Language::En) => {
            "Enter the key of a service: lower-case letters, digits and underscores, such as cloud_storage.".into()
        }
        (Invalid::NotABirthDate, Language::Nl) => {
            "Vul een datum in tussen 1900-01-01 en vandaag.".into()
        }
        (Invalid::NotABirthDate, Language::De) => {
            "Geben Sie ein Datum zwischen 1900-01-01 und heute ein.".into()
        }
        (Invalid::NotABirthDate, Language::En) => {
            "Enter a date between 1900-01-01 and today.".into()
        }
        (Invalid::NotAPhoneNumber, Language::Nl) => {
            "Vul een telefoonnummer in, zoals +31 20 123 4567.".into()
        }
        (Invalid::NotAPhoneNumber, Language::De) => {
            "Geben Sie eine Telefonnummer ein, zum Beispiel +49 30 1234567.".into()
        }
        (Invalid::NotAPhoneNumber, Language::En) => {
            "Enter a telephone number, such as +31 20 123 4567.".into()
        }
        (Invalid::NotATimeZone, Language::Nl) => {
            "Vul een tijdzone in, zoals Europe/Amsterdam.".into()
        }
        (Invalid::NotATimeZone, Language::De) => {
            "Geben Sie eine Zeitzone ein, zum Beispiel Europe/Berlin.".into()
        }
        (Invalid::NotATimeZone, Language::En) => {
            "Enter a time zone, such as Europe/Amsterdam.".into()
        }
        (Invalid::NotALanguage, Language::Nl) => "Kies nl, de of en.".into(),
        (Invalid::NotALanguage, Language::De) => "Wählen Sie nl, de oder en.".into(),
        (Invalid::NotALanguage, Language::En) => "Choose nl, de or en.".into(),
    }
}

pub(super) const fn required(language: Language) -> &'static str {
    match language {
        Language::Nl => "Dit veld is hier nodig. Vul het in.",
        Language::De => "Dieses Feld wird hier gebraucht. Füllen Sie es aus.",
        Language::En => "This field is needed here. Give it.",
    }
}

pub(super) fn weak(weak: WeakPassword, language: Language) -> String {
    match (weak, language) {
        (WeakPassword::TooShort { min }, _) => too_short(min, language),
        (WeakPassword::TooLong { max }, _) => too_long(max, language),
        (WeakPassword::Character, Language::Nl) => {
            "Het wachtwoord bevat een teken dat niet betrouwbaar te typen is. Laat het weg.".into()
        }
        (WeakPassword::Character, Language::De) => {
            "Das Passwort enthält ein Zeichen, das sich nicht verlässlich eingeben lässt. Lassen Sie es weg.".into()
        }
        (WeakPassword::Character, Language::En) => {
            "The password has a character that can't be typed reliably. Leave it out.".into()
        }
        (WeakPassword::NeedsCapital, Language::Nl) => "Gebruik minstens één hoofdletter.".into(),
        (WeakPassword::NeedsCapital, Language::De) => {
            "Verwenden Sie mindestens einen Großbuchstaben.".into()
        }
        (WeakPassword::NeedsCapital, Language::En) => "Use at least one capital letter.".into(),
        (WeakPassword::NeedsDigit, Language::Nl) => "Gebruik minstens één cijfer.".into(),
        (WeakPassword::NeedsDigit, Language::De) => "Verwenden Sie mindestens eine Ziffer.".into(),
        (WeakPassword::NeedsDigit, Language::En) => "Use at least one digit.".into(),
        (WeakPassword::Common, Language::Nl) => {
            "Dit wachtwoord is bekend uit lijsten van veelgebruikte wachtwoorden. Kies een ander.".into()
        }
        (WeakPassword::Common, Language::De) => {
            "Dieses Passwort steht in Listen häufiger Passwörter. Wählen Sie ein anderes.".into()
        }
        (WeakPassword::Common, Language::En) => {
            "This password stands in lists of common ones. Choose another.".into()
        }
        (WeakPassword::Guessable, Language::Nl) => {
            "Dit wachtwoord is te raden: gebruik geen namen, seizoenen of jaartallen, of maak het langer.".into()
        }
        (WeakPassword::Guessable, Language::De) => {
            "Dieses Passwort lässt sich erraten: verwenden Sie keine Namen, Jahreszeiten oder Jahreszahlen, oder machen Sie es länger.".into()
        }
        (WeakPassword::Guessable, Language::En) => {
            "This password can be guessed: use no names, seasons or years, or make it longer.".into()
        }
    }
}

pub(super) const fn plain(plain: Plain, language: Language) -> &'static str {
    match (plain, language) {
        (Plain::Credentials, Language::Nl) => {
            "Gebruikersnaam of wachtwoord klopt niet. Probeer het opnieuw of vraag een beheerder."
        }
        (Plain::Credentials, Language::De) => {
            "Benutzername oder Passwort stimmt nicht. Versuchen Sie es noch einmal oder fragen Sie einen Administrator."
        }
        (Plain::Credentials, Language::En) => {
            "The username or the password is wrong. Try again, or ask an administrator."
        }
        (Plain::Token, Language::Nl) => "Deze code is gebruikt of verlopen. Vraag een nieuwe.",
        (Plain::Token, Language::De) => {
            "Dieses Token wurde benutzt oder ist abgelaufen. Fordern Sie ein neues an."
        }
        (Plain::Token, Language::En) => "This token was used or has ended. Ask for a new one.",
        (Plain::Projection, Language::Nl) => "Deze projectie bestaat niet. Kijk in `projections`.",
        (Plain::Projection, Language::De) => {
            "Diese Projektion gibt es nicht. Sehen Sie in `projections` nach."
        }
        (Plain::Projection, Language::En) => "There is no such projection. Look in `projections`.",
        (Plain::Rebuilding, Language::Nl) => "Deze projectie wordt al opnieuw opgebouwd.",
        (Plain::Rebuilding, Language::De) => "Diese Projektion wird schon neu aufgebaut.",
        (Plain::Rebuilding, Language::En) => "This projection is being rebuilt already.",
        (Plain::NotParked, Language::Nl) => "Deze projectie staat niet stil.",
        (Plain::NotParked, Language::De) => "Diese Projektion steht nicht still.",
        (Plain::NotParked, Language::En) => "This projection isn't parked.",
    }
}

fn too_short(min: usize, language: Language) -> String {
    match language {
        Language::Nl => format!("Gebruik minstens {min} tekens."),
        Language::De => format!("Verwenden Sie mindestens {min} Zeichen."),
        Language::En => format!("Use at least {min} characters."),
    }
}

fn too_long(max: usize, language: Language) -> String {
    match language {
        Language::Nl => format!("Gebruik hoogstens {max} tekens."),
        Language::De => format!("Verwenden Sie höchstens {max} Zeichen."),
        Language::En => format!("Use at most {max} characters."),
    }
}
