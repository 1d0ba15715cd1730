//! Moments, as people write them.

use chrono::{DateTime, Utc};
use events::value::Language;

/// A moment to the minute. In UTC, and it says so: nobody's time zone is known to a mail.
pub(super) fn moment(at: DateTime<Utc>, language: Language) -> String {
    let (date, time) = (language.date(at.date_naive()), at.format("%H:%M"));
    match language {
        Language::Nl => format!("{date} om {time} uur (UTC)"),
        Language::De => format!("{date} um {time} Uhr (UTC)"),
        Language::En => format!("{date} at {time} (UTC)"),
    }
}

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
