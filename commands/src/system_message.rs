//! Messages to those who are signed in: how long they are shown (PW8).

use chrono::{DateTime, TimeDelta, Utc};
use events::{MessageId, value::Text};

use crate::Refusal;

/// How long a message is shown, unless said otherwise.
const SHOWN: TimeDelta = TimeDelta::hours(1);
/// How long a message is shown at most.
const LONGEST: TimeDelta = TimeDelta::hours(24);

/// A message that is to be sent.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Its id.
    pub message: MessageId,
    /// What it says.
    pub text: Text,
    /// Until when it is to be shown; none: for an hour.
    pub until: Option<DateTime<Utc>>,
    /// Now.
    pub now: DateTime<Utc>,
}

impl Draft {
    /// Until when it is shown, where that is neither past nor too far ahead.
    pub(crate) fn valid_until(&self) -> Result<DateTime<Utc>, Refusal> {
        match self.until {
            None => Ok(self.now + SHOWN),
            Some(until) if until <= self.now => Err(Refusal::ExpiryPassed),
            Some(until) if until - self.now > LONGEST => Err(Refusal::ExpiryTooFar),
            Some(until) => Ok(until),
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_message_is_shown_for_an_hour_unless_said_otherwise_and_for_a_day_at_most() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let after = |seconds| now + TimeDelta::seconds(seconds);
        for (until, valid) in [
            (None, Ok(after(3_600))),
            (Some(after(1)), Ok(after(1))),
            (Some(after(86_400)), Ok(after(86_400))),
            (Some(after(86_401)), Err(Refusal::ExpiryTooFar)),
            (Some(now), Err(Refusal::ExpiryPassed)),
            (Some(after(-1)), Err(Refusal::ExpiryPassed)),
            (Some(DateTime::<Utc>::MAX_UTC), Err(Refusal::ExpiryTooFar)),
            (Some(DateTime::<Utc>::MIN_UTC), Err(Refusal::ExpiryPassed)),
        ] {
            let text = Text::parse("Onderhoud").unwrap();
            let draft = Draft { message: Uuid::nil().into(), text, until, now };
            assert_eq!(draft.valid_until(), valid, "{until:?}");
        }
    }
}
