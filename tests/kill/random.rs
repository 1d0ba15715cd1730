//! Random numbers that come again with the same seed (`SplitMix64`).

/// A generator.
#[derive(Clone, Debug)]
pub(super) struct Random(u64);

impl Random {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(super) const fn between(&mut self, range: std::ops::Range<u64>) -> u64 {
        range.start + self.next() % (range.end - range.start)
    }

    /// One of them; none of none.
    pub(super) fn choose<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        let number = usize::try_from(self.next() >> 33).unwrap_or_default();
        from.get(number.checked_rem(from.len())?)
    }
}
