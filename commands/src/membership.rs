//! A membership: the services and the mailbox of one account in one organisation.
//!
//! That there is such a membership is for the organisation to say; here are its settings, all
//! off in the beginning and again after it ended.

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use events::{
    AccountId, Sealed,
    membership::Event,
    value::{EmailAddress, ServiceKind},
};

use crate::{
    Few, Refusal,
    aggregate::{Aggregate, Name, NameChange, unless},
};

/// What one may ask of a membership.
#[derive(Clone, Debug)]
pub enum Command {
    /// Switches a service.
    SetServiceAccess {
        /// Which.
        service: ServiceKind,
        /// Which way.
        on: bool,
    },
    /// Switches being an administrator inside a service.
    SetServiceAdministrator {
        /// Which.
        service: ServiceKind,
        /// Which way.
        on: bool,
    },
    /// Adds an address that the mailbox receives mail for.
    AddAlias {
        /// Whose mailbox: whom the address is about.
        account: AccountId,
        /// The address.
        address: EmailAddress,
    },
    /// Removes such an address.
    RemoveAlias {
        /// Whose mailbox: whom the address is about.
        account: AccountId,
        /// The address.
        address: EmailAddress,
    },
    /// Switches whether another member may send in this one's name.
    SetSendOnBehalf {
        /// In whose name.
        account: AccountId,
        /// Who sends.
        delegate: AccountId,
        /// Which way.
        on: bool,
    },
    /// Switches whether the address book leaves the mailbox out.
    SetHidden {
        /// Which way.
        hidden: bool,
    },
    /// Switches whether the mailbox is a shared one.
    SetShared {
        /// Which way.
        shared: bool,
    },
    /// Sets where blind copies go.
    SetAlwaysBcc {
        /// Whose mailbox: whom the address is about.
        account: AccountId,
        /// The address; none: nowhere.
        address: Option<EmailAddress>,
    },
    /// Ends it.
    End,
}

/// The settings of a membership.
#[derive(Clone, Debug, Default)]
pub struct Membership(Arc<Settings>);

#[derive(Clone, Debug, Default)]
struct Settings {
    services: BTreeSet<ServiceKind>,
    administers: BTreeSet<ServiceKind>,
    /// By what makes them unique.
    aliases: BTreeMap<String, EmailAddress>,
    delegates: BTreeSet<AccountId>,
    hidden: bool,
    shared: bool,
    always_bcc: Option<EmailAddress>,
}

impl Aggregate for Membership {
    type Command = Command;
    type Event = Event;

    fn evolve(mut self, event: &Event) -> Self {
        let settings = Arc::make_mut(&mut self.0);
        match event {
            Event::ServiceAccessGranted { service } => {
                settings.services.insert(service.clone());
            }
            Event::ServiceAccessRevoked { service } => {
                settings.services.remove(service);
            }
            Event::ServiceAdministratorGranted { service } => {
                settings.administers.insert(service.clone());
            }
            Event::ServiceAdministratorRevoked { service } => {
                settings.administers.remove(service);
            }
            Event::AliasAdded { address } => {
                if let Some(address) = address.value() {
                    settings.aliases.insert(address.key(), address.clone());
                }
            }
            Event::AliasRemoved { address } => {
                if let Some(address) = address.value() {
                    settings.aliases.remove(&address.key());
                }
            }
            Event::SendOnBehalfGranted { delegate } => {
                settings.delegates.insert(*delegate);
            }
            Event::SendOnBehalfRevoked { delegate } => {
                settings.delegates.remove(delegate);
            }
            Event::MailboxHiddenSet { hidden } => settings.hidden = *hidden,
            Event::MailboxSharedSet { shared } => settings.shared = *shared,
            Event::AlwaysBccSet { address } => {
                settings.always_bcc = address.as_ref().and_then(|address| address.value().cloned());
            }
            Event::Ended => *settings = Settings::default(),
        }
        self
    }

    fn decide(&self, command: Command) -> Result<Vec<Event>, Refusal> {
        let Settings { aliases, delegates, hidden, shared, always_bcc, .. } = &*self.0;
        match command {
            Command::SetServiceAccess { service, on } => Ok(self.set_access(service, on)),
            Command::SetServiceAdministrator { service, on } => {
                Ok(self.set_administrator(service, on))
            }
            Command::AddAlias { account, address } => {
                if aliases.contains_key(&address.key()) {
                    return Ok(vec![]); // already so
                }
                Few::Aliases.room(aliases.len())?;
                Ok(vec![Event::AliasAdded { address: Sealed::new(account, address) }])
            }
            Command::RemoveAlias { account, address } => {
                let already = !aliases.contains_key(&address.key());
                Ok(unless(already, Event::AliasRemoved { address: Sealed::new(account, address) }))
            }
            Command::SetSendOnBehalf { account, delegate, .. } if account == delegate => {
                Err(Refusal::DelegateIsOneself)
            }
            Command::SetSendOnBehalf { delegate, on: true, .. } => {
                if delegates.contains(&delegate) {
                    return Ok(vec![]); // already so
                }
                Few::Delegates.room(delegates.len())?;
                Ok(vec![Event::SendOnBehalfGranted { delegate }])
            }
            Command::SetSendOnBehalf { delegate, on: false, .. } => {
                Ok(unless(!delegates.contains(&delegate), Event::SendOnBehalfRevoked { delegate }))
            }
            Command::SetHidden { hidden: asked } => {
                Ok(unless(*hidden == asked, Event::MailboxHiddenSet { hidden: asked }))
            }
            Command::SetShared { shared: asked } => {
                Ok(unless(*shared == asked, Event::MailboxSharedSet { shared: asked }))
            }
            Command::SetAlwaysBcc { account, address } => {
                let already = *always_bcc == address;
                let address = address.map(|address| Sealed::new(account, address));
                Ok(unless(already, Event::AlwaysBccSet { address }))
            }
            // Said even when nothing was ever set, so that the version guards against settings that come late.
            Command::End => Ok(vec![Event::Ended]),
        }
    }

    fn names(&self, event: &Event) -> Vec<NameChange> {
        match event {
            Event::AliasAdded { address } => address
                .value()
                .cloned()
                .map(|address| NameChange::Take(Name::Address(address)))
                .into_iter()
                .collect(),
            Event::AliasRemoved { address } => address
                .value()
                .cloned()
                .map(|address| NameChange::Release(Name::Address(address)))
                .into_iter()
                .collect(),
            Event::Ended => self
                .0
                .aliases
                .values()
                .cloned()
                .map(|address| NameChange::Release(Name::Address(address)))
                .collect(),
            _ => vec![],
        }
    }
}

impl Membership {
    /// Whether the member is an administrator inside the service.
    pub fn administers(&self, service: &ServiceKind) -> bool {
        self.0.administers.contains(service)
    }

    /// How many entries its settings have.
    pub fn entries(&self) -> usize {
        let Settings { services, administers, aliases, delegates, .. } = &*self.0;
        services.len() + administers.len() + aliases.len() + delegates.len()
    }

    /// Whoever loses a service no longer manages it either.
    fn set_access(&self, service: ServiceKind, on: bool) -> Vec<Event> {
        match (self.0.services.contains(&service), on) {
            (true, true) | (false, false) => vec![], // already so
            (false, true) => vec![Event::ServiceAccessGranted { service }],
            (true, false) if self.administers(&service) => vec![
                Event::ServiceAdministratorRevoked { service: service.clone() },
                Event::ServiceAccessRevoked { service },
            ],
            (true, false) => vec![Event::ServiceAccessRevoked { service }],
        }
    }

    /// Whoever manages a service has it too.
    fn set_administrator(&self, service: ServiceKind, on: bool) -> Vec<Event> {
        match (self.administers(&service), on) {
            (true, true) | (false, false) => vec![], // already so
            (false, true) if self.0.services.contains(&service) => {
                vec![Event::ServiceAdministratorGranted { service }]
            }
            (false, true) => vec![
                Event::ServiceAccessGranted { service: service.clone() },
                Event::ServiceAdministratorGranted { service },
            ],
            (true, false) => vec![Event::ServiceAdministratorRevoked { service }],
        }
    }
}
