//! A membership: the services and the mailbox of one account in one organisation.

use serde::{Deserialize, Serialize};

use crate::{
    AccountId, Sealed,
    value::{EmailAddress, ServiceKind},
};

/// What can happen to a membership. Stored for ever: add variants, never change one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// The member may use a service.
    ServiceAccessGranted {
        /// The service.
        service: ServiceKind,
    },
    /// The member may use a service no longer.
    ServiceAccessRevoked {
        /// The service.
        service: ServiceKind,
    },
    /// The member is an administrator inside a service.
    ServiceAdministratorGranted {
        /// The service.
        service: ServiceKind,
    },
    /// The member is an administrator inside a service no longer.
    ServiceAdministratorRevoked {
        /// The service.
        service: ServiceKind,
    },
    /// The mailbox receives mail for another address.
    AliasAdded {
        /// The address, unique in the installation.
        address: Sealed<EmailAddress>,
    },
    /// The mailbox receives mail for an address no longer.
    AliasRemoved {
        /// The address.
        address: Sealed<EmailAddress>,
    },
    /// Another member may send mail in this member's name.
    SendOnBehalfGranted {
        /// Who may.
        delegate: AccountId,
    },
    /// Another member may send mail in this member's name no longer.
    SendOnBehalfRevoked {
        /// Who may no longer.
        delegate: AccountId,
    },
    /// Whether the common address book leaves the mailbox out.
    MailboxHiddenSet {
        /// `true`: left out.
        hidden: bool,
    },
    /// Whether the mailbox is a shared one, without sign-in of its own.
    MailboxSharedSet {
        /// `true`: shared.
        shared: bool,
    },
    /// The address that gets a blind copy of all that is sent from the mailbox.
    AlwaysBccSet {
        /// The address; none when there is no such copy any more.
        address: Option<Sealed<EmailAddress>>,
    },
    /// The membership ended: its services are off and its aliases free.
    Ended,
}
