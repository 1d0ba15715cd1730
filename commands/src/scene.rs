//! What an action sees of the aggregates that it concerns.

use events::{AccountId, OrganisationId, ServiceKeyId, Stream};

use crate::{
    account::Account, installation::Installation, membership::Membership,
    organisation::Organisation, service_key::ServiceKey, state::State,
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

    fn service_key(&self, id: ServiceKeyId) -> &ServiceKey {
        match self.state(Stream::ServiceKey(id)) {
            Some(State::ServiceKey(key)) => key,
            _ => &ServiceKey::Unknown,
        }
    }
}
