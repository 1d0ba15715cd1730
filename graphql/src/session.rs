//! Signing in and out, passwords, and who is asking.

mod first;
mod notice;
mod passkey;
mod password;
mod presence;
mod reset;
mod second;
mod sign_in;

use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};
use events::{AccountId, Actor, OrganisationId, ServiceKeyId, SessionId};
use projections::directory;

pub(crate) use self::{
    first::FirstMutations,
    notice::NoticeMutations,
    passkey::PasskeyMutations,
    password::PasswordMutations,
    presence::PresenceMutations,
    reset::ResetMutations,
    second::{SecondMutations, shown},
    sign_in::SessionMutations,
};
use crate::{
    Answer,
    account::{self, Account},
    asking::{Asking, Sight},
    connection::{Connection, PageArguments, counts, page},
    enums::{Language, Scope},
    history::Origin,
    ids::GlobalId,
    organisation::{self, Organisation},
    problem::Problem,
    service_key::{self, ServiceKey},
};

/// Somebody is signed in.
pub(crate) struct Session(pub(crate) directory::Session);

/// A session in which somebody is signed in. One that ended is in the history only.
#[Object]
impl Session {
    /// The global id.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::Session(self.0.id).into()
    }

    /// Who is signed in.
    async fn account(&self, ctx: &Context<'_>) -> Answer<Account> {
        account::referred(ctx, Some(self.0.account)).await
    }

    /// Since when.
    async fn opened_at(&self) -> DateTime<Utc> {
        self.0.opened_at
    }

    /// From where.
    async fn origin(&self) -> Option<Origin> {
        self.0.origin.as_ref().map(Origin::from)
    }

    /// On what, as far as its client says: `Firefox on Windows`.
    async fn device(&self) -> Option<String> {
        self.0.origin.as_ref()?.agent.as_deref().and_then(presence::device)
    }

    /// When it was used last, to a minute; null where it has just ended.
    #[graphql(complexity = 5)]
    async fn last_used_at(&self, ctx: &Context<'_>) -> Answer<DateTime<Utc>> {
        let read = async {
            let used = Asking::of(ctx)?.api.gate.sessions_used(self.0.account).await;
            let used = used.map_err(|denied| Problem::internal(&format!("{denied:?}")))?;
            Ok(used.into_iter().find(|(id, _)| *id == self.0.id).map(|(_, at)| at))
        };
        read.await.transpose()
    }

    /// Whether the request comes over it.
    async fn current(&self, ctx: &Context<'_>) -> Answer<bool> {
        let read = async {
            let actor = Asking::of(ctx)?.viewer.actor;
            Ok(matches!(actor, Actor::Account { session, .. } if session == self.0.id))
        };
        Some(read.await)
    }

    /// Whether an operator acts for the account in it.
    async fn impersonated(&self) -> bool {
        self.0.by.is_some()
    }
}

/// A running session that the caller may see; an error where there is none. Sessions tell when people sign in and
/// from where, so that a program which only reads accounts sees none.
pub(crate) async fn get(asking: &Asking<'_>, id: SessionId) -> Result<Session, Problem> {
    let visible = asking.visible(Sight::History).await?;
    let found = asking.directory().session(visible, id).await?;
    found.map(Session).ok_or(Problem::NotFound)
}

/// The running sessions of an account.
pub(crate) async fn of_account(
    ctx: &Context<'_>,
    id: AccountId,
    (first, after, last, before): PageArguments,
) -> Result<Connection<Session>, Problem> {
    let asking = Asking::of(ctx)?;
    let request = page(first, after, last, before)?;
    let visible = asking.visible(Sight::History).await?;
    let directory = asking.directory();
    let page = directory.sessions(visible, id, &request).await?;
    let total = if counts(ctx) { Some(directory.count_sessions(visible, id).await?) } else { None };
    Ok(Connection::new(page, total, Session))
}

/// The running sessions of an organisation's members.
pub(crate) async fn of_organisation(
    ctx: &Context<'_>,
    id: OrganisationId,
    (first, after, last, before): PageArguments,
) -> Result<Connection<Session>, Problem> {
    let asking = Asking::of(ctx)?;
    let request = page(first, after, last, before)?;
    let visible = asking.visible(Sight::History).await?;
    let directory = asking.directory();
    let page = directory.present(visible, id, &request).await?;
    let total = if counts(ctx) { Some(directory.count_present(visible, id).await?) } else { None };
    Ok(Connection::new(page, total, Session))
}

/// Who is asking.
pub(crate) struct Caller {
    account: Option<AccountId>,
    key: Option<ServiceKeyId>,
    organisation: Option<OrganisationId>,
    on_behalf_of: bool,
    language: events::value::Language,
    scopes: Vec<events::value::Scope>,
}

/// Who is asking: a person with a session, or a program with a service key.
#[Object(name = "Viewer")]
impl Caller {
    /// The person's account; null for programs.
    async fn account(&self, ctx: &Context<'_>) -> Answer<Account> {
        let id = self.account?;
        let read = async { account::own(&Asking::of(ctx)?, id).await };
        Some(read.await)
    }

    /// The program's service key; null for persons.
    async fn service_key(&self, ctx: &Context<'_>) -> Answer<ServiceKey> {
        service_key::referred(ctx, self.key).await
    }

    /// The organisation that the caller works in; null for operators who work in none.
    async fn organisation(&self, ctx: &Context<'_>) -> Answer<Organisation> {
        organisation::referred(ctx, self.organisation).await
    }

    /// Whether the caller runs the installation.
    async fn operator(&self, ctx: &Context<'_>) -> Answer<bool> {
        let read = async {
            let standing = Asking::of(ctx)?.standing(None).await?;
            Ok(standing.has(commands::access::Role::Operator))
        };
        Some(read.await)
    }

    /// Whether the caller manages the organisation that they work in.
    async fn administrator(&self, ctx: &Context<'_>) -> Answer<bool> {
        let read = async {
            let asking = Asking::of(ctx)?;
            match self.organisation {
                Some(id) => Ok(asking.standing(Some(id)).await?.manages()),
                None => Ok(false),
            }
        };
        Some(read.await)
    }

    /// Whether the caller acts in the name of somebody else; `account` is that person's then.
    async fn impersonating(&self) -> bool {
        self.on_behalf_of
    }

    /// What a program's service key may do; empty for persons, whose standing counts.
    async fn scopes(&self) -> Vec<Scope> {
        self.scopes.iter().copied().map(Into::into).collect()
    }

    /// Until when it counts that the caller has shown who they are, by signing in or with `stepUp`: for a quarter of an
    /// hour. Null: mutations that let somebody into other people's accounts ask for `stepUp`.
    async fn fresh_until(&self, ctx: &Context<'_>) -> Answer<DateTime<Utc>> {
        let read = async {
            let asking = Asking::of(ctx)?;
            let Actor::Account { session, .. } = asking.viewer.actor else { return Ok(None) };
            Ok(asking.api.handler.fresh_until(session).await?)
        };
        read.await.transpose()
    }

    /// Until when it counts that the caller has proved anew, with `stepUp`, who they are. Null: mutations that change how
    /// one signs in or is reached ask for it.
    async fn proven_until(&self, ctx: &Context<'_>) -> Answer<DateTime<Utc>> {
        let read = async {
            let asking = Asking::of(ctx)?;
            let Actor::Account { session, .. } = asking.viewer.actor else { return Ok(None) };
            Ok(asking.api.handler.proven_until(session).await?)
        };
        read.await.transpose()
    }

    /// The language of messages.
    async fn language(&self) -> Language {
        self.language.into()
    }
}

/// Queries about who is asking.
#[derive(Default)]
pub(crate) struct ViewerQueries;

/// Queries about who is asking.
#[Object]
impl ViewerQueries {
    /// Who is asking; null for somebody who has not signed in.
    async fn viewer(&self, ctx: &Context<'_>) -> Answer<Caller> {
        let asking = match Asking::at_least(ctx, None).await {
            Ok(asking) if asking.is_signed_in() => asking,
            Ok(_) => return None,
            Err(problem) => return Some(Err(problem)),
        };
        let key = match asking.viewer.actor {
            Actor::ServiceKey { key } => Some(key),
            Actor::Account { .. } | Actor::Anonymous | Actor::Console | Actor::System => None,
        };
        Some(Ok(Caller {
            account: asking.account(),
            key,
            organisation: asking.viewer.organisation,
            on_behalf_of: asking.viewer.on_behalf_of.is_some(),
            language: asking.language().await,
            scopes: asking.viewer.scopes.iter().copied().collect(),
        }))
    }
}
