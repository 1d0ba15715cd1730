//! What an action sees of the aggregates that it concerns.

use events::{AccountId, OrganisationId, ServiceKeyId, SessionId, Stream};

use crate::{
    account::Account, factors::Factors, installation::Installation, membership::Membership,
    organisation::Organisation, service_key::ServiceKey, session::Session, state::State,
};

/// Some aggregates at one moment. What is not part of the scene is as if it had never been.
pub(crate) trait Scene {
    /// The state of a stream, if it is part of the scene.
    fn state(&self, stream: Stream) -> Option<&State>;

    fn installation(&self) -> &Installation {
        match self.state(Stream::Installation) {
            Some(State::Installation(installation)) => installation,
            _ => &Installation::Fresh,
        }
    }

    fn organisation(&self, id: OrganisationId) -> &Organisation {
        match self.state(Stream::Organisation(id)) {
            Some(State::Organisation(organisation)) => organisation,
            _ => &Organisation::Unknown,
        }
    }

    fn account(&self, id: AccountId) -> &Account {
        match self.state(Stream::Account(id)) {
            Some(State::Account(account)) => account,
            _ => &Account::Unknown,
        }
    }

    fn membership(&self, organisation: OrganisationId, account: AccountId) -> Option<&Membership> {
        match self.state(Stream::Membership(organisation, account)) {
            Some(State::Membership(membership)) => Some(membership),
            _ => None,
        }
    }

    fn factors(&self, account: AccountId) -> Option<&Factors> {
        match self.state(Stream::Factors(account)) {
            Some(State::Factors(factors)) => Some(factors),
            _ => None,
        }
    }

    fn session(&self, id: SessionId) -> &Session {
        match self.state(Stream::Session(id)) {
            Some(State::Session(session)) => session,
            _ => &Session::Unknown,
        }
    }

    fn service_key(&self, id: ServiceKeyId) -> &ServiceKey {
        match self.state(Stream::ServiceKey(id)) {
            Some(State::ServiceKey(key)) => key,
            _ => &ServiceKey::Unknown,
        }
    }
}
