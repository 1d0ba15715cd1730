//! What happened: who changed what, when, from where, before and after.

mod query;
mod value;

use async_graphql::{ComplexObject, Context, Enum, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};
use events::{AccountId, Actor as By, ServiceKeyId};
use projections::history;

pub(crate) use self::query::{HistoryPage, subject};
pub(crate) use self::{
    query::{HistoryFilter, HistoryQueries},
    value::FieldChange,
};
use crate::{
    Answer,
    account::{self, Account},
    asking::Asking,
    enums::Language,
    ids::GlobalId,
    organisation::{self, Organisation},
    scalar::{Position, Version},
    service_key::{self, ServiceKey},
};

/// One thing that happened.
pub(crate) struct HistoryEntry(pub(crate) history::Entry);

/// One thing that happened: never changed, never removed. Personal data in it can be erased.
#[Object]
impl HistoryEntry {
    /// The global id.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::Event(self.0.position).into()
    }

    /// The event's own identity, a UUID, as in exports.
    async fn event_id(&self) -> String {
        self.0.id.to_string()
    }

    /// Its place in the log: give it to `events(after:)` to go on from here.
    async fn position(&self) -> Position {
        Position(self.0.position)
    }

    /// The number of changes that the thing had seen with this one.
    async fn version(&self) -> Version {
        Version(self.0.version)
    }

    /// When it happened, by the clock of the node; never an order.
    async fn at(&self) -> DateTime<Utc> {
        self.0.at
    }

    /// What kind of event, for instance `account.created`.
    async fn kind(&self) -> &str {
        &self.0.kind
    }

    /// What happened, as a sentence for people.
    async fn sentence(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "In which language; the caller's where none is given.")] language: Option<
            Language,
        >,
    ) -> String {
        let language = match (language, Asking::of(ctx)) {
            (Some(language), _) => language.into(),
            (None, Ok(asking)) => asking.language().await,
            (None, Err(_)) => events::value::Language::default(),
        };
        self.0.sentence(language)
    }

    /// Who did it.
    async fn actor(&self) -> Actor {
        Actor::from(self.0.actor)
    }

    /// In whose name it was done (impersonation).
    async fn on_behalf_of(&self, ctx: &Context<'_>) -> Answer<Account> {
        account::referred(ctx, self.0.on_behalf_of).await
    }

    /// From where it was done: for those who may see the account of the person.
    async fn origin(&self, ctx: &Context<'_>) -> Option<Origin> {
        let origin = self.0.origin.as_ref()?;
        match account::referred(ctx, Some(origin.about())).await? {
            Ok(_) => origin.value().map(Origin::from),
            Err(_) => None,
        }
    }

    /// Which request did it, as in that answer's `x-request-id`.
    async fn request_id(&self) -> String {
        self.0.request.to_string()
    }

    /// Which action was asked, for instance `accountCreate`.
    async fn action(&self) -> &str {
        &self.0.action
    }

    /// The `eventId` of the event that led to it, where the product itself did it.
    async fn caused_by(&self) -> Option<String> {
        self.0.caused_by.map(|id| id.to_string())
    }

    /// The account that it concerns.
    async fn account(&self, ctx: &Context<'_>) -> Answer<Account> {
        account::referred(ctx, self.0.account).await
    }

    /// The organisation that it concerns.
    async fn organisation(&self, ctx: &Context<'_>) -> Answer<Organisation> {
        organisation::referred(ctx, self.0.organisation).await
    }

    /// What changed, field by field.
    async fn changes(&self) -> Vec<FieldChange> {
        self.0.changes.iter().cloned().map(FieldChange).collect()
    }
}

/// Who did something.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(complex)]
pub(crate) struct Actor {
    /// Person, program or product.
    kind: ActorKind,
    #[graphql(skip)]
    person: Option<AccountId>,
    #[graphql(skip)]
    key: Option<ServiceKeyId>,
}

/// What did something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum ActorKind {
    /// A person, through a session.
    Account,
    /// A program, through a service key.
    ServiceKey,
    /// Somebody who had not signed in.
    Anonymous,
    /// Somebody at the console of the machine.
    Console,
    /// The product itself.
    System,
}

#[ComplexObject]
impl Actor {
    /// The person, where it was one and the caller may see the account.
    async fn account(&self, ctx: &Context<'_>) -> Answer<Account> {
        account::referred(ctx, self.person).await
    }

    /// The service key, where it was one and the caller may see it.
    async fn service_key(&self, ctx: &Context<'_>) -> Answer<ServiceKey> {
        service_key::referred(ctx, self.key).await
    }
}

impl From<By> for Actor {
    fn from(actor: By) -> Self {
        let (kind, person, key) = match actor {
            By::Account { account, .. } => (ActorKind::Account, Some(account), None),
            By::ServiceKey { key } => (ActorKind::ServiceKey, None, Some(key)),
            By::Anonymous => (ActorKind::Anonymous, None, None),
            By::Console => (ActorKind::Console, None, None),
            By::System => (ActorKind::System, None, None),
        };
        Self { kind, person, key }
    }
}

/// From where something was done.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct Origin {
    /// The address of the client.
    address: String,
    /// What the client said that it is (`User-Agent`).
    agent: Option<String>,
}

impl From<&events::Origin> for Origin {
    fn from(origin: &events::Origin) -> Self {
        Self { address: origin.address.to_string(), agent: origin.agent.clone() }
    }
}
