//! The part of CBOR (RFC 8949) that authenticators write. By CTAP 2.1, chapter 8, that has definite lengths, no tags and few
//! levels; nothing else is read. Whatever comes in, reading ends, and nothing is allocated.

/// How deep arrays and maps stand within each other at most, in what is passed over.
const LEVELS: u8 = 8;

/// One after the other, what stands in some bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a>(&'a [u8]);

/// The head of an item (RFC 8949, 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Head {
    major: u8,
    /// The number itself, or how much follows.
    value: u64,
}

impl<'a> Reader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// What was not read.
    pub(super) const fn rest(&self) -> &'a [u8] {
        self.0
    }

    /// So many bytes, as they are.
    pub(super) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    /// As many bytes as an array has.
    pub(super) fn array<const N: usize>(&mut self) -> Option<&'a [u8; N]> {
        self.take(N)?.try_into().ok()
    }

    /// A number, positive or negative.
    pub(super) fn number(&mut self) -> Option<i64> {
        let Head { major, value } = self.head()?;
        let value = i64::try_from(value).ok()?;
        match major {
            0 => Some(value),
            1 => Some(-1 - value),
            _ => None,
        }
    }

    /// A string of bytes.
    pub(super) fn bytes(&mut self) -> Option<&'a [u8]> {
        match self.head()? {
            Head { major: 2, value } => self.take(usize::try_from(value).ok()?),
            _ => None,
        }
    }

    /// A text.
    pub(super) fn text(&mut self) -> Option<&'a str> {
        match self.head()? {
            Head { major: 3, value } => {
                std::str::from_utf8(self.take(usize::try_from(value).ok()?)?).ok()
            }
            _ => None,
        }
    }

    /// How many pairs a map has, which follow.
    pub(super) fn map(&mut self) -> Option<u64> {
        match self.head()? {
            Head { major: 5, value } => Some(value),
            _ => None,
        }
    }

    /// Passes over an item, whatever it is.
    pub(super) fn skip(&mut self) -> Option<()> {
        self.skip_within(LEVELS)
    }

    fn skip_within(&mut self, levels: u8) -> Option<()> {
        let Head { major, value } = self.head()?;
        let items = match major {
            // Numbers, and simple values such as true and null, are in their head.
            0 | 1 | 7 => 0,
            2 | 3 => {
                self.take(usize::try_from(value).ok()?)?;
                0
            }
            4 => value,
            5 => value.checked_mul(2)?,
            _ => return None,
        };
        // Each takes a byte at least, so that a count that lies ends with the bytes.
        for _ in 0..items {
            self.skip_within(levels.checked_sub(1)?)?;
        }
        Some(())
    }

    fn head(&mut self) -> Option<Head> {
        let [first] = *self.array::<1>()?;
        let value = match first & 0x1f {
            small @ 0..=23 => u64::from(small),
            24 => u64::from(u8::from_be_bytes(*self.array()?)),
            25 => u64::from(u16::from_be_bytes(*self.array()?)),
            26 => u64::from(u32::from_be_bytes(*self.array()?)),
            27 => u64::from_be_bytes(*self.array()?),
            // Indefinite lengths aren't canonical, and the rest means nothing.
            _ => return None,
        };
        Some(Head { major: first >> 5, value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_rfc_8949_are_read() {
        for (bytes, number) in [
            (&[0x00][..], 0),
            (&[0x17], 23),
            (&[0x18, 0x64], 100),
            (&[0x19, 0x03, 0xe8], 1_000),
            (&[0x1a, 0x00, 0x0f, 0x42, 0x40], 1_000_000),
            (&[0x1b, 0, 0, 0, 0xe8, 0xd4, 0xa5, 0x10, 0x00], 1_000_000_000_000),
            (&[0x20], -1),
            (&[0x39, 0x03, 0xe7], -1_000),
        ] {
            assert_eq!(Reader::new(bytes).number(), Some(number));
        }
        assert_eq!(Reader::new(&[0x44, 1, 2, 3, 4]).bytes(), Some(&[1, 2, 3, 4][..]));
        assert_eq!(Reader::new(&[0x62, 0xc3, 0xbc]).text(), Some("ü"));
        assert_eq!(Reader::new(&[0xa2]).map(), Some(2));
        // {"a": 1, "b": [2, 3]}, and one byte more.
        let mut map = Reader::new(&[0xa2, 0x61, 0x61, 0x01, 0x61, 0x62, 0x82, 0x02, 0x03, 0xff]);
        assert_eq!((map.skip(), map.rest()), (Some(()), &[0xff][..]));
    }

    #[test]
    fn what_is_cut_off_too_deep_or_lies_about_its_length_is_nothing() {
        for bytes in [
            &[][..],
            &[0x18],
            &[0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            &[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            &[0xbb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            &[0x9f, 0x01, 0xff],
            &[0xc0, 0x00],
            &[0x81; 1_000],
        ] {
            assert_eq!(Reader::new(bytes).skip(), None);
        }
        assert_eq!(Reader::new(&[0x1b, 0xff, 0, 0, 0, 0, 0, 0, 0]).number(), None);
        assert_eq!(Reader::new(&[0x61, 0xff]).text(), None);
    }
}
