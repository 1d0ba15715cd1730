use std::{collections::HashSet, fs, path::PathBuf};

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use tempfile::TempDir;
use uuid::Uuid;

use super::{keys::Key, *};
use crate::{CredentialId, sealed::PersonKey, store::ClaimKind};

struct Home(TempDir);

impl Home {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("vault.db")
    }

    async fn vault(&self) -> Vault {
        Vault::open(&self.file(), master()).await.unwrap()
    }

    /// Whether these bytes stand in any file.
    fn holds(&self, needle: &[u8]) -> bool {
        fs::read_dir(self.0.path()).unwrap().any(|entry| {
            let bytes = fs::read(entry.unwrap().path()).unwrap();
            bytes.windows(needle.len()).any(|window| window == needle)
        })
    }

    async fn wrapped_key(&self, person: AccountId) -> Vec<u8> {
        let pool = SqlitePool::connect(&format!("sqlite:{}", self.file().display())).await.unwrap();
        sqlx::query_scalar("select wrapped from person_key where person = ?")
            .bind(&person.uuid().as_bytes()[..])
            .fetch_one(&pool)
            .await
            .unwrap()
    }
}

fn master() -> MasterKey {
    MasterKey::new([42; 32])
}

fn person(n: u128) -> AccountId {
    Uuid::from_u128(n).into()
}

async fn key(vault: &Vault, person: AccountId) -> Key {
    vault.keys(&[person]).await.unwrap().remove(&person).unwrap()
}

async fn present(vault: &Vault, person: AccountId) -> Arc<PersonKey> {
    match key(vault, person).await {
        Key::Present(key) => key,
        other => panic!("{other:?}"),
    }
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

fn token(n: u128, account: u128, expires_at: Option<i64>) -> Token {
    Token {
        kind: TokenKind::Session,
        id: Uuid::from_u128(n),
        account: Some(person(account)),
        hash: [u8::try_from(n).unwrap(); 32],
        created_at: at(100),
        last_used_at: at(100),
        expires_at: expires_at.map(at),
    }
}

#[tokio::test]
async fn a_person_keeps_one_key_for_ever() {
    let home = Home::new();
    let vault = home.vault().await;
    vault.create_key(person(1)).await.unwrap();
    let first = present(&vault, person(1)).await;
    vault.create_key(person(1)).await.unwrap();
    vault.close().await;

    let again = home.vault().await;
    again.create_key(person(1)).await.unwrap();
    assert_eq!(present(&again, person(1)).await.bytes, first.bytes);
    assert!(matches!(key(&again, person(2)).await, Key::Unknown));
}

#[tokio::test]
async fn a_key_that_many_make_at_once_is_one_key() {
    let home = Home::new();
    let vault = home.vault().await;
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..64 {
        let vault = vault.clone();
        tasks.spawn(async move {
            vault.create_key(person(n % 4)).await.unwrap();
            (n % 4, present(&vault, person(n % 4)).await.bytes.clone())
        });
    }
    let keys: HashSet<_> = tasks.join_all().await.into_iter().map(|(n, key)| (n, *key)).collect();
    assert_eq!(keys.len(), 4);
}

#[tokio::test]
async fn a_new_key_is_known_right_after_unknown_was_answered() {
    let vault = Vault::in_memory().await.unwrap();
    assert!(matches!(key(&vault, person(1)).await, Key::Unknown));
    vault.create_key(person(1)).await.unwrap();
    present(&vault, person(1)).await;
}

#[tokio::test]
async fn an_erased_person_never_gets_a_key_again() {
    let home = Home::new();
    let vault = home.vault().await;
    vault.create_key(person(1)).await.unwrap();
    vault.destroy_key(person(1)).await.unwrap();
    vault.destroy_key(person(2)).await.unwrap();
    for person in [person(1), person(2)] {
        assert!(matches!(key(&vault, person).await, Key::Erased));
        let refused = vault.create_key(person).await;
        assert!(matches!(refused, Err(VaultError::Erased(erased)) if erased == person));
    }
    vault.destroy_key(person(1)).await.unwrap();
    vault.close().await;
    assert!(matches!(key(&home.vault().await, person(1)).await, Key::Erased));
}

#[tokio::test]
async fn s34_a_destroyed_key_is_in_no_file_neither_bare_nor_wrapped() {
    let home = Home::new();
    let vault = home.vault().await;
    for n in 0..50 {
        vault.create_key(person(n)).await.unwrap();
    }
    let bare = present(&vault, person(7)).await.bytes.clone();
    let wrapped = home.wrapped_key(person(7)).await;
    let neighbour = home.wrapped_key(person(8)).await;
    assert!(home.holds(&wrapped) && home.holds(&neighbour));
    assert!(!home.holds(&*bare), "a key is never written bare");

    vault.destroy_key(person(7)).await.unwrap();
    assert!(!home.holds(&wrapped), "the wrapped key must be overwritten, in file and journal");
    assert!(home.holds(&neighbour));
    present(&vault, person(8)).await;
}

#[tokio::test]
async fn s34_with_the_key_go_password_and_tokens_and_nothing_is_kept_of_the_person_again() {
    let home = Home::new();
    let vault = home.vault().await;
    let credential = |n: u128| CredentialId::new(Uuid::from_u128(n));
    let hash = |n: u128| SecretString::from(format!("$argon2id$ of {n}"));
    for n in 1..=2 {
        vault.create_key(person(n)).await.unwrap();
        vault.put_credential(credential(n), person(n), hash(n)).await.unwrap();
        vault.put_token(token(n, n, None)).await.unwrap();
    }
    vault.destroy_key(person(1)).await.unwrap();
    assert!(vault.credential(credential(1)).await.unwrap().is_none());
    assert!(vault.tokens_of(person(1)).await.unwrap().is_empty());
    assert!(!home.holds(b"$argon2id$ of 1") && !home.holds(&[1; 32]));

    // What comes too late is refused, and what comes with it is kept.
    let (late, late_token, other) = tokio::join!(
        vault.put_credential(credential(3), person(1), hash(3)),
        vault.put_token(token(3, 1, None)),
        vault.put_token(token(4, 2, None)),
    );
    for refused in [late, late_token] {
        assert!(matches!(refused, Err(VaultError::Erased(erased)) if erased == person(1)));
    }
    other.unwrap();
    assert!(vault.credential(credential(3)).await.unwrap().is_none());
    assert!(vault.credential(credential(2)).await.unwrap().is_some());
    assert_eq!(vault.tokens_of(person(2)).await.unwrap().len(), 2);
    // One without an account is nobody's.
    vault.put_token(Token { account: None, ..token(5, 1, None) }).await.unwrap();
    assert!(vault.find_token(&[5; 32]).await.unwrap().is_some());
}

#[tokio::test]
async fn s34_a_wrapped_key_opens_only_for_its_person_and_under_its_master_key() {
    let home = Home::new();
    let vault = home.vault().await;
    vault.create_key(person(1)).await.unwrap();
    vault.create_key(person(2)).await.unwrap();
    vault.close().await;
    let stranger = Vault::open(&home.file(), MasterKey::new([43; 32])).await;
    assert!(matches!(stranger, Err(VaultError::WrongMasterKey)));

    let pool = SqlitePool::connect(&format!("sqlite:{}", home.file().display())).await.unwrap();
    let stolen = home.wrapped_key(person(1)).await;
    sqlx::query("update person_key set wrapped = ? where person = ?")
        .bind(stolen)
        .bind(&person(2).uuid().as_bytes()[..])
        .execute(&pool)
        .await
        .unwrap();
    pool.close().await;
    let vault = home.vault().await;
    present(&vault, person(1)).await;
    assert!(matches!(key(&vault, person(2)).await, Key::Damaged));
}

#[tokio::test]
async fn a_key_that_was_read_before_an_erasure_is_not_kept_after_it() {
    let vault = Vault::in_memory().await.unwrap();
    vault.create_key(person(1)).await.unwrap();
    // A reader that is slow between its read and the cache.
    let read = vault.keys(&[person(1)]).await.unwrap();
    vault.destroy_key(person(1)).await.unwrap();
    vault.keys.keep(&read, 0);
    assert!(matches!(key(&vault, person(1)).await, Key::Erased));
}

#[tokio::test]
async fn credentials_are_kept_and_deleted() {
    let vault = Vault::in_memory().await.unwrap();
    let id: CredentialId = Uuid::from_u128(1).into();
    assert!(vault.credential(id).await.unwrap().is_none());
    vault.put_credential(id, person(1), SecretString::from("$argon2id$…")).await.unwrap();
    let kept = vault.credential(id).await.unwrap().unwrap();
    assert_eq!(kept.expose_secret(), "$argon2id$…");
    vault.delete_credential(id).await.unwrap();
    assert!(vault.credential(id).await.unwrap().is_none());
}

#[tokio::test]
async fn what_is_kept_can_be_looked_through_page_by_page() {
    let vault = Vault::in_memory().await.unwrap();
    let credential = |n: u128| CredentialId::new(Uuid::from_u128(n));
    for n in [3, 1, 2] {
        vault.put_credential(credential(n), person(10 + n), "hash".into()).await.unwrap();
        let kind = if n == 2 { TokenKind::Session } else { TokenKind::ServiceKey };
        vault.put_token(Token { kind, ..token(n, n, None) }).await.unwrap();
    }
    let page = vault.credentials_after(credential(0), 2).await.unwrap();
    assert_eq!(page, [(credential(1), person(11)), (credential(2), person(12))]);
    let page = vault.credentials_after(credential(2), 2).await.unwrap();
    assert_eq!(page, [(credential(3), person(13))]);
    assert!(vault.credentials_after(credential(3), 2).await.unwrap().is_empty());

    let keys = vault.tokens_after(TokenKind::ServiceKey, Uuid::nil(), 9).await.unwrap();
    let key = |n| (Uuid::from_u128(n), Some(person(n)));
    assert_eq!(keys, [key(1), key(3)]);
    let keys = vault.tokens_after(TokenKind::ServiceKey, keys[0].0, 9).await.unwrap();
    assert_eq!(keys, [key(3)]);
}

#[test]
fn a_disk_that_fails_is_not_a_full_one() {
    #[derive(Debug)]
    struct Sqlite(&'static str);
    impl std::fmt::Display for Sqlite {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str(self.0)
        }
    }
    impl std::error::Error for Sqlite {}
    impl sqlx::error::DatabaseError for Sqlite {
        fn message(&self) -> &str {
            self.0
        }
        fn code(&self) -> Option<std::borrow::Cow<'_, str>> {
            Some(self.0.into())
        }
        fn as_error(&self) -> &(dyn std::error::Error + Send + Sync + 'static) {
            self
        }
        fn as_error_mut(&mut self) -> &mut (dyn std::error::Error + Send + Sync + 'static) {
            self
        }
        fn into_error(self: Box<Self>) -> Box<dyn std::error::Error + Send + Sync + 'static> {
            self
        }
        fn kind(&self) -> sqlx::error::ErrorKind {
            sqlx::error::ErrorKind::Other
        }
    }
    let told = |code| VaultError::from(sqlx::Error::Database(Box::new(Sqlite(code))));
    for code in ["13", "4874"] {
        assert!(matches!(told(code), VaultError::Full), "{code}");
    }
    // A write, a sync and a read that failed.
    for code in ["778", "1034", "266"] {
        assert!(matches!(told(code), VaultError::Engine(_)), "{code}");
    }
}

#[tokio::test]
async fn s8_tokens_are_found_by_hash_and_end() {
    let vault = Vault::in_memory().await.unwrap();
    vault.put_token(token(1, 1, None)).await.unwrap();
    vault.put_token(token(2, 1, Some(200))).await.unwrap();
    vault.put_token(token(3, 2, Some(300))).await.unwrap();

    let found = vault.find_token(&[2; 32]).await.unwrap().unwrap();
    assert_eq!((found.id, found.account), (Uuid::from_u128(2), Some(person(1))));
    assert_eq!((found.kind, found.expires_at), (TokenKind::Session, Some(at(200))));
    assert!(vault.find_token(&[9; 32]).await.unwrap().is_none());

    let (one, two) = (Uuid::from_u128(1), Uuid::from_u128(2));
    vault.touch_tokens(&[(one, at(170)), (one, at(150)), (two, at(50))]).await.unwrap();
    let used: Vec<_> =
        vault.tokens_of(person(1)).await.unwrap().iter().map(|t| (t.id, t.last_used_at)).collect();
    assert_eq!(used, [(two, at(100)), (one, at(170))], "a use never moves back");

    let key = Token { kind: TokenKind::ServiceKey, ..token(4, 4, Some(200)) };
    vault.put_token(key).await.unwrap();
    vault.delete_expired(at(200)).await.unwrap();
    assert!(vault.find_token(&[4; 32]).await.unwrap().is_none());
    assert!(vault.find_token(&[2; 32]).await.unwrap().is_some(), "a session ends by an event");
    assert!(vault.find_token(&[3; 32]).await.unwrap().is_some());

    vault.delete_tokens(TokenKind::ServiceKey, &[one]).await.unwrap();
    assert!(vault.find_token(&[1; 32]).await.unwrap().is_some(), "of another kind");
    vault.delete_tokens(TokenKind::Session, &[one]).await.unwrap();
    assert!(vault.find_token(&[1; 32]).await.unwrap().is_none());
}

#[tokio::test]
async fn who_has_tokens_is_told_page_by_page() {
    let vault = Vault::in_memory().await.unwrap();
    for (n, account) in [(1, 3), (2, 1), (3, 3), (4, 2)] {
        vault.put_token(token(n, account, None)).await.unwrap();
    }
    vault.put_token(Token { account: None, ..token(5, 1, None) }).await.unwrap();
    let holders = async |after, limit| vault.token_holders(after, limit).await.unwrap();
    assert_eq!(holders(None, 2).await, [person(1), person(2)]);
    assert_eq!(holders(Some(person(2)), 2).await, [person(3)]);
    assert_eq!(holders(Some(person(3)), 2).await, []);
}

#[tokio::test]
async fn s36_a_keyed_hash_depends_on_pepper_domain_and_content() {
    let home = Home::new();
    let vault = home.vault().await;
    let pepper = vault.pepper();
    let claim = pepper.claim(ClaimKind::Username, "anna");
    let others = [
        pepper.claim(ClaimKind::Address, "anna"),
        pepper.claim(ClaimKind::Username, "anne"),
        Home::new().vault().await.pepper().claim(ClaimKind::Username, "anna"),
    ];
    assert!(others.iter().all(|other| other.hash != claim.hash));
    let plain: [u8; 32] = <sha2::Sha256 as sha2::Digest>::digest("anna").into();
    assert_ne!(claim.hash, plain, "never a plain hash");
    assert_ne!(pepper.hash("a", b"b"), pepper.hash("ab", b""));

    vault.close().await;
    let again = home.vault().await;
    assert_eq!(again.pepper().claim(ClaimKind::Username, "anna"), claim);
}

#[tokio::test]
async fn s28_a_keyed_hash_is_verified() {
    let vault = Vault::in_memory().await.unwrap();
    let hash = vault.pepper().hash("token", b"secret");
    assert!(vault.pepper().verify("token", b"secret", &hash));
    assert!(!vault.pepper().verify("token", b"Secret", &hash));
    assert!(!vault.pepper().verify("code", b"secret", &hash));
}

#[tokio::test]
async fn s27_nothing_secret_shows_in_debug() {
    let vault = Vault::in_memory().await.unwrap();
    vault.create_key(person(1)).await.unwrap();
    let key = present(&vault, person(1)).await;
    let shown = format!("{vault:?} {:?} {:?} {key:?}", vault.pepper(), master());
    assert_eq!(shown, "Vault Pepper MasterKey PersonKey(version 1)");
}

#[tokio::test]
async fn a_newer_format_is_refused() {
    let home = Home::new();
    home.vault().await.close().await;
    let pool = SqlitePool::connect(&format!("sqlite:{}", home.file().display())).await.unwrap();
    sqlx::query(
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
         values (999, 'from the future', true, x'00', 0)",
    )
    .execute(&pool)
    .await
    .unwrap();
    pool.close().await;
    let refused = Vault::open(&home.file(), master()).await;
    assert!(matches!(refused, Err(VaultError::NewerFormat { found: 999, .. })));
}

#[tokio::test]
async fn a_closed_vault_says_so() {
    let vault = Vault::in_memory().await.unwrap();
    vault.close().await;
    vault.close().await;
    assert!(matches!(vault.create_key(person(1)).await, Err(VaultError::Closed)));
    assert!(matches!(vault.keys(&[person(1)]).await, Err(VaultError::Closed)));
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_reads_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new();
    let vault = home.vault().await;
    vault.create_key(person(1)).await.unwrap();
    for entry in fs::read_dir(home.0.path()).unwrap() {
        let mode = entry.unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0);
    }
}

#[tokio::test]
async fn a_full_vault_says_so_reads_on_and_writes_on_with_space() {
    let home = Home::new();
    let file = file::open(&home.file()).await.unwrap();
    let disk = file.writer.clone();
    let vault = Vault::with(file, master()).await.unwrap();
    vault.create_key(person(1)).await.unwrap();
    let id = |n| CredentialId::new(Uuid::from_u128(n));
    let put = |n| {
        let hash = SecretString::from(format!("{n:01000}"));
        let vault = vault.clone();
        async move { vault.put_credential(id(n), person(1), hash).await }
    };
    let bound: i64 =
        sqlx::query_scalar("pragma max_page_count = 100").fetch_one(&disk).await.unwrap();
    assert_eq!(bound, 100);

    let mut kept = 0;
    let full = loop {
        match put(kept).await {
            Ok(()) => kept += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(full, VaultError::Full), "{full:?}");
    assert!(kept > 10);
    assert!(vault.credential(id(kept - 1)).await.unwrap().is_some());
    assert!(vault.credential(id(kept)).await.unwrap().is_none(), "nothing is half there");
    present(&vault, person(1)).await;

    // The bound is one of the connection that failed, which isn't used again.
    put(kept).await.unwrap();
    assert!(vault.credential(id(kept)).await.unwrap().is_some());
}
