//! A service key: how a program, such as a dashboard, reaches one organisation.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use events::{
    OrganisationId,
    service_key::Event,
    value::{Scope, Text},
};

use crate::{Refusal, aggregate::Aggregate};

/// What one may ask of a service key.
#[derive(Clone, Debug)]
pub enum Command {
    /// Lets it come to be.
    Create {
        /// Which organisation it reaches.
        organisation: OrganisationId,
        /// What it is for.
        name: Text,
        /// What it may do.
        scopes: BTreeSet<Scope>,
        /// Until when.
        expires_at: Option<DateTime<Utc>>,
        /// Now.
        now: DateTime<Utc>,
    },
    /// Ends it.
    Revoke {
        /// Which organisation it is thought to reach.
        organisation: OrganisationId,
    },
}

/// A service key, as far as rules need it.
#[derive(Clone, Debug, Default)]
pub enum ServiceKey {
    /// There is none.
    #[default]
    Unknown,
    /// It works.
    Active(Reach),
    /// It works no longer.
    Revoked(Reach),
}

/// What a service key reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    /// Which organisation.
    pub organisation: OrganisationId,
    /// What it may do there.
    pub scopes: BTreeSet<Scope>,
    /// Until when.
    pub expires_at: Option<DateTime<Utc>>,
}

impl Aggregate for ServiceKey {
    type Command = Command;
    type Event = Event;

    fn evolve(self, event: &Event) -> Self {
        match (self, event) {
            (_, Event::Created { organisation, scopes, expires_at, .. }) => Self::Active(Reach {
                organisation: *organisation,
                scopes: scopes.clone(),
                expires_at: *expires_at,
            }),
            (Self::Active(reach) | Self::Revoked(reach), Event::Revoked { .. }) => {
                Self::Revoked(reach)
            }
            (Self::Unknown, Event::Revoked { .. }) => Self::Unknown,
        }
    }

    fn decide(&self, command: Command) -> Result<Vec<Event>, Refusal> {
        match (self, command) {
            (Self::Unknown, Command::Create { scopes, .. }) if scopes.is_empty() => {
                Err(Refusal::ScopesRequired)
            }
            (Self::Unknown, Command::Create { expires_at: Some(end), now, .. }) if end <= now => {
                Err(Refusal::ExpiryPassed)
            }
            (Self::Unknown, Command::Create { organisation, name, scopes, expires_at, .. }) => {
                Ok(vec![Event::Created { organisation, name, scopes, expires_at }])
            }
            (Self::Active(reach), Command::Revoke { organisation })
                if reach.organisation == organisation =>
            {
                Ok(vec![Event::Revoked { organisation }])
            }
            (Self::Revoked(reach), Command::Revoke { organisation })
                if reach.organisation == organisation =>
            {
                Ok(vec![]) // already so
            }
            (Self::Unknown | Self::Active(_) | Self::Revoked(_), _) => {
                Err(Refusal::ServiceKeyNotFound)
            }
        }
    }
}

impl ServiceKey {
    /// What it reaches at this moment; nothing when it was revoked or has expired.
    pub fn reach(&self, now: DateTime<Utc>) -> Option<&Reach> {
        match self {
            Self::Active(reach) if reach.expires_at.is_none_or(|end| now < end) => Some(reach),
            Self::Unknown | Self::Active(_) | Self::Revoked(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aggregate::given;
    use uuid::Uuid;

    fn haven() -> OrganisationId {
        Uuid::from_u128(1).into()
    }
    fn werf() -> OrganisationId {
        Uuid::from_u128(2).into()
    }
    fn noon() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }
    fn create(
        scopes: impl IntoIterator<Item = Scope>,
        expires_at: Option<DateTime<Utc>>,
    ) -> Command {
        let (name, scopes) = (Text::parse("Dashboard").unwrap(), scopes.into_iter().collect());
        Command::Create { organisation: haven(), name, scopes, expires_at, now: noon() }
    }
    fn created(expires_at: Option<DateTime<Utc>>) -> Event {
        let (name, scopes) = (Text::parse("Dashboard").unwrap(), [Scope::AccountsRead].into());
        Event::Created { organisation: haven(), name, scopes, expires_at }
    }
    fn revoke(organisation: OrganisationId) -> Command {
        Command::Revoke { organisation }
    }

    #[test]
    fn a_key_may_do_something_and_ends_in_the_future() {
        let key = given::<ServiceKey>([]);
        key.when(create([Scope::AccountsRead], None)).then([created(None)]);
        key.when(create([], None)).then_refused(&Refusal::ScopesRequired);
        key.when(create([Scope::AccountsRead], Some(noon()))).then_refused(&Refusal::ExpiryPassed);
    }

    #[test]
    fn a_key_is_revoked_once_and_only_where_it_belongs() {
        let revoked = Event::Revoked { organisation: haven() };
        given::<ServiceKey>([created(None)]).when(revoke(haven())).then([revoked.clone()]);
        given::<ServiceKey>([created(None), revoked]).when(revoke(haven())).then_nothing();
        given::<ServiceKey>([created(None)])
            .when(revoke(werf()))
            .then_refused(&Refusal::ServiceKeyNotFound);
        given::<ServiceKey>([]).when(revoke(haven())).then_refused(&Refusal::ServiceKeyNotFound);
    }

    #[test]
    fn a_key_reaches_nothing_after_its_end() {
        let end = noon() + chrono::TimeDelta::hours(1);
        let key = ServiceKey::default().evolve(&created(Some(end)));
        assert!(key.reach(noon()).is_some());
        assert!(key.reach(end).is_none());
        let revoked = key.evolve(&Event::Revoked { organisation: haven() });
        assert!(revoked.reach(noon()).is_none());
    }
}
