//! The name that one signs in with.

use precis_profiles::{
    UsernameCaseMapped,
    precis_core::{
        Error,
        profile::{PrecisFastInvocation, stabilize},
    },
};
use serde::{Deserialize, Serialize};
use unicode_security::{GeneralSecurityProfile, MixedScript, skeleton};

use super::Invalid;

/// A username, which may be an e-mail address; compared without case and after Unicode normalisation.
///
/// PRECIS `UsernameCaseMapped` (RFC 8265), narrowed: letters and digits of one script, and of the
/// punctuation only what e-mail addresses and names need. The first character is a letter or digit.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Username(String);

impl Username {
    /// The least number of characters.
    pub const MIN: usize = 3;
    /// The greatest number of characters of a name that is not an e-mail address.
    pub const MAX: usize = 64;
    /// The greatest number of bytes in UTF-8, and of characters of a name that is an e-mail address.
    pub const MAX_BYTES: usize = 254;
    /// The characters besides letters and digits.
    const PUNCTUATION: &str = ".-_@+'";

    /// Reads a username as somebody typed it.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Invalid::Empty);
        }
        // Before any table is asked, so that a long text costs nothing.
        if text.len() > 4 * Self::MAX_BYTES {
            return Err(Invalid::TooLong { max: Self::MAX });
        }
        let name = stabilize(text, |text| UsernameCaseMapped::enforce(text))
            .map_err(|error| refused(text, &error))?
            .into_owned();
        let characters = name.chars().count();
        let max = if name.contains('@') { Self::MAX_BYTES } else { Self::MAX };
        if characters < Self::MIN {
            return Err(Invalid::TooShort { min: Self::MIN });
        }
        if characters > max || name.len() > Self::MAX_BYTES {
            return Err(Invalid::TooLong { max });
        }
        if let Some(character) = name.chars().find(|c| !Self::may_hold(*c)) {
            return Err(Invalid::Character { character });
        }
        if let Some(character) = name.chars().next().filter(|c| !c.is_alphanumeric()) {
            return Err(Invalid::Character { character });
        }
        if !name.as_str().is_single_script() {
            return Err(Invalid::MixedScripts);
        }
        Ok(Self(name))
    }

    /// The name in its normal form (PRECIS `UsernameCaseMapped`).
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What makes it unique: names that look alike have the same skeleton (UTS 39). It is kept as a
    /// claim, so an update of the tables of confusable characters needs every username's claim renewed.
    pub fn skeleton(&self) -> String {
        skeleton(&self.0).collect()
    }

    fn may_hold(character: char) -> bool {
        if character.is_ascii() {
            character.is_ascii_alphanumeric() || Self::PUNCTUATION.contains(character)
        } else {
            character.identifier_allowed()
        }
    }
}

/// Which character PRECIS refused. Its position is that in the text, so an unclear one is looked for.
fn refused(text: &str, error: &Error) -> Invalid {
    let named = match error {
        Error::BadCodepoint(info) => char::from_u32(info.cp),
        Error::Invalid | Error::Unexpected(_) => None,
    };
    let direction = || text.chars().find(|c| !c.is_ascii());
    match named.or_else(direction) {
        Some(character) => Invalid::Character { character },
        None => Invalid::Empty,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn normal(text: &str) -> Result<String, Invalid> {
        Username::parse(text).map(|name| name.0)
    }

    fn same(a: &str, b: &str) -> bool {
        Username::parse(a).unwrap().skeleton() == Username::parse(b).unwrap().skeleton()
    }

    #[test]
    fn s22_names_of_this_part_of_the_world_are_fine() {
        for (typed, name) in [
            ("anna", "anna"),
            ("  Anna.Jansen ", "anna.jansen"),
            ("Jürgen-Groß", "jürgen-groß"),
            ("zoë_van_'t_hoff", "zoë_van_'t_hoff"),
            ("FRANÇOIS", "françois"),
            ("o'brien", "o'brien"),
            ("anna+crm@example.org", "anna+crm@example.org"),
            ("Anna@müller.example", "anna@müller.example"),
            ("łukasz", "łukasz"),
            ("дмитрий", "дмитрий"),
            ("ελένη", "ελένη"),
            ("さくら田", "さくら田"),
            ("ＡＮＮＡ", "anna"),
            ("Zoe\u{308}", "zoë"),
            ("007", "007"),
        ] {
            assert_eq!(normal(typed).as_deref(), Ok(name));
        }
    }

    #[test]
    fn s22_look_alikes_are_one_name_or_refused() {
        // All Cyrillic, and looks like Latin.
        assert!(same("асе", "ace"));
        assert!(same("modern", "rnodern"));
        assert!(same("annal", "anna1"));
        assert!(!same("anna", "anne"));
        assert!(!same("muller", "müller"));
        // Cyrillic `а` before Latin letters.
        assert_eq!(normal("аdmin"), Err(Invalid::MixedScripts));
        assert_eq!(normal("pαypal"), Err(Invalid::MixedScripts));
    }

    #[test]
    fn s22_the_skeletons_that_stand_in_claims_do_not_change() {
        for (name, skeleton) in [
            ("admin", "adrnin"),
            ("anna1", "annal"),
            ("o'brien", "o'brien"),
            ("zoë", "zoe\u{308}"),
            ("дмитрий", "дʍᴎᴛpᴎᴎ\u{306}"),
        ] {
            assert_eq!(Username::parse(name).unwrap().skeleton(), skeleton);
        }
    }

    #[test]
    fn s22_tricks_are_refused() {
        for (trick, character) in [
            ("an na", ' '),
            ("an\u{a0}na", '\u{a0}'),
            ("an\u{200b}na", '\u{200b}'),
            ("an\u{202e}na", '\u{202e}'),
            ("an\u{200f}na", '\u{200f}'),
            ("an\nna", '\n'),
            ("an\0na", '\0'),
            ("an<na", '<'),
            ("anna\u{2044}x", '\u{2044}'),
            ("=anna", '='),
            ("-anna", '-'),
            ("@anna", '@'),
            ("anna😀", '😀'),
        ] {
            assert_eq!(normal(trick), Err(Invalid::Character { character }), "{trick:?}");
        }
    }

    #[test]
    fn the_bounds_hold() {
        assert_eq!(normal(" "), Err(Invalid::Empty));
        assert_eq!(normal("ab"), Err(Invalid::TooShort { min: 3 }));
        assert!(normal(&"a".repeat(64)).is_ok());
        assert_eq!(normal(&"a".repeat(65)), Err(Invalid::TooLong { max: 64 }));
        assert!(normal(&format!("{}@{}.example", "a".repeat(60), "b".repeat(60))).is_ok());
        assert!(matches!(
            normal(&format!("{}@b.org", "a".repeat(250))),
            Err(Invalid::TooLong { .. })
        ));
        assert!(matches!(normal(&"ß".repeat(1_000_000)), Err(Invalid::TooLong { .. })));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_and_the_normal_form_stays(text in "\\PC{0,80}") {
            if let Ok(name) = Username::parse(&text) {
                prop_assert_eq!(Username::parse(name.as_str()), Ok(name.clone()));
                prop_assert!(!name.skeleton().is_empty());
                let json = serde_json::to_string(&name).unwrap();
                prop_assert_eq!(serde_json::from_str::<Username>(&json).unwrap(), name);
            }
        }

        #[test]
        fn any_word_keeps_its_normal_form(text in "[\\p{L}\\p{M}\\p{N}._@-]{1,70}") {
            if let Ok(name) = Username::parse(&text) {
                prop_assert_eq!(Username::parse(name.as_str()), Ok(name));
            }
        }

        #[test]
        fn case_never_makes_another_name(text in "[a-zäöüëéèç]{3,20}") {
            prop_assert_eq!(Username::parse(&text.to_uppercase()), Username::parse(&text));
        }
    }
}
