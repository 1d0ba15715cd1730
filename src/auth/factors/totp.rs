//! Codes of an app that shares a secret and the time with the product (RFC 6238: HMAC-SHA-1, 30 seconds, 6 digits,
//! which is what all apps can do).

use std::fmt::Write;

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Seconds that a code lasts.
const PERIOD: u64 = 30;
/// Steps before and after the present one that are accepted too: clocks differ, and people type slowly.
const SKEW: u64 = 1;
/// Bytes of a secret: as many as the hash has.
pub(super) const LENGTH: usize = 20;

/// The step of a moment.
pub(super) fn step_at(moment: DateTime<Utc>) -> u64 {
    u64::try_from(moment.timestamp()).unwrap_or_default() / PERIOD
}

/// The step around `now` whose code this is. All are compared, each in constant time: how long it takes tells nothing.
pub(super) fn step_of(secret: &[u8], code: &str, now: u64) -> Option<u64> {
    let code = code.as_bytes();
    let mut found = None;
    for step in now.saturating_sub(SKEW)..=now + SKEW {
        let expected = Zeroizing::new(format!("{:06}", truncated(secret, step) % 1_000_000));
        if bool::from(expected.as_bytes().ct_eq(code)) {
            found = Some(step);
        }
    }
    found
}

/// What an app is told, as a link or in a picture.
pub(super) fn uri(issuer: &str, label: &str, secret: &[u8]) -> String {
    let (issuer, label, secret) = (escaped(issuer), escaped(label), base32(secret));
    format!(
        "otpauth://totp/{issuer}:{label}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits=6&period={PERIOD}"
    )
}

/// A secret as people type it: base32 without padding (RFC 4648).
pub(super) fn base32(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let (mut text, mut held, mut bits) = (String::new(), 0_u32, 0);
    for byte in bytes {
        held = held << 8 | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(char::from(LETTERS[(held >> bits & 31) as usize]));
        }
    }
    if bits > 0 {
        text.push(char::from(LETTERS[(held << (5 - bits) & 31) as usize]));
    }
    text
}

/// The 31 bits of a step that its digits are made of (RFC 4226, 5.3).
fn truncated(secret: &[u8], step: u64) -> u32 {
    // A key of any length will do, so that this never fails.
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(secret) else { return 0 };
    mac.update(&step.to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let from = usize::from(hash[19] & 15);
    let four = [hash[from], hash[from + 1], hash[from + 2], hash[from + 3]];
    u32::from_be_bytes(four) & 0x7fff_ffff
}

/// A text within a path or a query.
fn escaped(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut escaped, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            let _ = write!(escaped, "%{byte:02X}");
        }
        escaped
    })
}

/// The code of a secret in base32.
#[cfg(test)]
pub(super) fn code_of(secret: &str, step: u64) -> String {
    let (mut held, mut bits, mut bytes) = (0_u32, 0, Vec::new());
    for letter in secret.bytes() {
        let value = if letter.is_ascii_digit() { letter - b'2' + 26 } else { letter - b'A' };
        held = held << 5 | u32::from(value);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits & 255) as u8);
        }
    }
    format!("{:06}", truncated(&bytes, step) % 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key of the vectors of RFC 6238, appendix B, and of RFC 4226, appendix D.
    const KEY: &[u8; 20] = b"12345678901234567890";

    #[test]
    fn s13_the_vectors_of_rfc_6238_and_rfc_4226_hold() {
        for (time, code) in [
            (59, 94_287_082),
            (1_111_111_109, 7_081_804),
            (1_111_111_111, 14_050_471),
            (1_234_567_890, 89_005_924),
            (2_000_000_000, 69_279_037),
            (20_000_000_000, 65_353_130),
        ] {
            assert_eq!(truncated(KEY, time / PERIOD) % 100_000_000, code, "{time}");
        }
        let counted = [755_224, 287_082, 359_152, 969_429, 338_314, 254_676, 287_922, 162_583];
        for (step, code) in (0..).zip(counted) {
            assert_eq!(truncated(KEY, step) % 1_000_000, code, "{step}");
        }
    }

    #[test]
    fn s13_one_step_before_and_after_is_accepted_and_no_more() {
        let code = |step| format!("{:06}", truncated(KEY, step) % 1_000_000);
        for (step, accepted) in [(98, false), (99, true), (100, true), (101, true), (102, false)] {
            assert_eq!(step_of(KEY, &code(step), 100), accepted.then_some(step), "{step}");
        }
        for code in ["", "00000", "0000000", "abcdef", "١٢٣٤٥٦"] {
            assert_eq!(step_of(KEY, code, 100), None);
        }
    }

    #[test]
    fn an_app_is_told_everything_and_names_can_be_any() {
        let uri = uri("Bakker & Zoon", "anna@bakker.example", KEY);
        assert_eq!(
            uri,
            "otpauth://totp/Bakker%20%26%20Zoon:anna%40bakker.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=Bakker%20%26%20Zoon&algorithm=SHA1&digits=6&period=30"
        );
        for (bytes, text) in
            [("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foobar", "MZXW6YTBOI")]
        {
            assert_eq!(base32(bytes.as_bytes()), text);
        }
    }
}
