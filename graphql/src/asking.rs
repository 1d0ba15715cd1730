//! Who asks, and what they may see: the first line of every resolver.

use std::{sync::Arc, time::Duration};

use async_graphql::Context;
use commands::{Action, Handler, Standing, access::Verdict, handle::AccountState};
use events::{
    AccountId, OrganisationId, Position,
    value::{Language, ProfileEntry, ProfileField},
};
use projections::{Late, Name, QueryError, Views, Visible, directory::Directory, history::History};
use tokio::sync::OnceCell;

use crate::{
    client::Client,
    port::{Gate, Mailing},
    problem::Problem,
    projection::Repair,
    repeats::Repeats,
    scalar,
    viewer::{Viewer, preferred_language},
};

/// Events that may have been acknowledged, here or on another node, before the read models know of them. What lies
/// further ahead doesn't exist, and nobody waits for it.
const ON_ITS_WAY: u64 = 10_000;

/// What the resolvers work with; in the data of the schema.
pub(crate) struct Api {
    pub(crate) handler: Arc<Handler>,
    pub(crate) views: Arc<Views>,
    pub(crate) gate: Arc<dyn Gate>,
    pub(crate) mailing: Arc<dyn Mailing>,
    /// How long an answer waits for read models to reach a position.
    pub(crate) patience: Duration,
    /// Repairs of projections that were asked for with an idempotency key.
    pub(crate) repairs: Repeats<Repair>,
}

impl Api {
    pub(crate) fn new(
        handler: Arc<Handler>,
        views: Arc<Views>,
        gate: Arc<dyn Gate>,
        mailing: Arc<dyn Mailing>,
        patience: Duration,
    ) -> Self {
        Self { handler, views, gate, mailing, patience, repairs: Repeats::default() }
    }
}

/// Whoever asks, with what is needed to answer.
#[derive(Clone, Copy)]
pub(crate) struct Asking<'a> {
    pub(crate) api: &'a Api,
    pub(crate) viewer: &'a Viewer,
    client: Option<&'a Client>,
    memo: Option<&'a Memo>,
}

/// What is found out at most once for a request; in the data of each. What goes on after it has none.
#[derive(Debug, Default)]
pub(crate) struct Memo {
    language: OnceCell<Option<Language>>,
}

/// What somebody wants to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sight {
    /// Organisations, accounts, services.
    Directory,
    /// What happened.
    History,
}

impl<'a> Asking<'a> {
    /// Whoever asks, signed in or not.
    pub(crate) fn of(ctx: &Context<'a>) -> Result<Self, Problem> {
        let missing = |_| Problem::internal(&"the transport put no viewer into a request");
        Ok(Self {
            api: ctx.data::<Arc<Api>>().map_err(missing)?,
            viewer: ctx.data::<Arc<Viewer>>().map_err(missing)?,
            client: ctx.data_opt::<Arc<Client>>().map(|client| &**client),
            memo: ctx.data_opt(),
        })
    }

    /// Whoever asked for something that goes on after the request, such as a subscription.
    pub(crate) fn still(api: &'a Api, viewer: &'a Viewer) -> Self {
        Self { api, viewer, client: None, memo: None }
    }

    /// The same, after the read models have reached the position that the caller wants to see. Whoever hasn't signed
    /// in sees nothing that could be late, and waits for nothing.
    pub(crate) async fn at_least(
        ctx: &Context<'a>,
        position: Option<scalar::Position>,
    ) -> Result<Self, Problem> {
        let asking = Self::of(ctx)?;
        let header = asking.client.and_then(|client| client.at_least).map(Position);
        let position = position.map(|position| position.0).max(header);
        if let Some(position) = position {
            asking.reach(position).await?;
        }
        Ok(asking)
    }

    /// Waits until all read models show a position that the caller named, if it is there or on its way.
    pub(crate) async fn reach(&self, position: Position) -> Result<(), Problem> {
        if !self.is_signed_in() {
            return Ok(());
        }
        if position.0 > self.head().0.saturating_add(ON_ITS_WAY) {
            return Err(Problem::Timeout);
        }
        self.wait_for(position).await
    }

    /// Waits until the directory shows a position.
    pub(crate) async fn directory_at(&self, position: Position) -> Result<(), Problem> {
        let Api { views, patience, .. } = self.api;
        Ok(views.caught_up(Name::Directory, position, *patience).await?)
    }

    /// Waits until the history shows what the directory shows: an account in an answer comes with all of its history.
    pub(crate) async fn history_at_directory(&self) -> Result<(), Problem> {
        let Api { views, patience, .. } = self.api;
        Ok(views.caught_up(Name::History, self.position(), *patience).await?)
    }

    /// Waits until all read models show a position.
    pub(crate) async fn wait_for(&self, position: Position) -> Result<(), Problem> {
        Ok(self.api.views.all_caught_up(position, self.api.patience).await?)
    }

    /// The read model of who and what there is.
    pub(crate) fn directory(&self) -> Directory {
        self.api.views.directory()
    }

    /// The read model of what happened.
    pub(crate) fn history(&self) -> History {
        self.api.views.history()
    }

    /// Up to where the read model of who and what there is shows everything.
    pub(crate) fn position(&self) -> Position {
        self.api.views.position(Name::Directory)
    }

    /// The newest position of the log that the read models know of.
    pub(crate) fn head(&self) -> Position {
        let statuses = self.api.views.statuses();
        statuses.into_iter().map(|status| status.head).max().unwrap_or_default()
    }

    /// The organisation that is meant where somebody names an account alone: the caller's, if the account is a
    /// member there or the caller is no operator; for operators the account's own.
    pub(crate) async fn home_of(
        &self,
        account: AccountId,
    ) -> Result<Option<OrganisationId>, Problem> {
        let here = self.viewer.organisation;
        if !self.runs_installation().await? {
            return Ok(here);
        }
        let Some(state) = self.api.handler.account_state(account).await? else { return Ok(here) };
        let is_member = |id: &OrganisationId| {
            state.memberships.iter().any(|membership| membership.organisation == *id)
        };
        let first = || state.memberships.first().map(|membership| membership.organisation);
        Ok(here.filter(is_member).or(state.default_organisation).or_else(first).or(here))
    }

    /// What the caller may do in an organisation; none: in the installation.
    pub(crate) async fn standing(
        &self,
        organisation: Option<OrganisationId>,
    ) -> Result<Standing, Problem> {
        Ok(self.api.handler.standing(&self.request(), organisation).await?)
    }

    /// Refuses whoever may not do something to the installation.
    pub(crate) async fn may(&self, action: Action) -> Result<(), Problem> {
        match self.standing(None).await?.may(action) {
            Verdict::Allowed => Ok(()),
            Verdict::SignInFirst => Err(Problem::Unauthenticated),
            Verdict::Forbidden => Err(Problem::Forbidden),
        }
    }

    /// Whether the caller runs the installation.
    pub(crate) async fn runs_installation(&self) -> Result<bool, Problem> {
        Ok(self.standing(None).await?.may(Action::InstallationRead) == Verdict::Allowed)
    }

    /// What the caller may see. The organisation comes from the session, never from an argument.
    pub(crate) async fn visible(&self, sight: Sight) -> Result<Visible, Problem> {
        let organisation = match sight {
            Sight::Directory => Action::AccountsRead,
            Sight::History => Action::HistoryRead,
        };
        if !self.is_signed_in() {
            return Err(Problem::Unauthenticated);
        }
        if self.runs_installation().await? {
            return Ok(Visible::Everything);
        }
        if let Some(id) = self.viewer.organisation
            && self.standing(Some(id)).await?.may(organisation) == Verdict::Allowed
        {
            return Ok(Visible::Organisation(id));
        }
        let account = self.account().ok_or(Problem::Forbidden)?;
        let state = self.api.handler.account_state(account).await?;
        // Whoever is barred everywhere has no session; a subscription that still runs ends by this.
        let is_in = |state: &AccountState| {
            !state.deleted && !state.locked && state.memberships.iter().any(|one| one.active)
        };
        state.filter(is_in).map(|_| Visible::Account(account)).ok_or(Problem::Forbidden)
    }

    /// Whose eyes count: the account's in whose name somebody acts, or else the person's own.
    pub(crate) fn account(&self) -> Option<AccountId> {
        self.request().account()
    }

    /// Whether there is a session or a service key.
    pub(crate) fn is_signed_in(&self) -> bool {
        !matches!(self.viewer.actor, events::Actor::Anonymous)
    }

    /// The language of messages and sentences: what the person chose, else what the request asks for, else English.
    pub(crate) async fn language(&self) -> Language {
        let chosen = match self.memo {
            Some(memo) => *memo.language.get_or_init(|| self.chosen_language()).await,
            None => self.chosen_language().await,
        };
        let header = || self.client?.accept_language.as_deref().and_then(preferred_language);
        chosen.or_else(header).unwrap_or_default()
    }

    async fn chosen_language(&self) -> Option<Language> {
        if self.viewer.language.is_some() {
            return self.viewer.language;
        }
        let oneself = self.account()?;
        let found = self.directory().account(Visible::Account(oneself), oneself).await;
        match found.ok()??.profile.get(&ProfileField::Language)? {
            ProfileEntry::Language(language) => Some(*language),
            _ => None,
        }
    }

    /// The request of a command, without conditions.
    pub(crate) fn request(&self) -> commands::Request {
        let mut request = commands::Request::new(self.viewer.actor, self.viewer.request);
        request.on_behalf_of = self.viewer.on_behalf_of;
        request.origin.clone_from(&self.viewer.origin);
        request.organisation = self.viewer.organisation;
        request
    }
}

impl From<Late> for Problem {
    fn from(late: Late) -> Self {
        tracing::warn!(%late, "an answer waited for a read model in vain");
        Self::Timeout
    }
}

impl From<QueryError> for Problem {
    fn from(error: QueryError) -> Self {
        match error {
            QueryError::BadCursor => Self::BadUserInput(
                "This is no cursor of this list: take one from `pageInfo` or `edges`, under the same order.".into(),
            ),
            QueryError::Busy => Self::Unavailable(
                "Too much is being read at this moment. Try again, or ask for less at a time.".into(),
            ),
            QueryError::Database(_) | QueryError::Content(_) => Self::internal(&error),
        }
    }
}
