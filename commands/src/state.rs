//! Any aggregate: what the handler keeps per stream, without knowing which it is.

use events::{Event, Stream};

use crate::{
    Refusal,
    account::{self, Account},
    aggregate::{Aggregate, NameChange},
    factors::{self, Factors},
    installation::{self, Installation},
    mail::{self, Mail},
    membership::{self, Membership},
    organisation::{self, House, Organisation},
    service_key::{self, ServiceKey},
    session::{self, Session},
};

/// The state of any aggregate.
#[derive(Clone, Debug)]
pub(crate) enum State {
    Installation(Installation),
    Organisation(Organisation),
    Account(Account),
    Membership(Membership),
    Session(Session),
    ServiceKey(ServiceKey),
    Mail(Mail),
    Factors(Factors),
}

/// What is asked of any aggregate.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Installation(installation::Command),
    Organisation(organisation::Command),
    Account(account::Command),
    Membership(membership::Command),
    Session(session::Command),
    ServiceKey(service_key::Command),
    Mail(mail::Command),
    Factors(factors::Command),
}

impl From<installation::Command> for Step {
    fn from(command: installation::Command) -> Self {
        Self::Installation(command)
    }
}
impl From<organisation::Command> for Step {
    fn from(command: organisation::Command) -> Self {
        Self::Organisation(command)
    }
}
impl From<account::Command> for Step {
    fn from(command: account::Command) -> Self {
        Self::Account(command)
    }
}
impl From<membership::Command> for Step {
    fn from(command: membership::Command) -> Self {
        Self::Membership(command)
    }
}
impl From<session::Command> for Step {
    fn from(command: session::Command) -> Self {
        Self::Session(command)
    }
}
impl From<service_key::Command> for Step {
    fn from(command: service_key::Command) -> Self {
        Self::ServiceKey(command)
    }
}
impl From<mail::Command> for Step {
    fn from(command: mail::Command) -> Self {
        Self::Mail(command)
    }
}

impl From<factors::Command> for Step {
    fn from(command: factors::Command) -> Self {
        Self::Factors(command)
    }
}

/// What an aggregate decided.
pub(crate) struct Decided {
    /// What is so afterwards.
    pub(crate) state: State,
    /// What happens.
    pub(crate) events: Vec<Event>,
    /// Which names are taken and freed by it.
    pub(crate) names: Vec<NameChange>,
}

impl State {
    /// Before anything has happened in the stream.
    pub(crate) fn blank(stream: Stream) -> Self {
        match stream {
            Stream::Installation => Self::Installation(Installation::default()),
            Stream::Organisation(_) => Self::Organisation(Organisation::default()),
            Stream::Account(_) => Self::Account(Account::default()),
            Stream::Membership(..) => Self::Membership(Membership::default()),
            Stream::Session(_) => Self::Session(Session::default()),
            Stream::ServiceKey(_) => Self::ServiceKey(ServiceKey::default()),
            Stream::Mail(_) => Self::Mail(Mail::default()),
            Stream::Factors(_) => Self::Factors(Factors::default()),
        }
    }

    /// What is so after an event. An event of another kind of stream changes nothing.
    pub(crate) fn evolve(self, event: &Event) -> Self {
        match (self, event) {
            (Self::Installation(state), Event::Installation(event)) => {
                Self::Installation(state.evolve(event))
            }
            (Self::Organisation(state), Event::Organisation(event)) => {
                Self::Organisation(state.evolve(event))
            }
            (Self::Account(state), Event::Account(event)) => Self::Account(state.evolve(event)),
            (Self::Membership(state), Event::Membership(event)) => {
                Self::Membership(state.evolve(event))
            }
            (Self::Session(state), Event::Session(event)) => Self::Session(state.evolve(event)),
            (Self::ServiceKey(state), Event::ServiceKey(event)) => {
                Self::ServiceKey(state.evolve(event))
            }
            (Self::Mail(state), Event::Mail(event)) => Self::Mail(state.evolve(event)),
            (Self::Factors(state), Event::Factor(event)) => Self::Factors(state.evolve(event)),
            (state, _) => state,
        }
    }

    /// What happens when this is asked.
    pub(crate) fn decide(&self, step: Step) -> Result<Decided, Refusal> {
        match (self, step) {
            (Self::Installation(state), Step::Installation(command)) => {
                decide(state, command, Self::Installation)
            }
            (Self::Organisation(state), Step::Organisation(command)) => {
                decide(state, command, Self::Organisation)
            }
            (Self::Account(state), Step::Account(command)) => decide(state, command, Self::Account),
            (Self::Membership(state), Step::Membership(command)) => {
                decide(state, command, Self::Membership)
            }
            (Self::Session(state), Step::Session(command)) => decide(state, command, Self::Session),
            (Self::ServiceKey(state), Step::ServiceKey(command)) => {
                decide(state, command, Self::ServiceKey)
            }
            (Self::Mail(state), Step::Mail(command)) => decide(state, command, Self::Mail),
            (Self::Factors(state), Step::Factors(command)) => decide(state, command, Self::Factors),
            // A plan asks a stream only what its kind understands.
            _ => Err(Refusal::Forbidden),
        }
    }

    /// About how many bytes it takes in memory.
    pub(crate) fn weight(&self) -> u64 {
        /// What a slot of the cache takes by itself, with the texts of a small aggregate.
        const BASE: u64 = 600;
        const MEMBER: u64 = 48;
        /// An address, a domain, a service, or somebody's id, in its tree.
        const ENTRY: u64 = 150;
        match self {
            Self::Organisation(organisation) => {
                let count = |house: &House| (house.members().total(), house.entries());
                let (members, entries) = organisation.house().map_or((0, 0), count);
                BASE + MEMBER * members as u64 + ENTRY * entries as u64
            }
            Self::Account(_) => 2 * BASE,
            Self::Installation(installation) => BASE + ENTRY * installation.entries() as u64,
            Self::Membership(membership) => BASE + ENTRY * membership.entries() as u64,
            Self::Session(_) | Self::ServiceKey(_) | Self::Mail(_) | Self::Factors(_) => BASE,
        }
    }
}

fn decide<A: Aggregate>(
    state: &A,
    command: A::Command,
    wrap: fn(A) -> State,
) -> Result<Decided, Refusal>
where
    Event: From<A::Event>,
{
    let mut state = state.clone();
    let decided = state.decide(command)?;
    let mut names = Vec::new();
    let mut events = Vec::with_capacity(decided.len());
    for event in decided {
        names.extend(state.names(&event));
        state = state.evolve(&event);
        events.push(event.into());
    }
    Ok(Decided { state: wrap(state), events, names })
}
