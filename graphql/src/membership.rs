//! Memberships: what an account is in an organisation, its services and its mailbox.

mod change;
mod mailbox;

use async_graphql::{Context, ID, InputType, Object, SimpleObject};
use chrono::{DateTime, Utc};
use commands::Command;
use events::{AccountId, OrganisationId};
use projections::directory;

pub(crate) use self::{
    change::MembershipMutations,
    mailbox::{Mailbox, MailboxMutations},
};
use crate::{
    Answer,
    account::{self, Account},
    asking::Asking,
    enums::MemberType,
    ids::GlobalId,
    input::{Conditions, Fields, MemberInput},
    organisation::{self, Organisation, Service},
    payload::{Payload, Seen, Shown},
    problem::Problem,
    scalar::Version,
};

/// What an account is in an organisation.
pub(crate) struct Membership {
    pub(crate) account: AccountId,
    pub(crate) row: directory::Membership,
}

/// A membership that the caller may see; an error where there is none.
pub(crate) async fn get(
    asking: &Asking<'_>,
    organisation: OrganisationId,
    id: AccountId,
) -> Result<Membership, Problem> {
    let Account(account) = account::get(asking, id).await?;
    let row = account.membership(organisation).cloned().ok_or(Problem::NotFound)?;
    Ok(Membership { account: id, row })
}

/// What an account is in an organisation, with its services and its mailbox there.
#[Object]
impl Membership {
    /// The global id.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::Membership(self.row.organisation, self.account).into()
    }

    /// The number of changes of services and mailbox, for `expectedVersion`.
    async fn version(&self) -> Version {
        Version(self.row.version)
    }

    /// The account.
    async fn account(&self, ctx: &Context<'_>) -> Answer<Account> {
        account::referred(ctx, Some(self.account)).await
    }

    /// The organisation.
    async fn organisation(&self, ctx: &Context<'_>) -> Answer<Organisation> {
        organisation::referred(ctx, Some(self.row.organisation)).await
    }

    /// Reader, full member, administrator or owner.
    #[graphql(name = "type")]
    async fn member_type(&self) -> MemberType {
        self.row.member_type.into()
    }

    /// Whether the member manages the organisation, as administrator or owner.
    async fn administrator(&self) -> bool {
        self.row.member_type >= directory::MemberType::Administrator
    }

    /// Whether the member can sign in here.
    async fn active(&self) -> bool {
        self.row.deactivated_at.is_none()
    }

    /// Since when the account is a member.
    async fn joined_at(&self) -> DateTime<Utc> {
        self.row.joined_at
    }

    /// Since when the member can't sign in here.
    async fn deactivated_at(&self) -> Option<DateTime<Utc>> {
        self.row.deactivated_at
    }

    /// Why, in the administrator's words.
    async fn deactivation_reason(&self) -> Option<&str> {
        self.row.deactivation_reason.as_deref()
    }

    /// The services that are or were switched on for the member, by key.
    async fn services(&self) -> Vec<ServiceAccess> {
        let services = self.row.services.iter();
        services
            .map(|(service, state)| ServiceAccess {
                service: Service::new(service.clone()),
                access: state.access,
                administrator: state.administrator,
            })
            .collect()
    }

    /// The member's mailbox.
    async fn mailbox(&self) -> Mailbox {
        Mailbox(self.row.mailbox.clone())
    }
}

/// What a member may do with a service.
#[derive(SimpleObject)]
pub(crate) struct ServiceAccess {
    /// The service.
    service: Service,
    /// Whether it is switched on for the member. It can be used where the organisation has it on too.
    access: bool,
    /// Whether the member is an administrator inside it.
    administrator: bool,
}

/// The objects of a mutation that is about a member.
pub(crate) struct ChangedMember {
    pub(crate) organisation: Option<OrganisationId>,
    pub(crate) account: Option<AccountId>,
    pub(crate) seen: Seen,
}

impl ChangedMember {
    /// A member that was found in the input, if one was.
    pub(crate) fn new(member: Option<(OrganisationId, AccountId)>, seen: Seen) -> Self {
        let (organisation, account) = member.unzip();
        Self { organisation, account, seen }
    }
}

/// Has something done about a member, and shows the member. `read` reads the other fields of the input, and gives
/// what makes the command of them and the member; so all that is wrong with an input is told at once.
pub(crate) async fn change<'a, I: InputType, C>(
    ctx: &Context<'a>,
    member: &MemberInput,
    conditions: Conditions,
    read: impl FnOnce(&mut Fields<'a>) -> Option<C> + Send,
) -> Answer<Payload<I, ChangedMember>>
where
    C: FnOnce(OrganisationId, AccountId) -> Command + Send,
{
    let change = async {
        let mut fields = Fields::of(Asking::of(ctx)?, conditions)?;
        let member = fields.member(member).await?;
        let command = read(&mut fields);
        let command = member
            .zip(command)
            .map(|((organisation, account), command)| command(organisation, account));
        done(fields, member, command).await
    };
    Some(change.await)
}

/// Has a command about a member done, and shows the member.
pub(crate) async fn done<I: InputType>(
    fields: Fields<'_>,
    member: Option<(OrganisationId, AccountId)>,
    command: Option<Command>,
) -> Result<Payload<I, ChangedMember>, Problem> {
    let outcome = fields.handle(command).await?;
    let changed = ChangedMember::new(member, outcome.seen());
    Ok(outcome.with(changed))
}

impl Shown for ChangedMember {
    const WHAT: &'static str = "the member, as account, membership and organisation are now";
}

/// The objects of a mutation that is about a member.
#[Object]
impl ChangedMember {
    /// The account, as it is now; null where there is none that the caller may see.
    async fn account(&self, ctx: &Context<'_>) -> Answer<Account> {
        account::shown(ctx, self.account, self.seen).await
    }

    /// What the account is in the organisation now; null where it is no member any more.
    async fn membership(&self, ctx: &Context<'_>) -> Answer<Membership> {
        let organisation = self.organisation?;
        match account::shown(ctx, self.account, self.seen).await? {
            Ok(Account(account)) => {
                let row = account.membership(organisation).cloned()?;
                Some(Ok(Membership { account: account.id, row }))
            }
            Err(problem) => Some(Err(problem)),
        }
    }

    /// The organisation, as it is now; null where there is none that the caller may see.
    async fn organisation(&self, ctx: &Context<'_>) -> Answer<Organisation> {
        organisation::shown(ctx, self.organisation, self.seen).await
    }
}
