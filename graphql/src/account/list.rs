//! One account, and lists of them.

use async_graphql::{Context, ID, Object, OneofObject};
use projections::directory::{AccountFilter as Filter, AccountOrder as Order};

use super::{Account, AccountFilter, AccountOrder, PointInTime, get, past};
use crate::{
    Answer,
    asking::{Asking, Sight},
    connection::{Connection, counts, page},
    ids::GlobalId,
    problem::Problem,
    scalar::Position,
};

/// How an account is named: by one of these.
#[derive(Debug, OneofObject)]
pub(crate) enum AccountBy {
    /// By its global id.
    Id(ID),
    /// By the name to sign in with, compared without case.
    Username(String),
}

/// Queries about accounts.
#[derive(Default)]
pub(crate) struct AccountQueries;

/// Queries about accounts.
#[Object]
impl AccountQueries {
    /// One account. One that isn't there and one that the caller may not see are both `NOT_FOUND`.
    async fn account(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which account.")] by: AccountBy,
        #[graphql(desc = "The account as it was then; where none is given: as it is now.")]
        as_of: Option<PointInTime>,
        #[graphql(desc = "Wait until this position of the log is visible.")] at_least: Option<
            Position,
        >,
    ) -> Answer<Account> {
        Some(async { find(&Asking::at_least(ctx, at_least).await?, by, as_of).await }.await)
    }

    /// The accounts that the caller may see: of the installation, of the organisation, or only their own.
    /// Deleted accounts come last.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a GraphQL field")]
    async fn accounts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only members of the organisation with this global id.")]
        organisation: Option<ID>,
        #[graphql(desc = "Which of them.")] filter: Option<AccountFilter>,
        #[graphql(desc = "In which order; by display name where none is given.")] order_by: Option<
            AccountOrder,
        >,
        #[graphql(desc = "How many at most, from the start; 20 where nobody says, 100 at most.")]
        first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many at most, from the end; 100 at most.")] last: Option<i32>,
        #[graphql(desc = "Only those before this cursor.")] before: Option<String>,
        #[graphql(desc = "Wait until this position of the log is visible.")] at_least: Option<
            Position,
        >,
    ) -> Answer<Connection<Account>> {
        let read = async {
            let asking = Asking::at_least(ctx, at_least).await?;
            let request = page(first, after, last, before)?;
            let mut filter = filter.unwrap_or_default().parse()?;
            if let Some(id) = organisation {
                let id = GlobalId::organisation(&id).ok_or(Problem::NotFound)?;
                filter = Filter::And(vec![Filter::Organisation(id), filter]);
            }
            let order = order_by.map(Order::from).unwrap_or_default();
            let visible = asking.visible(Sight::Directory).await?;
            let directory = asking.directory();
            let page = directory.accounts(visible, &filter, order, &request).await?;
            let total = if counts(ctx) {
                Some(directory.count_accounts(visible, &filter).await?)
            } else {
                None
            };
            Ok(Connection::new(page, total, Account))
        };
        Some(read.await)
    }
}

async fn find(
    asking: &Asking<'_>,
    by: AccountBy,
    as_of: Option<PointInTime>,
) -> Result<Account, Problem> {
    let id = match by {
        AccountBy::Id(id) => GlobalId::account(&id).ok_or(Problem::NotFound)?,
        AccountBy::Username(username) => {
            let visible = asking.visible(Sight::Directory).await?;
            let found = asking.directory().account_by_username(visible, &username).await?;
            let found = found.ok_or(Problem::NotFound)?;
            match as_of {
                None => return Ok(Account(found)),
                Some(_) => found.id,
            }
        }
    };
    match as_of {
        None => get(asking, id).await,
        Some(point) => past::as_of(asking, id, point).await,
    }
}
