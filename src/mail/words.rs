//! Moments, as people write them.

use chrono::{DateTime, Datelike, Utc};
use events::value::Language;

/// A moment to the minute. In UTC, and it says so: nobody's time zone is known to a mail.
pub(super) fn moment(at: DateTime<Utc>, language: Language) -> String {
    let (day, year, time) = (at.day(), at.year(), at.format("%H:%M"));
    let month = MONTHS[match language {
        Language::Nl => 0,
        Language::De => 1,
        Language::En => 2,
    }][at.month0() as usize];
    match language {
        Language::Nl => format!("{day} {month} {year} om {time} uur (UTC)"),
        Language::De => format!("{day}. {month} {year} um {time} Uhr (UTC)"),
        Language::En => format!("{day} {month} {year} at {time} (UTC)"),
    }
}

const MONTHS: [[&str; 12]; 3] = [
    [
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
    [
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
    [
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
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_reads_as_people_write_it() {
        let at = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        assert_eq!(moment(at, Language::Nl), "15 januari 2027 om 08:00 uur (UTC)");
        assert_eq!(moment(at, Language::De), "15. Januar 2027 um 08:00 Uhr (UTC)");
        assert_eq!(moment(at, Language::En), "15 January 2027 at 08:00 (UTC)");
    }
}
