//! Parcels: what mails say until they are delivered, and when each is to be sent.
//!
//! They are encrypted under the master key, so that nobody reads one in a file; deleted, they are overwritten.

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use sqlx::SqliteConnection;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{Vault, VaultError, writer::Change};
use crate::{AccountId, MailId};

/// A parcel, on its way into the vault.
pub struct Parcel {
    mail: MailId,
    pub(super) account: AccountId,
    content: Box<[u8]>,
    expires_at: DateTime<Utc>,
}

/// When a mail is to be sent; none: not for now.
pub(super) type Due = (MailId, Option<DateTime<Utc>>);

impl Vault {
    /// Keeps what a mail says, encrypted. It is not sent before [`schedule_parcel`](Self::schedule_parcel) says so, and
    /// goes at its expiry. What was kept under its name before is replaced. Refused for an erased person.
    pub async fn put_parcel(
        &self,
        mail: MailId,
        account: AccountId,
        content: &SecretString,
        expires_at: DateTime<Utc>,
    ) -> Result<(), VaultError> {
        let plain = content.expose_secret().as_bytes();
        let content = self.keys.master().close(plain, &place(mail))?;
        let parcel = Parcel { mail, account, content, expires_at };
        self.writer.write(Change::PutParcel(parcel)).await
    }

    /// What a mail says, as long as it is kept.
    pub async fn parcel(&self, mail: MailId) -> Result<Option<SecretString>, VaultError> {
        let content: Option<Vec<u8>> =
            sqlx::query_scalar("select content from parcel where id = ?")
                .bind(&mail.uuid().as_bytes()[..])
                .fetch_optional(&self.reader)
                .await?;
        let Some(content) = content else { return Ok(None) };
        let plain = self.keys.master().open(&content, &place(mail))?;
        let text = Zeroizing::new(
            String::from_utf8(plain.to_vec())
                .map_err(|_| VaultError::Damaged("a parcel holds no text".into()))?,
        );
        Ok(Some(SecretString::from(text.as_str())))
    }

    /// Whether what a mail says is still kept.
    pub async fn has_parcel(&self, mail: MailId) -> Result<bool, VaultError> {
        let has = sqlx::query_scalar("select exists (select 1 from parcel where id = ?)")
            .bind(&mail.uuid().as_bytes()[..])
            .fetch_one(&self.reader)
            .await?;
        Ok(has)
    }

    /// Sets when a mail is to be sent; none: not for now. Nothing happens where there is no parcel.
    pub async fn schedule_parcel(
        &self,
        mail: MailId,
        due_at: Option<DateTime<Utc>>,
    ) -> Result<(), VaultError> {
        self.writer.write(Change::ScheduleParcel((mail, due_at))).await
    }

    /// The mails that are to be sent by `now`, the longest due first, at most `limit`.
    pub async fn due_parcels(
        &self,
        now: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<MailId>, VaultError> {
        let ids: Vec<Vec<u8>> = sqlx::query_scalar(
            "select id from parcel where due_at <= ? order by due_at, id limit ?",
        )
        .bind(now.timestamp_micros())
        .bind(limit)
        .fetch_all(&self.reader)
        .await?;
        let id = |bytes: &Vec<u8>| Uuid::from_slice(bytes).map(MailId::new);
        ids.iter().map(id).collect::<Result<_, _>>().map_err(|e| VaultError::Damaged(e.to_string()))
    }

    /// When the next mail after `now` is to be sent, if one waits.
    pub async fn next_parcel(
        &self,
        now: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>, VaultError> {
        let micros: Option<i64> =
            sqlx::query_scalar("select min(due_at) from parcel where due_at > ?")
                .bind(now.timestamp_micros())
                .fetch_one(&self.reader)
                .await?;
        Ok(micros.and_then(DateTime::from_timestamp_micros))
    }

    /// Deletes what a mail says; nothing happens when it is gone.
    pub async fn delete_parcel(&self, mail: MailId) -> Result<(), VaultError> {
        self.writer.write(Change::DeleteParcel(mail)).await
    }
}

fn place(mail: MailId) -> Vec<u8> {
    [b"parcel".as_slice(), mail.uuid().as_bytes()].concat()
}

/// Keeps parcels; those for erased people aren't kept, and false tells that there was one.
pub(super) async fn insert(
    connection: &mut SqliteConnection,
    parcels: &[&Parcel],
) -> Result<bool, VaultError> {
    let rows: Vec<_> = parcels
        .iter()
        .map(|parcel| {
            (
                parcel.mail.uuid().simple().to_string(),
                parcel.account.uuid().simple().to_string(),
                super::hex(&parcel.content),
                parcel.expires_at.timestamp_micros(),
            )
        })
        .collect();
    let kept = sqlx::query(
        "insert into parcel (id, account, content, expires_at)
         select unhex(value ->> 0), unhex(value ->> 1), unhex(value ->> 2), value ->> 3
         from json_each(?)
         where not exists (
             select 1 from person_key where person = unhex(value ->> 1) and wrapped is null)
         on conflict do update set content = excluded.content, expires_at = excluded.expires_at",
    )
    .bind(serde_json::json!(rows).to_string())
    .execute(connection)
    .await?;
    Ok(kept.rows_affected() == parcels.len() as u64)
}

/// Sets when mails are to be sent; of several words about the same mail the last one holds.
pub(super) async fn schedule(
    connection: &mut SqliteConnection,
    due: &[Due],
) -> Result<(), VaultError> {
    let last: std::collections::HashMap<_, _> = due.iter().copied().collect();
    let rows: Vec<_> = last
        .iter()
        .map(|(mail, at)| (mail.uuid().simple().to_string(), at.map(|at| at.timestamp_micros())))
        .collect();
    sqlx::query(
        "update parcel set due_at = due.at
         from (select unhex(value ->> 0) as id, value ->> 1 as at from json_each(?)) as due
         where parcel.id = due.id",
    )
    .bind(serde_json::json!(rows).to_string())
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn delete(
    connection: &mut SqliteConnection,
    mails: &[MailId],
) -> Result<(), VaultError> {
    let ids: Vec<_> = mails.iter().map(|mail| mail.uuid().simple().to_string()).collect();
    sqlx::query("delete from parcel where id in (select unhex(value) from json_each(?))")
        .bind(serde_json::json!(ids).to_string())
        .execute(connection)
        .await?;
    Ok(())
}

/// Deletes what is of no use any more, but for mails that wait to be sent: those end by an event.
pub(super) async fn delete_expired(
    connection: &mut SqliteConnection,
    now: DateTime<Utc>,
) -> Result<(), VaultError> {
    sqlx::query("delete from parcel where expires_at <= ? and due_at is null")
        .bind(now.timestamp_micros())
        .execute(connection)
        .await?;
    Ok(())
}
