//! Accounts as they were.

use async_graphql::{Context, OneofObject};
use chrono::{DateTime, Utc};
use events::AccountId;
use projections::{Name, history::AsOf};

use crate::{
    asking::{Asking, Sight},
    history::FieldChange,
    problem::Problem,
    scalar::Position,
};

use super::Account;

/// A point in the past.
#[derive(Clone, Copy, Debug, OneofObject)]
pub(crate) enum PointInTime {
    /// After the event at this position of the log.
    Position(Position),
    /// After all events up to this moment.
    Moment(DateTime<Utc>),
}

impl From<PointInTime> for AsOf {
    fn from(point: PointInTime) -> Self {
        match point {
            PointInTime::Position(position) => Self::Position(position.0),
            PointInTime::Moment(moment) => Self::Moment(moment),
        }
    }
}

/// An account as it was, as far as the caller may see it now.
pub(super) async fn as_of(
    asking: &Asking<'_>,
    id: AccountId,
    point: PointInTime,
) -> Result<Account, Problem> {
    let visible = asking.visible(Sight::History).await?;
    asking.history_at_directory().await?;
    arrive(asking, point).await?;
    let found = asking.history().account_as_of(visible, id, point.into()).await?;
    found.map(Account).ok_or(Problem::NotFound)
}

/// What differs in an account between two points.
pub(super) async fn difference(
    ctx: &Context<'_>,
    id: AccountId,
    from: PointInTime,
    to: Option<PointInTime>,
) -> Result<Vec<FieldChange>, Problem> {
    let asking = Asking::of(ctx)?;
    let visible = asking.visible(Sight::History).await?;
    asking.history_at_directory().await?;
    arrive(&asking, from).await?;
    if let Some(to) = to {
        arrive(&asking, to).await?;
    }
    let now = || AsOf::Position(asking.api.views.position(Name::History));
    let to = to.map_or_else(now, AsOf::from);
    let changes = asking.history().account_difference(visible, id, from.into(), to).await?;
    Ok(changes.into_iter().map(FieldChange).collect())
}

/// Waits until the history shows everything up to a point: what is missing there yet would be missing in the answer.
async fn arrive(asking: &Asking<'_>, point: PointInTime) -> Result<(), Problem> {
    match point {
        PointInTime::Position(position) => asking.reach(position.0).await,
        // Whatever happened up to a moment in the past stands in the log by now.
        PointInTime::Moment(_) => asking.wait_for(asking.head()).await,
    }
}
