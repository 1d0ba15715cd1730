//! Organisations: the object, its queries and its mutations.

mod change;
mod policy;
mod service;

use async_graphql::{ComplexObject, Context, ID, Object, OneofObject, SimpleObject};
use chrono::{DateTime, Utc};
use events::{AccountId, OrganisationId, value::Domain};
use projections::{Visible, directory};

use self::policy::Policy;
pub(crate) use self::{
    change::OrganisationMutations,
    policy::{PolicyMutations, SignInHours, SignInHoursInput},
    service::{RegisteredService, Service, ServiceQueries},
};
use crate::{
    Answer,
    account::{self, Account},
    asking::{Asking, Sight},
    connection::{Connection, counts, page},
    enums::Language,
    ids::GlobalId,
    invitation::{self, InvitationLink},
    payload::Seen,
    problem::Problem,
    scalar::{Position, Version},
    service_key::{self, ServiceKey},
    session::{self, Session},
};

/// An organisation.
pub(crate) struct Organisation(pub(crate) directory::Organisation);

/// An organisation that the caller may see; an error where there is none.
pub(crate) async fn get(asking: &Asking<'_>, id: OrganisationId) -> Result<Organisation, Problem> {
    let visible = asking.visible(Sight::Directory).await?;
    let found = asking.directory().organisation(visible, id).await?;
    found.map(Organisation).ok_or(Problem::NotFound)
}

/// An organisation of the account that has just signed in.
pub(crate) async fn own(
    asking: &Asking<'_>,
    account: AccountId,
    id: OrganisationId,
) -> Result<Organisation, Problem> {
    let found = asking.directory().organisation(Visible::Account(account), id).await?;
    found.map(Organisation).ok_or(Problem::NotFound)
}

/// An organisation that something refers to; none where the caller may not see it.
pub(crate) async fn referred(
    ctx: &Context<'_>,
    id: Option<OrganisationId>,
) -> Answer<Organisation> {
    let id = id?;
    match Asking::of(ctx) {
        Ok(asking) => match get(&asking, id).await {
            Err(Problem::NotFound | Problem::Forbidden) => None,
            answer => Some(answer),
        },
        Err(problem) => Some(Err(problem)),
    }
}

/// An organisation in the payload of a mutation: read once the mutation is visible.
pub(crate) async fn shown(
    ctx: &Context<'_>,
    id: Option<OrganisationId>,
    seen: Seen,
) -> Answer<Organisation> {
    let id = id?;
    let ready = async { seen.ready(&Asking::of(ctx)?).await };
    match ready.await {
        Ok(()) => referred(ctx, Some(id)).await,
        Err(problem) => Some(Err(problem)),
    }
}

/// An organisation, whose members share its domains, services and seats.
#[Object]
impl Organisation {
    /// The global id.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::Organisation(self.0.id).into()
    }

    /// The links by which people can join that were not revoked, oldest first; null for those who don't manage it.
    async fn invitation_links(&self, ctx: &Context<'_>) -> Answer<Vec<InvitationLink>> {
        let read = async {
            let asking = Asking::of(ctx)?;
            invitation::of_organisation(&asking, &self.0).await
        };
        match read.await {
            Err(Problem::NotFound | Problem::Forbidden) => None,
            answer => Some(answer),
        }
    }

    /// The number of changes of the organisation and its members, for `expectedVersion`.
    async fn version(&self) -> Version {
        Version(self.0.version)
    }

    /// Its name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The language of mails and letters where a person has chosen none.
    async fn language(&self) -> Language {
        self.0.language.into()
    }

    /// Whether its members can sign in through it.
    async fn active(&self) -> bool {
        self.0.deactivated_at.is_none()
    }

    /// Since when none of its members can sign in through it.
    async fn deactivated_at(&self) -> Option<DateTime<Utc>> {
        self.0.deactivated_at
    }

    /// Since when it exists.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// Its seats, taken and free.
    async fn plan(&self) -> Plan {
        let (plan, used) = (self.0.plan, self.0.seats_used);
        Plan {
            full: Seats { limit: plan.full_seats, used: used.full },
            reader: Seats { limit: plan.reader_seats, used: used.readers },
        }
    }

    /// What holds about signing in: what it has set itself, and otherwise what the installation says.
    async fn policy(&self, ctx: &Context<'_>) -> Answer<Policy> {
        let installation = Asking::of(ctx).map(|asking| asking.api.gate.policy());
        Some(installation.map(|installation| Policy::new(installation, self.0.policy)))
    }

    /// The domains on which it receives mail.
    async fn domains(&self) -> Vec<&str> {
        self.0.domains.iter().map(Domain::as_str).collect()
    }

    /// The services that its members may be given.
    async fn services(&self) -> Vec<Service> {
        self.0.services.iter().cloned().map(Service::new).collect()
    }

    /// The one administrator who can hand it over, once there is one.
    async fn owner(&self, ctx: &Context<'_>) -> Answer<Account> {
        account::referred(ctx, self.0.owner).await
    }

    /// The keys of programs that reach it, newest first, revoked ones included. For administrators.
    async fn service_keys(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many at most, from the start; 20 where nobody says, 100 at most.")]
        first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many at most, from the end; 100 at most.")] last: Option<i32>,
        #[graphql(desc = "Only those before this cursor.")] before: Option<String>,
    ) -> Answer<Connection<ServiceKey>> {
        let read = async {
            let request = page(first, after, last, before)?;
            service_key::of_organisation(&Asking::of(ctx)?, ctx, self.0.id, &request).await
        };
        Some(read.await)
    }

    /// Who of its members is signed in now, newest first. For administrators.
    async fn sessions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many at most, from the start; 20 where nobody says, 100 at most.")]
        first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many at most, from the end; 100 at most.")] last: Option<i32>,
        #[graphql(desc = "Only those before this cursor.")] before: Option<String>,
    ) -> Answer<Connection<Session>> {
        Some(session::of_organisation(ctx, self.0.id, (first, after, last, before)).await)
    }
}

/// How many members an organisation may have, and has.
#[derive(Clone, Copy, Debug, SimpleObject)]
pub(crate) struct Plan {
    /// Seats of full members, administrators and the owner included.
    full: Seats,
    /// Seats of readers.
    reader: Seats,
}

/// Seats of one kind.
#[derive(Clone, Copy, Debug, SimpleObject)]
#[graphql(complex)]
pub(crate) struct Seats {
    /// How many there are; null: without limit.
    limit: Option<u32>,
    /// How many are taken.
    used: u32,
}

#[ComplexObject]
impl Seats {
    /// How many are free; null: without limit.
    async fn free(&self) -> Option<u32> {
        self.limit.map(|limit| limit.saturating_sub(self.used))
    }
}

/// How an organisation is named: by one of these.
#[derive(Debug, OneofObject)]
pub(crate) enum OrganisationBy {
    /// By its global id.
    Id(ID),
    /// By its whole name, compared without case and accents. Names need not be unique: of several the one that is
    /// spelled so, or else the oldest.
    Name(String),
}

/// Queries about organisations.
#[derive(Default)]
pub(crate) struct OrganisationQueries;

/// Queries about organisations.
#[Object]
impl OrganisationQueries {
    /// One organisation. One that isn't there and one that the caller may not see are both `NOT_FOUND`.
    async fn organisation(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Which organisation; where none is given: the one that the caller works in."
        )]
        by: Option<OrganisationBy>,
        #[graphql(desc = "Wait until this position of the log is visible.")] at_least: Option<
            Position,
        >,
    ) -> Answer<Organisation> {
        let read = async {
            let asking = Asking::at_least(ctx, at_least).await?;
            match by {
                None => get(&asking, asking.viewer.organisation.ok_or(Problem::NotFound)?).await,
                Some(OrganisationBy::Id(id)) => {
                    get(&asking, GlobalId::organisation(&id).ok_or(Problem::NotFound)?).await
                }
                Some(OrganisationBy::Name(name)) => {
                    let name = bounded(name.trim().to_owned())?;
                    let visible = asking.visible(Sight::Directory).await?;
                    let found = asking.directory().organisation_by_name(visible, &name).await?;
                    found.map(Organisation).ok_or(Problem::NotFound)
                }
            }
        };
        Some(read.await)
    }

    /// The organisations that the caller may see, by name.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a GraphQL field")]
    async fn organisations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those that have this in their name.")] name_contains: Option<String>,
        #[graphql(desc = "How many at most, from the start; 20 where nobody says, 100 at most.")]
        first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many at most, from the end; 100 at most.")] last: Option<i32>,
        #[graphql(desc = "Only those before this cursor.")] before: Option<String>,
        #[graphql(desc = "Wait until this position of the log is visible.")] at_least: Option<
            Position,
        >,
    ) -> Answer<Connection<Organisation>> {
        let read = async {
            let asking = Asking::at_least(ctx, at_least).await?;
            let request = page(first, after, last, before)?;
            let name = bounded(name_contains.unwrap_or_default())?;
            let visible = asking.visible(Sight::Directory).await?;
            let directory = asking.directory();
            let page = directory.organisations(visible, &name, &request).await?;
            let total = if counts(ctx) {
                Some(directory.count_organisations(visible, &name).await?)
            } else {
                None
            };
            Ok(Connection::new(page, total, Organisation))
        };
        Some(read.await)
    }
}

fn bounded(name: String) -> Result<String, Problem> {
    match name.len() {
        0..=500 => Ok(name),
        _ => Err(Problem::BadUserInput("A name has 500 bytes at most.".into())),
    }
}
