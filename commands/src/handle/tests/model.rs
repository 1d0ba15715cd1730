//! The rules once more, written as naively as can be, to hold the write side against: one big table
//! of everything, changed in place, without streams, versions, caches or claims.

mod tables;

use std::collections::{BTreeMap, BTreeSet};

use events::{
    AccountId, OrganisationId, ServiceKeyId, SessionId,
    value::{EmailAddress, Language, MemberKind, Plan, ProfileEntry, ProfileField, Text},
};
use uuid::Uuid;

use crate::Command;

/// Whether anything changes, or the code of the refusal.
pub(super) type Verdict = Result<bool, &'static str>;

#[derive(Default)]
pub(super) struct Model {
    first: Option<AccountId>,
    operators: BTreeSet<AccountId>,
    services: BTreeSet<String>,
    organisations: BTreeMap<OrganisationId, Organisation>,
    accounts: BTreeMap<AccountId, Account>,
    usernames: BTreeSet<String>,
    sessions: BTreeMap<SessionId, (AccountId, bool)>,
    keys: BTreeMap<ServiceKeyId, (OrganisationId, bool)>,
}

struct Organisation {
    active: bool,
    name: Text,
    language: Language,
    plan: Plan,
    policy: events::value::PolicyRules,
    owner: Option<AccountId>,
    domains: BTreeSet<String>,
    services: BTreeSet<String>,
    members: BTreeMap<AccountId, Member>,
}

#[derive(Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "as naive as can be")]
struct Member {
    full: bool,
    administrator: bool,
    active: bool,
    services: BTreeSet<String>,
    administers: BTreeSet<String>,
    aliases: BTreeSet<String>,
    delegates: BTreeSet<AccountId>,
    hidden: bool,
    shared: bool,
    bcc: Option<EmailAddress>,
}

struct Account {
    deleted: bool,
    memberships: Vec<OrganisationId>,
    chosen: Option<OrganisationId>,
    credential: Option<events::CredentialId>,
    failures: u32,
    locked: bool,
    fields: BTreeMap<ProfileField, ProfileEntry>,
}

impl Model {
    /// Does what is asked; `made` is the identity of what comes to be.
    pub(super) fn apply(&mut self, command: Command, made: Uuid) -> Verdict {
        use Command as C;
        match command {
            C::OperatorSetup { username, profile, credential } => {
                if self.first.is_some() {
                    return Err("ALREADY_SET_UP");
                }
                let account = made.into();
                self.new_account(account, username.as_str(), &profile, Some(credential))?;
                self.first = Some(account);
                Ok(self.operators.insert(account))
            }
            C::OperatorAppoint { account } => {
                self.account(account)?;
                Ok(self.operators.insert(account))
            }
            C::OperatorDismiss { account } if self.first == Some(account) => Err("FIRST_OPERATOR"),
            C::OperatorDismiss { account } => Ok(self.operators.remove(&account)),
            C::ServiceRegister { service, .. } => {
                let new = !service.is_built_in() && self.services.insert(service.as_str().into());
                if new { Ok(true) } else { Err("SERVICE_EXISTS") }
            }
            C::OrganisationCreate { name, language, plan } => {
                let services = events::value::ServiceKind::BUILT_IN.map(String::from).into();
                let (domains, members) = (BTreeSet::new(), BTreeMap::new());
                let active = true;
                let new = Organisation {
                    active,
                    name,
                    language,
                    plan,
                    policy: events::value::PolicyRules::default(),
                    owner: None,
                    domains,
                    services,
                    members,
                };
                Ok(self.organisations.insert(made.into(), new).is_none())
            }
            C::OrganisationRename { organisation, name } => {
                let organisation = self.active(organisation)?;
                Ok(std::mem::replace(&mut organisation.name, name.clone()) != name)
            }
            C::OrganisationLanguageSet { organisation, language } => {
                let organisation = self.active(organisation)?;
                Ok(std::mem::replace(&mut organisation.language, language) != language)
            }
            C::OrganisationPlanSet { organisation, plan } => {
                let organisation = self.active(organisation)?;
                if organisation.over(plan.full_seats, true)
                    || organisation.over(plan.reader_seats, false)
                {
                    return Err("PLAN_BELOW_USE");
                }
                Ok(std::mem::replace(&mut organisation.plan, plan) != plan)
            }
            C::PolicySet { organisation, rules } => {
                let policy = &mut self.active(organisation)?.policy;
                let before = *policy;
                for rule in rules {
                    policy.set(rule);
                }
                Ok(before != *policy)
            }
            C::OrganisationDeactivate { organisation } => {
                let organisation =
                    self.organisations.get_mut(&organisation).ok_or("ORGANISATION_NOT_FOUND")?;
                Ok(std::mem::replace(&mut organisation.active, false))
            }
            C::OrganisationReactivate { organisation } => {
                let organisation =
                    self.organisations.get_mut(&organisation).ok_or("ORGANISATION_NOT_FOUND")?;
                Ok(!std::mem::replace(&mut organisation.active, true))
            }
            C::OwnerSet { organisation, account } => {
                let organisation = self.active(organisation)?;
                let member = organisation.members.get_mut(&account).ok_or("MEMBER_NOT_FOUND")?;
                if organisation.owner == Some(account) {
                    return Ok(false);
                }
                if !member.full {
                    return Err("READER_CANT_MANAGE");
                }
                if !member.active {
                    return Err("MEMBER_DEACTIVATED");
                }
                member.administrator = true;
                organisation.owner = Some(account);
                Ok(true)
            }
            C::DomainRegister { organisation, domain } => {
                let elsewhere = self.organisations.iter().any(|(id, other)| {
                    *id != organisation && other.domains.contains(domain.as_str())
                });
                let organisation = self.active(organisation)?;
                if elsewhere {
                    Err("DOMAIN_TAKEN")
                } else {
                    Ok(organisation.domains.insert(domain.as_str().into()))
                }
            }
            C::DomainRemove { organisation, domain } => {
                Ok(self.active(organisation)?.domains.remove(domain.as_str()))
            }
            C::ServiceEnable { organisation, service } => {
                if !service.is_built_in() && !self.services.contains(service.as_str()) {
                    return Err("SERVICE_NOT_FOUND");
                }
                Ok(self.active(organisation)?.services.insert(service.as_str().into()))
            }
            C::ServiceDisable { organisation, service } => {
                if !service.is_built_in() && !self.services.contains(service.as_str()) {
                    return Err("SERVICE_NOT_FOUND");
                }
                Ok(self.active(organisation)?.services.remove(service.as_str()))
            }
            C::AccountCreate { organisation, username, profile, kind, credential } => {
                self.active(organisation)?.seat(kind)?;
                self.new_account(made.into(), username.as_str(), &profile, credential)?;
                Ok(self.join(organisation, made.into(), kind))
            }
            C::MemberAdd { organisation, account, kind } => {
                let house = self.active(organisation)?;
                match house.members.get(&account) {
                    Some(member) if member.full == (kind == MemberKind::Full) => return Ok(false),
                    Some(_) => return Err("ALREADY_MEMBER"),
                    None => house.seat(kind)?,
                }
                self.account(account)?;
                Ok(self.join(organisation, account, kind))
            }
            C::MemberKindSet { organisation, account, kind } => {
                let house = self.active(organisation)?;
                match (house.member(account)?.full, kind) {
                    (true, MemberKind::Reader) => return Err("FULL_TO_READER"),
                    (true, MemberKind::Full) | (false, MemberKind::Reader) => return Ok(false),
                    (false, MemberKind::Full) => house.seat(kind)?,
                }
                house.member(account)?.full = true;
                Ok(true)
            }
            C::AdministratorSet { organisation, account, on } => {
                let house = self.active(organisation)?;
                let member = house.member(account)?.clone();
                if member.administrator == on {
                    return Ok(false);
                }
                match on {
                    true if !member.full => return Err("READER_CANT_MANAGE"),
                    true if !member.active => return Err("MEMBER_DEACTIVATED"),
                    true => {}
                    false => house.can_do_without(account)?,
                }
                house.member(account)?.administrator = on;
                Ok(true)
            }
            C::AccountDeactivate { organisation, account, .. } => {
                let house = self.active(organisation)?;
                if !house.member(account)?.active {
                    return Ok(false);
                }
                house.can_do_without(account)?;
                house.member(account)?.active = false;
                Ok(true)
            }
            C::AccountReactivate { organisation, account } => {
                let member = self.active(organisation)?.member(account)?;
                Ok(!std::mem::replace(&mut member.active, true))
            }
            C::AccountDelete { organisation, account } => {
                if self.first == Some(account) {
                    return Err("FIRST_OPERATOR");
                }
                if self.operators.contains(&account) {
                    return Err("OPERATOR_STAYS");
                }
                let house = self.active(organisation)?;
                house.member(account)?;
                house.can_do_without(account)?;
                house.members.remove(&account);
                let account = self.account(account)?;
                account.memberships.retain(|membership| *membership != organisation);
                account.chosen = account.chosen.filter(|chosen| *chosen != organisation);
                account.deleted = account.memberships.is_empty();
                Ok(true)
            }
            C::DefaultOrganisationSet { account, organisation } => {
                let account = self.account(account)?;
                if !account.memberships.contains(&organisation) {
                    return Err("MEMBER_NOT_FOUND");
                }
                let before = account.chosen.or(account.memberships.first().copied());
                if before == Some(organisation) {
                    return Ok(false);
                }
                account.chosen = Some(organisation);
                Ok(true)
            }
            C::ProfileUpdate { account, changes, .. } => self.update(account, changes),
            C::PasswordSet { account, credential, .. } => {
                let account = self.account(account)?;
                account.credential = Some(credential);
                (account.locked, account.failures) = (false, 0);
                Ok(true)
            }
            // Links of invitations have tests of their own.
            C::InvitationLinkCreate { .. }
            | C::InvitationLinkRevoke { .. }
            | C::InvitationAccept { .. } => Err("INVITATION_ENDED"),
            // What activates an account concerns nothing else, and its rules' own tests tell all there is.
            C::ActivationSend { .. }
            | C::ActivationFail { .. }
            | C::Activate { .. }
            | C::LetterDownload { .. }
            | C::LetterRemove { .. } => Err("ACTIVATION_ENDED"),
            C::AccountUnlock { account } => {
                let account = self.account(account)?;
                account.failures = if account.locked { 0 } else { account.failures };
                Ok(std::mem::take(&mut account.locked))
            }
            C::SignInFail { account, threshold, .. } => {
                let account = self.account(account)?;
                if account.locked || account.credential.is_none() {
                    return Ok(false);
                }
                account.failures += 1;
                account.locked = account.failures >= threshold;
                Ok(true)
            }
            C::SignIn { session, account, .. } => {
                let id = account;
                let account = self.account(account)?;
                if account.credential.is_none() {
                    return Err("ACCOUNT_PENDING");
                }
                if account.locked {
                    return Err("ACCOUNT_LOCKED");
                }
                account.failures = 0;
                Ok(self.sessions.insert(session, (id, true)).is_none())
            }
            // The script draws none of these.
            C::SignInAsk { .. }
            | C::SecondFactorFail { .. }
            | C::StepUp { .. }
            | C::FactorConfirm { .. }
            | C::FactorEnrol { .. }
            | C::FactorCodeSend { .. }
            | C::FactorSuspect { .. }
            | C::FactorRemove { .. }
            | C::RecoveryCodesMake { .. }
            | C::SignInHoursSet { .. }
            | C::Impersonate { .. } => Err("NOT_DRAWN"),
            C::SessionEnd { session, account, .. } => match self.sessions.get_mut(&session) {
                Some((owner, open)) if *owner == account => Ok(std::mem::take(open)),
                _ => Err("SESSION_NOT_FOUND"),
            },
            C::ServiceKeyCreate { key, organisation, scopes, .. } => {
                self.active(organisation)?;
                if scopes.is_empty() {
                    return Err("SCOPES_REQUIRED");
                }
                Ok(self.keys.insert(key, (organisation, true)).is_none())
            }
            C::ServiceKeyRevoke { organisation, key } => match self.keys.get_mut(&key) {
                Some((reached, works)) if *reached == organisation => Ok(std::mem::take(works)),
                _ => Err("SERVICE_KEY_NOT_FOUND"),
            },
            // Mails concern nothing else, and their aggregate's own tests tell all there is.
            C::MailTemplateSet { .. }
            | C::MailSettingsSet { .. }
            | C::MailSettingsRestore
            | C::MailSettingsTest { .. }
            | C::PasswordResetRequest { .. }
            | C::PasswordResetFail { .. }
            | C::PasswordReset { .. }
            | C::EmailChange { .. }
            | C::EmailConfirm { .. }
            | C::SystemMessageSend { .. }
            | C::MailOrder { .. }
            | C::MailSend { .. }
            | C::MailFail { .. }
            | C::MailGiveUp { .. }
            | C::MailRetry { .. } => Err("MAIL_NOT_FOUND"),
            C::ServiceAccessSet { organisation, account, service, on } => {
                let member = self.offered(organisation, account, &service, on)?;
                let service = service.as_str().to_owned();
                if !on {
                    member.administers.remove(&service);
                }
                Ok(if on {
                    member.services.insert(service)
                } else {
                    member.services.remove(&service)
                })
            }
            C::ServiceAdministratorSet { organisation, account, service, on } => {
                if on && !self.active(organisation)?.member(account)?.full {
                    return Err("READER_CANT_MANAGE");
                }
                let member = self.offered(organisation, account, &service, on)?;
                let service = service.as_str().to_owned();
                if on {
                    member.services.insert(service.clone());
                }
                Ok(if on {
                    member.administers.insert(service)
                } else {
                    member.administers.remove(&service)
                })
            }
            C::AliasAdd { organisation, account, address } => {
                let taken = self.is_taken(&address);
                let house = self.active(organisation)?;
                let registered = house.domains.contains(address.domain().as_str());
                let member = house.member(account)?;
                if !registered {
                    return Err("DOMAIN_NOT_REGISTERED");
                }
                if member.aliases.contains(&address.key()) {
                    return Ok(false);
                }
                if taken { Err("ALIAS_TAKEN") } else { Ok(member.aliases.insert(address.key())) }
            }
            C::AliasRemove { organisation, account, address } => {
                Ok(self.active(organisation)?.member(account)?.aliases.remove(&address.key()))
            }
            C::SendOnBehalfSet { organisation, account, delegate, on } => {
                let house = self.active(organisation)?;
                house.member(account)?;
                if account == delegate {
                    return Err("DELEGATE_IS_ONESELF");
                }
                if on && !house.members.get(&delegate).is_some_and(|member| member.active) {
                    return Err("DELEGATE_NOT_FOUND");
                }
                let delegates = &mut house.member(account)?.delegates;
                Ok(if on { delegates.insert(delegate) } else { delegates.remove(&delegate) })
            }
            C::MailboxHiddenSet { organisation, account, hidden } => {
                let member = self.active(organisation)?.member(account)?;
                Ok(std::mem::replace(&mut member.hidden, hidden) != hidden)
            }
            C::MailboxSharedSet { organisation, account, shared } => {
                let member = self.active(organisation)?.member(account)?;
                Ok(std::mem::replace(&mut member.shared, shared) != shared)
            }
            C::AlwaysBccSet { organisation, account, address } => {
                let member = self.active(organisation)?.member(account)?;
                Ok(std::mem::replace(&mut member.bcc, address.clone()) != address)
            }
        }
    }
}
