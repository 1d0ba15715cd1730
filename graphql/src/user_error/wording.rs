//! What is said about bad fields, in Dutch, German and English: what is wrong, and how to mend it.
//! About values that can't be read [`Invalid::message`] says it.

use events::value::{Invalid, Language};

use super::Plain;
use crate::port::{Unusable, WeakPassword};

pub(super) const fn required(language: Language) -> &'static str {
    match language {
        Language::Nl => "Dit veld is hier nodig. Vul het in.",
        Language::De => "Dieses Feld wird hier gebraucht. Füllen Sie es aus.",
        Language::En => "This field is needed here. Give it.",
    }
}

pub(super) fn template(unusable: &Unusable, language: Language) -> String {
    match (unusable, language) {
        (Unusable::TooLong { max, .. }, _) => Invalid::TooLong { max: *max }.message(language),
        (Unusable::Lacks(field), Language::Nl) => format!(
            "In de tekst ontbreekt {{{{ {field} }}}}. Neem dat op in de platte tekst en in de HTML."
        ),
        (Unusable::Lacks(field), Language::De) => format!(
            "Im Text fehlt {{{{ {field} }}}}. Nehmen Sie es in den Klartext und in das HTML auf."
        ),
        (Unusable::Lacks(field), Language::En) => {
            format!("{{{{ {field} }}}} is missing. Say it in the plain text and in the HTML.")
        }
        (Unusable::Broken { reason, .. }, Language::Nl) => {
            format!(
                "Deze tekst kan niet worden ingevuld: {reason}. Gebruik alleen de velden van deze mail."
            )
        }
        (Unusable::Broken { reason, .. }, Language::De) => {
            format!(
                "Dieser Text kann nicht ausgefüllt werden: {reason}. Verwenden Sie nur die Felder dieser Mail."
            )
        }
        (Unusable::Broken { reason, .. }, Language::En) => {
            format!("This text can't be filled in: {reason}. Use only the fields of this mail.")
        }
        (Unusable::Elaborate { line, .. }, Language::Nl) => format!(
            "Op regel {line} staat meer dan een veld tussen accolades. Schrijf er alleen de naam van een veld, zoals {{{{ name }}}}."
        ),
        (Unusable::Elaborate { line, .. }, Language::De) => format!(
            "In Zeile {line} steht zwischen geschweiften Klammern mehr als ein Feld. Schreiben Sie dort nur den Namen eines Feldes, etwa {{{{ name }}}}."
        ),
        (Unusable::Elaborate { line, .. }, Language::En) => format!(
            "There is more than a field between the braces in line {line}. Write nothing there but the name of a field, such as {{{{ name }}}}."
        ),
    }
}

pub(super) fn weak(weak: WeakPassword, language: Language) -> String {
    match (weak, language) {
        (WeakPassword::TooShort { min }, _) => Invalid::TooShort { min }.message(language),
        (WeakPassword::TooLong { max }, _) => Invalid::TooLong { max }.message(language),
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
        (Plain::Token, Language::Nl) => {
            "Deze link is al gebruikt of verlopen. Vraag een nieuwe aan."
        }
        (Plain::Token, Language::De) => {
            "Dieser Link wurde bereits benutzt oder ist abgelaufen. Fordern Sie einen neuen an."
        }
        (Plain::Token, Language::En) => {
            "This link has already been used or has expired. Ask for a new one."
        }
        (Plain::Code, Language::Nl) => {
            "Deze code klopt niet of is verlopen. Typ de code die u nu ziet, of neem een herstelcode."
        }
        (Plain::Code, Language::De) => {
            "Dieser Code stimmt nicht oder ist abgelaufen. Geben Sie den Code ein, den Sie jetzt sehen, oder einen Wiederherstellungscode."
        }
        (Plain::Code, Language::En) => {
            "This code is wrong or has ended. Type the one that you see now, or take a recovery code."
        }
        (Plain::Passkey, Language::Nl) => {
            "Deze passkey werkt hier niet, of het duurde te lang. Probeer het opnieuw of meld u anders aan."
        }
        (Plain::Passkey, Language::De) => {
            "Dieser Passkey gilt hier nicht, oder es hat zu lange gedauert. Versuchen Sie es noch einmal oder melden Sie sich anders an."
        }
        (Plain::Passkey, Language::En) => {
            "This passkey doesn't work here, or it took too long. Try again, or sign in another way."
        }
        (Plain::LinkCode, Language::Nl) => {
            "Deze code hoort niet bij de link. Na drie onjuiste codes vervalt de link."
        }
        (Plain::LinkCode, Language::De) => {
            "Dieser Code gehört nicht zum Link. Nach drei falschen Codes verfällt der Link."
        }
        (Plain::LinkCode, Language::En) => {
            "This isn't the code of the link. After three wrong codes the link works no longer."
        }
        (Plain::Differ, Language::Nl) => "De twee wachtwoorden verschillen. Typ ze nog eens.",
        (Plain::Differ, Language::De) => {
            "Die beiden Passwörter sind verschieden. Geben Sie sie noch einmal ein."
        }
        (Plain::Differ, Language::En) => "The two passwords differ. Type them again.",
        (Plain::NoAddress, Language::Nl) => {
            "Dit account heeft geen e-mailadres. Geef op waarheen de mail moet."
        }
        (Plain::NoAddress, Language::De) => {
            "Dieses Konto hat keine E-Mail-Adresse. Geben Sie an, wohin die Mail gehen soll."
        }
        (Plain::NoAddress, Language::En) => {
            "This account has no e-mail address. Say where to send the mail."
        }
        (Plain::Unconfirmed, Language::Nl) => {
            "Dit wordt pas gedaan als u het bevestigt. Controleer wat er staat en geef `confirmed`."
        }
        (Plain::Unconfirmed, Language::De) => {
            "Das geschieht erst, wenn Sie es bestätigen. Prüfen Sie, was dasteht, und geben Sie `confirmed` an."
        }
        (Plain::Unconfirmed, Language::En) => {
            "This is done only when you confirm it. Check what is shown, and give `confirmed`."
        }
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
        (Plain::Stopping, Language::Nl) => "De server stopt. Probeer het opnieuw als hij terug is.",
        (Plain::Stopping, Language::De) => {
            "Der Server wird beendet. Versuchen Sie es noch einmal, wenn er wieder da ist."
        }
        (Plain::Stopping, Language::En) => "The server is stopping. Try again when it is back.",
    }
}
