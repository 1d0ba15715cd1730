//! Which passwords are good enough.
//!
//! Length and strength count most; a capital and a digit are asked for as well, by default, because
//! the manuals that this product follows do (a policy, see `stamrol config`).

use graphql::port::WeakPassword as Weak;
use precis_profiles::{OpaqueString, precis_core::profile::PrecisFastInvocation};
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;
use zxcvbn::feedback::Warning;

use super::{code::draw, token::NoRandomness};

use events::value::Policy;

/// Passwords of more characters are refused, never cut.
pub const LONGEST: usize = 128;

/// Words that people here build passwords from: seasons, months, greetings, towns, clubs, keyboards.
const WORDS: &str = include_str!("words.txt");

/// What people choose most in our languages; with a few digits and marks around it, it is as common. Beside these stand
/// the 30,000 of zxcvbn.
const COMMON: &str = include_str!("common.txt");

/// A password in the form that is hashed: NFC, by the PRECIS profile `OpaqueString`. Two ways to
/// type one character give one password.
pub fn normal(password: &SecretString) -> Result<SecretString, Weak> {
    let text = password.expose_secret();
    // Bounded first: normalising costs time in the length of what was sent.
    if text.len() > LONGEST * 4 {
        return Err(Weak::TooLong { max: LONGEST });
    }
    if text.is_empty() {
        return Err(Weak::TooShort { min: 1 });
    }
    let normal = OpaqueString::enforce(text).map_err(|_| Weak::Character)?;
    Ok(SecretString::from(normal.into_owned()))
}

/// Checks a new password and gives it in its normal form. `context` are words about the person that
/// don't make a password stronger: names, addresses, the organisation.
///
/// Estimating takes some milliseconds: call it where blocking is allowed.
pub fn check(
    policy: &Policy,
    password: &SecretString,
    context: &[String],
) -> Result<SecretString, Weak> {
    let min = policy.min_length.get() as usize;
    let normal = normal(password).map_err(|weak| match weak {
        Weak::TooShort { .. } => Weak::TooShort { min },
        other => other,
    })?;
    let text = normal.expose_secret();
    let length = text.chars().count();
    if length < min {
        return Err(Weak::TooShort { min });
    }
    if length > LONGEST {
        return Err(Weak::TooLong { max: LONGEST });
    }
    if policy.capital && !text.chars().any(char::is_uppercase) {
        return Err(Weak::NeedsCapital);
    }
    if policy.digit && !text.chars().any(char::is_numeric) {
        return Err(Weak::NeedsDigit);
    }
    if is_listed(text) {
        return Err(Weak::Common);
    }
    let mut known: Vec<&str> = parts(context).collect();
    known.extend(WORDS.split_whitespace());
    let estimate = zxcvbn::zxcvbn(text, &known);
    let warning = estimate.feedback().and_then(zxcvbn::feedback::Feedback::warning);
    if warning.is_some_and(is_common) {
        return Err(Weak::Common);
    }
    let rest = without(text, &known);
    let strength = estimate.score().min(zxcvbn::zxcvbn(&rest, &[]).score());
    if u32::from(u8::from(strength)) < policy.strength.get() {
        return Err(Weak::Guessable);
    }
    Ok(normal)
}

/// What is left of a password when the words are taken out that everybody knows. An estimate takes several words in a
/// row for hard to guess, whoever knows each of them.
fn without(password: &str, known: &[&str]) -> Zeroizing<String> {
    const SHORTEST: usize = 4;
    let mut rest = Zeroizing::new(password.to_lowercase());
    let mut words: Vec<String> = known
        .iter()
        .map(|word| word.to_lowercase())
        .filter(|word| word.chars().count() >= SHORTEST)
        .collect();
    // A name that contains another one goes whole.
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    for word in words {
        if rest.contains(&word) {
            rest = Zeroizing::new(rest.replace(&word, ""));
        }
    }
    rest
}

/// Characters of a generated password: none that is taken for another one.
const LETTERS: &[u8; 56] = b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
/// Characters of a generated password: some 116 bits.
const GENERATED: usize = 20;

/// A password that nobody chose, in keeping with a policy.
pub fn generate(policy: &Policy) -> Result<SecretString, NoRandomness> {
    let length = GENERATED.max(policy.min_length.get() as usize);
    loop {
        let text = draw(LETTERS, length)?;
        let has = |wanted: fn(&char) -> bool| text.chars().any(|c| wanted(&c));
        if has(char::is_ascii_uppercase) && has(char::is_ascii_digit) {
            return Ok(SecretString::from(text.as_str()));
        }
    }
}

/// Whether it is a common password with at most so many digits and marks around it, and perhaps digits for letters.
fn is_listed(password: &str) -> bool {
    const AROUND: usize = 6;
    let lower = password.to_lowercase();
    let listed = |text: &str| {
        let stem = text.trim_matches(|c: char| !c.is_alphabetic());
        let around = text.chars().count() - stem.chars().count();
        around <= AROUND && COMMON.split_whitespace().any(|common| common == stem)
    };
    let plain = |c: char| match c {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    };
    // Digits that end it are mostly digits, those within it mostly letters.
    let stem = lower.trim_matches(|c: char| !c.is_alphabetic());
    listed(&lower) || listed(&lower.replacen(stem, &stem.chars().map(plain).collect::<String>(), 1))
}

/// Whether a list of common passwords has it.
const fn is_common(warning: Warning) -> bool {
    matches!(
        warning,
        Warning::ThisIsATop10Password
            | Warning::ThisIsATop100Password
            | Warning::ThisIsACommonPassword
    )
}

/// Names come as people write them; each word of at least three letters counts by itself.
fn parts(context: &[String]) -> impl Iterator<Item = &str> {
    context
        .iter()
        .flat_map(|text| {
            std::iter::once(text.as_str()).chain(text.split(|c: char| !c.is_alphanumeric()))
        })
        .filter(|part| part.chars().count() >= 3)
}

#[cfg(test)]
mod tests {
    use events::value::{MinLength, Strength};

    use super::*;

    fn judge(password: &str) -> Result<String, Weak> {
        let context = ["Ruysdael Verzekeringen".to_owned(), "marieke.devries".to_owned()];
        let policy = Policy::default();
        check(&policy, &password.into(), &context).map(|p| p.expose_secret().to_owned())
    }

    #[test]
    fn s4_lengths_from_8_to_128_and_never_cut() {
        assert_eq!(judge("Xk9#vQ2"), Err(Weak::TooShort { min: 8 }));
        // Long enough, but no eight characters reach the strength that is asked for.
        assert_eq!(judge("Xk9#vQ2w"), Err(Weak::Guessable));
        assert!(judge("Xk9#vQ2wT").is_ok());
        let longest = "Xk9#vQ2w-fietst".repeat(9)[..128].to_owned();
        assert_eq!(judge(&longest), Ok(longest.clone()));
        assert_eq!(judge(&(longest + "x")), Err(Weak::TooLong { max: LONGEST }));
        assert_eq!(judge(&"x".repeat(1_000_000)), Err(Weak::TooLong { max: LONGEST }));
    }

    #[test]
    fn s4_two_ways_to_type_a_character_give_one_password() {
        assert_eq!(
            judge("Caf\u{e9} zweefvlieg 7 \u{00fc}ber"),
            judge("Cafe\u{301} zweefvlieg 7 u\u{308}ber")
        );
        assert_eq!(judge("Tab\there 7 zweefvlieg"), Err(Weak::Character));
    }

    #[test]
    fn s4_a_capital_and_a_digit_are_asked_for_by_default() {
        assert_eq!(judge("zweefvlieg 7 rammelt"), Err(Weak::NeedsCapital));
        assert_eq!(judge("Zweefvlieg rammelt"), Err(Weak::NeedsDigit));
    }

    #[test]
    fn s5_what_is_easy_to_guess_is_refused() {
        for password in ["Ruysdael2026", "Marieke1987!", "Devries12345", "Januari2027"] {
            assert_eq!(judge(password), Err(Weak::Guessable), "{password}");
        }
        for password in ["Password1", "Qwerty123", "Abcd1234"] {
            assert_eq!(judge(password), Err(Weak::Common), "{password}");
        }
        assert!(judge("Kanarie fluit 7 deuntjes").is_ok());
    }

    #[test]
    fn s5_common_passwords_are_refused_however_weak_the_policy() {
        let policy = Policy { strength: Strength::nearest(0), ..Policy::default() };
        let judge = |password: &str| check(&policy, &password.into(), &[]);
        for password in [
            "Sommer2026!",
            "Zomer2026!",
            "Welkom01",
            "W3lk0m01",
            "!Wachtwoord1!",
            "Passwort123",
            "Kennw0rt2026",
            "Amsterdam1!",
            "Password1",
            "Qwertz123",
        ] {
            assert_eq!(judge(password).err(), Some(Weak::Common), "{password}");
        }
        assert!(judge("Zomerregen 7 liedjes").is_ok());
    }

    #[test]
    fn pw3_a_generated_password_is_in_keeping_with_every_policy_and_never_the_same() {
        let strictest = Policy {
            min_length: MinLength::nearest(128),
            strength: Strength::nearest(4),
            ..Policy::default()
        };
        for policy in [Policy::default(), strictest] {
            let made: Vec<_> = (0..20).map(|_| generate(&policy).unwrap()).collect();
            let texts: std::collections::BTreeSet<_> =
                made.iter().map(secrecy::ExposeSecret::expose_secret).collect();
            assert_eq!(texts.len(), 20);
            assert!(made.iter().all(|password| check(&policy, password, &[]).is_ok()));
        }
    }

    #[test]
    fn s5_words_that_everybody_knows_count_for_nothing_however_many_stand_in_a_row() {
        let context = ["Vanderlinden Glaswerken".to_owned(), "piet.glaswerken".to_owned()];
        let judge = |password: &str, context: &[String]| {
            check(&Policy::default(), &password.into(), context).map(|_| ())
        };
        // Strong where nobody knows these names.
        for password in ["Vanderlinden-Glaswerken77", "GlaswerkenPiet!19"] {
            assert_eq!(judge(password, &[]), Ok(()), "{password}");
            assert_eq!(judge(password, &context), Err(Weak::Guessable), "{password}");
        }
        for password in ["Herfst2026-Winter2027", "Frühjahr2027", "MaandagZomer26!"] {
            assert_eq!(judge(password, &[]), Err(Weak::Guessable), "{password}");
        }
        // They may stand in it, beside enough that nobody knows.
        let password = "Glaswerken verkoopt 9 kanaries in de zomer";
        assert_eq!(judge(password, &context), Ok(()));
    }

    #[test]
    fn s4_each_rule_is_a_policy() {
        let lax = Policy { capital: false, digit: false, ..Policy::default() };
        assert!(check(&lax, &"zweefvlieg rammelt".into(), &[]).is_ok());
        let long = Policy { min_length: MinLength::nearest(24), ..Policy::default() };
        let weak = check(&long, &"Kanarie fluit 7 deuntje".into(), &[]).err();
        assert_eq!(weak, Some(Weak::TooShort { min: 24 }));
        let strong = Policy { strength: Strength::nearest(4), ..Policy::default() };
        assert_eq!(check(&strong, &"Xk9#vQ2wT".into(), &[]).err(), Some(Weak::Guessable));
    }
}
