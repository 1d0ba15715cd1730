//! Tests of aggregates in three words: given, when, then.

use std::fmt::Debug;

use super::Aggregate;
use crate::Refusal;

/// What has happened.
pub struct Given<A>(A);

/// What was decided.
pub struct When<E>(Result<Vec<E>, Refusal>);

/// Begins with what has happened.
pub fn given<A: Aggregate>(events: impl IntoIterator<Item = A::Event>) -> Given<A> {
    Given(events.into_iter().fold(A::default(), |state, event| state.evolve(&event)))
}

impl<A: Aggregate> Given<A> {
    /// Asks.
    pub fn when(&self, command: A::Command) -> When<A::Event> {
        When(self.0.decide(command))
    }
}

impl<E: Debug + PartialEq> When<E> {
    /// Exactly this happens.
    #[track_caller]
    pub fn then(self, expected: impl IntoIterator<Item = E>) {
        assert_eq!(self.0, Ok(expected.into_iter().collect::<Vec<_>>()));
    }

    /// It is already so: nothing happens, and it is no error.
    #[track_caller]
    pub fn then_nothing(self) {
        self.then([]);
    }

    /// It is refused.
    #[track_caller]
    pub fn then_refused(self, refusal: &Refusal) {
        assert_eq!(self.0.as_ref(), Err(refusal));
    }
}
