//! The installation: who runs it, and which services exist in it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    AccountId, CredentialId, MessageId,
    value::{MailSettings, ServiceKind, Text},
};

/// What can happen to the installation. Stored for ever: add variants, never change one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// The first operator set the installation up. That account can never be deleted.
    Initialised {
        /// The first operator.
        operator: AccountId,
    },
    /// An account may run the installation.
    OperatorAppointed {
        /// Who.
        account: AccountId,
    },
    /// An account may run the installation no longer.
    OperatorDismissed {
        /// Who.
        account: AccountId,
    },
    /// A service exists beside the built-in ones.
    ServiceRegistered {
        /// Its key.
        service: ServiceKind,
        /// Its name, for people.
        name: Text,
    },
    /// Mail goes to this server, whatever the configuration says.
    MailSettingsSet {
        /// Which, and how.
        settings: MailSettings,
        /// Where the vault has the password to sign in with there.
        password: Option<CredentialId>,
    },
    /// Mail goes where the configuration says again.
    MailSettingsRestored,
    /// Somebody had a test mail sent.
    MailSettingsTested {
        /// Whether it was taken.
        accepted: bool,
    },
    /// A message goes to those who are signed in, at once and until it ends.
    SystemMessageSent {
        /// Its id.
        message: MessageId,
        /// What it says.
        text: Text,
        /// Until when it is shown.
        valid_until: DateTime<Utc>,
    },
}

/// What a [`MessageId`] identifies.
#[derive(Debug)]
pub enum SystemMessage {}
