//! Password hashes, by the id that an event names.

use secrecy::{ExposeSecret, SecretString};
use sqlx::SqliteConnection;
use uuid::Uuid;

use super::{Vault, VaultError, writer::Change};
use crate::{AccountId, CredentialId};

/// A password hash, on its way into the vault.
pub struct Credential {
    pub(super) id: CredentialId,
    pub(super) account: AccountId,
    pub(super) hash: SecretString,
}

impl Vault {
    /// Keeps a password hash. Refused for an erased person.
    pub async fn put_credential(
        &self,
        id: CredentialId,
        account: AccountId,
        hash: SecretString,
    ) -> Result<(), VaultError> {
        self.writer.write(Change::PutCredential(Credential { id, account, hash })).await
    }

    /// A password hash, if there is one under this id.
    pub async fn credential(&self, id: CredentialId) -> Result<Option<SecretString>, VaultError> {
        let hash: Option<String> = sqlx::query_scalar("select hash from credential where id = ?")
            .bind(&id.uuid().as_bytes()[..])
            .fetch_optional(&self.reader)
            .await?;
        Ok(hash.map(SecretString::from))
    }

    /// Which password hashes are kept, and of whom, in the order of their ids: at most `limit` after `after`.
    pub async fn credentials_after(
        &self,
        after: CredentialId,
        limit: u32,
    ) -> Result<Vec<(CredentialId, AccountId)>, VaultError> {
        let rows: Vec<(Vec<u8>, Vec<u8>)> =
            sqlx::query_as("select id, account from credential where id > ? order by id limit ?")
                .bind(&after.uuid().as_bytes()[..])
                .bind(limit)
                .fetch_all(&self.reader)
                .await?;
        let uuid = |bytes: &[u8]| {
            Uuid::from_slice(bytes).map_err(|error| VaultError::Damaged(error.to_string()))
        };
        rows.iter().map(|(id, of)| Ok((uuid(id)?.into(), uuid(of)?.into()))).collect()
    }

    /// Deletes a password hash; nothing happens when there is none under this id.
    pub async fn delete_credential(&self, id: CredentialId) -> Result<(), VaultError> {
        self.writer.write(Change::DeleteCredential(id)).await
    }
}

/// Keeps password hashes; those of erased people aren't kept, and false tells that there was one.
pub(super) async fn insert(
    connection: &mut SqliteConnection,
    credentials: &[&Credential],
) -> Result<bool, VaultError> {
    let rows: Vec<_> = credentials
        .iter()
        .map(|new| {
            let (id, account) = (new.id.uuid().simple(), new.account.uuid().simple());
            (id.to_string(), account.to_string(), new.hash.expose_secret())
        })
        .collect();
    let kept = sqlx::query(
        "insert into credential (id, account, hash)
         select unhex(value ->> 0), unhex(value ->> 1), value ->> 2 from json_each(?)
         where not exists (
             select 1 from person_key where person = unhex(value ->> 1) and wrapped is null)
         on conflict do update set hash = excluded.hash, account = excluded.account",
    )
    .bind(serde_json::json!(rows).to_string())
    .execute(connection)
    .await?;
    Ok(kept.rows_affected() == credentials.len() as u64)
}

pub(super) async fn delete(
    connection: &mut SqliteConnection,
    ids: &[CredentialId],
) -> Result<(), VaultError> {
    let ids: Vec<_> = ids.iter().map(|id| id.uuid().simple().to_string()).collect();
    sqlx::query("delete from credential where id in (select unhex(value) from json_each(?))")
        .bind(serde_json::json!(ids).to_string())
        .execute(connection)
        .await?;
    Ok(())
}
