//! What every aggregate is: a memory folded from events, and rules over it.

#[cfg(any(test, feature = "testing"))]
mod spec;

use events::value::{Domain, EmailAddress, Username};

use crate::Refusal;

#[cfg(any(test, feature = "testing"))]
pub use spec::{Given, When, given};

/// Just enough memory to decide. The default is the aggregate that nothing has happened to yet.
///
/// A clone must be cheap however large the aggregate is, because a decision may be taken on
/// what is still on its way into the log, and forgotten when it doesn't get there.
pub trait Aggregate: Clone + Default {
    /// What can be asked of it.
    type Command;
    /// What can happen to it.
    type Event;

    /// What is so after an event. Folding can't fail.
    #[must_use]
    fn evolve(self, event: &Self::Event) -> Self;

    /// What happens when this is asked: nothing, where it is already so.
    fn decide(&self, command: Self::Command) -> Result<Vec<Self::Event>, Refusal>;

    /// Which names an event takes and frees that is about to happen, in the order in which to do it.
    fn names(&self, _event: &Self::Event) -> Vec<NameChange> {
        Vec::new()
    }
}

/// Something that only one owner can have in the whole installation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Name {
    /// A username, never free again.
    Username(Username),
    /// An e-mail address: primary or alias.
    Address(EmailAddress),
    /// A mail domain.
    Domain(Domain),
    /// That the installation has its first operator.
    FirstOperator,
}

/// What happens to a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NameChange {
    /// Somebody takes it; refused when anybody has it.
    Take(Name),
    /// It is free again.
    Release(Name),
}

/// The event, unless it is already so.
pub(crate) fn unless<E>(already: bool, event: E) -> Vec<E> {
    if already { vec![] } else { vec![event] }
}
