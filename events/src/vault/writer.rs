//! The one writer: what waits is committed together, one statement per kind of change.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use chrono::{DateTime, Utc};
use sqlx::{Connection, SqliteConnection, SqlitePool};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use super::{
    Token, TokenKind, VaultError, credentials,
    credentials::Credential,
    keys,
    keys::{Keys, NewKey},
    parcels,
    parcels::{Due, Parcel},
    secrets::{self, Sealed},
    tokens,
};
use crate::{AccountId, CredentialId, MailId};

/// Requests that may wait; more are told to come again.
const QUEUE: usize = 4096;
/// Requests that are committed together at most.
const GROUP: usize = 512;

/// One change of the vault.
pub(super) enum Change {
    CreateKey(NewKey),
    PutCredential(Credential),
    DeleteCredential(CredentialId),
    PutToken(Token),
    TouchTokens(Vec<(Uuid, DateTime<Utc>)>),
    DeleteTokens(TokenKind, Vec<Uuid>),
    PutSecret(Sealed),
    DeleteSecrets(Vec<Uuid>),
    DeleteExpired(DateTime<Utc>),
    PutParcel(Parcel),
    ScheduleParcel(Due),
    DeleteParcel(MailId),
    DestroyKey(AccountId),
    Close,
}

impl Change {
    /// About whom it keeps something.
    fn about(&self) -> Option<AccountId> {
        match self {
            Self::CreateKey(new) => Some(new.person),
            Self::PutCredential(credential) => Some(credential.account),
            Self::PutToken(token) => token.account,
            Self::PutParcel(parcel) => Some(parcel.account),
            Self::PutSecret(secret) => Some(secret.account),
            Self::DeleteCredential(_)
            | Self::TouchTokens(_)
            | Self::DeleteTokens(..)
            | Self::DeleteSecrets(_)
            | Self::DeleteExpired(_)
            | Self::ScheduleParcel(_)
            | Self::DeleteParcel(_)
            | Self::DestroyKey(_)
            | Self::Close => None,
        }
    }
}

struct Request {
    change: Change,
    done: oneshot::Sender<Result<(), VaultError>>,
}

/// The way to the writer.
#[derive(Clone)]
pub(super) struct Writer(mpsc::Sender<Request>);

impl Writer {
    /// Starts the writer; it ends with the last way to it, or when it is closed.
    pub(super) fn start(pool: SqlitePool, keys: Arc<Keys>) -> Self {
        let (sender, queue) = mpsc::channel(QUEUE);
        tokio::spawn(run(queue, pool, keys));
        Self(sender)
    }

    /// Returns when the change is on the disk.
    pub(super) async fn write(&self, change: Change) -> Result<(), VaultError> {
        let (done, answer) = oneshot::channel();
        self.0.try_send(Request { change, done }).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => VaultError::Busy,
            mpsc::error::TrySendError::Closed(_) => VaultError::Closed,
        })?;
        answer.await.unwrap_or(Err(VaultError::Closed))
    }

    pub(super) async fn close(&self) {
        let (done, answer) = oneshot::channel();
        if self.0.send(Request { change: Change::Close, done }).await.is_ok() {
            // The writer may have been closed meanwhile: that is what was asked.
            drop(answer.await);
        }
    }
}

async fn run(mut queue: mpsc::Receiver<Request>, pool: SqlitePool, keys: Arc<Keys>) {
    let mut waiting = Vec::with_capacity(GROUP);
    while queue.recv_many(&mut waiting, GROUP).await > 0 {
        let group = Group::of(&waiting);
        let closing = group.closing;
        let outcome = group.commit(&pool, &keys).await;
        drop(group);
        for Request { change, done } in waiting.drain(..) {
            let answer = match (&change, &outcome) {
                (Change::DestroyKey(_), Ok(committed)) if !committed.overwritten => {
                    Err(VaultError::Busy)
                }
                (change, Ok(committed)) => match change.about() {
                    Some(person) if committed.fenced.contains(&person) => {
                        Err(VaultError::Erased(person))
                    }
                    _ => Ok(()),
                },
                (_, Err(error)) => Err(error.clone()),
            };
            // Whoever asked may have gone away; it is done all the same.
            drop(done.send(answer));
        }
        if closing {
            queue.close();
        }
    }
    pool.close().await;
}

/// What is committed together, by kind.
#[derive(Default)]
struct Group<'a> {
    /// One per person: of several that came together, the first.
    new_keys: HashMap<AccountId, &'a NewKey>,
    credentials: Vec<&'a Credential>,
    old_credentials: Vec<CredentialId>,
    tokens: Vec<&'a Token>,
    used: Vec<(Uuid, DateTime<Utc>)>,
    old_tokens: Vec<(TokenKind, Uuid)>,
    secrets: Vec<&'a Sealed>,
    old_secrets: Vec<Uuid>,
    expired: Option<DateTime<Utc>>,
    parcels: Vec<&'a Parcel>,
    due: Vec<Due>,
    old_parcels: Vec<MailId>,
    erased: Vec<AccountId>,
    closing: bool,
}

#[derive(Default)]
struct Committed {
    /// Whose new key is in the vault now.
    taken: HashSet<AccountId>,
    /// Of whom something was to be kept that were erased: nothing was.
    fenced: HashSet<AccountId>,
    /// Whether the journal holds nothing any more of what was erased.
    overwritten: bool,
}

impl<'a> Group<'a> {
    fn of(requests: &'a [Request]) -> Self {
        let mut group = Self::default();
        for Request { change, .. } in requests {
            match change {
                Change::CreateKey(new) => drop(group.new_keys.entry(new.person).or_insert(new)),
                Change::PutCredential(credential) => group.credentials.push(credential),
                Change::DeleteCredential(id) => group.old_credentials.push(*id),
                Change::PutToken(token) => group.tokens.push(token),
                Change::TouchTokens(used) => group.used.extend(used),
                Change::DeleteTokens(kind, ids) => {
                    group.old_tokens.extend(ids.iter().map(|id| (*kind, *id)));
                }
                Change::PutSecret(secret) => group.secrets.push(secret),
                Change::DeleteSecrets(ids) => group.old_secrets.extend(ids),
                Change::DeleteExpired(now) => group.expired = group.expired.max(Some(*now)),
                Change::PutParcel(parcel) => group.parcels.push(parcel),
                Change::ScheduleParcel(due) => group.due.push(*due),
                Change::DeleteParcel(mail) => group.old_parcels.push(*mail),
                Change::DestroyKey(person) => group.erased.push(*person),
                Change::Close => group.closing = true,
            }
        }
        group
    }

    async fn commit(&self, pool: &SqlitePool, keys: &Keys) -> Result<Committed, VaultError> {
        let mut connection = pool.acquire().await?;
        let mut committed = match self.write(&mut connection).await {
            Ok(committed) => committed,
            Err(error) => {
                // Without space SQLite may have ended the transaction by itself, or may have not, and the driver
                // can't tell: on this connection a later commit could be one in name only. It isn't used again.
                let _ = connection.close().await;
                return Err(error);
            }
        };
        drop(connection);
        for new in self.new_keys.values().filter(|new| committed.taken.contains(&new.person)) {
            keys.created(new);
        }
        for person in &self.erased {
            keys.destroyed(*person);
        }
        committed.overwritten = self.erased.is_empty() || empty_journal(pool).await?;
        Ok(committed)
    }

    /// One transaction. What is made comes before what is deleted: of a pair in one group, the deletion holds.
    async fn write(&self, connection: &mut SqliteConnection) -> Result<Committed, VaultError> {
        let mut committed = Committed::default();
        let mut was_kept = true;
        let mut transaction = connection.begin().await?;
        if !self.new_keys.is_empty() {
            committed.taken = keys::insert(&mut transaction, &self.new_keys).await?;
            was_kept = committed.taken.len() == self.new_keys.len();
        }
        if !self.credentials.is_empty() {
            was_kept &= credentials::insert(&mut transaction, &self.credentials).await?;
        }
        if !self.tokens.is_empty() {
            was_kept &= tokens::insert(&mut transaction, &self.tokens).await?;
        }
        if !self.parcels.is_empty() {
            was_kept &= parcels::insert(&mut transaction, &self.parcels).await?;
        }
        if !self.secrets.is_empty() {
            was_kept &= secrets::insert(&mut transaction, &self.secrets).await?;
        }
        if !was_kept {
            committed.fenced = keys::fenced(&mut transaction, self.about()).await?;
        }
        if !self.used.is_empty() {
            tokens::touch(&mut transaction, &self.used).await?;
        }
        if !self.old_credentials.is_empty() {
            credentials::delete(&mut transaction, &self.old_credentials).await?;
        }
        if !self.old_tokens.is_empty() {
            tokens::delete(&mut transaction, &self.old_tokens).await?;
        }
        if !self.due.is_empty() {
            parcels::schedule(&mut transaction, &self.due).await?;
        }
        if !self.old_parcels.is_empty() {
            parcels::delete(&mut transaction, &self.old_parcels).await?;
        }
        if !self.old_secrets.is_empty() {
            secrets::delete(&mut transaction, &self.old_secrets).await?;
        }
        if let Some(now) = self.expired {
            tokens::delete_expired(&mut transaction, now).await?;
            parcels::delete_expired(&mut transaction, now).await?;
            secrets::delete_expired(&mut transaction, now).await?;
        }
        if !self.erased.is_empty() {
            keys::destroy(&mut transaction, &self.erased).await?;
        }
        transaction.commit().await?;
        Ok(committed)
    }

    /// About whom something is to be kept.
    fn about(&self) -> impl Iterator<Item = AccountId> {
        let keys = self.new_keys.keys().copied();
        let credentials = self.credentials.iter().map(|credential| credential.account);
        let tokens = self.tokens.iter().filter_map(|token| token.account);
        let parcels = self.parcels.iter().map(|parcel| parcel.account);
        let secrets = self.secrets.iter().map(|secret| secret.account);
        keys.chain(credentials).chain(tokens).chain(parcels).chain(secrets)
    }
}

/// Copies the journal into the file and cuts it to nothing; false when a reader was in the way.
async fn empty_journal(pool: &SqlitePool) -> Result<bool, VaultError> {
    let (busy, _, _): (i64, i64, i64) =
        sqlx::query_as("pragma wal_checkpoint(truncate)").fetch_one(pool).await?;
    Ok(busy == 0)
}
