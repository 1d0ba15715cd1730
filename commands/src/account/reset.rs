//! A forgotten password: a reset is asked for, its code may be wrong so often, and it is used once.

use chrono::{DateTime, TimeDelta, Utc};
use events::{LinkId, account::Event};

use crate::Refusal;

/// How long a link and its code work.
pub const LIFETIME: TimeDelta = TimeDelta::minutes(30);

/// Wrong codes that end a reset.
const WRONG_CODES: u32 = 3;
/// Resets of one account within [`WINDOW`]; what is asked beyond has no effect, and nobody is told.
const MOST: usize = 5;
const WINDOW: TimeDelta = TimeDelta::hours(1);

/// The resets of an account.
#[derive(Clone, Debug, Default)]
pub(super) struct Resets {
    /// The newest one, while it works.
    open: Option<Open>,
    /// When the latest ones end, in their order.
    latest: Vec<DateTime<Utc>>,
}

#[derive(Clone, Copy, Debug)]
struct Open {
    reset: LinkId,
    expires_at: DateTime<Utc>,
    wrong_codes: u32,
}

impl Resets {
    pub(super) fn requested(&mut self, reset: LinkId, expires_at: DateTime<Utc>) {
        self.open = Some(Open { reset, expires_at, wrong_codes: 0 });
        if self.latest.len() >= MOST {
            self.latest.remove(0);
        }
        self.latest.push(expires_at);
    }

    pub(super) const fn failed(&mut self) {
        if let Some(open) = &mut self.open {
            open.wrong_codes += 1;
        }
    }

    /// None works any more.
    pub(super) const fn void(&mut self) {
        self.open = None;
    }

    pub(super) fn request(&self, reset: LinkId, now: DateTime<Utc>) -> Vec<Event> {
        let lately = |end: &&DateTime<Utc>| **end - LIFETIME > now - WINDOW;
        if self.latest.iter().filter(lately).count() >= MOST {
            return vec![];
        }
        vec![Event::PasswordResetRequested { reset, expires_at: now + LIFETIME }]
    }

    /// Counts a wrong code.
    pub(super) fn fail(&self, reset: LinkId, now: DateTime<Utc>) -> Result<Vec<Event>, Refusal> {
        let open = self.working(reset, now)?;
        let failed = Event::PasswordResetFailed { reset };
        let ends = open.wrong_codes + 1 >= WRONG_CODES;
        let voided = ends.then_some(Event::PasswordResetVoided { reset });
        Ok(std::iter::once(failed).chain(voided).collect())
    }

    /// Refuses a reset that was used, has ended, was replaced or never was.
    pub(super) fn check(&self, reset: LinkId, now: DateTime<Utc>) -> Result<(), Refusal> {
        self.working(reset, now).map(drop)
    }

    fn working(&self, reset: LinkId, now: DateTime<Utc>) -> Result<Open, Refusal> {
        let open = self.open.filter(|open| open.reset == reset && now < open.expires_at);
        open.ok_or(Refusal::LinkVoid)
    }
}
