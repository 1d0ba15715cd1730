//! Who the asker is, worked out from the write side's state (D9).

use chrono::{DateTime, Utc};

use events::{
    AccountId, Actor, OrganisationId, Stream,
    value::{Scope, ServiceKind},
};

use super::{Role, Standing};
use crate::{Request, organisation::Role as MemberRole, scene::Scene};

/// What the asker wants to act on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Target {
    /// In which organisation; none: in the installation.
    pub(crate) organisation: Option<OrganisationId>,
    /// On which account.
    pub(crate) account: Option<AccountId>,
    /// In which service.
    pub(crate) service: Option<ServiceKind>,
    /// Managing the organisation is a reason only where the account is a member of it.
    pub(crate) must_be_member: bool,
}

/// The streams that tell the standing of a request's asker.
pub(crate) fn streams(request: &Request, target: &Target) -> Vec<Stream> {
    let mut streams = Vec::with_capacity(5);
    streams.extend(target.organisation.map(Stream::Organisation));
    match request.actor {
        Actor::Console | Actor::System | Actor::Anonymous => {}
        Actor::ServiceKey { key } => streams.push(Stream::ServiceKey(key)),
        Actor::Account { account, .. } => {
            streams.extend([Stream::Installation, Stream::Account(account)]);
        }
    }
    if let Some(account) = request.account() {
        streams.extend([Stream::Installation, Stream::Account(account)]);
        if let (Some(organisation), Some(_)) = (target.organisation, &target.service) {
            streams.push(Stream::Membership(organisation, account));
        }
    }
    streams
}

/// The asker's standing.
pub(crate) fn of(
    scene: &impl Scene,
    request: &Request,
    target: &Target,
    now: DateTime<Utc>,
) -> Standing {
    match (request.actor, request.account()) {
        (Actor::Account { account, .. }, _) if !is_barred(scene, account) => {}
        (Actor::Account { .. }, _) => return Standing::NONE.with(Role::Anonymous),
        (Actor::ServiceKey { key }, None) => {
            return match (scene.service_key(key).reach(now), target.organisation) {
                (Some(reach), Some(organisation)) if reach.organisation == organisation => {
                    key_standing(scene, &reach.scopes, organisation, target)
                }
                (Some(_), _) => Standing::NONE,
                (None, _) => Standing::NONE.with(Role::Anonymous),
            };
        }
        (Actor::Console, None) => return Standing::NONE.with(Role::Console),
        (Actor::System, None) => return Standing::NONE.with(Role::System),
        // Nobody but a person acts for a person.
        (Actor::Anonymous, _)
        | (Actor::Console | Actor::System | Actor::ServiceKey { .. }, Some(_)) => {
            return Standing::NONE.with(Role::Anonymous);
        }
    }
    match request.account() {
        Some(account) if !is_barred(scene, account) => {
            account_standing(scene, account, request, target)
        }
        Some(_) | None => Standing::NONE.with(Role::Anonymous),
    }
}

fn account_standing(
    scene: &impl Scene,
    account: AccountId,
    request: &Request,
    target: &Target,
) -> Standing {
    let standing = Standing::NONE
        .with_if(scene.installation().is_operator(account), Role::Operator)
        .with_if(target.account == Some(account), Role::Oneself);
    // The organisation comes from the session, never from an argument alone.
    let Some(organisation) =
        target.organisation.filter(|_| target.organisation == request.organisation)
    else {
        return standing;
    };
    let Ok(house) = scene.organisation(organisation).in_use() else { return standing };
    let Some(member) = house.member(account).filter(|member| member.active) else {
        return standing;
    };
    if !concerns(scene, organisation, target) {
        return standing;
    }
    let is_reader = member.role == MemberRole::Reader;
    let in_service = target.service.as_ref().is_some_and(|service| {
        // A reader manages nothing, whatever stands in the membership.
        !is_reader
            && house.has_service(service)
            && scene.membership(organisation, account).is_some_and(|own| own.administers(service))
    });
    standing
        .with(if is_reader { Role::Reader } else { Role::Member })
        .with_if(member.administers(), Role::Administrator)
        .with_if(house.is_owner(account), Role::Owner)
        .with_if(in_service, Role::ServiceAdministrator)
}

fn key_standing(
    scene: &impl Scene,
    scopes: &std::collections::BTreeSet<Scope>,
    organisation: OrganisationId,
    target: &Target,
) -> Standing {
    let Ok(house) = scene.organisation(organisation).in_use() else { return Standing::NONE };
    if !concerns(scene, organisation, target) {
        return Standing::NONE;
    }
    // A program changes accounts, short of those that manage the organisation.
    let manages = target
        .account
        .and_then(|account| house.member(account))
        .is_some_and(|member| member.role == MemberRole::Administrator);
    Standing::NONE
        .with_if(scopes.contains(&Scope::AccountsRead), Role::AccountsReadKey)
        .with_if(scopes.contains(&Scope::AccountsWrite) && !manages, Role::AccountsWriteKey)
        .with_if(scopes.contains(&Scope::HistoryRead), Role::HistoryReadKey)
}

/// Whether the target is the organisation's affair at all.
fn concerns(scene: &impl Scene, organisation: OrganisationId, target: &Target) -> bool {
    let is_member = |account| {
        scene
            .organisation(organisation)
            .house()
            .is_some_and(|house| house.member(account).is_some())
    };
    !target.must_be_member || target.account.is_none_or(is_member)
}

/// Locked and deleted accounts have no standing.
fn is_barred(scene: &impl Scene, account: AccountId) -> bool {
    scene.account(account).present().map_or(true, crate::account::Person::is_locked)
}
