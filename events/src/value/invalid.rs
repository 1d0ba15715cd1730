//! Why a text is not a value.

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
    /// Letters of several scripts that can be mistaken for each other.
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
    /// Not a time zone of the IANA database.
    #[error("must be a time zone such as Europe/Amsterdam")]
    NotATimeZone,
    /// Not one of the known languages.
    #[error("must be nl, de or en")]
    NotALanguage,
}
