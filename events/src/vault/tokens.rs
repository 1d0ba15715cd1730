//! Tokens, by keyed hash: whoever reads the vault can't use one.

use chrono::{DateTime, Utc};
use sqlx::{FromRow, Row, SqliteConnection, sqlite::SqliteRow};
use uuid::Uuid;

use super::{Vault, VaultError, writer::Change};
use crate::AccountId;

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// A signed-in session.
    Session,
    /// A session in which an operator acts for somebody.
    Impersonation,
    /// A program's key.
    ServiceKey,
    /// The one-time token of the first operator.
    OperatorSetup,
    /// The link to another password.
    PasswordReset,
    /// The link that confirms an e-mail address.
    EmailConfirm,
    /// A sign-in that waits for its second factor.
    SignInAttempt,
    /// The link that activates an account.
    Activation,
    /// The code in a letter, which only the link makes use of.
    ActivationCode,
    /// The link by which people join an organisation.
    InvitationLink,
    /// What a passkey has to sign, once.
    PasskeyChallenge,
    /// The id of a passkey's credential, by which its owner is found; under the factor's id.
    Passkey,
}

impl TokenKind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Impersonation => "impersonation",
            Self::ServiceKey => "service_key",
            Self::OperatorSetup => "operator_setup",
            Self::PasswordReset => "password_reset",
            Self::EmailConfirm => "email_confirm",
            Self::SignInAttempt => "sign_in_attempt",
            Self::Activation => "activation",
            Self::ActivationCode => "activation_code",
            Self::InvitationLink => "invitation_link",
            Self::PasskeyChallenge => "passkey_challenge",
            Self::Passkey => "passkey",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [
            Self::Session,
            Self::Impersonation,
            Self::ServiceKey,
            Self::OperatorSetup,
            Self::PasswordReset,
            Self::EmailConfirm,
            Self::SignInAttempt,
            Self::Activation,
            Self::ActivationCode,
            Self::InvitationLink,
            Self::PasskeyChallenge,
            Self::Passkey,
        ]
        .into_iter()
        .find(|kind| kind.as_str() == text)
    }
}

/// A token, as far as it is kept.
#[derive(Clone, Debug)]
pub struct Token {
    /// What it is for.
    pub kind: TokenKind,
    /// Its identity: that of the session, service key, activation, letter or invitation link.
    pub id: Uuid,
    /// Whose it is.
    pub account: Option<AccountId>,
    /// The keyed hash of the token, see [`Pepper::hash`](super::Pepper::hash).
    pub hash: [u8; 32],
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was used, to the precision that its user writes it down.
    pub last_used_at: DateTime<Utc>,
    /// Until when it works; none: until it is deleted.
    pub expires_at: Option<DateTime<Utc>>,
}

impl Vault {
    /// Keeps a token; one with the same id is replaced. Refused for an erased person.
    pub async fn put_token(&self, token: Token) -> Result<(), VaultError> {
        self.writer.write(Change::PutToken(token)).await
    }

    /// The token with this keyed hash, expired or not. What the search's time tells is about
    /// keyed hashes, which nobody can steer without the pepper.
    pub async fn find_token(&self, hash: &[u8; 32]) -> Result<Option<Token>, VaultError> {
        let token = sqlx::query_as(
            "select kind, id, account, hash, created_at, last_used_at, expires_at
             from token where hash = ?",
        )
        .bind(&hash[..])
        .fetch_optional(&self.reader)
        .await?;
        Ok(token)
    }

    /// The tokens of one account, newest first.
    pub async fn tokens_of(&self, account: AccountId) -> Result<Vec<Token>, VaultError> {
        let tokens = sqlx::query_as(
            "select kind, id, account, hash, created_at, last_used_at, expires_at
             from token where account = ? order by created_at desc, id desc",
        )
        .bind(&account.uuid().as_bytes()[..])
        .fetch_all(&self.reader)
        .await?;
        Ok(tokens)
    }

    /// The accounts that have tokens which end (passkeys don't), in order of their ids: those after `after`, at most
    /// `limit`.
    pub async fn token_holders(
        &self,
        after: Option<AccountId>,
        limit: u32,
    ) -> Result<Vec<AccountId>, VaultError> {
        let holders: Vec<Vec<u8>> = sqlx::query_scalar(
            "select distinct account from token where account > ? and kind <> ?
             order by account limit ?",
        )
        .bind(after.map_or_else(Vec::new, |after| after.uuid().as_bytes().to_vec()))
        .bind(TokenKind::Passkey.as_str())
        .bind(limit)
        .fetch_all(&self.reader)
        .await?;
        holders.iter().map(|bytes| super::keys::account(bytes)).collect()
    }

    /// The identities of tokens of one kind in their order, each with whose it is; at most `limit` after `after`.
    pub async fn tokens_after(
        &self,
        kind: TokenKind,
        after: Uuid,
        limit: u32,
    ) -> Result<Vec<(Uuid, Option<AccountId>)>, VaultError> {
        let rows: Vec<(Vec<u8>, Option<Vec<u8>>)> = sqlx::query_as(
            "select id, account from token where kind = ? and id > ? order by id limit ?",
        )
        .bind(kind.as_str())
        .bind(&after.as_bytes()[..])
        .bind(limit)
        .fetch_all(&self.reader)
        .await?;
        let token = |(id, account): &(Vec<u8>, Option<Vec<u8>>)| {
            let id = Uuid::from_slice(id).map_err(|e| VaultError::Damaged(e.to_string()))?;
            Ok((id, account.as_deref().map(super::keys::account).transpose()?))
        };
        rows.iter().map(token).collect()
    }

    /// Tokens of one kind that have expired by `now` or were last used before `idle_since`, at most `limit`.
    pub async fn stale_tokens(
        &self,
        kind: TokenKind,
        now: DateTime<Utc>,
        idle_since: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<Token>, VaultError> {
        let tokens = sqlx::query_as(
            "select kind, id, account, hash, created_at, last_used_at, expires_at
             from token where kind = ? and (expires_at <= ? or last_used_at < ?) limit ?",
        )
        .bind(kind.as_str())
        .bind(now.timestamp_micros())
        .bind(idle_since.timestamp_micros())
        .bind(limit)
        .fetch_all(&self.reader)
        .await?;
        Ok(tokens)
    }

    /// Notes when tokens were used last; those that are gone are left out.
    pub async fn touch_tokens(&self, used: &[(Uuid, DateTime<Utc>)]) -> Result<(), VaultError> {
        if used.is_empty() {
            return Ok(());
        }
        self.writer.write(Change::TouchTokens(used.to_vec())).await
    }

    /// Deletes tokens of one kind; those that are gone are left out.
    pub async fn delete_tokens(&self, kind: TokenKind, ids: &[Uuid]) -> Result<(), VaultError> {
        if ids.is_empty() {
            return Ok(());
        }
        self.writer.write(Change::DeleteTokens(kind, ids.to_vec())).await
    }

    /// Deletes the tokens and secrets that work no longer, but for the tokens of sessions, which end by an event.
    pub async fn delete_expired(&self, now: DateTime<Utc>) -> Result<(), VaultError> {
        self.writer.write(Change::DeleteExpired(now)).await
    }
}

impl FromRow<'_, SqliteRow> for Token {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Self> {
        let wrong = |what: &str| sqlx::Error::Decode(format!("token.{what}").into());
        let time =
            |micros: i64, what| DateTime::from_timestamp_micros(micros).ok_or_else(|| wrong(what));
        let uuid = |bytes: &[u8], what| Uuid::from_slice(bytes).map_err(|_| wrong(what));
        Ok(Self {
            kind: TokenKind::parse(row.try_get("kind")?).ok_or_else(|| wrong("kind"))?,
            id: uuid(row.try_get("id")?, "id")?,
            account: row
                .try_get::<Option<&[u8]>, _>("account")?
                .map(|bytes| uuid(bytes, "account").map(AccountId::new))
                .transpose()?,
            hash: row.try_get::<&[u8], _>("hash")?.try_into().map_err(|_| wrong("hash"))?,
            created_at: time(row.try_get("created_at")?, "created_at")?,
            last_used_at: time(row.try_get("last_used_at")?, "last_used_at")?,
            expires_at: row
                .try_get::<Option<i64>, _>("expires_at")?
                .map(|micros| time(micros, "expires_at"))
                .transpose()?,
        })
    }
}

/// Keeps tokens; those of erased people aren't kept, and false tells that there was one.
pub(super) async fn insert(
    connection: &mut SqliteConnection,
    tokens: &[&Token],
) -> Result<bool, VaultError> {
    let rows: Vec<_> = tokens
        .iter()
        .map(|token| {
            (
                token.id.simple().to_string(),
                token.kind.as_str(),
                token.account.map(|account| account.uuid().simple().to_string()),
                super::hex(&token.hash),
                token.created_at.timestamp_micros(),
                token.last_used_at.timestamp_micros(),
                token.expires_at.map(|at| at.timestamp_micros()),
            )
        })
        .collect();
    let kept = sqlx::query(
        "insert or replace into token
             (id, kind, account, hash, created_at, last_used_at, expires_at)
         select unhex(value ->> 0), value ->> 1, unhex(value ->> 2), unhex(value ->> 3),
                value ->> 4, value ->> 5, value ->> 6
         from json_each(?)
         where not exists (
             select 1 from person_key where person = unhex(value ->> 2) and wrapped is null)",
    )
    .bind(serde_json::json!(rows).to_string())
    .execute(connection)
    .await?;
    Ok(kept.rows_affected() == tokens.len() as u64)
}

pub(super) async fn touch(
    connection: &mut SqliteConnection,
    used: &[(Uuid, DateTime<Utc>)],
) -> Result<(), VaultError> {
    let rows: Vec<_> =
        used.iter().map(|(id, at)| (id.simple().to_string(), at.timestamp_micros())).collect();
    sqlx::query(
        "update token set last_used_at = max(last_used_at, used.at)
         from (select unhex(value ->> 0) as id, max(value ->> 1) as at from json_each(?) group by 1) as used
         where token.id = used.id",
    )
    .bind(serde_json::json!(rows).to_string())
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn delete(
    connection: &mut SqliteConnection,
    tokens: &[(TokenKind, Uuid)],
) -> Result<(), VaultError> {
    let rows: Vec<_> =
        tokens.iter().map(|(kind, id)| (id.simple().to_string(), kind.as_str())).collect();
    sqlx::query(
        "delete from token where (id, kind) in
             (select unhex(value ->> 0), value ->> 1 from json_each(?))",
    )
    .bind(serde_json::json!(rows).to_string())
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn delete_expired(
    connection: &mut SqliteConnection,
    now: DateTime<Utc>,
) -> Result<(), VaultError> {
    sqlx::query("delete from token where expires_at <= ? and kind not in (?, ?)")
        .bind(now.timestamp_micros())
        .bind(TokenKind::Session.as_str())
        .bind(TokenKind::Impersonation.as_str())
        .execute(connection)
        .await?;
    Ok(())
}
