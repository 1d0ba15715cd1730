//! The installation: its operators, and the services that exist beside the built-in ones.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use events::{
    AccountId, CredentialId,
    installation::Event,
    value::{MailSettings, ServiceKind, Text},
};

use crate::{
    Few, Refusal,
    aggregate::{Aggregate, Name, NameChange, unless},
    system_message::Draft,
};

/// What one may ask of the installation.
#[derive(Clone, Debug)]
pub enum Command {
    /// Gives it its first operator.
    Initialise {
        /// Who.
        operator: AccountId,
    },
    /// Makes an account an operator.
    Appoint {
        /// Who.
        account: AccountId,
    },
    /// Ends that an account is an operator.
    Dismiss {
        /// Who.
        account: AccountId,
    },
    /// Adds a service.
    Register {
        /// Its key.
        service: ServiceKind,
        /// Its name.
        name: Text,
    },
    /// Has mail go to a server.
    SetMail {
        /// Which.
        settings: MailSettings,
        /// Where the vault has the password to sign in with there.
        password: Option<CredentialId>,
    },
    /// Has mail go where the configuration says.
    RestoreMail,
    /// Notes what came of a test mail.
    NoteMailTest {
        /// Whether it was taken.
        accepted: bool,
    },
    /// Tells those who are signed in something.
    SendMessage(Draft),
}

/// Who runs the installation.
#[derive(Clone, Debug, Default)]
pub enum Installation {
    /// Nobody yet.
    #[default]
    Fresh,
    /// Its operators.
    Running {
        /// Stays for ever.
        first: AccountId,
        /// All of them, the first included.
        operators: BTreeSet<AccountId>,
        /// Beside the built-in ones.
        services: BTreeSet<ServiceKind>,
        /// Where mail goes; none: where the configuration says.
        mail: Option<(MailSettings, Option<CredentialId>)>,
    },
}

impl Aggregate for Installation {
    type Command = Command;
    type Event = Event;

    fn evolve(mut self, event: &Event) -> Self {
        match (&mut self, event) {
            (Self::Fresh, Event::Initialised { operator }) => {
                return Self::Running {
                    first: *operator,
                    operators: [*operator].into(),
                    services: BTreeSet::new(),
                    mail: None,
                };
            }
            (Self::Running { operators, .. }, Event::OperatorAppointed { account }) => {
                operators.insert(*account);
            }
            (Self::Running { operators, .. }, Event::OperatorDismissed { account }) => {
                operators.remove(account);
            }
            (Self::Running { services, .. }, Event::ServiceRegistered { service, .. }) => {
                services.insert(service.clone());
            }
            (Self::Running { mail, .. }, Event::MailSettingsSet { settings, password }) => {
                *mail = Some((settings.clone(), *password));
            }
            (Self::Running { mail, .. }, Event::MailSettingsRestored) => *mail = None,
            (
                Self::Running { .. },
                Event::Initialised { .. }
                | Event::MailSettingsTested { .. }
                | Event::SystemMessageSent { .. },
            )
            | (
                Self::Fresh,
                Event::OperatorAppointed { .. }
                | Event::OperatorDismissed { .. }
                | Event::ServiceRegistered { .. }
                | Event::MailSettingsSet { .. }
                | Event::MailSettingsRestored
                | Event::MailSettingsTested { .. }
                | Event::SystemMessageSent { .. },
            ) => {}
        }
        self
    }

    fn decide(&self, command: Command) -> Result<Vec<Event>, Refusal> {
        match (self, command) {
            (Self::Fresh, Command::Initialise { operator }) => {
                Ok(vec![Event::Initialised { operator }])
            }
            (Self::Fresh, _) => Err(Refusal::NotSetUp),
            (Self::Running { .. }, Command::Initialise { .. }) => Err(Refusal::AlreadySetUp),
            (Self::Running { operators, .. }, Command::Appoint { account }) => {
                if operators.contains(&account) {
                    return Ok(vec![]); // already so
                }
                Few::Operators.room(operators.len())?;
                Ok(vec![Event::OperatorAppointed { account }])
            }
            (Self::Running { first, .. }, Command::Dismiss { account }) if *first == account => {
                Err(Refusal::FirstOperator)
            }
            (Self::Running { operators, .. }, Command::Dismiss { account }) => {
                Ok(unless(!operators.contains(&account), Event::OperatorDismissed { account }))
            }
            (Self::Running { .. }, Command::Register { service, .. }) if self.knows(&service) => {
                Err(Refusal::ServiceExists)
            }
            (Self::Running { services, .. }, Command::Register { service, name }) => {
                Few::Services.room(services.len())?;
                Ok(vec![Event::ServiceRegistered { service, name }])
            }
            (Self::Running { mail, .. }, Command::SetMail { settings, password }) => {
                let already = *mail == Some((settings.clone(), password));
                Ok(unless(already, Event::MailSettingsSet { settings, password }))
            }
            (Self::Running { mail, .. }, Command::RestoreMail) => {
                Ok(unless(mail.is_none(), Event::MailSettingsRestored))
            }
            (Self::Running { .. }, Command::NoteMailTest { accepted }) => {
                Ok(vec![Event::MailSettingsTested { accepted }])
            }
            (Self::Running { .. }, Command::SendMessage(draft)) => {
                let valid_until = draft.valid_until()?;
                let Draft { message, text, .. } = draft;
                Ok(vec![Event::SystemMessageSent { message, text, valid_until }])
            }
        }
    }

    fn names(&self, event: &Event) -> Vec<NameChange> {
        match event {
            Event::Initialised { .. } => vec![NameChange::Take(Name::FirstOperator)],
            Event::OperatorAppointed { .. }
            | Event::OperatorDismissed { .. }
            | Event::ServiceRegistered { .. }
            | Event::MailSettingsSet { .. }
            | Event::MailSettingsRestored
            | Event::MailSettingsTested { .. }
            | Event::SystemMessageSent { .. } => vec![],
        }
    }
}

impl Installation {
    /// Whether the account may run the installation.
    pub fn is_operator(&self, account: AccountId) -> bool {
        matches!(self, Self::Running { operators, .. } if operators.contains(&account))
    }

    /// Whether the account is the first operator.
    pub fn is_first_operator(&self, account: AccountId) -> bool {
        matches!(self, Self::Running { first, .. } if *first == account)
    }

    /// Where mail goes, and where the vault has the password to sign in with there; none: where the configuration says.
    pub const fn mail(&self) -> Option<&(MailSettings, Option<CredentialId>)> {
        match self {
            Self::Fresh => None,
            Self::Running { mail, .. } => mail.as_ref(),
        }
    }

    /// How many entries it has.
    pub fn entries(&self) -> usize {
        match self {
            Self::Fresh => 0,
            Self::Running { operators, services, .. } => operators.len() + services.len(),
        }
    }

    /// Whether there is such a service.
    pub fn knows(&self, service: &ServiceKind) -> bool {
        service.is_built_in()
            || matches!(self, Self::Running { services, .. } if services.contains(service))
    }
}
