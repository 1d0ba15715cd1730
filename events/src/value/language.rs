//! The languages of the product, and dates as people write them there.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

/// A language that the product speaks.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// Dutch.
    Nl,
    /// German.
    De,
    /// English.
    #[default]
    En,
}

impl Language {
    /// A date as letters and sentences write it: "2 maart 2026", "2. März 2026", "2 March 2026".
    pub fn date(self, date: NaiveDate) -> String {
        let (day, month, year) = (date.day(), self.months()[date.month0() as usize], date.year());
        match self {
            Self::Nl | Self::En => format!("{day} {month} {year}"),
            Self::De => format!("{day}. {month} {year}"),
        }
    }

    const fn months(self) -> &'static [&'static str; 12] {
        match self {
            Self::Nl => &[
                "januari",
                "februari",
                "maart",
                "april",
                "mei",
                "juni",
                "juli",
                "augustus",
                "september",
                "oktober",
                "november",
                "december",
            ],
            Self::De => &[
                "Januar",
                "Februar",
                "März",
                "April",
                "Mai",
                "Juni",
                "Juli",
                "August",
                "September",
                "Oktober",
                "November",
                "Dezember",
            ],
            Self::En => &[
                "January",
                "February",
                "March",
                "April",
                "May",
                "June",
                "July",
                "August",
                "September",
                "October",
                "November",
                "December",
            ],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_reads_as_people_write_it() {
        let date = NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
        assert_eq!(Language::Nl.date(date), "2 maart 2026");
        assert_eq!(Language::De.date(date), "2. März 2026");
        assert_eq!(Language::En.date(date), "2 March 2026");
    }
}
