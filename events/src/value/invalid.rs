//! Why a text is not a value.

use super::Language;

/// Why a text is not a value; each reason has a message per language that says how to mend it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// Nothing is left after trimming.
    #[error("must not be empty")]
    Empty,
    /// Too few characters.
    #[error("must have at least {min} characters")]
    TooShort {
        /// The least number of characters.
        min: usize,
    },
    /// Too many characters.
    #[error("must have at most {max} characters")]
    TooLong {
        /// The greatest number of characters.
        max: usize,
    },
    /// A character that can't be there, such as a control character.
    #[error("must not contain {character:?}")]
    Character {
        /// The first such character.
        character: char,
    },
    /// Letters of several scripts, or of one that nobody writes names in: they can be mistaken for others.
    #[error("must not mix scripts")]
    MixedScripts,
    /// Not an e-mail address of the form local@domain.
    #[error("must be an e-mail address such as anna@example.org")]
    NotAnAddress,
    /// Not a domain with at least two labels.
    #[error("must be a domain such as example.org")]
    NotADomain,
    /// Not a service key.
    #[error("must be a lower-case word such as cloud_storage")]
    NotAServiceKey,
    /// Not a date in the past since 1900.
    #[error("must be a date between 1900-01-01 and today")]
    NotABirthDate,
    /// Not a telephone number.
    #[error("must be a telephone number such as +31 20 123 4567")]
    NotAPhoneNumber,
    /// Not a telephone number with its country code.
    #[error("must be a telephone number with its country code, such as +31 6 12345678")]
    NotInternational,
    /// Not a time zone of the IANA database.
    #[error("must be a time zone such as Europe/Amsterdam")]
    NotATimeZone,
    /// Not one of the known languages.
    #[error("must be nl, de or en")]
    NotALanguage,
    /// A number beyond its bounds.
    #[error("must be between {min} and {max}")]
    OutOfRange {
        /// The least number.
        min: u32,
        /// The greatest number.
        max: u32,
    },
    /// Not a stretch of hours of one day.
    #[error("must be hours of one day, such as from 8 until 18")]
    NotHours,
}

impl Invalid {
    /// What is wrong and how to mend it, as one sentence or two for the person who typed it.
    pub fn message(self, language: Language) -> String {
        match language {
            Language::Nl => self.dutch(),
            Language::De => self.german(),
            Language::En => self.english(),
        }
    }

    fn dutch(self) -> String {
        match self {
            Self::Empty => "Vul hier iets in.".into(),
            Self::TooShort { min } => format!("Gebruik minstens {min} tekens."),
            Self::TooLong { max } => format!("Gebruik hoogstens {max} tekens."),
            Self::Character { character } => {
                format!("Het teken {character:?} kan hier niet staan. Laat het weg.")
            }
            Self::MixedScripts => {
                "Gebruik letters van één schrift; deze zijn te verwarren met andere.".into()
            }
            Self::NotAnAddress => "Vul een e-mailadres in, zoals anna@example.org.".into(),
            Self::NotADomain => "Vul een domein in, zoals example.org.".into(),
            Self::NotAServiceKey => {
                "Vul de sleutel van een dienst in, zoals cloud_storage: kleine letters, cijfers en lage streepjes.".into()
            }
            Self::NotABirthDate => "Vul een datum in tussen 1900-01-01 en vandaag.".into(),
            Self::NotAPhoneNumber => "Vul een telefoonnummer in, zoals +31 20 123 4567.".into(),
            Self::NotInternational => {
                "Vul het nummer in met de landcode, zoals +31 6 12345678.".into()
            }
            Self::NotATimeZone => "Vul een tijdzone in, zoals Europe/Amsterdam.".into(),
            Self::NotALanguage => "Kies nl, de of en.".into(),
            Self::OutOfRange { min, max } => format!("Kies een getal van {min} tot en met {max}."),
            Self::NotHours => "Kies uren van één dag, zoals van 8 tot 18.".into(),
        }
    }

    fn german(self) -> String {
        match self {
            Self::Empty => "Bitte füllen Sie dieses Feld aus.".into(),
            Self::TooShort { min } => format!("Verwenden Sie mindestens {min} Zeichen."),
            Self::TooLong { max } => format!("Verwenden Sie höchstens {max} Zeichen."),
            Self::Character { character } => {
                format!("Das Zeichen {character:?} darf hier nicht stehen. Lassen Sie es weg.")
            }
            Self::MixedScripts => {
                "Verwenden Sie Buchstaben einer einzigen Schrift; diese sind leicht mit anderen zu verwechseln.".into()
            }
            Self::NotAnAddress => {
                "Geben Sie eine E-Mail-Adresse ein, zum Beispiel anna@example.org.".into()
            }
            Self::NotADomain => "Geben Sie eine Domain ein, zum Beispiel example.org.".into(),
            Self::NotAServiceKey => {
                "Geben Sie den Schlüssel eines Dienstes ein, zum Beispiel cloud_storage: Kleinbuchstaben, Ziffern und Unterstriche.".into()
            }
            Self::NotABirthDate => "Geben Sie ein Datum zwischen 1900-01-01 und heute ein.".into(),
            Self::NotAPhoneNumber => {
                "Geben Sie eine Telefonnummer ein, zum Beispiel +49 30 1234567.".into()
            }
            Self::NotInternational => {
                "Geben Sie die Nummer mit Ländervorwahl ein, zum Beispiel +49 151 23456789.".into()
            }
            Self::NotATimeZone => "Geben Sie eine Zeitzone ein, zum Beispiel Europe/Berlin.".into(),
            Self::NotALanguage => "Wählen Sie nl, de oder en.".into(),
            Self::OutOfRange { min, max } => format!("Wählen Sie eine Zahl von {min} bis {max}."),
            Self::NotHours => "Wählen Sie Stunden eines Tages, zum Beispiel von 8 bis 18.".into(),
        }
    }

    fn english(self) -> String {
        match self {
            Self::Empty => "Enter something here.".into(),
            Self::TooShort { min } => format!("Use at least {min} characters."),
            Self::TooLong { max } => format!("Use at most {max} characters."),
            Self::Character { character } => {
                format!("The character {character:?} can't be used here. Leave it out.")
            }
            Self::MixedScripts => {
                "Use letters of one script; these can be mistaken for others.".into()
            }
            Self::NotAnAddress => "Enter an e-mail address, such as anna@example.org.".into(),
            Self::NotADomain => "Enter a domain, such as example.org.".into(),
            Self::NotAServiceKey => {
                "Enter the key of a service, such as cloud_storage: lower-case letters, digits and underscores.".into()
            }
            Self::NotABirthDate => "Enter a date between 1900-01-01 and today.".into(),
            Self::NotAPhoneNumber => "Enter a telephone number, such as +31 20 123 4567.".into(),
            Self::NotInternational => {
                "Enter the number with its country code, such as +44 7700 900123.".into()
            }
            Self::NotATimeZone => "Enter a time zone, such as Europe/Amsterdam.".into(),
            Self::NotALanguage => "Choose nl, de or en.".into(),
            Self::OutOfRange { min, max } => format!("Choose a number from {min} to {max}."),
            Self::NotHours => "Choose hours of one day, such as from 8 until 18.".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_a_sentence_of_its_own_in_every_language() {
        let reasons = [
            Invalid::Empty,
            Invalid::TooShort { min: 3 },
            Invalid::TooLong { max: 64 },
            Invalid::Character { character: '\u{202e}' },
            Invalid::MixedScripts,
            Invalid::NotAnAddress,
            Invalid::NotADomain,
            Invalid::NotAServiceKey,
            Invalid::NotABirthDate,
            Invalid::NotAPhoneNumber,
            Invalid::NotInternational,
            Invalid::NotATimeZone,
            Invalid::NotALanguage,
            Invalid::OutOfRange { min: 8, max: 128 },
            Invalid::NotHours,
        ];
        let mut seen = std::collections::HashSet::new();
        for reason in reasons {
            for language in [Language::Nl, Language::De, Language::En] {
                let message = reason.message(language);
                assert!(message.ends_with('.') && !message.contains('\u{202e}'), "{message}");
                assert!(seen.insert(message));
            }
        }
    }
}
