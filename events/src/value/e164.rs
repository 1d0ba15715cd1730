//! Telephone numbers that messages are sent to, as all networks of the world know them.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Invalid;

/// A number in the form of E.164: `+`, the country code and the rest, 8 to 15 digits altogether.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct E164(String);

impl E164 {
    /// Reads a number as people type it, with its country code: `+31 6 12345678`, `0031-6-12345678`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Invalid::Empty);
        }
        // Written for callers within the country; nobody dials it after the country code.
        let text = text.replacen("(0)", "", 1);
        let international = text.strip_prefix('+').or_else(|| text.strip_prefix("00"));
        let Some(rest) = international else { return Err(Invalid::NotInternational) };
        if !rest.chars().all(|c| c.is_ascii_digit() || " ()-./\u{a0}".contains(c)) {
            return Err(Invalid::NotInternational);
        }
        let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
        // No country code begins with 0.
        if !(8..=15).contains(&digits.len()) || digits.starts_with('0') {
            return Err(Invalid::NotInternational);
        }
        Ok(Self(format!("+{digits}")))
    }

    /// The number, with `+`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The digits alone, as some gateways want them.
    pub fn digits(&self) -> &str {
        self.0.trim_start_matches('+')
    }

    /// Just enough for its owner to know which it is: the last two digits.
    pub fn hint(&self) -> String {
        let (_, end) = self.0.split_at(self.0.len().saturating_sub(2));
        format!("•••• {end}")
    }
}

/// Numbers are personal, and logs are not the place for them.
impl fmt::Debug for E164 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("E164").field(&self.hint()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn however_it_is_typed_it_is_one_number() {
        let typed = ["+31612345678", " +31 6 1234 5678 ", "0031-6-12345678", "+31 (0)6 12345678"];
        for text in typed {
            assert_eq!(E164::parse(text).unwrap().as_str(), "+31612345678", "{text:?}");
        }
        assert_eq!(E164::parse(typed[0]).unwrap().digits(), "31612345678");
    }

    #[test]
    fn without_its_country_it_is_no_number_of_the_world() {
        let wrong = [
            "0612345678",
            "612345678",
            "+0612345678",
            "+31 6 12",
            "+1234567890123456",
            "+31 6 1234567a",
            "+31612345678\r\nTo: +49",
            "+٣١٦١٢٣٤٥٦٧٨",
            "++31612345678",
        ];
        for text in wrong {
            assert_eq!(E164::parse(text), Err(Invalid::NotInternational), "{text:?}");
        }
        assert_eq!(E164::parse("  "), Err(Invalid::Empty));
    }

    #[test]
    fn s27_a_number_is_not_shown_where_things_are_logged() {
        let number = E164::parse("+31612345678").unwrap();
        assert_eq!(format!("{number:?}"), "E164(\"•••• 78\")");
    }
}
