//! The rules of an organisation that is in use.

use events::{
    AccountId,
    organisation::Event,
    value::{MemberKind, Plan, PolicyRule},
};

use super::{Command, House, Member, Role, unless};
use crate::{Few, Refusal, system_message::Draft};

impl House {
    /// One row per rule: (what is so, what is asked) => what happens.
    pub(super) fn decide(&self, command: Command) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Rename { name } => Ok(unless(self.name == name, Event::Renamed { name })),
            Command::SetLanguage { language } => {
                Ok(unless(self.language == language, Event::LanguageSet { language }))
            }
            Command::SetPlan { plan } => self.set_plan(plan),
            Command::SetMailTemplate { kind, language, template } => {
                let already = self.mail_template(kind, language) == template.as_ref();
                Ok(unless(already, Event::MailTemplateSet { kind, language, template }))
            }
            Command::SetPolicy { rules } => Ok(self.set_policy(rules)),
            Command::SetOwner { account } => self.set_owner(account),
            Command::RegisterDomain { domain } => {
                if self.has_domain(&domain) {
                    return Ok(vec![]); // already so
                }
                Few::Domains.room(self.domains.len())?;
                Ok(vec![Event::DomainRegistered { domain }])
            }
            Command::RemoveDomain { domain } => {
                Ok(unless(!self.has_domain(&domain), Event::DomainRemoved { domain }))
            }
            Command::EnableService { service } => {
                Ok(unless(self.has_service(&service), Event::ServiceEnabled { service }))
            }
            Command::DisableService { service } => {
                Ok(unless(!self.has_service(&service), Event::ServiceDisabled { service }))
            }
            Command::Join { account, kind } => self.join(account, kind),
            Command::SetKind { account, kind } => self.set_kind(account, kind),
            Command::SetAdministrator { account, on, by } => {
                self.set_administrator(account, on, by)
            }
            Command::DeactivateMember { account, reason } => match self.known(account)? {
                Member { active: false, .. } => Ok(vec![]), // already so
                member => {
                    self.can_do_without(account, member)?;
                    Ok(vec![Event::MemberDeactivated { account, reason }])
                }
            },
            Command::ReactivateMember { account } => {
                Ok(unless(self.known(account)?.active, Event::MemberReactivated { account }))
            }
            Command::RemoveMember { account } => {
                self.can_do_without(account, self.known(account)?)?;
                Ok(vec![Event::MemberRemoved { account }])
            }
            Command::Link(command) => self.decide_link(command),
            Command::SendMessage(draft) => {
                let valid_until = draft.valid_until()?;
                let Draft { message, text, .. } = draft;
                Ok(vec![Event::SystemMessageSent { message, text, valid_until }])
            }
            // An organisation that is in use has been created, and is answered for above.
            Command::Create { .. } | Command::Deactivate | Command::Reactivate => Ok(vec![]),
        }
    }

    fn set_plan(&self, plan: Plan) -> Result<Vec<Event>, Refusal> {
        for kind in [MemberKind::Full, MemberKind::Reader] {
            let taken = self.members.count().of(kind);
            if seats(&plan, kind).is_some_and(|seats| seats < taken) {
                return Err(Refusal::PlanBelowUse { kind, taken });
            }
        }
        Ok(unless(self.plan == plan, Event::PlanSet { plan }))
    }

    /// Each rule that is named and not so already, once.
    fn set_policy(&self, rules: Vec<PolicyRule>) -> Vec<Event> {
        let mut policy = *self.policy();
        let new = rules.into_iter().filter(|rule| {
            let already = policy.has(*rule);
            policy.set(*rule);
            !already
        });
        new.map(|rule| Event::PolicySet { rule }).collect()
    }

    fn set_owner(&self, account: AccountId) -> Result<Vec<Event>, Refusal> {
        let owner = Event::OwnerSet { account };
        match self.known(account)? {
            _ if self.is_owner(account) => Ok(vec![]), // already so
            Member { role: Role::Reader, .. } => Err(Refusal::ReaderCantManage),
            Member { active: false, .. } => Err(Refusal::MemberDeactivated),
            Member { role: Role::Administrator, .. } => Ok(vec![owner]),
            Member { role: Role::Full, .. } => {
                Ok(vec![Event::AdministratorGranted { account }, owner])
            }
        }
    }

    pub(super) fn join(&self, account: AccountId, kind: MemberKind) -> Result<Vec<Event>, Refusal> {
        match self.member(account) {
            Some(member) if member.role.kind() == kind => Ok(vec![]), // already so
            Some(_) => Err(Refusal::AlreadyMember),
            None => {
                self.free_seat(kind)?;
                Ok(vec![Event::MemberJoined { account, kind }])
            }
        }
    }

    fn set_kind(&self, account: AccountId, kind: MemberKind) -> Result<Vec<Event>, Refusal> {
        match (self.known(account)?.role.kind(), kind) {
            (MemberKind::Full, MemberKind::Full) | (MemberKind::Reader, MemberKind::Reader) => {
                Ok(vec![]) // already so
            }
            (MemberKind::Full, MemberKind::Reader) => Err(Refusal::FullToReader),
            (MemberKind::Reader, MemberKind::Full) => {
                self.free_seat(kind)?;
                Ok(vec![Event::MemberKindSet { account, kind }])
            }
        }
    }

    fn set_administrator(
        &self,
        account: AccountId,
        on: bool,
        by: Option<AccountId>,
    ) -> Result<Vec<Event>, Refusal> {
        let member = self.known(account)?;
        match (member.role, on) {
            (Role::Administrator, true) | (Role::Full | Role::Reader, false) => Ok(vec![]), // already so
            _ if by == Some(account) => Err(Refusal::OwnSwitch),
            (Role::Reader, true) => Err(Refusal::ReaderCantManage),
            (Role::Full, true) if !member.active => Err(Refusal::MemberDeactivated),
            (Role::Full, true) => Ok(vec![Event::AdministratorGranted { account }]),
            (Role::Administrator, false) => {
                self.can_do_without(account, member)?;
                Ok(vec![Event::AdministratorRevoked { account }])
            }
        }
    }

    fn known(&self, account: AccountId) -> Result<Member, Refusal> {
        self.member(account).ok_or(Refusal::MemberNotFound)
    }

    /// The owner stays, and so does the last administrator (AC9).
    fn can_do_without(&self, account: AccountId, member: Member) -> Result<(), Refusal> {
        if self.is_owner(account) {
            Err(Refusal::OwnerStays)
        } else if member.administers() && self.members.count().administrators == 1 {
            Err(Refusal::LastAdministrator)
        } else {
            Ok(())
        }
    }

    fn free_seat(&self, kind: MemberKind) -> Result<(), Refusal> {
        match seats(&self.plan, kind) {
            Some(seats) if self.members.count().of(kind) >= seats => {
                Err(Refusal::NoFreeSeat { kind, seats })
            }
            Some(_) | None => Ok(()),
        }
    }
}

const fn seats(plan: &Plan, kind: MemberKind) -> Option<u32> {
    match kind {
        MemberKind::Full => plan.full_seats,
        MemberKind::Reader => plan.reader_seats,
    }
}
