//! An organisation: its members with type and status, its administrators and owner, seats, domains and services.
//!
//! One version guards the last administrator and the last seat.

mod command;
pub mod links;
mod members;
mod rules;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use events::{
    AccountId,
    organisation::Event,
    value::{Domain, Language, MailKind, MailTemplate, Plan, PolicyRules, ServiceKind, Text},
};

use crate::{
    Refusal,
    aggregate::{Aggregate, Name, NameChange, unless},
};
pub use command::Command;
use links::Links;
pub use members::{Count, Member, Members, Role};

/// An organisation, as far as rules need it.
#[derive(Clone, Debug, Default)]
pub enum Organisation {
    /// There is none.
    #[default]
    Unknown,
    /// In use.
    Active(House),
    /// Barred until it is reactivated.
    Deactivated(House),
}

/// What an organisation consists of.
#[derive(Clone, Debug)]
pub struct House {
    name: Text,
    language: Language,
    plan: Plan,
    policy: Arc<PolicyRules>,
    /// What mails say where that is not what the built-in templates do.
    mail_templates: Arc<BTreeMap<(MailKind, Language), MailTemplate>>,
    owner: Option<AccountId>,
    members: Members,
    domains: Arc<BTreeSet<Domain>>,
    /// Services whose switch is not as it was in the beginning (built-in ones on, others off).
    switched: Arc<BTreeSet<ServiceKind>>,
    /// Links by which people join.
    links: Links,
}

impl Aggregate for Organisation {
    type Command = Command;
    type Event = Event;

    fn evolve(self, event: &Event) -> Self {
        match (self, event) {
            (_, Event::Created { name, language, plan }) => Self::Active(House {
                name: name.clone(),
                language: *language,
                plan: *plan,
                mail_templates: Arc::default(),
                policy: Arc::default(),
                owner: None,
                members: Members::default(),
                domains: Arc::default(),
                switched: Arc::default(),
                links: Links::default(),
            }),
            (Self::Active(house), Event::Deactivated) => Self::Deactivated(house),
            (Self::Deactivated(house), Event::Reactivated) => Self::Active(house),
            (Self::Active(house), event) => Self::Active(house.evolve(event)),
            (Self::Deactivated(house), event) => Self::Deactivated(house.evolve(event)),
            (Self::Unknown, _) => Self::Unknown,
        }
    }

    fn decide(&self, command: Command) -> Result<Vec<Event>, Refusal> {
        match (self, command) {
            (Self::Unknown, Command::Create { name, language, plan }) => {
                Ok(vec![Event::Created { name, language, plan }])
            }
            (Self::Unknown, _) => Err(Refusal::OrganisationNotFound),
            (Self::Active(_), Command::Deactivate) => Ok(vec![Event::Deactivated]),
            (Self::Deactivated(_), Command::Reactivate) => Ok(vec![Event::Reactivated]),
            (Self::Active(_), Command::Reactivate)
            | (Self::Deactivated(_), Command::Deactivate) => {
                Ok(vec![]) // already so
            }
            (Self::Active(house), command) => house.decide(command),
            (Self::Deactivated(_), _) => Err(Refusal::OrganisationDeactivated),
        }
    }

    fn names(&self, event: &Event) -> Vec<NameChange> {
        match event {
            Event::DomainRegistered { domain } => {
                vec![NameChange::Take(Name::Domain(domain.clone()))]
            }
            Event::DomainRemoved { domain } => {
                vec![NameChange::Release(Name::Domain(domain.clone()))]
            }
            _ => vec![],
        }
    }
}

impl Organisation {
    /// The organisation while it is in use; otherwise why not.
    pub const fn in_use(&self) -> Result<&House, Refusal> {
        match self {
            Self::Unknown => Err(Refusal::OrganisationNotFound),
            Self::Active(house) => Ok(house),
            Self::Deactivated(_) => Err(Refusal::OrganisationDeactivated),
        }
    }

    /// The organisation, deactivated or not.
    pub const fn house(&self) -> Option<&House> {
        match self {
            Self::Unknown => None,
            Self::Active(house) | Self::Deactivated(house) => Some(house),
        }
    }

    /// Whether it is in use.
    pub const fn is_active(&self) -> bool {
        matches!(self, Self::Active(_))
    }
}

impl House {
    /// The language of mails where a person has chosen none.
    pub const fn language(&self) -> Language {
        self.language
    }

    /// Its name.
    pub const fn name(&self) -> &Text {
        &self.name
    }

    /// What it has set about signing in.
    pub fn policy(&self) -> &PolicyRules {
        &self.policy
    }

    /// What mails of a kind say here; none: what the built-in template does.
    pub fn mail_template(&self, kind: MailKind, language: Language) -> Option<&MailTemplate> {
        self.mail_templates.get(&(kind, language))
    }

    /// What an account is here, if it is a member.
    pub fn member(&self, account: AccountId) -> Option<Member> {
        self.members.get(account)
    }

    /// All members.
    pub const fn members(&self) -> &Members {
        &self.members
    }

    /// Whether the account owns the organisation.
    pub fn is_owner(&self, account: AccountId) -> bool {
        self.owner == Some(account)
    }

    /// Whether members may be given the service.
    pub fn has_service(&self, service: &ServiceKind) -> bool {
        service.is_built_in() != self.switched.contains(service)
    }

    /// Whether mail for the domain is the organisation's.
    pub fn has_domain(&self, domain: &Domain) -> bool {
        self.domains.contains(domain)
    }

    /// How many entries it has, beside its members.
    pub fn entries(&self) -> usize {
        /// Bytes of a template that weigh as much as another entry.
        const TEMPLATE: usize = 150;
        let templates: usize = self.mail_templates.values().map(MailTemplate::size).sum();
        self.domains.len() + self.switched.len() + self.links.len() + templates / TEMPLATE
    }

    fn evolve(mut self, event: &Event) -> Self {
        match event {
            Event::Renamed { name } => self.name = name.clone(),
            Event::LanguageSet { language } => self.language = *language,
            Event::PlanSet { plan } => self.plan = *plan,
            Event::MailTemplateSet { kind, language, template } => {
                let templates = Arc::make_mut(&mut self.mail_templates);
                match template {
                    Some(template) => drop(templates.insert((*kind, *language), template.clone())),
                    None => drop(templates.remove(&(*kind, *language))),
                }
            }
            Event::PolicySet { rule } => Arc::make_mut(&mut self.policy).set(*rule),
            Event::DomainRegistered { domain } => {
                Arc::make_mut(&mut self.domains).insert(domain.clone());
            }
            Event::DomainRemoved { domain } => {
                Arc::make_mut(&mut self.domains).remove(domain);
            }
            Event::ServiceEnabled { service } => self.switch(service, true),
            Event::ServiceDisabled { service } => self.switch(service, false),
            Event::MemberJoined { account, kind } => {
                self.members.set(*account, Member { role: Role::of(*kind), active: true });
            }
            Event::MemberKindSet { account, kind } => self.set_role(*account, Role::of(*kind)),
            Event::AdministratorGranted { account } => self.set_role(*account, Role::Administrator),
            Event::AdministratorRevoked { account } => self.set_role(*account, Role::Full),
            Event::OwnerSet { account } => {
                self.owner = Some(*account);
                self.set_role(*account, Role::Administrator);
            }
            Event::MemberDeactivated { account, .. } => self.set_active(*account, false),
            Event::MemberReactivated { account } => self.set_active(*account, true),
            Event::MemberRemoved { account } => self.members.remove(*account),
            Event::InvitationLinkCreated { link, kind, expires_at, uses } => {
                self.links.create(*link, *kind, *expires_at, *uses);
            }
            Event::InvitationLinkRevoked { link } => self.links.revoke(*link),
            Event::InvitationAccepted { link, .. } => self.links.accept(*link),
            Event::Created { .. }
            | Event::Deactivated
            | Event::Reactivated
            | Event::SystemMessageSent { .. } => {}
        }
        self
    }

    fn set_role(&mut self, account: AccountId, role: Role) {
        if let Some(member) = self.members.get(account) {
            self.members.set(account, Member { role, ..member });
        }
    }

    fn set_active(&mut self, account: AccountId, active: bool) {
        if let Some(member) = self.members.get(account) {
            self.members.set(account, Member { active, ..member });
        }
    }

    fn switch(&mut self, service: &ServiceKind, on: bool) {
        let switched = Arc::make_mut(&mut self.switched);
        if on == service.is_built_in() {
            switched.remove(service);
        } else {
            switched.insert(service.clone());
        }
    }
}
