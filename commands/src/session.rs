//! A session: somebody is signed in.

use events::{
    AccountId,
    session::{EndReason, Event},
};

use crate::{Refusal, aggregate::Aggregate};

/// What one may ask of a session.
#[derive(Clone, Debug)]
pub enum Command {
    /// Begins it.
    Open {
        /// Whose.
        account: AccountId,
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
    Open(AccountId),
    /// Its token works no longer.
    Ended(AccountId),
}

impl Aggregate for Session {
    type Command = Command;
    type Event = Event;

    fn evolve(self, event: &Event) -> Self {
        match event {
            Event::Opened { account } => Self::Open(*account),
            Event::Ended { account, .. } => Self::Ended(*account),
        }
    }

    fn decide(&self, command: Command) -> Result<Vec<Event>, Refusal> {
        match (self, command) {
            (Self::Unknown, Command::Open { account }) => Ok(vec![Event::Opened { account }]),
            (Self::Open(owner), Command::End { account, reason }) if *owner == account => {
                Ok(vec![Event::Ended { account, reason }])
            }
            (Self::Ended(owner), Command::End { account, .. }) if *owner == account => {
                Ok(vec![]) // already so
            }
            (Self::Unknown | Self::Open(_) | Self::Ended(_), _) => Err(Refusal::SessionNotFound),
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
    fn opened() -> Event {
        Event::Opened { account: anna() }
    }
    fn ended() -> Event {
        Event::Ended { account: anna(), reason: EndReason::SignedOut }
    }
    fn end(account: AccountId) -> Command {
        Command::End { account, reason: EndReason::SignedOut }
    }

    #[test]
    fn a_session_opens_and_ends() {
        given::<Session>([]).when(Command::Open { account: anna() }).then([opened()]);
        given::<Session>([opened()]).when(end(anna())).then([ended()]);
    }

    #[test]
    fn ending_an_ended_session_is_no_error() {
        given::<Session>([opened(), ended()]).when(end(anna())).then_nothing();
    }

    #[test]
    fn a_session_never_opens_twice() {
        let open = || Command::Open { account: anna() };
        given::<Session>([opened()]).when(open()).then_refused(&Refusal::SessionNotFound);
        given::<Session>([opened(), ended()]).when(open()).then_refused(&Refusal::SessionNotFound);
    }

    #[test]
    fn a_session_of_somebody_else_is_not_found() {
        given::<Session>([opened()]).when(end(ben())).then_refused(&Refusal::SessionNotFound);
        given::<Session>([]).when(end(anna())).then_refused(&Refusal::SessionNotFound);
    }
}
