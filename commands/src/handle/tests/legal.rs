//! Which events can happen where they stand: read in the order of the log, each must change
//! something, and none may break a rule.

use std::collections::{BTreeMap, BTreeSet};

use events::{
    AccountId, Event, OrganisationId, Stream, account, installation, membership, organisation,
    service_key, session,
    value::{MemberKind, Plan},
};

#[derive(Default)]
pub(super) struct Ledger {
    organisations: BTreeMap<OrganisationId, Organisation>,
    accounts: BTreeMap<AccountId, Account>,
    settings: BTreeSet<(OrganisationId, AccountId, String)>,
    operators: BTreeSet<AccountId>,
    ended: BTreeSet<Stream>,
}

struct Organisation {
    active: bool,
    plan: Plan,
    owner: Option<AccountId>,
    /// Full member, administrator, active.
    members: BTreeMap<AccountId, (bool, bool, bool)>,
}

#[derive(Default)]
struct Account {
    deleted: bool,
    memberships: BTreeSet<OrganisationId>,
    locked: bool,
}

type Legal = Result<(), &'static str>;

const fn must(so: bool, otherwise: &'static str) -> Legal {
    if so { Ok(()) } else { Err(otherwise) }
}

impl Ledger {
    /// Takes in the next event of the log.
    pub(super) fn take_in(&mut self, stream: Stream, event: &Event) -> Legal {
        match (stream, event) {
            (_, Event::Installation(event)) => self.installation(event),
            (Stream::Organisation(id), Event::Organisation(event)) => self.organisation(id, event),
            (Stream::Account(id), Event::Account(event)) => self.account(id, event),
            (Stream::Membership(organisation, account), Event::Membership(event)) => {
                self.membership(organisation, account, event)
            }
            (
                stream,
                Event::Session(session::Event::Ended { .. })
                | Event::ServiceKey(service_key::Event::Revoked { .. }),
            ) => must(self.ended.insert(stream), "it had ended"),
            (_, Event::Session(_) | Event::ServiceKey(_) | Event::Mail(_) | Event::Factor(_)) => {
                Ok(())
            }
            _ => Err("an event of another kind of stream"),
        }
    }

    fn installation(&mut self, event: &installation::Event) -> Legal {
        use installation::Event as E;
        match event {
            E::Initialised { operator } => {
                must(self.operators.is_empty() && self.operators.insert(*operator), "it was set up")
            }
            E::OperatorAppointed { account } => {
                must(self.operators.insert(*account), "an operator already")
            }
            E::OperatorDismissed { account } => must(self.operators.remove(account), "no operator"),
            E::ServiceRegistered { .. }
            | E::MailSettingsSet { .. }
            | E::MailSettingsRestored
            | E::MailSettingsTested { .. }
            | E::SystemMessageSent { .. } => Ok(()),
        }
    }

    fn organisation(&mut self, id: OrganisationId, event: &organisation::Event) -> Legal {
        use organisation::Event as E;
        if let E::Created { plan, .. } = event {
            let new =
                Organisation { active: true, plan: *plan, owner: None, members: BTreeMap::new() };
            return must(self.organisations.insert(id, new).is_none(), "it exists");
        }
        let it = self.organisations.get_mut(&id).ok_or("no such organisation")?;
        must(it.active || matches!(event, E::Reactivated), "it is deactivated")?;
        match event {
            E::Created { .. }
            | E::Renamed { .. }
            | E::LanguageSet { .. }
            | E::PolicySet { .. }
            | E::MailTemplateSet { .. }
            | E::DomainRegistered { .. }
            | E::DomainRemoved { .. }
            | E::ServiceEnabled { .. }
            | E::ServiceDisabled { .. }
            | E::InvitationLinkCreated { .. }
            | E::InvitationLinkRevoked { .. }
            | E::SystemMessageSent { .. } => {}
            E::PlanSet { plan } => it.plan = *plan,
            E::Deactivated => it.active = false,
            E::Reactivated => {
                must(!it.active, "it was active")?;
                it.active = true;
            }
            E::MemberJoined { account, kind } => {
                let full = *kind == MemberKind::Full;
                must(
                    it.members.insert(*account, (full, false, true)).is_none(),
                    "a member already",
                )?;
            }
            E::MemberKindSet { account, .. } => {
                let member = it.member(*account)?;
                must(!std::mem::replace(&mut member.0, true), "a full member already")?;
            }
            E::AdministratorGranted { account } => {
                let member = it.member(*account)?;
                must(member.0 && member.2, "a reader, or deactivated")?;
                must(!std::mem::replace(&mut member.1, true), "an administrator already")?;
            }
            E::AdministratorRevoked { account } => {
                must(it.owner != Some(*account), "the owner")?;
                must(std::mem::take(&mut it.member(*account)?.1), "no administrator")?;
            }
            E::OwnerSet { account } => {
                must(it.member(*account)?.1, "an owner who is no administrator")?;
                must(it.owner.replace(*account) != Some(*account), "the owner already")?;
            }
            E::MemberDeactivated { account, .. } => {
                must(it.owner != Some(*account), "the owner")?;
                must(std::mem::take(&mut it.member(*account)?.2), "deactivated already")?;
            }
            E::MemberReactivated { account } => {
                must(!std::mem::replace(&mut it.member(*account)?.2, true), "active already")?;
            }
            E::InvitationAccepted { account, .. } => {
                must(it.members.contains_key(account), "joined by a link, but no member")?;
            }
            E::MemberRemoved { account } => {
                must(it.owner != Some(*account), "the owner")?;
                it.members.remove(account).ok_or("no member")?;
            }
        }
        let count = |full| it.members.values().filter(|member| member.0 == full).count();
        must(
            it.plan.full_seats.is_none_or(|seats| count(true) <= seats as usize),
            "too many full members",
        )?;
        must(
            it.plan.reader_seats.is_none_or(|seats| count(false) <= seats as usize),
            "too many readers",
        )?;
        let lost = matches!(
            event,
            E::AdministratorRevoked { .. } | E::MemberDeactivated { .. } | E::MemberRemoved { .. }
        );
        let administrators = it.members.values().filter(|member| member.1 && member.2).count();
        let had = it.owner.is_some();
        must(!lost || !had || administrators > 0, "the last administrator is gone")
    }

    fn account(&mut self, id: AccountId, event: &account::Event) -> Legal {
        use account::Event as E;
        if let E::Created { .. } = event {
            return must(self.accounts.insert(id, Account::default()).is_none(), "it exists");
        }
        let it = self.accounts.get_mut(&id).ok_or("no such account")?;
        must(!it.deleted, "it was deleted")?;
        match event {
            E::Created { .. }
            | E::ProfileChanged { .. }
            | E::SignInHoursSet { .. }
            | E::PasswordSet { .. }
            | E::PasswordResetRequested { .. }
            | E::PasswordResetFailed { .. }
            | E::PasswordResetVoided { .. }
            | E::EmailChangeRequested { .. }
            | E::EmailChangeWithdrawn => Ok(()),
            E::Joined { organisation } => {
                let member = self
                    .organisations
                    .get(organisation)
                    .is_some_and(|it| it.members.contains_key(&id));
                must(member && it.memberships.insert(*organisation), "joined, but no new member")
            }
            E::Left { organisation } => {
                let member = self
                    .organisations
                    .get(organisation)
                    .is_some_and(|it| it.members.contains_key(&id));
                must(!member && it.memberships.remove(organisation), "left, but still a member")
            }
            E::DefaultOrganisationSet { organisation } => {
                must(it.memberships.contains(organisation), "not a member there")
            }
            E::ActivationSent { .. }
            | E::ActivationCodeFailed { .. }
            | E::ActivationVoided { .. }
            | E::Activated { .. }
            | E::LetterDownloaded { .. }
            | E::LetterRemoved { .. }
            | E::SignInFailed
            | E::SecondFactorFailed
            | E::SignInFailuresCleared => must(!it.locked, "it is locked"),
            E::Locked => must(!std::mem::replace(&mut it.locked, true), "locked already"),
            E::Unlocked => must(std::mem::take(&mut it.locked), "not locked"),
            E::Deleted => {
                it.deleted = true;
                must(
                    it.memberships.is_empty() && !self.operators.contains(&id),
                    "it is still a member",
                )
            }
        }
    }

    fn membership(
        &mut self,
        organisation: OrganisationId,
        account: AccountId,
        event: &membership::Event,
    ) -> Legal {
        use membership::Event as E;
        let members = self.organisations.get(&organisation).map(|it| &it.members);
        let is_member = members.is_some_and(|members| members.contains_key(&account));
        let mut on = |what: String| self.settings.insert((organisation, account, what));
        match event {
            E::Ended => {
                must(!is_member, "ended, but still a member")?;
                self.settings.retain(|(o, a, _)| (*o, *a) != (organisation, account));
                return Ok(());
            }
            E::ServiceAccessGranted { service } => {
                must(on(format!("use {}", service.as_str())), "had it")
            }
            E::ServiceAdministratorGranted { service } => {
                must(on(format!("manage {}", service.as_str())), "managed it")
            }
            E::SendOnBehalfGranted { delegate } => {
                must(on(format!("for {delegate}")), "was allowed")
            }
            E::ServiceAccessRevoked { service } => {
                self.off(organisation, account, format!("use {}", service.as_str()))
            }
            E::ServiceAdministratorRevoked { service } => {
                self.off(organisation, account, format!("manage {}", service.as_str()))
            }
            E::SendOnBehalfRevoked { delegate } => {
                self.off(organisation, account, format!("for {delegate}"))
            }
            E::AliasAdded { .. } | E::AliasRemoved { .. } | E::AlwaysBccSet { .. } => Ok(()),
            E::MailboxHiddenSet { hidden: true } => must(on("hidden".into()), "was hidden"),
            E::MailboxHiddenSet { hidden: false } => {
                self.off(organisation, account, "hidden".into())
            }
            E::MailboxSharedSet { shared: true } => must(on("shared".into()), "was shared"),
            E::MailboxSharedSet { shared: false } => {
                self.off(organisation, account, "shared".into())
            }
        }?;
        must(is_member, "settings of somebody who is no member")
    }

    fn off(&mut self, organisation: OrganisationId, account: AccountId, what: String) -> Legal {
        must(self.settings.remove(&(organisation, account, what)), "was off")
    }
}

impl Organisation {
    fn member(&mut self, account: AccountId) -> Result<&mut (bool, bool, bool), &'static str> {
        self.members.get_mut(&account).ok_or("no member")
    }
}
