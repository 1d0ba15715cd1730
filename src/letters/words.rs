//! What letters say, in the reader's language.

use events::value::Language;

use super::{Activation, Recipient};

/// Everything that an activation letter says, from top to bottom.
pub(super) struct Wording {
    /// Above the date.
    pub(super) date_label: &'static str,
    /// The date.
    pub(super) date: String,
    /// Above the name to sign in with.
    pub(super) username_label: &'static str,
    /// What the letter is about.
    pub(super) subject: &'static str,
    /// Addresses the reader.
    pub(super) salutation: String,
    /// What this is.
    pub(super) opening: String,
    /// Beside the code.
    pub(super) code_label: &'static str,
    /// Below the code.
    pub(super) validity: String,
    /// Above the steps.
    pub(super) steps_label: &'static str,
    /// What to do, in order.
    pub(super) steps: [String; 4],
    /// What to know.
    pub(super) advice: String,
    /// Before the sender's name at the end.
    pub(super) closing: &'static str,
    /// Why nobody signed it.
    pub(super) unsigned: &'static str,
}

pub(super) const fn subject(language: Language) -> &'static str {
    match language {
        Language::Nl => "Activatiegegevens van ons klantenportaal",
        Language::De => "Aktivierungsdaten für unser Kundenportal",
        Language::En => "Activation details for our customer portal",
    }
}

/// Says it. `sender` is the organisation's name, not longer than a line or two.
pub(super) fn say(letter: &Activation, sender: &str) -> Wording {
    let language = letter.language;
    let date = language.date(letter.written_at.date_naive());
    let last_day = language.date(letter.last_day());
    let (subject, salutation) = (subject(language), salutation(language, &letter.recipient));
    match language {
        Language::Nl => Wording {
            date_label: "Datum",
            date,
            username_label: "Gebruikersnaam",
            subject,
            salutation,
            opening: format!(
                "Voor u is een account aangemaakt op het klantenportaal van {sender}. Met de activatiecode in deze \
                 brief neemt u uw account in gebruik. De link die u daarbij nodig hebt, sturen wij u apart per e-mail."
            ),
            code_label: "Uw activatiecode",
            validity: format!("Geldig tot en met {last_day}"),
            steps_label: "Zo activeert u uw account",
            steps: [
                "Open de e-mail die u van ons hebt ontvangen en klik op de link.".to_owned(),
                "Vul de activatiecode in. Het streepje mag u weglaten.".to_owned(),
                "Kies een eigen wachtwoord en vul het twee keer in.".to_owned(),
                "Klik op ‘Account activeren’. Daarna kunt u inloggen.".to_owned(),
            ],
            advice: "Na drie keer een onjuiste code vervalt de activering. Vraag dan bij ons nieuwe activatiegegevens aan. Dat \
                     kan ook als de code verlopen is of als u geen e-mail hebt ontvangen. Geef de code aan niemand \
                     door; wij vragen er nooit naar."
                .to_owned(),
            closing: "Met vriendelijke groet,",
            unsigned: "Deze brief is automatisch aangemaakt en daarom niet ondertekend.",
        },
        Language::De => Wording {
            date_label: "Datum",
            date,
            username_label: "Benutzername",
            subject,
            salutation,
            opening: format!(
                "für Sie wurde ein Konto im Kundenportal von {sender} angelegt. Mit dem Aktivierungscode in diesem \
                 Brief nehmen Sie Ihr Konto in Betrieb. Den Link, den Sie dazu benötigen, erhalten Sie getrennt davon \
                 per E-Mail."
            ),
            code_label: "Ihr Aktivierungscode",
            validity: format!("Gültig bis einschließlich {last_day}"),
            steps_label: "So aktivieren Sie Ihr Konto",
            steps: [
                "Öffnen Sie die E-Mail, die Sie von uns erhalten haben, und klicken Sie auf den Link.".to_owned(),
                "Geben Sie den Aktivierungscode ein. Den Bindestrich können Sie weglassen.".to_owned(),
                "Wählen Sie ein eigenes Passwort und geben Sie es zweimal ein.".to_owned(),
                "Klicken Sie auf „Konto aktivieren“. Danach können Sie sich anmelden.".to_owned(),
            ],
            advice: "Nach drei falschen Eingaben verfällt der Code. Fordern Sie dann bei uns neue Aktivierungsdaten \
                     an – ebenso, wenn der Code abgelaufen ist oder Sie keine E-Mail erhalten haben. Geben Sie den \
                     Code an niemanden weiter; wir fragen nie danach."
                .to_owned(),
            closing: "Mit freundlichen Grüßen",
            unsigned: "Dieses Schreiben wurde maschinell erstellt und ist ohne Unterschrift gültig.",
        },
        Language::En => Wording {
            date_label: "Date",
            date,
            username_label: "Username",
            subject,
            salutation,
            opening: format!(
                "An account has been created for you on the customer portal of {sender}. Use the \
                 activation code in this letter to activate it. You will receive the link that you need for this \
                 separately, by e-mail."
            ),
            code_label: "Your activation code",
            validity: format!("Valid until {last_day} inclusive"),
            steps_label: "How to activate your account",
            steps: [
                "Open the e-mail that you received from us and click on the link.".to_owned(),
                "Enter the activation code. You may leave out the hyphen.".to_owned(),
                "Choose a password of your own and enter it twice.".to_owned(),
                "Click on ‘Activate account’. You can then sign in.".to_owned(),
            ],
            advice: "After three wrong entries the code expires. If that happens, if its date has passed or if you \
                     have received no e-mail, please ask us for new activation details. Do not give the code to \
                     anyone; we will never ask you for it."
                .to_owned(),
            closing: "Yours sincerely,",
            unsigned: "This letter was produced automatically and therefore bears no signature.",
        },
    }
}

/// With a salutation and a last name those two, otherwise the name in full.
fn salutation(language: Language, recipient: &Recipient) -> String {
    let name = match (&recipient.salutation, &recipient.last_name) {
        (Some(salutation), Some(last)) if language == Language::Nl => {
            // Within a sentence Dutch writes `mevrouw De Vries`.
            format!("{} {}", lower_first(salutation), upper_first(last))
        }
        (Some(salutation), Some(last)) => format!("{salutation} {last}"),
        _ => recipient.name.clone(),
    };
    match language {
        Language::Nl => format!("Geachte {name},"),
        Language::De => format!("Guten Tag {name},"),
        Language::En => format!("Dear {name},"),
    }
}

fn lower_first(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

fn upper_first(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
