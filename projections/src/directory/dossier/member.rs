//! What an account is in one organisation.

use chrono::{DateTime, Utc};
use events::{
    Event, OrganisationId, Recorded, RequestId, Version, membership, organisation,
    value::MemberKind,
};
use serde::{Deserialize, Serialize};

use crate::directory::{Mailbox, MemberType, Membership, ServiceAccess};

/// A membership, as its row holds it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Member {
    /// What is shown.
    pub(crate) membership: Membership,
    /// Which kind of seat it takes.
    pub(crate) kind: MemberKind,
    administrator: bool,
    owner: bool,
    /// The request that ended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) ended_by: Option<RequestId>,
}

impl Member {
    /// As joining makes it.
    pub(super) fn joined(
        organisation: OrganisationId,
        kind: MemberKind,
        at: DateTime<Utc>,
    ) -> Self {
        let membership = Membership {
            organisation,
            version: Version::NONE,
            member_type: MemberType::Reader,
            joined_at: at,
            deactivated_at: None,
            deactivation_reason: None,
            services: std::collections::BTreeMap::new(),
            mailbox: Mailbox::default(),
        };
        let mut member =
            Self { membership, kind, administrator: false, owner: false, ended_by: None };
        member.name_type();
        member
    }

    /// Somebody else is the owner now.
    pub(super) fn hand_over(&mut self) {
        self.owner = false;
        self.name_type();
    }

    /// Takes up an event of the organisation that is about this member.
    pub(super) fn fold_as_member(
        &mut self,
        recorded: &Recorded<Event>,
        event: &organisation::Event,
    ) {
        use organisation::Event;
        match event {
            Event::MemberKindSet { kind, .. } => self.kind = *kind,
            Event::AdministratorGranted { .. } => self.administrator = true,
            Event::AdministratorRevoked { .. } => self.administrator = false,
            Event::OwnerSet { .. } => {
                self.administrator = true;
                self.owner = true;
            }
            Event::MemberDeactivated { reason, .. } => {
                self.membership.deactivated_at = Some(recorded.at);
                self.membership.deactivation_reason = reason
                    .as_ref()
                    .and_then(|reason| reason.value())
                    .map(|reason| reason.as_str().to_owned());
            }
            Event::MemberReactivated { .. } => {
                self.membership.deactivated_at = None;
                self.membership.deactivation_reason = None;
            }
            Event::MemberRemoved { .. } => {
                self.ended_by = Some(recorded.cause.request);
                self.administrator = false;
                self.owner = false;
            }
            Event::MemberJoined { .. }
            | Event::InvitationLinkCreated { .. }
            | Event::InvitationLinkRevoked { .. }
            | Event::InvitationAccepted { .. }
            | Event::SystemMessageSent { .. }
            | Event::Created { .. }
            | Event::Renamed { .. }
            | Event::LanguageSet { .. }
            | Event::PlanSet { .. }
            | Event::PolicySet { .. }
            | Event::MailTemplateSet { .. }
            | Event::Deactivated
            | Event::Reactivated
            | Event::DomainRegistered { .. }
            | Event::DomainRemoved { .. }
            | Event::ServiceEnabled { .. }
            | Event::ServiceDisabled { .. } => {}
        }
        self.name_type();
    }

    /// Takes up an event of the membership itself.
    pub(super) fn fold(&mut self, version: Version, event: &membership::Event) {
        use membership::Event;
        self.membership.version = version;
        let Membership { services, mailbox, .. } = &mut self.membership;
        match event {
            Event::ServiceAccessGranted { service } => {
                services.entry(service.clone()).or_default().access = true;
            }
            Event::ServiceAccessRevoked { service } => {
                services.entry(service.clone()).or_default().access = false;
            }
            Event::ServiceAdministratorGranted { service } => {
                services.entry(service.clone()).or_default().administrator = true;
            }
            Event::ServiceAdministratorRevoked { service } => {
                services.entry(service.clone()).or_default().administrator = false;
            }
            Event::AliasAdded { address } => mailbox.aliases.extend(address.value().cloned()),
            Event::AliasRemoved { address } => {
                mailbox.aliases.retain(|alias| Some(alias) != address.value());
            }
            Event::SendOnBehalfGranted { delegate } => mailbox.send_on_behalf.push(*delegate),
            Event::SendOnBehalfRevoked { delegate } => {
                mailbox.send_on_behalf.retain(|who| who != delegate);
            }
            Event::MailboxHiddenSet { hidden } => mailbox.hidden = *hidden,
            Event::MailboxSharedSet { shared } => mailbox.shared = *shared,
            Event::AlwaysBccSet { address } => {
                mailbox.always_bcc = address.as_ref().and_then(|address| address.value().cloned());
            }
            Event::Ended => {
                services.clear();
                *mailbox = Mailbox::default();
            }
        }
        services.retain(|_, switch| *switch != ServiceAccess::default());
    }

    fn name_type(&mut self) {
        self.membership.member_type = match (self.owner, self.administrator, self.kind) {
            (true, _, _) => MemberType::Owner,
            (false, true, _) => MemberType::Administrator,
            (false, false, MemberKind::Full) => MemberType::Full,
            (false, false, MemberKind::Reader) => MemberType::Reader,
        };
    }
}
