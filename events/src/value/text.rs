//! Free text for people: on one line, or on several.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use super::Invalid;

/// Free text: trimmed, in NFC, 1 to 500 characters on one line, nothing that hides or turns letters around.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Text(String);

impl Text {
    /// The greatest number of characters.
    pub const MAX: usize = 500;

    /// Reads a text.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        read(text, Self::MAX, is_plain).map(Self)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Free text of several lines: trimmed, in NFC, 1 to 4,000 characters, its lines ended by a line feed, nothing else that
/// hides or turns letters around.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prose(String);

impl Prose {
    /// The greatest number of characters.
    pub const MAX: usize = 4_000;

    /// Reads a text. Lines may also end as Windows ends them.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let is_plain = |character| is_plain(character) || matches!(character, '\n' | '\r');
        let read = read(text, Self::MAX, is_plain)?.replace("\r\n", "\n");
        if read.contains('\r') {
            return Err(Invalid::Character { character: '\r' });
        }
        Ok(Self(read))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn read(text: &str, max: usize, is_plain: impl Fn(char) -> bool) -> Result<String, Invalid> {
    // Bounded before it is normalised, and again after, for that can make it longer.
    if text.trim().chars().nth(2 * max).is_some() {
        return Err(Invalid::TooLong { max });
    }
    let normal: String = text.trim().nfc().collect();
    if normal.is_empty() {
        return Err(Invalid::Empty);
    }
    if normal.chars().nth(max).is_some() {
        return Err(Invalid::TooLong { max });
    }
    match normal.chars().find(|character| !is_plain(*character)) {
        Some(character) => Err(Invalid::Character { character }),
        None => Ok(normal),
    }
}

/// Whether a character shows as what it is: no control, no line or paragraph separator, no embedding,
/// override or isolate of the writing direction, no byte order mark, no code point that is no character.
pub(super) fn is_plain(character: char) -> bool {
    !character.is_control()
        && !matches!(character,
            '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fdd0}'..='\u{fdef}')
        && (u32::from(character) & 0xfffe) != 0xfffe
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_text_is_trimmed_and_composed() {
        for (typed, read) in [
            ("  Wijnhandel Müller \n", "Wijnhandel Müller"),
            ("Zoe\u{308}", "Zoë"),
            ("株式会社", "株式会社"),
            ("👩‍💻 team", "👩‍💻 team"),
            ("שלום עולם", "שלום עולם"),
        ] {
            assert_eq!(Text::parse(typed).unwrap().as_str(), read);
        }
    }

    #[test]
    fn s23_control_and_direction_characters_are_refused() {
        for character in [
            '\0', '\r', '\n', '\t', '\u{7f}', '\u{85}', '\u{2028}', '\u{202e}', '\u{2066}',
            '\u{feff}',
        ] {
            let text = format!("a{character}b");
            assert_eq!(Text::parse(&text), Err(Invalid::Character { character }));
        }
    }

    #[test]
    fn the_bounds_hold() {
        assert_eq!(Text::parse(" \t"), Err(Invalid::Empty));
        assert!(Text::parse(&"é".repeat(500)).is_ok());
        assert!(Text::parse(&"e\u{301}".repeat(500)).is_ok());
        assert_eq!(Text::parse(&"é".repeat(501)), Err(Invalid::TooLong { max: 500 }));
        assert_eq!(Text::parse(&"é".repeat(1_000_000)), Err(Invalid::TooLong { max: 500 }));
    }

    #[test]
    fn prose_has_lines_and_no_other_controls() {
        let read = |text: &str| Prose::parse(text).map(|read| read.as_str().to_owned());
        assert_eq!(read("\nVanavond:\r\n\r\n19:00\n"), Ok("Vanavond:\n\n19:00".to_owned()));
        assert_eq!(read(" \n "), Err(Invalid::Empty));
        assert_eq!(read(&"é\n".repeat(2_000)).unwrap().chars().count(), 3_999);
        assert_eq!(read(&"é".repeat(4_001)), Err(Invalid::TooLong { max: 4_000 }));
        for character in ['\0', '\r', '\t', '\u{7f}', '\u{202e}'] {
            assert_eq!(read(&format!("a{character}b")), Err(Invalid::Character { character }));
        }
    }

    proptest! {
        #[test]
        fn any_prose_is_read_or_refused_and_stays(text in any::<String>()) {
            if let Ok(read) = Prose::parse(&text) {
                prop_assert_eq!(Prose::parse(read.as_str()), Ok(read));
            }
        }

        #[test]
        fn any_text_is_read_or_refused_and_the_normal_form_stays(text in any::<String>()) {
            if let Ok(read) = Text::parse(&text) {
                prop_assert_eq!(Text::parse(read.as_str()), Ok(read.clone()));
                let json = serde_json::to_string(&read).unwrap();
                prop_assert_eq!(serde_json::from_str::<Text>(&json).unwrap(), read);
            }
        }
    }
}
