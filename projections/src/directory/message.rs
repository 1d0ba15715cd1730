//! What those who are signed in are told.

use chrono::{DateTime, Utc};
use events::{Actor, MessageId, OrganisationId, Position, Recorded, value::Text};
use serde::{Deserialize, Serialize};
use sqlx::Row;

use super::{
    Directory,
    rows::{document, hex},
    sql::Sql,
};
use crate::QueryError;

/// A message to those who are signed in. Those that came before the newest 20 for the same people are in the history only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SystemMessage {
    /// Its id.
    pub id: MessageId,
    /// Those who work in which organisation; none: all.
    pub organisation: Option<OrganisationId>,
    /// What it says.
    pub text: String,
    /// Who sent it.
    pub sent_by: Actor,
    /// When.
    pub sent_at: DateTime<Utc>,
    /// Until when it is shown.
    pub valid_until: DateTime<Utc>,
    /// Where it stands in the log.
    pub position: Position,
}

impl SystemMessage {
    /// As its event makes it.
    pub(super) fn sent<E>(
        id: MessageId,
        organisation: Option<OrganisationId>,
        text: &Text,
        valid_until: DateTime<Utc>,
        recorded: &Recorded<E>,
    ) -> Self {
        Self {
            id,
            organisation,
            text: text.as_str().to_owned(),
            sent_by: recorded.cause.actor,
            sent_at: recorded.at,
            valid_until,
            position: recorded.position,
        }
    }
}

impl Directory {
    /// What comes after a position for those who work in an organisation, oldest first: messages to it, and to everybody.
    /// Whoever asks has looked at whether they do; with none only those to everybody. At most 40, ended ones among them.
    pub async fn messages(
        &self,
        organisation: Option<OrganisationId>,
        after: Position,
    ) -> Result<Vec<SystemMessage>, QueryError> {
        let mut sql = Sql::default();
        sql.push("select doc from messages where message > ").bind(after.0.cast_signed());
        sql.push(" and (organisation is null");
        if let Some(organisation) = organisation {
            sql.push(
                " or organisation = (select organisation from organisations where id = unhex(",
            )
            .bind(hex(organisation))
            .push("))");
        }
        sql.push(") order by message");
        let rows = sql.query().fetch_all(&self.seat.serving().readers).await?;
        rows.iter().map(|row| Ok(document(row.try_get(0)?)?)).collect()
    }
}
