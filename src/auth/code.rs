//! Codes that people type: how they are drawn, and how they are read however somebody types them.

use std::iter;

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::token::NoRandomness;

/// How codes of a sort look.
pub(super) struct Code {
    /// What they are made of, in one case.
    alphabet: &'static [u8],
    /// How many of these.
    length: usize,
    /// After so many of them stands a hyphen, for whoever copies one.
    group: usize,
}

/// In letters that are posted: no vowels, so that they spell nothing, and none that looks like another on paper. 38 bits.
pub(super) const POSTED: Code =
    Code { alphabet: b"23456789BCDFGHJKLMNPQRSTVWXZ", length: 8, group: 8 };
/// Beside the link to another password: 40 bits.
pub(super) const BESIDE_LINK: Code =
    Code { alphabet: b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789", length: 8, group: 4 };
/// For the day when a factor is lost: 60 bits.
pub(super) const RECOVERY: Code =
    Code { alphabet: b"abcdefghjkmnpqrstuvwxyz023456789", length: 12, group: 4 };
/// Sent to be typed within minutes: digits, 26 bits, of which a few tries guess nothing.
pub(super) const SENT: Code = Code { alphabet: b"0123456789", length: 8, group: 8 };

impl Code {
    /// A new one. Each letter is as likely as any other.
    pub(super) fn draw(&self) -> Result<SecretString, NoRandomness> {
        Ok(self.written(&draw(self.alphabet, self.length)?))
    }

    /// The one that follows from a keyed hash. As likely as any other where the alphabet has a power of two of letters.
    pub(super) fn of(&self, hash: &[u8; 32]) -> SecretString {
        let letter = |byte: &u8| self.alphabet[usize::from(*byte) % self.alphabet.len()];
        let letters = hash.iter().take(self.length).map(letter).map(char::from);
        self.written(&Zeroizing::new(letters.collect::<String>()))
    }

    /// What somebody typed, as it is compared: case, blanks and hyphens don't count. Of what is too long the rest is left
    /// out, which is none of these all the same.
    pub(super) fn typed(&self, text: &SecretString) -> Zeroizing<Vec<u8>> {
        let is_lower = self.alphabet.iter().any(u8::is_ascii_lowercase);
        let letters = text.expose_secret().bytes().filter(u8::is_ascii_alphanumeric);
        let case = |letter: u8| {
            if is_lower { letter.to_ascii_lowercase() } else { letter.to_ascii_uppercase() }
        };
        Zeroizing::new(letters.take(2 * self.length).map(case).collect())
    }

    fn written(&self, letters: &str) -> SecretString {
        let hyphen = |place: usize| place > 0 && place.is_multiple_of(self.group);
        let written = letters.chars().enumerate().flat_map(|(place, letter)| {
            hyphen(place).then_some('-').into_iter().chain(iter::once(letter))
        });
        SecretString::from(written.collect::<String>())
    }
}

/// Letters of an alphabet, each as likely as any other: bytes that would favour the first ones are thrown away.
pub(super) fn draw(alphabet: &[u8], length: usize) -> Result<Zeroizing<String>, NoRandomness> {
    let fair = 256 / alphabet.len() * alphabet.len();
    let mut text = Zeroizing::new(String::with_capacity(length));
    let mut bytes = Zeroizing::new([0; 64]);
    while text.len() < length {
        getrandom::fill(&mut *bytes).map_err(|_| NoRandomness)?;
        let drawn = bytes.iter().map(|byte| usize::from(*byte)).filter(|byte| *byte < fair);
        for byte in drawn.take(length - text.len()) {
            text.push(char::from(alphabet[byte % alphabet.len()]));
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    #[test]
    fn s9_a_code_has_more_than_twenty_bits_and_hardly_one_comes_twice() {
        for code in [POSTED, BESIDE_LINK, RECOVERY, SENT] {
            let length = u32::try_from(code.length).unwrap();
            assert!((code.alphabet.len() as u64).pow(length) > 1 << 20);
            let drawn: Vec<_> = (0..500).map(|_| code.draw().unwrap()).collect();
            let texts: BTreeSet<_> = drawn.iter().map(ExposeSecret::expose_secret).collect();
            // Of eight digits, two of 500 are equal once in 800 times.
            assert!(texts.len() + 3 > drawn.len(), "{texts:?}");
        }
    }

    #[test]
    fn s9_each_letter_is_as_likely_as_any_other() {
        const MANY: usize = 200_000;
        let alphabet = POSTED.alphabet;
        let mut often: BTreeMap<u8, usize> = BTreeMap::new();
        for letter in draw(alphabet, MANY).unwrap().bytes() {
            *often.entry(letter).or_default() += 1;
        }
        assert!(often.keys().eq(alphabet), "all of them, in their order");
        // Six standard deviations. Were no byte thrown away, four letters would come 669 times more than the mean.
        let mean = MANY / alphabet.len();
        assert!(often.values().all(|count| count.abs_diff(mean) < 500), "{often:?}");
    }

    #[test]
    fn a_code_is_the_same_however_it_is_typed() {
        let typed = |code: Code, text: &str| code.typed(&text.into()).to_vec();
        assert_eq!(typed(POSTED, " 7kq4-9mpx\n"), b"7KQ49MPX");
        assert_eq!(typed(RECOVERY, "ABCD 2345 efgh"), b"abcd2345efgh");
        assert_eq!(typed(SENT, "481 207 36"), b"48120736");
        assert_eq!(typed(SENT, &"1".repeat(1_000_000)).len(), 16);
        for code in [POSTED, BESIDE_LINK, RECOVERY, SENT] {
            let drawn = code.draw().unwrap();
            let plain = drawn.expose_secret().replace('-', "");
            assert_eq!((code.typed(&drawn).to_vec(), plain.len()), (plain.into(), code.length));
        }
    }

    #[test]
    fn a_code_that_follows_from_a_hash_stays_the_same() {
        let hash = std::array::from_fn(|place| u8::try_from(place * 37 % 256).unwrap());
        assert_eq!(BESIDE_LINK.of(&hash).expose_secret(), "AFLR-W38D");
    }
}
