//! A session: somebody is signed in.

use chrono::{DateTime, TimeDelta, Utc};
use events::{
    AccountId, Sealed,
    session::{EndReason, Event},
    value::Text,
};

use crate::{Refusal, aggregate::Aggregate};

/// How long it counts that somebody has shown who they are, by signing in or by stepping up.
pub const PROOF_COUNTS: TimeDelta = TimeDelta::minutes(15);

/// What one may ask of a session.
#[derive(Clone, Debug)]
pub enum Command {
    /// Begins it.
    Open {
        /// Whose.
        account: AccountId,
        /// Until when it counts that they have shown who they are.
        until: DateTime<Utc>,
    },
    /// Begins it for an operator who acts for somebody.
    Impersonate {
        /// Whose account it is.
        account: AccountId,
        /// Who acts.
        by: AccountId,
        /// Why.
        reason: Text,
        /// When it ends at the latest.
        until: DateTime<Utc>,
    },
    /// Notes that its owner has proved anew who they are.
    StepUp {
        /// Whose it is thought to be.
        account: AccountId,
        /// Until when that counts.
        until: DateTime<Utc>,
    },
    /// Ends it.
    End {
        /// Whose it is thought to be.
        account: AccountId,
        /// Why.
        reason: EndReason,
    },
}

/// A session, as far as rules need it.
#[derive(Clone, Copy, Debug, Default)]
pub enum Session {
    /// There is none.
    #[default]
    Unknown,
    /// Its token works.
    Open {
        /// Whose it is.
        account: AccountId,
        /// Until when it counts that they have shown who they are, by signing in or by stepping up.
        fresh_until: Option<DateTime<Utc>>,
        /// Until when it counts that they have proved anew who they are.
        proven_until: Option<DateTime<Utc>>,
        /// The operator who acts for them, if one does.
        by: Option<AccountId>,
    },
    /// Its token works no longer.
    Ended(AccountId),
}

impl Aggregate for Session {
    type Command = Command;
    type Event = Event;

    fn evolve(self, event: &Event) -> Self {
        match (self, event) {
            (_, Event::Opened { account, until }) => {
                Self::Open { account: *account, fresh_until: *until, proven_until: None, by: None }
            }
            // Nobody shows who somebody else is.
            (_, Event::Impersonated { account, by, .. }) => Self::Open {
                account: *account,
                fresh_until: None,
                proven_until: None,
                by: Some(*by),
            },
            (Self::Open { by, fresh_until, .. }, Event::SteppedUp { account, until }) => {
                let proven_until = Some(*until);
                let fresh_until = fresh_until.max(proven_until);
                Self::Open { account: *account, fresh_until, proven_until, by }
            }
            (_, Event::Ended { account, .. }) => Self::Ended(*account),
            (state, Event::SteppedUp { .. }) => state,
        }
    }

    fn decide(&self, command: Command) -> Result<Vec<Event>, Refusal> {
        match (self, command) {
            (Self::Unknown, Command::Open { account, until }) => {
                Ok(vec![Event::Opened { account, until: Some(until) }])
            }
            (Self::Unknown, Command::Impersonate { account, by, reason, until }) => {
                let reason = Sealed::new(account, reason);
                Ok(vec![Event::Impersonated { account, by, reason, until }])
            }
            (Self::Open { account: owner, .. }, Command::StepUp { account, until })
                if *owner == account =>
            {
                Ok(vec![Event::SteppedUp { account, until }])
            }
            (Self::Open { account: owner, .. }, Command::End { account, reason })
                if *owner == account =>
            {
                Ok(vec![Event::Ended { account, reason }])
            }
            (Self::Ended(owner), Command::End { account, .. }) if *owner == account => {
                Ok(vec![]) // already so
            }
            (Self::Unknown | Self::Open { .. } | Self::Ended(_), _) => {
                Err(Refusal::SessionNotFound)
            }
        }
    }
}

impl Session {
    /// Whose it is while it goes on, and the operator who acts for them, if one does.
    pub const fn running(&self) -> Option<(AccountId, Option<AccountId>)> {
        match self {
            Self::Open { account, by, .. } => Some((*account, *by)),
            Self::Unknown | Self::Ended(_) => None,
        }
    }

    /// Until when it counts that its owner has shown who they are, by signing in or by stepping up.
    pub const fn fresh_until(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Open { fresh_until, .. } => *fresh_until,
            Self::Unknown | Self::Ended(_) => None,
        }
    }

    /// Until when it counts that its owner has proved anew who they are, by stepping up.
    pub const fn proven_until(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Open { proven_until, .. } => *proven_until,
            Self::Unknown | Self::Ended(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aggregate::given;
    use uuid::Uuid;

    fn anna() -> AccountId {
        Uuid::from_u128(1).into()
    }
    fn ben() -> AccountId {
        Uuid::from_u128(2).into()
    }
    fn soon() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_900, 0).unwrap()
    }
    fn open() -> Command {
        Command::Open { account: anna(), until: soon() }
    }
    fn opened() -> Event {
        Event::Opened { account: anna(), until: Some(soon()) }
    }
    fn ended() -> Event {
        Event::Ended { account: anna(), reason: EndReason::SignedOut }
    }
    fn end(account: AccountId) -> Command {
        Command::End { account, reason: EndReason::SignedOut }
    }

    #[test]
    fn a_session_opens_and_ends() {
        given::<Session>([]).when(open()).then([opened()]);
        given::<Session>([opened()]).when(end(anna())).then([ended()]);
    }

    #[test]
    fn ending_an_ended_session_is_no_error() {
        given::<Session>([opened(), ended()]).when(end(anna())).then_nothing();
    }

    #[test]
    fn a_session_never_opens_twice() {
        given::<Session>([opened()]).when(open()).then_refused(&Refusal::SessionNotFound);
        given::<Session>([opened(), ended()]).when(open()).then_refused(&Refusal::SessionNotFound);
    }

    #[test]
    fn a_session_of_somebody_else_is_not_found() {
        given::<Session>([opened()]).when(end(ben())).then_refused(&Refusal::SessionNotFound);
        given::<Session>([]).when(end(anna())).then_refused(&Refusal::SessionNotFound);
    }

    #[test]
    fn s13_only_a_running_session_is_stepped_up_and_for_a_time() {
        let until = soon() + TimeDelta::minutes(5);
        let step_up = |account| Command::StepUp { account, until };
        let stepped_up = Event::SteppedUp { account: anna(), until };
        let open = given::<Session>([opened()]);
        open.when(step_up(anna())).then([stepped_up.clone()]);
        open.when(step_up(ben())).then_refused(&Refusal::SessionNotFound);
        given::<Session>([opened(), ended()])
            .when(step_up(anna()))
            .then_refused(&Refusal::SessionNotFound);
        let session = Session::default().evolve(&opened());
        assert_eq!(session.proven_until(), None);
        assert_eq!(session.evolve(&stepped_up).proven_until(), Some(until));
        assert_eq!(session.evolve(&stepped_up).evolve(&ended()).proven_until(), None);
    }

    #[test]
    fn s13_signing_in_makes_a_session_fresh_and_proves_nothing_anew() {
        let session = Session::default().evolve(&opened());
        assert_eq!((session.fresh_until(), session.proven_until()), (Some(soon()), None));
        let (earlier, later) = (soon() - TimeDelta::minutes(1), soon() + TimeDelta::minutes(1));
        let fresh_after = |until| {
            session.evolve(&Event::SteppedUp { account: anna(), until }).fresh_until().unwrap()
        };
        assert_eq!((fresh_after(earlier), fresh_after(later)), (soon(), later));
        assert_eq!(session.evolve(&ended()).fresh_until(), None);
        // Of what was stored before it counted, nobody knows.
        let old = Session::default().evolve(&Event::Opened { account: anna(), until: None });
        assert_eq!(old.fresh_until(), None);
    }

    #[test]
    fn s20_a_session_in_which_an_operator_acts_tells_both() {
        let until = DateTime::from_timestamp(1_800_001_800, 0).unwrap();
        let reason = || Text::parse("helps with the import").unwrap();
        let impersonate =
            Command::Impersonate { account: anna(), by: ben(), reason: reason(), until };
        let reason = Sealed::new(anna(), reason());
        let impersonated = Event::Impersonated { account: anna(), by: ben(), reason, until };
        given::<Session>([]).when(impersonate.clone()).then([impersonated.clone()]);
        given::<Session>([opened()]).when(impersonate).then_refused(&Refusal::SessionNotFound);
        let session = Session::default().evolve(&impersonated);
        assert_eq!(session.running(), Some((anna(), Some(ben()))));
        assert_eq!((session.fresh_until(), session.proven_until()), (None, None));
        given::<Session>([impersonated]).when(end(anna())).then([ended()]);
    }
}
