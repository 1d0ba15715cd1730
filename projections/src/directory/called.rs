//! Accounts by what their people call them.

use events::{
    AccountId,
    value::{EmailAddress, Username},
};

use super::{Account, Directory, list::read_dossier, sql::Sql};
use crate::{QueryError, Visible, fold::fold};

/// Accounts that are not deleted, with their memberships.
const LISTED: &str = "select a.doc,
    (select '[' || group_concat(m.doc) || ']' from members m where m.account = a.account)
  from accounts a where a.rank in (0, 1) and ";

impl Directory {
    /// An account by its username, compared as usernames are.
    pub async fn account_by_username(
        &self,
        visible: Visible,
        username: &str,
    ) -> Result<Option<Account>, QueryError> {
        let Ok(username) = Username::parse(username) else { return Ok(None) };
        let mut sql = Sql::default();
        sql.push(LISTED).push("a.username = ").bind(fold(username.as_str()));
        let rows = sql.query().fetch_all(&self.seat.serving().readers).await?;
        for row in &rows {
            let dossier = read_dossier(row, 0)?;
            if dossier.person.account.username.as_ref() == Some(&username) {
                return Ok(dossier.show(visible));
            }
        }
        Ok(None)
    }

    /// The accounts with this e-mail address, the oldest first, at most so many; without those that were deleted.
    pub async fn accounts_by_email(
        &self,
        email: &EmailAddress,
        most: u32,
    ) -> Result<Vec<AccountId>, QueryError> {
        let mut sql = Sql::default();
        // What is folded alike isn't always the same; then a place may stay free.
        sql.push(LISTED).push("a.email = ").bind(fold(email.as_str()));
        sql.push(" order by a.account limit ").bind(i64::from(most));
        let rows = sql.query().fetch_all(&self.seat.serving().readers).await?;
        let mut found = Vec::with_capacity(rows.len());
        for row in &rows {
            let account = read_dossier(row, 0)?.person.account;
            let is_same = account.email().and_then(|text| EmailAddress::parse(text).ok());
            if account.deleted_at.is_none()
                && is_same.is_some_and(|other| other.key() == email.key())
            {
                found.push(account.id);
            }
        }
        Ok(found)
    }
}
