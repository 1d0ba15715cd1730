//! All events, whatever their stream.

use serde::{Deserialize, Serialize};

use crate::{
    account, factor, installation, mail, membership, organisation, sealed::SealedField,
    service_key, session,
};

/// Anything that can happen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// To the installation.
    Installation(installation::Event),
    /// To an organisation.
    Organisation(organisation::Event),
    /// To an account.
    Account(account::Event),
    /// To a membership.
    Membership(membership::Event),
    /// To a session.
    Session(session::Event),
    /// To a service key.
    ServiceKey(service_key::Event),
    /// To a mail.
    Mail(mail::Event),
    /// To the second factors of an account.
    Factor(factor::Event),
}

impl Event {
    /// Shows every sealed field with its name, so that it can be sealed, opened or looked at.
    pub fn sealed_fields(&mut self, mut visit: impl FnMut(&'static str, &mut dyn SealedField)) {
        match self {
            Self::Account(account::Event::Created { username, profile }) => {
                visit("username", username);
                visit("profile", profile);
            }
            Self::Account(account::Event::ProfileChanged { value, .. }) => visit("value", value),
            Self::Account(account::Event::EmailChangeRequested { email, .. }) => {
                visit("email", email);
            }
            Self::Organisation(organisation::Event::MemberDeactivated {
                reason: Some(reason),
                ..
            }) => {
                visit("reason", reason);
            }
            Self::Membership(
                membership::Event::AliasAdded { address }
                | membership::Event::AliasRemoved { address }
                | membership::Event::AlwaysBccSet { address: Some(address) },
            ) => visit("address", address),
            Self::Mail(mail::Event::Queued { to, .. }) => visit("to", to),
            Self::Mail(
                mail::Event::Sent { reply: Some(reply), .. }
                | mail::Event::Failed { reply: Some(reply), .. }
                | mail::Event::GivenUp { reply: Some(reply), .. },
            ) => visit("reply", reply),
            Self::Factor(factor::Event::Added { name: Some(name), .. }) => visit("name", name),
            Self::Session(session::Event::Impersonated { reason, .. }) => visit("reason", reason),
            Self::Installation(_)
            | Self::Organisation(_)
            | Self::Account(_)
            | Self::Membership(_)
            | Self::Session(_)
            | Self::ServiceKey(_)
            | Self::Mail(_)
            | Self::Factor(_) => {}
        }
    }
}

impl From<installation::Event> for Event {
    fn from(event: installation::Event) -> Self {
        Self::Installation(event)
    }
}
impl From<organisation::Event> for Event {
    fn from(event: organisation::Event) -> Self {
        Self::Organisation(event)
    }
}
impl From<account::Event> for Event {
    fn from(event: account::Event) -> Self {
        Self::Account(event)
    }
}
impl From<membership::Event> for Event {
    fn from(event: membership::Event) -> Self {
        Self::Membership(event)
    }
}
impl From<session::Event> for Event {
    fn from(event: session::Event) -> Self {
        Self::Session(event)
    }
}
impl From<service_key::Event> for Event {
    fn from(event: service_key::Event) -> Self {
        Self::ServiceKey(event)
    }
}
impl From<mail::Event> for Event {
    fn from(event: mail::Event) -> Self {
        Self::Mail(event)
    }
}
impl From<factor::Event> for Event {
    fn from(event: factor::Event) -> Self {
        Self::Factor(event)
    }
}
