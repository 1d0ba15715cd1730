//! Pages of the history.

use async_graphql::{Context, ID, InputObject, Object};
use chrono::{DateTime, Utc};
use events::{Actor, SessionId};
use projections::history::{HistoryFilter as Filter, Subject};
use uuid::Uuid;

use super::HistoryEntry;
use crate::{
    Answer,
    asking::{Asking, Sight},
    connection::{Connection, PageArguments, counts, page},
    ids::GlobalId,
    problem::Problem,
    scalar::Position,
};

/// Which part of a history: what fits all that is given here.
#[derive(Debug, Default, InputObject)]
pub(crate) struct HistoryFilter {
    /// Only these kinds of events, for instance `account.created`; 50 at most.
    kinds: Option<Vec<String>>,
    /// Only what the account or service key with this global id did.
    actor: Option<ID>,
    /// Only from this moment.
    from: Option<DateTime<Utc>>,
    /// Only before this moment.
    until: Option<DateTime<Utc>>,
}

impl HistoryFilter {
    fn parse(self) -> Result<Filter, Problem> {
        let kinds = self.kinds.unwrap_or_default();
        if kinds.len() > 50 || kinds.iter().any(|kind| kind.len() > 100) {
            return Err(Problem::BadUserInput("A filter names 50 kinds of events at most.".into()));
        }
        let actor = match self.actor.map(|id| GlobalId::parse(&id)) {
            None => None,
            Some(Some(GlobalId::Account(account))) => {
                Some(Actor::Account { account, session: SessionId::new(Uuid::nil()) })
            }
            Some(Some(GlobalId::ServiceKey(key))) => Some(Actor::ServiceKey { key }),
            Some(_) => return Err(Problem::NotFound),
        };
        Ok(Filter { kinds, actor, from: self.from, until: self.until })
    }
}

/// What a page of a history was asked with.
pub(crate) struct HistoryPage {
    pub(crate) filter: Option<HistoryFilter>,
    pub(crate) page: PageArguments,
}

impl HistoryPage {
    /// Reads the page.
    pub(crate) async fn read(
        self,
        asking: &Asking<'_>,
        ctx: &Context<'_>,
        subject: Subject,
    ) -> Result<Connection<HistoryEntry>, Problem> {
        let (first, after, last, before) = self.page;
        let request = page(first, after, last, before)?;
        let filter = self.filter.unwrap_or_default().parse()?;
        let visible = asking.visible(Sight::History).await?;
        asking.history_at_directory().await?;
        let history = asking.history();
        let page = history.page(visible, subject, &filter, &request).await?;
        let total =
            if counts(ctx) { Some(history.count(visible, subject, &filter).await?) } else { None };
        Ok(Connection::new(page, total, HistoryEntry))
    }
}

/// Queries about what happened.
#[derive(Default)]
pub(crate) struct HistoryQueries;

/// Queries about what happened.
#[Object]
impl HistoryQueries {
    /// What happened, newest first, as far as the caller may see it.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a GraphQL field")]
    async fn history(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only of the account with this global id.")] account: Option<ID>,
        #[graphql(desc = "Only of the organisation with this global id, and of everything in it.")]
        organisation: Option<ID>,
        #[graphql(desc = "Which part of the history.")] filter: Option<HistoryFilter>,
        #[graphql(desc = "How many at most, from the start; 20 where nobody says, 100 at most.")]
        first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many at most, from the end; 100 at most.")] last: Option<i32>,
        #[graphql(desc = "Only those before this cursor.")] before: Option<String>,
        #[graphql(desc = "Wait until this position of the log is visible.")] at_least: Option<
            Position,
        >,
    ) -> Answer<Connection<HistoryEntry>> {
        let read = async {
            let asking = Asking::at_least(ctx, at_least).await?;
            let subject = subject(account, organisation)?;
            HistoryPage { filter, page: (first, after, last, before) }
                .read(&asking, ctx, subject)
                .await
        };
        Some(read.await)
    }
}

/// Whose history two optional arguments mean.
pub(crate) fn subject(account: Option<ID>, organisation: Option<ID>) -> Result<Subject, Problem> {
    match (account, organisation) {
        (None, None) => Ok(Subject::All),
        (Some(id), None) => GlobalId::account(&id).map(Subject::Account).ok_or(Problem::NotFound),
        (None, Some(id)) => {
            GlobalId::organisation(&id).map(Subject::Organisation).ok_or(Problem::NotFound)
        }
        (Some(_), Some(_)) => {
            Err(Problem::BadUserInput("Give `account` or `organisation`, not both.".into()))
        }
    }
}
