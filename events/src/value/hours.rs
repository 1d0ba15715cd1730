//! Hours of the week in which something is allowed.

use chrono::Weekday;
use serde::{Deserialize, Serialize};

use super::Invalid;

/// A weekly grid: which hours of which days count. In the time zone of whoever it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WeekHours([u32; 7]);

/// A stretch of hours on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HourRange {
    /// The day.
    pub day: Weekday,
    /// The first hour that counts, 0 to 23.
    pub from: u8,
    /// The first hour that counts no longer, 1 to 24.
    pub until: u8,
}

impl WeekHours {
    /// Every hour of the week.
    pub const ALWAYS: Self = Self([ALL_DAY; 7]);

    /// Reads stretches, which may overlap. There must be at least one.
    pub fn parse(ranges: &[HourRange]) -> Result<Self, Invalid> {
        let mut days = [0; 7];
        for HourRange { day, from, until } in ranges {
            if from >= until || *until > 24 {
                return Err(Invalid::NotHours);
            }
            days[place(*day)] |= (*from..*until).fold(0, |hours, hour| hours | 1 << hour);
        }
        if days == [0; 7] { Err(Invalid::Empty) } else { Ok(Self(days)) }
    }

    /// Whether an hour (0 to 23) of a day counts.
    pub const fn has(&self, day: Weekday, hour: u32) -> bool {
        hour < 24 && self.0[place(day)] & (1 << hour) != 0
    }

    /// The hours that count in both; perhaps none.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(std::array::from_fn(|day| self.0[day] & other.0[day]))
    }

    /// The stretches, in the order of the week, none touching another one of its day.
    pub fn ranges(&self) -> Vec<HourRange> {
        let mut ranges = Vec::new();
        for day in WEEK {
            let mut from = None;
            for hour in 0..=24 {
                match (from, self.has(day, hour.into())) {
                    (None, true) => from = Some(hour),
                    (Some(first), false) => {
                        ranges.push(HourRange { day, from: first, until: hour });
                        from = None;
                    }
                    _ => {}
                }
            }
        }
        ranges
    }
}

const ALL_DAY: u32 = (1 << 24) - 1;

/// The days of a week, in their order.
const WEEK: [Weekday; 7] = [
    Weekday::Mon,
    Weekday::Tue,
    Weekday::Wed,
    Weekday::Thu,
    Weekday::Fri,
    Weekday::Sat,
    Weekday::Sun,
];

const fn place(day: Weekday) -> usize {
    day as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(day: Weekday, from: u8, until: u8) -> HourRange {
        HourRange { day, from, until }
    }

    #[test]
    fn stretches_are_read_back_and_those_that_touch_are_one() {
        let week =
            [range(Weekday::Mon, 8, 12), range(Weekday::Mon, 12, 18), range(Weekday::Sun, 0, 24)];
        let hours = WeekHours::parse(&week).unwrap();
        assert_eq!(hours.ranges(), [range(Weekday::Mon, 8, 18), range(Weekday::Sun, 0, 24)]);
        assert!(hours.has(Weekday::Mon, 8) && hours.has(Weekday::Mon, 17));
        assert!(!hours.has(Weekday::Mon, 7) && !hours.has(Weekday::Mon, 18));
        assert!(hours.has(Weekday::Sun, 23) && !hours.has(Weekday::Sun, 24));
        assert_eq!(WeekHours::parse(&WeekHours::ALWAYS.ranges()), Ok(WeekHours::ALWAYS));
    }

    #[test]
    fn hours_that_are_none_are_refused() {
        for (from, until) in [(9, 9), (18, 8), (8, 25)] {
            let wrong = WeekHours::parse(&[range(Weekday::Tue, from, until)]);
            assert_eq!(wrong, Err(Invalid::NotHours), "{from} to {until}");
        }
        assert_eq!(WeekHours::parse(&[]), Err(Invalid::Empty));
    }

    #[test]
    fn what_counts_in_both_counts() {
        let parse = |from, until| WeekHours::parse(&[range(Weekday::Fri, from, until)]).unwrap();
        assert_eq!(parse(8, 18).and(parse(12, 22)), parse(12, 18));
        assert!(parse(8, 12).and(parse(12, 22)).ranges().is_empty());
    }
}
