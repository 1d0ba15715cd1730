//! What must be so in other aggregates than those that decide.

use chrono::{DateTime, Utc};
use events::{
    AccountId, OrganisationId, SessionId, Stream,
    value::{Domain, ServiceKind},
};

use crate::{
    Refusal, Standing,
    access::{Assurance, Role as Asker},
    organisation::{Member, Role},
    scene::Scene,
};

/// Something that must be so, in streams that the command doesn't write.
#[derive(Clone, Debug)]
pub(crate) enum Condition {
    /// The account exists.
    Exists(AccountId),
    /// There is such a service.
    Known(ServiceKind),
    /// The organisation exists and is active.
    InUse(OrganisationId),
    /// The account is a member, deactivated or not, of an active organisation.
    Member(OrganisationId, AccountId),
    /// The organisation has the service on, and the member may have it.
    Offered(OrganisationId, AccountId, ServiceKind),
    /// The account is a member that may manage something: no reader.
    MayManage(OrganisationId, AccountId),
    /// Mail for the domain is the organisation's.
    Registered(OrganisationId, Domain),
    /// The account is an active member.
    Delegate(OrganisationId, AccountId),
    /// The account doesn't run the installation.
    NotAnOperator(AccountId),
    /// The asker isn't the account itself: one's own addresses are changed by confirming them.
    NotOneself,
    /// The asker may change what leads into the account: it is their own, or it belongs to no place where
    /// the asker manages nothing.
    MayChangeSignIn(AccountId),
    /// An operator may act for the account: it exists, and doesn't run the installation.
    MayBeActedFor(AccountId),
    /// The session has shown whose it is, not long ago.
    Assured {
        /// Which session.
        session: SessionId,
        /// Whose.
        account: AccountId,
        /// In which way.
        assurance: Assurance,
        /// Now.
        now: DateTime<Utc>,
    },
}

impl Condition {
    /// The streams that tell whether it is so.
    pub(crate) fn streams(&self) -> Vec<Stream> {
        match self {
            Self::Exists(account) => vec![Stream::Account(*account)],
            Self::Known(_) | Self::NotAnOperator(_) => vec![Stream::Installation],
            Self::InUse(organisation)
            | Self::Member(organisation, _)
            | Self::Offered(organisation, ..)
            | Self::MayManage(organisation, _)
            | Self::Registered(organisation, _)
            | Self::Delegate(organisation, _) => vec![Stream::Organisation(*organisation)],
            Self::MayChangeSignIn(account) | Self::MayBeActedFor(account) => {
                vec![Stream::Installation, Stream::Account(*account)]
            }
            Self::NotOneself => vec![],
            Self::Assured { session, account, assurance, .. } => match assurance {
                Assurance::Token => vec![],
                Assurance::Fresh | Assurance::Anew => vec![Stream::Session(*session)],
                Assurance::AnewWithFactors => {
                    vec![Stream::Session(*session), Stream::Factors(*account)]
                }
            },
        }
    }

    /// Refuses unless it is so.
    pub(crate) fn check(&self, scene: &impl Scene, standing: Standing) -> Result<(), Refusal> {
        match self {
            Self::Exists(account) => scene.account(*account).present().map(drop),
            Self::Known(service) => {
                must(scene.installation().knows(service), Refusal::ServiceNotFound)
            }
            Self::InUse(organisation) => scene.organisation(*organisation).in_use().map(drop),
            Self::Member(organisation, account) => member(scene, *organisation, *account).map(drop),
            Self::Offered(organisation, account, service) => {
                let for_readers = member(scene, *organisation, *account)?.role.may_have(service);
                let house = scene.organisation(*organisation).in_use()?;
                must(house.has_service(service), Refusal::ServiceDisabled)?;
                must(for_readers, Refusal::ServiceNotForReaders)
            }
            Self::MayManage(organisation, account) => {
                let is_reader = member(scene, *organisation, *account)?.role == Role::Reader;
                must(!is_reader, Refusal::ReaderCantManage)
            }
            Self::Registered(organisation, domain) => {
                let registered = scene.organisation(*organisation).in_use()?.has_domain(domain);
                must(
                    registered,
                    Refusal::DomainNotRegistered { domain: domain.as_str().to_owned() },
                )
            }
            Self::Delegate(organisation, account) => {
                let delegate = scene.organisation(*organisation).in_use()?.member(*account);
                must(delegate.is_some_and(|member| member.active), Refusal::DelegateNotFound)
            }
            Self::NotAnOperator(account) => {
                let installation = scene.installation();
                must(!installation.is_first_operator(*account), Refusal::FirstOperator)?;
                must(!installation.is_operator(*account), Refusal::OperatorStays)
            }
            Self::NotOneself => must(!standing.has(Asker::Oneself), Refusal::ConfirmationNeeded),
            Self::MayChangeSignIn(account) => may_change_sign_in(scene, standing, *account),
            Self::MayBeActedFor(account) => {
                scene.account(*account).present()?;
                let is_operator = scene.installation().is_operator(*account);
                must(!is_operator, Refusal::OperatorNotActedFor)
            }
            Self::Assured { session, account, assurance, now } => {
                let session = scene.session(*session);
                let has_factors = || scene.factors(*account).is_some_and(|all| !all.is_empty());
                let until = match assurance {
                    Assurance::Token => return Ok(()),
                    Assurance::AnewWithFactors if !has_factors() => return Ok(()),
                    Assurance::Fresh => session.fresh_until(),
                    Assurance::Anew | Assurance::AnewWithFactors => session.proven_until(),
                };
                must(until.is_some_and(|until| *now < until), Refusal::StepUpRequired)
            }
        }
    }
}

/// An administrator who could set the password of somebody who also works elsewhere, runs the
/// installation or owns the organisation would gain what that person may do there.
fn may_change_sign_in(
    scene: &impl Scene,
    standing: Standing,
    account: AccountId,
) -> Result<(), Refusal> {
    let trusted = [Asker::Oneself, Asker::Operator, Asker::Console, Asker::System];
    if trusted.into_iter().any(|role| standing.has(role)) {
        return Ok(());
    }
    let person = scene.account(account).present()?;
    // A program gets no password by way of an address either. Before there is one, it may say where the person is.
    let is_program = standing.has(Asker::AccountsWriteKey);
    must(!is_program || person.sign_in().credential().is_none(), Refusal::Forbidden)?;
    let [organisation] = person.memberships() else {
        return Err(Refusal::BelongsElsewhere);
    };
    must(!scene.installation().is_operator(account), Refusal::BelongsElsewhere)?;
    let house = scene.organisation(*organisation).in_use()?;
    must(!house.is_owner(account) || standing.has(Asker::Owner), Refusal::OwnerStays)
}

fn member(
    scene: &impl Scene,
    organisation: OrganisationId,
    account: AccountId,
) -> Result<Member, Refusal> {
    scene.organisation(organisation).in_use()?.member(account).ok_or(Refusal::MemberNotFound)
}

fn must(so: bool, otherwise: Refusal) -> Result<(), Refusal> {
    if so { Ok(()) } else { Err(otherwise) }
}
