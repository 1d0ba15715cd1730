//! Sign-in hours: a weekly grid in the person's own time zone. Outside of it nobody gets in, and whoever is in goes out.

use chrono::{DateTime, Datelike, Timelike, Utc};
use chrono_tz::Tz;
use commands::handle::AccountState;
use events::value::{Policy, WeekHours};

use super::policy::default_hours;

/// Where somebody is who has said nothing: the languages of the product share this time.
const SOMEWHERE: Tz = Tz::Europe__Amsterdam;

/// Whether an account may be used at a moment: within its own hours, or else within those of its organisations. Whoever
/// manages an organisation or runs the installation always may.
pub(super) fn may_now(installation: &Policy, state: &AccountState, now: DateTime<Utc>) -> bool {
    let hours = match state.sign_in_hours {
        Some(_) if manages(state) => WeekHours::ALWAYS,
        Some(own) => own,
        None => default_hours(installation, state),
    };
    if hours == WeekHours::ALWAYS {
        return true;
    }
    let zone = state.time_zone.as_ref().and_then(|zone| zone.as_str().parse().ok());
    let here = now.with_timezone(&zone.unwrap_or(SOMEWHERE));
    hours.has(here.weekday(), here.hour())
}

fn manages(state: &AccountState) -> bool {
    state.operator || state.memberships.iter().any(|one| one.active && one.administrator)
}

#[cfg(test)]
mod tests {
    use chrono::Weekday;
    use events::value::{HourRange, MemberKind, PolicyRules, TimeZone};
    use uuid::Uuid;

    use super::*;

    fn office() -> WeekHours {
        WeekHours::parse(&[HourRange { day: Weekday::Fri, from: 8, until: 18 }]).unwrap()
    }

    fn state(own: Option<WeekHours>, zone: Option<&str>, administrator: bool) -> AccountState {
        let member = commands::handle::MembershipState {
            organisation: Uuid::nil().into(),
            kind: MemberKind::Full,
            administrator,
            owner: false,
            active: true,
            rules: PolicyRules { sign_in_hours: Some(office()), ..PolicyRules::default() },
        };
        AccountState {
            credential: None,
            locked: false,
            failures: 0,
            operator: false,
            deleted: false,
            activation: None,
            default_organisation: None,
            sign_in_hours: own,
            time_zone: zone.map(|zone| TimeZone::parse(zone).unwrap()),
            memberships: vec![member],
        }
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn hours_are_those_of_the_persons_own_clock_in_summer_and_winter() {
        let policy = Policy::default();
        let may = |state: &AccountState, moment: &str| may_now(&policy, state, at(moment));
        let here = state(None, None, false);
        // Fridays: eight in the morning in Amsterdam.
        assert!(!may(&here, "2027-01-15T06:59:00Z") && may(&here, "2027-01-15T07:00:00Z"));
        assert!(!may(&here, "2027-07-16T05:59:00Z") && may(&here, "2027-07-16T06:00:00Z"));
        assert!(may(&here, "2027-01-15T16:59:00Z") && !may(&here, "2027-01-15T17:00:00Z"));
        let tokyo = state(None, Some("Asia/Tokyo"), false);
        assert!(may(&tokyo, "2027-01-14T23:00:00Z") && !may(&tokyo, "2027-01-15T09:00:00Z"));
    }

    #[test]
    fn own_hours_come_before_those_of_the_organisation_and_administrators_always_may() {
        let policy = Policy::default();
        let saturday = [HourRange { day: Weekday::Sat, from: 0, until: 24 }];
        let own = WeekHours::parse(&saturday).ok();
        let may = |state: &AccountState, moment: &str| may_now(&policy, state, at(moment));
        let member = state(own, None, false);
        assert!(may(&member, "2027-01-16T12:00:00Z") && !may(&member, "2027-01-15T12:00:00Z"));
        for own in [own, None] {
            assert!(may(&state(own, None, true), "2027-01-17T12:00:00Z"));
        }
    }

    #[test]
    fn every_time_zone_of_a_profile_is_known_here() {
        let names = include_str!("../../events/src/value/time_zones.txt");
        let unknown: Vec<_> = names.lines().filter(|name| name.parse::<Tz>().is_err()).collect();
        assert_eq!(unknown, Vec::<&str>::new());
    }
}
