//! Letters that wait to be printed and posted.

use chrono::{DateTime, Utc};
use events::{AccountId, LetterId, OrganisationId};
use serde::{Deserialize, Serialize};

use super::{Directory, rows::hex, small::manages, sql::Sql};
use crate::{Page, PageRequest, QueryError, Visible};

/// A letter that can be printed. What it says is in no read model; one that was used or replaced is in the history only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// Its id.
    pub id: LetterId,
    /// In which organisation's name it is.
    pub organisation: OrganisationId,
    /// To whom it is.
    pub account: AccountId,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When it was first fetched, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub downloaded_at: Option<DateTime<Utc>>,
    /// Until when what it says works.
    pub expires_at: DateTime<Utc>,
}

impl Directory {
    /// A document, if there is one and it may be seen.
    pub async fn document(
        &self,
        visible: Visible,
        id: LetterId,
    ) -> Result<Option<Document>, QueryError> {
        let mut sql = Sql::default();
        sql.push("select doc from documents where id = unhex(").bind(hex(id)).push(")");
        let found: Option<Document> = self.one(sql).await?;
        Ok(found.filter(|found| manages(visible, found.organisation)))
    }

    /// A page of the documents of an organisation, newest first.
    pub async fn documents(
        &self,
        visible: Visible,
        organisation: OrganisationId,
        page: &PageRequest,
    ) -> Result<Page<Document>, QueryError> {
        self.belongings(visible, organisation, ("document", "documents"), page).await
    }

    /// How many documents an organisation has.
    pub async fn count_documents(
        &self,
        visible: Visible,
        organisation: OrganisationId,
    ) -> Result<u64, QueryError> {
        self.count_belongings(visible, organisation, "documents").await
    }
}
