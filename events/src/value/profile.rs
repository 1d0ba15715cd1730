//! Who an account is.

use chrono::{Datelike, NaiveDate};
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

impl Profile {
    /// The e-mail address, if one is given.
    pub fn email(&self) -> Option<&EmailAddress> {
        self.entries.iter().find_map(|entry| match entry {
            (ProfileField::Email, ProfileEntry::Email(address)) => Some(address),
            _ => None,
        })
    }

    /// The language, if one is given.
    pub fn language(&self) -> Option<Language> {
        self.entries.iter().find_map(|(_, entry)| match entry {
            ProfileEntry::Language(language) => Some(*language),
            _ => None,
        })
    }
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
    /// Of [`ProfileField::BirthDate`], see [`ProfileEntry::birth_date`].
    Date(NaiveDate),
    /// Of [`ProfileField::Phone`] and [`ProfileField::Mobile`].
    Phone(PhoneNumber),
}

impl ProfileEntry {
    /// A date of birth: since 1900, and not after today, which comes from the caller's clock.
    pub fn birth_date(date: NaiveDate, today: NaiveDate) -> Result<Self, Invalid> {
        let possible = date.year() >= 1900 && date <= today;
        if possible { Ok(Self::Date(date)) } else { Err(Invalid::NotABirthDate) }
    }
}

/// A telephone number as people write it: 5 to 20 digits with an optional leading `+`, and between
/// them single spaces, brackets, dots, dashes and slashes. Nothing says that it can be called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// The greatest number of characters.
    pub const MAX: usize = 40;

    /// Reads a telephone number.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Invalid::Empty);
        }
        let unsigned = text.strip_prefix('+').unwrap_or(text);
        let digits = unsigned.chars().filter(char::is_ascii_digit).count();
        let well_formed = text.len() <= Self::MAX
            && (5..=20).contains(&digits)
            && unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '(')
            && unsigned.ends_with(|c: char| c.is_ascii_digit())
            && unsigned.chars().all(|c| c.is_ascii_digit() || " ()-./".contains(c))
            && !unsigned.contains("  ");
        if well_formed { Ok(Self(text.to_owned())) } else { Err(Invalid::NotAPhoneNumber) }
    }

    /// The number.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A time zone by its name in the IANA database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TimeZone(String);

impl TimeZone {
    /// The names of IANA's database, release 2025b (public domain), links included. Only names are needed
    /// here: a crate such as `chrono-tz` would bring half a megabyte of tables that nobody asks.
    const NAMES: &str = include_str!("time_zones.txt");

    /// Reads a time zone's name, whatever its case.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Invalid::Empty);
        }
        Self::NAMES
            .lines()
            .find(|name| name.eq_ignore_ascii_case(text))
            .map(|name| Self(name.to_owned()))
            .ok_or(Invalid::NotATimeZone)
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    #[test]
    fn a_birth_date_lies_between_1900_and_today() {
        let today = day(2026, 11, 21);
        let fine = [day(1900, 1, 1), day(1984, 2, 29), today];
        for date in fine {
            assert_eq!(ProfileEntry::birth_date(date, today), Ok(ProfileEntry::Date(date)));
        }
        for date in [day(1899, 12, 31), day(2026, 11, 22), NaiveDate::MIN, NaiveDate::MAX] {
            assert_eq!(ProfileEntry::birth_date(date, today), Err(Invalid::NotABirthDate));
        }
    }

    #[test]
    fn telephone_numbers_are_taken_as_people_write_them() {
        for number in
            ["+31 20 123 4567", "020-1234567", "(030) 123/4567", "112 00", "+49.30.1234567"]
        {
            assert_eq!(PhoneNumber::parse(number).unwrap().as_str(), number);
        }
        assert_eq!(PhoneNumber::parse(" 020 1234567 ").unwrap().as_str(), "020 1234567");
        for wrong in [
            "1234",
            "++31 20 1234567",
            "20+1234567",
            "+31 20 CALL ME",
            "-12345",
            "12345-",
            "12  345",
            "1234567890 1234567890 1",
            "٠١٢٣٤٥٦",
            "12345\n678",
        ] {
            assert_eq!(PhoneNumber::parse(wrong), Err(Invalid::NotAPhoneNumber), "{wrong:?}");
        }
    }

    #[test]
    fn time_zones_are_those_of_the_iana_database() {
        for (typed, name) in [
            ("Europe/Amsterdam", "Europe/Amsterdam"),
            ("europe/berlin", "Europe/Berlin"),
            (" utc ", "UTC"),
            ("America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ] {
            assert_eq!(TimeZone::parse(typed).unwrap().as_str(), name);
        }
        for wrong in ["Europe/Utrecht", "CEST", "+01:00", "../etc/passwd", "Europe"] {
            assert_eq!(TimeZone::parse(wrong), Err(Invalid::NotATimeZone), "{wrong:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_and_the_normal_form_stays(
            text in prop_oneof![any::<String>(), "[0-9 +()./-]{0,45}", "\\PC{0,70}"]
        ) {
            if let Ok(number) = PhoneNumber::parse(&text) {
                prop_assert_eq!(PhoneNumber::parse(number.as_str()), Ok(number));
            }
            if let Ok(zone) = TimeZone::parse(&text) {
                prop_assert_eq!(TimeZone::parse(zone.as_str()), Ok(zone));
            }
        }
    }
}
