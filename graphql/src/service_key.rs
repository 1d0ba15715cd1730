//! Service keys: how programs, such as dashboards, reach one organisation.

use std::collections::BTreeSet;

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use commands::Command;
use events::{Actor as By, OrganisationId, ServiceKeyId, value::Text};
use projections::{PageRequest, directory};
use secrecy::ExposeSecret;

use crate::{
    Answer,
    asking::{Asking, Sight},
    connection::{Connection, counts, page},
    enums::Scope,
    history::Actor,
    ids::GlobalId,
    input::{Conditions, Fields, Once},
    organisation::{self, Organisation},
    payload::{Outcome, Payload, Seen, Shown},
    problem::Problem,
    scalar::Position,
};

/// A program's way into an organisation.
pub(crate) struct ServiceKey(pub(crate) directory::ServiceKey);

/// A program's way into an organisation. Its token was shown once, when it was made.
#[Object]
impl ServiceKey {
    /// The global id.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::ServiceKey(self.0.id).into()
    }

    /// What it is for.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Which organisation it reaches.
    async fn organisation(&self, ctx: &Context<'_>) -> Answer<Organisation> {
        organisation::referred(ctx, Some(self.0.organisation)).await
    }

    /// What it may do.
    async fn scopes(&self) -> Vec<Scope> {
        self.0.scopes.iter().copied().map(Into::into).collect()
    }

    /// Since when it exists.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// Who made it.
    async fn created_by(&self) -> Actor {
        Actor::from(self.0.created_by)
    }

    /// Until when it works; null: until it is revoked.
    async fn expires_at(&self) -> Option<DateTime<Utc>> {
        self.0.expires_at
    }

    /// When it was revoked.
    async fn revoked_at(&self) -> Option<DateTime<Utc>> {
        self.0.revoked_at
    }
}

/// A service key that the caller may see; an error where there is none.
pub(crate) async fn get(asking: &Asking<'_>, id: ServiceKeyId) -> Result<ServiceKey, Problem> {
    let visible = asking.visible(Sight::Directory).await?;
    let found = asking.directory().service_key(visible, id).await?;
    found.map(ServiceKey).ok_or(Problem::NotFound)
}

/// A service key that something refers to; none where the caller may not see it.
pub(crate) async fn referred(ctx: &Context<'_>, id: Option<ServiceKeyId>) -> Answer<ServiceKey> {
    let id = id?;
    let read = async { get(&Asking::of(ctx)?, id).await };
    match read.await {
        Err(Problem::NotFound | Problem::Forbidden) => None,
        answer => Some(answer),
    }
}

/// The keys of an organisation.
pub(crate) async fn of_organisation(
    asking: &Asking<'_>,
    ctx: &Context<'_>,
    id: OrganisationId,
    request: &PageRequest,
) -> Result<Connection<ServiceKey>, Problem> {
    // A program sees its own key and those that stand in the history, but no list of the others.
    if matches!(asking.viewer.actor, By::ServiceKey { .. }) {
        return Err(Problem::Forbidden);
    }
    let visible = asking.visible(Sight::Directory).await?;
    let directory = asking.directory();
    let page = directory.service_keys(visible, id, request).await?;
    let total =
        if counts(ctx) { Some(directory.count_service_keys(visible, id).await?) } else { None };
    Ok(Connection::new(page, total, ServiceKey))
}

/// Queries about service keys.
#[derive(Default)]
pub(crate) struct ServiceKeyQueries;

/// Queries about service keys.
#[Object]
impl ServiceKeyQueries {
    /// The keys of programs that reach an organisation, newest first, revoked ones included. For its administrators.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a GraphQL field")]
    async fn service_keys(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id of the organisation; where none is given, the caller's.")]
        organisation: Option<ID>,
        #[graphql(desc = "How many at most, from the start; 20 where nobody says, 100 at most.")]
        first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many at most, from the end; 100 at most.")] last: Option<i32>,
        #[graphql(desc = "Only those before this cursor.")] before: Option<String>,
        #[graphql(desc = "Wait until this position of the log is visible.")] at_least: Option<
            Position,
        >,
    ) -> Answer<Connection<ServiceKey>> {
        let read = async {
            let asking = Asking::at_least(ctx, at_least).await?;
            let request = page(first, after, last, before)?;
            let id = match organisation {
                Some(id) => GlobalId::organisation(&id),
                None => asking.viewer.organisation,
            };
            of_organisation(&asking, ctx, id.ok_or(Problem::NotFound)?, &request).await
        };
        Some(read.await)
    }
}

/// Lets a program reach an organisation.
#[derive(Debug, InputObject)]
pub(crate) struct ServiceKeyCreateInput {
    /// The global id of the organisation; where none is given, the caller's.
    organisation: Option<ID>,
    /// What the key is for.
    name: String,
    /// What it may do.
    scopes: Vec<Scope>,
    /// Until when it works; where nothing is given, until it is revoked.
    expires_at: Option<DateTime<Utc>>,
    /// How it is to be done.
    #[graphql(flatten)]
    once: Once,
}

/// Ends that a program reaches an organisation.
#[derive(Debug, InputObject)]
pub(crate) struct ServiceKeyRevokeInput {
    /// The global id of the key.
    key: ID,
    /// How it is to be done.
    #[graphql(flatten)]
    conditions: Conditions,
}

/// The object of a mutation that is about a service key.
pub(crate) struct ChangedServiceKey {
    key: Option<ServiceKeyId>,
    seen: Seen,
}

/// The object of a mutation that is about a service key.
#[Object]
impl ChangedServiceKey {
    /// The key, as it is now; null where there is none that the caller may see.
    async fn service_key(&self, ctx: &Context<'_>) -> Answer<ServiceKey> {
        let id = self.key?;
        let ready = async { self.seen.ready(&Asking::of(ctx)?).await };
        match ready.await {
            Ok(()) => referred(ctx, Some(id)).await,
            Err(problem) => Some(Err(problem)),
        }
    }
}

impl Shown for ChangedServiceKey {
    const WHAT: &'static str = "the service key, as it is now";
}

/// The objects of a mutation that makes a service key.
#[derive(SimpleObject)]
pub(crate) struct NewServiceKey {
    #[graphql(flatten)]
    changed: ChangedServiceKey,
    /// Proves the key, as `Authorization: Bearer …`. It is shown here once and never again: the same request, by its
    /// idempotency key, gives the same service key another token, and the one before stops working.
    token: Option<String>,
}

impl Shown for NewServiceKey {
    const WHAT: &'static str = "the service key, and once its token";
}

/// Mutations of service keys.
#[derive(Default)]
pub(crate) struct ServiceKeyMutations;

/// Mutations of service keys.
#[Object]
impl ServiceKeyMutations {
    /// Lets a program reach an organisation, and shows its token once. Asks for `stepUp` a quarter of an hour after
    /// signing in.
    async fn service_key_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: ServiceKeyCreateInput,
    ) -> Answer<Payload<ServiceKeyCreateInput, NewServiceKey>> {
        let change = async {
            let asking = Asking::of(ctx)?;
            let mut fields = Fields::of(asking, input.once)?;
            let organisation = fields.organisation(input.organisation.as_ref());
            let name = fields.text("name", &input.name, Text::parse);
            let scopes: BTreeSet<_> = input.scopes.into_iter().map(Into::into).collect();
            let expires_at = input.expires_at;
            let (outcome, token) = match fields.valid(organisation.zip(name)).await {
                Err(refused) => (refused, None),
                Ok(((organisation, name), request)) => {
                    let gate = &asking.api.gate;
                    match gate
                        .service_key_create(&request, organisation, name, scopes, expires_at)
                        .await
                    {
                        Ok((done, token)) => {
                            (Outcome::done(done), Some(token.expose_secret().to_owned()))
                        }
                        Err(denied) => (fields.denied(denied, "password").await?, None),
                    }
                }
            };
            let changed = ChangedServiceKey { key: outcome.subject(), seen: outcome.seen() };
            Ok(outcome.with(NewServiceKey { changed, token }))
        };
        Some(change.await)
    }

    /// Ends that a program reaches an organisation, at once.
    async fn service_key_revoke(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: ServiceKeyRevokeInput,
    ) -> Answer<Payload<ServiceKeyRevokeInput, ChangedServiceKey>> {
        let change = async {
            let asking = Asking::of(ctx)?;
            let mut fields = Fields::of(asking, input.conditions)?;
            let key = fields.service_key("key", &input.key).await?;
            let command =
                key.map(|(organisation, key)| Command::ServiceKeyRevoke { organisation, key });
            let outcome = fields.handle(command).await?;
            let changed = ChangedServiceKey { key: key.map(|(_, key)| key), seen: outcome.seen() };
            Ok(outcome.with(changed))
        };
        Some(change.await)
    }
}
