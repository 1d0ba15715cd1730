//! Secrets that have to be read again, not only compared: sealed under the key of their person.

use chrono::{DateTime, Utc};
use sqlx::SqliteConnection;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{Key, Vault, VaultError, keys::account, writer::Change};
use crate::{
    AccountId,
    sealed::{PersonKey, cipher},
};

/// What a secret is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SecretKind {
    /// What a second factor knows, under the factor's id.
    Factor,
    /// The hashes of recovery codes.
    RecoveryCodes,
    /// How far a sign-in in two steps has come, under the id of its token.
    Attempt,
    /// The code that was sent to somebody who proves anew who they are, under the id of their session.
    StepUp,
}

impl SecretKind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Factor => "factor",
            Self::RecoveryCodes => "recovery_codes",
            Self::Attempt => "attempt",
            Self::StepUp => "step_up",
        }
    }
}

/// A secret on its way into the vault.
pub(super) struct Sealed {
    id: Uuid,
    kind: SecretKind,
    pub(super) account: AccountId,
    bytes: Box<[u8]>,
    expires_at: Option<DateTime<Utc>>,
}

impl Vault {
    /// Keeps a secret of a person until it expires or is deleted; one with the same id is replaced. Refused for an
    /// erased person.
    pub async fn put_secret(
        &self,
        kind: SecretKind,
        id: Uuid,
        account: AccountId,
        secret: &[u8],
        expires_at: Option<DateTime<Utc>>,
    ) -> Result<(), VaultError> {
        let key = self.key_of(account).await?.ok_or(VaultError::Erased(account))?;
        let bytes = cipher::close(&key.bytes, secret, &place(kind, id))
            .map_err(|error| VaultError::Damaged(error.to_string()))?;
        self.writer.write(Change::PutSecret(Sealed { id, kind, account, bytes, expires_at })).await
    }

    /// A secret of this kind of a person, expired or not; none where there is none, or where the person was erased.
    pub async fn secret(
        &self,
        kind: SecretKind,
        id: Uuid,
        account: AccountId,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        let sealed: Option<Vec<u8>> = sqlx::query_scalar(
            "select sealed from secret where id = ? and kind = ? and account = ?",
        )
        .bind(&id.as_bytes()[..])
        .bind(kind.as_str())
        .bind(&account.uuid().as_bytes()[..])
        .fetch_optional(&self.reader)
        .await?;
        let Some(sealed) = sealed else { return Ok(None) };
        let Some(key) = self.key_of(account).await? else { return Ok(None) };
        let opened = cipher::open(&key.bytes, &sealed, &place(kind, id));
        opened.map(Some).map_err(|error| VaultError::Damaged(error.to_string()))
    }

    /// Which secrets of a kind there are, and of whom, in the order of their ids: at most `limit` after `after`.
    pub async fn secrets_after(
        &self,
        kind: SecretKind,
        after: Uuid,
        limit: u32,
    ) -> Result<Vec<(Uuid, AccountId)>, VaultError> {
        let rows: Vec<(Vec<u8>, Vec<u8>)> = sqlx::query_as(
            "select id, account from secret where kind = ? and id > ? order by id limit ?",
        )
        .bind(kind.as_str())
        .bind(&after.as_bytes()[..])
        .bind(limit)
        .fetch_all(&self.reader)
        .await?;
        let uuid = |bytes: &[u8]| {
            Uuid::from_slice(bytes).map_err(|error| VaultError::Damaged(error.to_string()))
        };
        rows.iter().map(|(id, of)| Ok((uuid(id)?, account(of)?))).collect()
    }

    /// Deletes secrets; those that are gone are left out.
    pub async fn delete_secrets(&self, ids: &[Uuid]) -> Result<(), VaultError> {
        if ids.is_empty() {
            return Ok(());
        }
        self.writer.write(Change::DeleteSecrets(ids.to_vec())).await
    }

    /// The key of a person; none where it was destroyed.
    async fn key_of(
        &self,
        person: AccountId,
    ) -> Result<Option<std::sync::Arc<PersonKey>>, VaultError> {
        match self.keys(&[person]).await?.remove(&person) {
            Some(Key::Present(key)) => Ok(Some(key)),
            Some(Key::Erased) => Ok(None),
            Some(Key::Damaged | Key::Unknown) | None => {
                Err(VaultError::Damaged(format!("there is no usable key of {person}")))
            }
        }
    }
}

/// A secret opens nowhere but in its own row.
fn place(kind: SecretKind, id: Uuid) -> Vec<u8> {
    [b"secret.", kind.as_str().as_bytes(), id.as_bytes()].concat()
}

/// Keeps secrets; those of erased people aren't kept, and false tells that there was one.
pub(super) async fn insert(
    connection: &mut SqliteConnection,
    secrets: &[&Sealed],
) -> Result<bool, VaultError> {
    let rows: Vec<_> = secrets
        .iter()
        .map(|new| {
            (
                new.id.simple().to_string(),
                new.kind.as_str(),
                new.account.uuid().simple().to_string(),
                super::hex(&new.bytes),
                new.expires_at.map(|at| at.timestamp_micros()),
            )
        })
        .collect();
    let kept = sqlx::query(
        "insert or replace into secret (id, kind, account, sealed, expires_at)
         select unhex(value ->> 0), value ->> 1, unhex(value ->> 2), unhex(value ->> 3), value ->> 4
         from json_each(?)
         where not exists (
             select 1 from person_key where person = unhex(value ->> 2) and wrapped is null)",
    )
    .bind(serde_json::json!(rows).to_string())
    .execute(connection)
    .await?;
    Ok(kept.rows_affected() == secrets.len() as u64)
}

pub(super) async fn delete(
    connection: &mut SqliteConnection,
    ids: &[Uuid],
) -> Result<(), VaultError> {
    let ids: Vec<_> = ids.iter().map(|id| id.simple().to_string()).collect();
    sqlx::query("delete from secret where id in (select unhex(value) from json_each(?))")
        .bind(serde_json::json!(ids).to_string())
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn delete_expired(
    connection: &mut SqliteConnection,
    now: DateTime<Utc>,
) -> Result<(), VaultError> {
    sqlx::query("delete from secret where expires_at <= ?")
        .bind(now.timestamp_micros())
        .execute(connection)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(n: u128) -> AccountId {
        Uuid::from_u128(n).into()
    }

    #[tokio::test]
    async fn a_secret_is_read_back_by_its_kind_and_person_only() {
        let vault = Vault::in_memory().await.unwrap();
        let (id, anna, ben) = (Uuid::from_u128(9), person(1), person(2));
        vault.create_key(anna).await.unwrap();
        vault.create_key(ben).await.unwrap();
        vault.put_secret(SecretKind::Factor, id, anna, b"hush", None).await.unwrap();
        let read = async |kind, of| vault.secret(kind, id, of).await.unwrap();
        assert_eq!(read(SecretKind::Factor, anna).await.unwrap().as_slice(), b"hush");
        assert_eq!(read(SecretKind::Attempt, anna).await, None);
        assert_eq!(read(SecretKind::Factor, ben).await, None);
        let all = vault.secrets_after(SecretKind::Factor, Uuid::nil(), 9).await.unwrap();
        assert_eq!(all, [(id, anna)]);
        vault.delete_secrets(&[id]).await.unwrap();
        assert_eq!(read(SecretKind::Factor, anna).await, None);
    }

    #[tokio::test]
    async fn a_secret_goes_when_it_expires_and_with_its_person() {
        let vault = Vault::in_memory().await.unwrap();
        let (one, other, anna) = (Uuid::from_u128(8), Uuid::from_u128(9), person(1));
        vault.create_key(anna).await.unwrap();
        let noon = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let kind = SecretKind::Attempt;
        vault.put_secret(kind, one, anna, b"soon", Some(noon)).await.unwrap();
        vault.put_secret(kind, other, anna, b"stays", None).await.unwrap();
        vault.delete_expired(noon).await.unwrap();
        assert_eq!(vault.secret(kind, one, anna).await.unwrap(), None);
        assert!(vault.secret(kind, other, anna).await.unwrap().is_some());
        vault.destroy_key(anna).await.unwrap();
        let left = vault.secrets_after(kind, Uuid::nil(), 9).await.unwrap();
        assert_eq!(left, []);
        let late = vault.put_secret(kind, one, anna, b"late", None).await;
        assert!(matches!(late, Err(VaultError::Erased(_))));
    }
}
