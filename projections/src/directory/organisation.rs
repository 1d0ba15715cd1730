//! An organisation, without its members.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use events::{
    AccountId, Event, InvitationLinkId, OrganisationId, Recorded, Version, organisation,
    value::{Domain, Language, MemberKind, Plan, PolicyRules, ServiceKind, Text},
};
use serde::{Deserialize, Serialize};

/// One organisation, without its members.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Organisation {
    /// Its id.
    pub id: OrganisationId,
    /// The version of its stream, for `expectedVersion`.
    pub version: Version,
    /// Its name.
    pub name: String,
    /// The language of mails and letters where a person has chosen none.
    pub language: Language,
    /// Its seats.
    pub plan: Plan,
    /// What it has set about signing in.
    #[serde(default)]
    pub policy: PolicyRules,
    /// How many seats are taken.
    pub seats_used: Seats,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// Since when none of its members can sign in through it, if so.
    pub deactivated_at: Option<DateTime<Utc>>,
    /// The domains on which it receives mail.
    pub domains: BTreeSet<Domain>,
    /// The services that its members may be given.
    pub services: BTreeSet<ServiceKind>,
    /// Its owner, once it has one.
    pub owner: Option<AccountId>,
    /// Links by which people join that were not revoked, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub invitation_links: Vec<InvitationLink>,
}

/// A link by which people join an organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationLink {
    /// Its id.
    pub id: InvitationLinkId,
    /// As what they join.
    pub kind: MemberKind,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// Until when.
    pub expires_at: DateTime<Utc>,
    /// How many can join; none: as many as there are seats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uses: Option<u32>,
    /// How many have joined.
    pub used: u32,
}

/// How many seats are taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seats {
    /// By full members, administrators and the owner included.
    pub full: u32,
    /// By readers.
    pub readers: u32,
}

impl Organisation {
    /// As its first event makes it.
    pub(super) fn created(
        id: OrganisationId,
        recorded: &Recorded<Event>,
        name: &Text,
        language: Language,
        plan: Plan,
    ) -> Self {
        Self {
            id,
            version: recorded.version,
            name: name.as_str().to_owned(),
            language,
            plan,
            policy: PolicyRules::default(),
            seats_used: Seats::default(),
            created_at: recorded.at,
            deactivated_at: None,
            domains: BTreeSet::new(),
            services: ServiceKind::BUILT_IN
                .into_iter()
                .filter_map(|key| ServiceKind::parse(key).ok())
                .collect(),
            owner: None,
            invitation_links: Vec::new(),
        }
    }

    /// Takes up one of its events; `kind_before` is what the member that it is about was until now.
    pub(super) fn fold(
        &mut self,
        recorded: &Recorded<Event>,
        event: &organisation::Event,
        kind_before: Option<MemberKind>,
    ) {
        use organisation::Event;
        self.version = recorded.version;
        match event {
            Event::Renamed { name } => name.as_str().clone_into(&mut self.name),
            Event::LanguageSet { language } => self.language = *language,
            Event::PlanSet { plan } => self.plan = *plan,
            Event::PolicySet { rule } => self.policy.set(*rule),
            Event::Deactivated => self.deactivated_at = Some(recorded.at),
            Event::Reactivated => self.deactivated_at = None,
            Event::DomainRegistered { domain } => {
                self.domains.insert(domain.clone());
            }
            Event::DomainRemoved { domain } => {
                self.domains.remove(domain);
            }
            Event::ServiceEnabled { service } => {
                self.services.insert(service.clone());
            }
            Event::ServiceDisabled { service } => {
                self.services.remove(service);
            }
            Event::MemberJoined { kind, .. } | Event::MemberKindSet { kind, .. } => {
                self.seats_used.free(kind_before);
                *self.seats_used.of(*kind) += 1;
            }
            Event::MemberRemoved { account } => {
                self.seats_used.free(kind_before);
                self.owner = self.owner.filter(|owner| owner != account);
            }
            Event::OwnerSet { account } => self.owner = Some(*account),
            Event::InvitationLinkCreated { link, kind, expires_at, uses } => {
                self.invitation_links.push(InvitationLink {
                    id: *link,
                    kind: *kind,
                    created_at: recorded.at,
                    expires_at: *expires_at,
                    uses: *uses,
                    used: 0,
                });
            }
            Event::InvitationLinkRevoked { link } => {
                self.invitation_links.retain(|known| known.id != *link);
            }
            Event::InvitationAccepted { link, .. } => {
                for known in self.invitation_links.iter_mut().filter(|known| known.id == *link) {
                    known.used += 1;
                }
            }
            Event::Created { .. }
            | Event::MailTemplateSet { .. }
            | Event::SystemMessageSent { .. }
            | Event::AdministratorGranted { .. }
            | Event::AdministratorRevoked { .. }
            | Event::MemberDeactivated { .. }
            | Event::MemberReactivated { .. } => {}
        }
    }
}

impl Seats {
    const fn of(&mut self, kind: MemberKind) -> &mut u32 {
        match kind {
            MemberKind::Full => &mut self.full,
            MemberKind::Reader => &mut self.readers,
        }
    }

    fn free(&mut self, kind: Option<MemberKind>) {
        if let Some(kind) = kind {
            let taken = self.of(kind);
            *taken = taken.saturating_sub(1);
        }
    }
}
