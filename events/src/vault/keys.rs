//! One key per person, wrapped by the master key.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, PoisonError, RwLock},
};

use quick_cache::sync::Cache;
use sqlx::{SqliteConnection, SqlitePool};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{MasterKey, Vault, VaultError, writer::Change};
use crate::{AccountId, loader::Loader, sealed::PersonKey};

/// Unwrapped keys that are kept in memory, about 100 bytes each.
const CACHED: usize = 20_000;
/// Up to so many keys are read together with those that others ask for.
const FEW: usize = 16;
/// The only version until keys can be renewed.
const VERSION: u32 = 1;

/// What the vault knows about a person's key.
#[derive(Clone, Debug)]
pub enum Key {
    /// Here it is.
    Present(Arc<PersonKey>),
    /// It was destroyed: what is sealed under it is gone.
    Erased,
    /// It is there and doesn't unwrap: the row was altered, or comes from another vault.
    Damaged,
    /// There never was one.
    Unknown,
}

impl Vault {
    /// Makes a person's key, unless there is one. Refused for an erased person.
    pub async fn create_key(&self, person: AccountId) -> Result<(), VaultError> {
        if let Some(Key::Present(_)) = self.keys.cache.get(&person) {
            return Ok(());
        }
        let mut bytes = Zeroizing::new([0; 32]);
        getrandom::fill(&mut *bytes).map_err(|error| VaultError::Damaged(error.to_string()))?;
        let key = PersonKey { version: VERSION, bytes };
        let wrapped = self.keys.master.wrap(&key.bytes, &place(person, VERSION))?;
        self.writer.write(Change::CreateKey(NewKey { person, key: Arc::new(key), wrapped })).await
    }

    /// What is known about the keys of these people, each of them. One that is damaged doesn't keep back the others.
    pub async fn keys(&self, people: &[AccountId]) -> Result<HashMap<AccountId, Key>, VaultError> {
        let mut known = HashMap::with_capacity(people.len());
        let mut missing = HashSet::new();
        for person in people {
            match self.keys.cache.get(person) {
                Some(key) => drop(known.insert(*person, key)),
                None => drop(missing.insert(*person)),
            }
        }
        if missing.is_empty() {
            return Ok(known);
        }
        let erasures = *self.keys.erasures.read().unwrap_or_else(PoisonError::into_inner);
        let found = if missing.len() <= FEW {
            let people: Vec<_> = missing.iter().copied().collect();
            let rows = self.wrapped.get_many(people.clone()).await?;
            people.into_iter().zip(rows).filter_map(|(person, row)| Some((person, row?))).collect()
        } else {
            read(&self.reader, missing.iter().copied()).await?
        };
        for (person, wrapped) in found {
            missing.remove(&person);
            known.insert(person, self.keys.unwrap(person, wrapped));
        }
        self.keys.keep(&known, erasures);
        known.extend(missing.into_iter().map(|person| (person, Key::Unknown)));
        Ok(known)
    }

    /// Destroys a person's key, and with it all that the vault keeps of the person: password hashes, tokens, secrets
    /// and mails. A fence
    /// stays, so that there is never anything of them again. When this returns, the key is in no file and no cache.
    /// After [`VaultError::Busy`] it has to be asked again.
    pub async fn destroy_key(&self, person: AccountId) -> Result<(), VaultError> {
        self.writer.write(Change::DestroyKey(person)).await
    }
}

/// A key as the vault has it.
#[derive(Clone, Debug)]
pub(super) struct Wrapped {
    version: u32,
    /// None where it was destroyed.
    bytes: Option<Arc<[u8]>>,
}

/// Reads single keys, those that are asked for at the same time together.
pub(super) fn single(reader: &SqlitePool) -> Loader<AccountId, Wrapped, VaultError> {
    let reader = reader.clone();
    Loader::new(move |people| {
        let reader = reader.clone();
        async move { read(&reader, people.into_iter()).await }
    })
}

async fn read(
    reader: &SqlitePool,
    people: impl Iterator<Item = AccountId> + Send,
) -> Result<HashMap<AccountId, Wrapped>, VaultError> {
    let ids: Vec<_> = people.map(|person| person.uuid().simple().to_string()).collect();
    let rows: Vec<(Vec<u8>, u32, Option<Vec<u8>>)> = sqlx::query_as(
        "select person, version, wrapped from person_key
         where person in (select unhex(value) from json_each(?))",
    )
    .bind(serde_json::json!(ids).to_string())
    .fetch_all(reader)
    .await?;
    rows.into_iter()
        .map(|(person, version, wrapped)| {
            let bytes = wrapped.map(Arc::from);
            Ok((account(&person)?, Wrapped { version, bytes }))
        })
        .collect()
}

/// The keys that are in memory, and what unwraps the others.
pub(super) struct Keys {
    master: MasterKey,
    cache: Cache<AccountId, Key>,
    /// How many keys were destroyed: what was read before an erasure must not be kept after it.
    erasures: RwLock<u64>,
}

impl Keys {
    pub(super) fn new(master: MasterKey) -> Self {
        Self { master, cache: Cache::new(CACHED), erasures: RwLock::default() }
    }

    /// What wraps all other keys.
    pub(super) const fn master(&self) -> &MasterKey {
        &self.master
    }

    fn unwrap(&self, person: AccountId, Wrapped { version, bytes }: Wrapped) -> Key {
        let Some(bytes) = bytes else { return Key::Erased };
        match self.master.unwrap(&bytes, &place(person, version)) {
            Ok(bytes) => Key::Present(Arc::new(PersonKey { version, bytes })),
            Err(_) => Key::Damaged,
        }
    }

    /// Keeps what was read, unless a key was destroyed meanwhile. What is damaged may be mended, and isn't kept.
    pub(super) fn keep(&self, known: &HashMap<AccountId, Key>, erasures: u64) {
        let now = self.erasures.read().unwrap_or_else(PoisonError::into_inner);
        if *now == erasures {
            for (person, key) in known.iter().filter(|(_, key)| !matches!(key, Key::Damaged)) {
                self.cache.insert(*person, key.clone());
            }
        }
    }

    /// The writer committed a new key.
    pub(super) fn created(&self, new: &NewKey) {
        self.cache.insert(new.person, Key::Present(Arc::clone(&new.key)));
    }

    /// The writer committed an erasure.
    pub(super) fn destroyed(&self, person: AccountId) {
        let mut erasures = self.erasures.write().unwrap_or_else(PoisonError::into_inner);
        *erasures += 1;
        self.cache.insert(person, Key::Erased);
    }
}

/// A key on its way into the vault.
pub(super) struct NewKey {
    pub(super) person: AccountId,
    key: Arc<PersonKey>,
    wrapped: Box<[u8]>,
}

/// Keeps new keys, and tells whose are in the vault now; the others had one, or are fenced.
pub(super) async fn insert(
    connection: &mut SqliteConnection,
    keys: &HashMap<AccountId, &NewKey>,
) -> Result<HashSet<AccountId>, VaultError> {
    let rows: Vec<_> = keys
        .values()
        .map(|new| {
            (new.person.uuid().simple().to_string(), new.key.version, super::hex(&new.wrapped))
        })
        .collect();
    let taken: Vec<Vec<u8>> = sqlx::query_scalar(
        "insert into person_key (person, version, wrapped)
         select unhex(value ->> 0), value ->> 1, unhex(value ->> 2) from json_each(?) where true
         on conflict do nothing
         returning person",
    )
    .bind(serde_json::json!(rows).to_string())
    .fetch_all(&mut *connection)
    .await?;
    accounts(&taken)
}

/// Who of these people is fenced.
pub(super) async fn fenced(
    connection: &mut SqliteConnection,
    people: impl Iterator<Item = AccountId>,
) -> Result<HashSet<AccountId>, VaultError> {
    let people: Vec<_> = people.map(|person| person.uuid().simple().to_string()).collect();
    let fenced: Vec<Vec<u8>> = sqlx::query_scalar(
        "select person from person_key
         where wrapped is null and person in (select unhex(value) from json_each(?))",
    )
    .bind(serde_json::json!(people).to_string())
    .fetch_all(connection)
    .await?;
    accounts(&fenced)
}

pub(super) async fn destroy(
    connection: &mut SqliteConnection,
    people: &[AccountId],
) -> Result<(), VaultError> {
    let people: Vec<_> = people.iter().map(|person| person.uuid().simple().to_string()).collect();
    let people = serde_json::json!(people).to_string();
    for statement in [
        "insert into person_key (person, version, wrapped)
         select unhex(value), 0, null from json_each(?) where true
         on conflict do update set wrapped = null",
        "delete from credential where account in (select unhex(value) from json_each(?))",
        "delete from token where account in (select unhex(value) from json_each(?))",
        "delete from parcel where account in (select unhex(value) from json_each(?))",
        "delete from secret where account in (select unhex(value) from json_each(?))",
    ] {
        sqlx::query(statement).bind(&people).execute(&mut *connection).await?;
    }
    Ok(())
}

fn accounts(rows: &[Vec<u8>]) -> Result<HashSet<AccountId>, VaultError> {
    rows.iter().map(|bytes| account(bytes)).collect()
}

pub(super) fn account(bytes: &[u8]) -> Result<AccountId, VaultError> {
    let id = Uuid::from_slice(bytes).map_err(|error| VaultError::Damaged(error.to_string()))?;
    Ok(id.into())
}

fn place(person: AccountId, version: u32) -> Vec<u8> {
    [b"person".as_slice(), person.uuid().as_bytes(), &version.to_be_bytes()].concat()
}
