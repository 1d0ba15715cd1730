//! Who an account is.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{EmailAddress, Invalid, Language, Text};

/// Who an account is, when it is created.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// The name that lists show.
    pub display_name: Text,
    /// Everything else that is known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entries: Vec<(ProfileField, ProfileEntry)>,
}

/// A field of a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProfileField {
    /// The name that lists show; can't be emptied.
    DisplayName,
    /// First name.
    FirstName,
    /// Last name.
    LastName,
    /// How to address the person, for instance `mevrouw`.
    Salutation,
    /// Where mail goes; unique in the installation.
    Email,
    /// Where the means to sign in again go when the password was forgotten.
    RecoveryEmail,
    /// The language of what the person reads.
    Language,
    /// The time zone of what the person reads.
    TimeZone,
    /// What the person does.
    Position,
    /// Where the person works.
    Location,
    /// Date of birth.
    BirthDate,
    /// Telephone number.
    Phone,
    /// Mobile telephone number.
    Mobile,
    /// What administrators should know.
    Description,
}

/// The value of a field of a profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "value", rename_all = "snake_case")]
pub enum ProfileEntry {
    /// Of a field of free text.
    Text(Text),
    /// Of [`ProfileField::Email`] and [`ProfileField::RecoveryEmail`].
    Email(EmailAddress),
    /// Of [`ProfileField::Language`].
    Language(Language),
    /// Of [`ProfileField::TimeZone`].
    TimeZone(TimeZone),
    /// Of [`ProfileField::BirthDate`].
    Date(NaiveDate),
    /// Of [`ProfileField::Phone`] and [`ProfileField::Mobile`].
    Phone(PhoneNumber),
}

/// A telephone number as people write it: 5 to 20 digits with an optional leading `+`, spaces, brackets and dashes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// Reads a telephone number.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let digits = text.chars().filter(char::is_ascii_digit).count();
        let well_formed = (5..=20).contains(&digits)
            && text.chars().all(|c| c.is_ascii_digit() || " +()-./".contains(c))
            && text.len() <= 40;
        if well_formed { Ok(Self(text.trim().to_owned())) } else { Err(Invalid::NotAPhoneNumber) }
    }

    /// The number.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A time zone by its IANA name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TimeZone(String);

impl TimeZone {
    /// Reads a time zone's name.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let well_formed = (1..=64).contains(&text.len())
            && text.chars().all(|c| c.is_ascii_alphanumeric() || "/_+-".contains(c));
        if well_formed { Ok(Self(text.to_owned())) } else { Err(Invalid::NotATimeZone) }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
