//! Sessions: from a token to who is signed in, in microseconds.
//!
//! The vault holds a keyed hash of each token; a bounded cache stands before it. When a session was
//! used is noted in memory at every request and written down in batches.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use commands::{Failure, Refusal};
use events::{
    AccountId, SessionId,
    id::Clock,
    vault::{Token, TokenKind, Vault, VaultError},
};
use quick_cache::sync::Cache;
use secrecy::SecretString;
use uuid::Uuid;

use super::{
    token::{self, Hash, Kind, NoRandomness},
    unavailable,
};

/// Sessions in memory, about 200 bytes each.
const CACHED: usize = 16_384;
/// Uses that wait to be written down at most; further ones wait for the next request.
const UNSAVED: usize = 65_536;
/// How long a use may stay unwritten before the next request notes it; shorter where sessions idle out fast.
const SAVED_EVERY: Duration = Duration::from_mins(1);

/// Sessions that are swept at a time.
const SWEPT: u32 = 256;

/// Tokens that prove sessions.
const KINDS: [TokenKind; 2] = [TokenKind::Session, TokenKind::Impersonation];

/// A session that goes on.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) id: SessionId,
    pub(super) account: AccountId,
    /// Whether an operator acts for the account.
    pub(super) impersonated: bool,
    began: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    /// Microseconds since 1970.
    last_used: AtomicI64,
    /// Up to when its use was handed on to be written down.
    saved: AtomicI64,
}

/// All sessions of the installation.
pub(super) struct Sessions {
    vault: Arc<Vault>,
    clock: Arc<dyn Clock>,
    idle: TimeDelta,
    cache: Cache<Hash, Arc<Session>>,
    /// Counts endings, so that what was read from the vault before one isn't kept after it.
    endings: AtomicU64,
    unsaved: Mutex<HashMap<Uuid, DateTime<Utc>>>,
}

/// Why there is no new token.
#[derive(Debug, thiserror::Error)]
pub(super) enum OpenError {
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// A token that was kept for a session which is about to begin.
pub(super) struct Opened {
    pub(super) token: SecretString,
    pub(super) expires_at: DateTime<Utc>,
    pub(super) max_age: Duration,
}

impl Sessions {
    /// `idle` is the installation's limit; organisations may have shorter ones.
    pub(super) fn new(vault: Arc<Vault>, clock: Arc<dyn Clock>, idle: TimeDelta) -> Self {
        Self {
            vault,
            clock,
            idle,
            cache: Cache::new(CACHED),
            endings: AtomicU64::new(0),
            unsaved: Mutex::default(),
        }
    }

    /// Keeps a new token. The session begins with its event, which comes next; it ends after `lifetime` at the latest.
    pub(super) async fn open(
        &self,
        id: SessionId,
        account: AccountId,
        lifetime: TimeDelta,
    ) -> Result<Opened, OpenError> {
        self.begin(TokenKind::Session, id, account, lifetime).await
    }

    /// Keeps a new token for a session in which an operator acts for an account, and for so long.
    pub(super) async fn open_for_operator(
        &self,
        id: SessionId,
        account: AccountId,
        lifetime: TimeDelta,
    ) -> Result<Opened, OpenError> {
        self.begin(TokenKind::Impersonation, id, account, lifetime).await
    }

    async fn begin(
        &self,
        kind: TokenKind,
        id: SessionId,
        account: AccountId,
        lifetime: TimeDelta,
    ) -> Result<Opened, OpenError> {
        let (token, hash) = token::generate(self.vault.pepper(), Kind::Session)?;
        let now = self.clock.now();
        let expires_at = now + lifetime;
        let kept = Token {
            kind,
            id: id.uuid(),
            account: Some(account),
            hash,
            created_at: now,
            last_used_at: now,
            expires_at: Some(expires_at),
        };
        self.vault.put_token(kept).await?;
        let max_age = lifetime.to_std().unwrap_or_default();
        Ok(Opened { token, expires_at, max_age })
    }

    /// Puts another token in the place of a session's: the one before is worthless when this returns. Gives that, too,
    /// as it was kept, to be put back should nothing come of it.
    pub(super) async fn renew(
        &self,
        id: SessionId,
        account: AccountId,
    ) -> Result<(Opened, Token), Failure> {
        let tokens = self.vault.tokens_of(account).await.map_err(unavailable)?;
        let mine =
            |token: &Token| token.kind == TokenKind::Session && SessionId::new(token.id) == id;
        let old = tokens.into_iter().find(mine);
        let old = old.ok_or(Failure::Refused(Refusal::SessionNotFound))?;
        let (token, hash) = token::generate(self.vault.pepper(), Kind::Session)
            .map_err(|error| Failure::Unavailable(error.to_string()))?;
        let now = self.clock.now();
        let expires_at = old.expires_at.unwrap_or(now);
        let renewed = Token { hash, last_used_at: now, ..old.clone() };
        self.put_back(renewed).await.map_err(unavailable)?;
        let max_age = (expires_at - now).to_std().unwrap_or_default();
        Ok((Opened { token, expires_at, max_age }, old))
    }

    /// Keeps this token for its session, and no other.
    pub(super) async fn put_back(&self, token: Token) -> Result<(), VaultError> {
        let id = SessionId::new(token.id);
        self.vault.put_token(token).await?;
        self.endings.fetch_add(1, Ordering::Release);
        self.cache.retain(|_, session| session.id != id);
        Ok(())
    }

    /// The session of a token; none if it ended, expired or never was. Looking at it doesn't count as using it.
    pub(super) async fn find(&self, hash: &Hash) -> Result<Option<Arc<Session>>, VaultError> {
        let session = self.load(hash).await?;
        Ok(session.filter(|session| !self.is_over(session, self.idle, TimeDelta::MAX)))
    }

    async fn load(&self, hash: &Hash) -> Result<Option<Arc<Session>>, VaultError> {
        loop {
            if let Some(session) = self.cache.get(hash) {
                return Ok(Some(session));
            }
            let endings = self.endings.load(Ordering::Acquire);
            let Some(session) =
                self.vault.find_token(hash).await?.and_then(|token| Session::of(&token))
            else {
                return Ok(None);
            };
            let session = Arc::new(session);
            self.cache.insert(*hash, session.clone());
            // An ending deletes the token, counts itself, and clears the cache, in this order.
            if self.endings.load(Ordering::Acquire) == endings {
                return Ok(Some(session));
            }
            self.cache.remove(hash);
        }
    }

    /// Whether a session has idled or lasted for longer than it may by these limits, or than was said when it began.
    pub(super) fn is_over(&self, session: &Session, idle: TimeDelta, lifetime: TimeDelta) -> bool {
        let now = self.clock.now();
        let last_used = DateTime::from_timestamp_micros(session.last_used.load(Ordering::Relaxed));
        now >= session.expires_at
            || now - session.began >= lifetime
            || last_used.is_none_or(|used| now - used >= idle)
    }

    /// Notes that a session was used just now.
    pub(super) fn used(&self, session: &Session) {
        let now = self.clock.now();
        let micros = now.timestamp_micros();
        session.last_used.fetch_max(micros, Ordering::Relaxed);
        let every = SAVED_EVERY.min(self.idle.to_std().unwrap_or_default() / 10).as_micros();
        let saved = session.saved.load(Ordering::Relaxed);
        if i128::from(micros) - i128::from(saved) < i128::try_from(every).unwrap_or(i128::MAX) {
            return;
        }
        let mut unsaved = self.unsaved.lock().unwrap_or_else(PoisonError::into_inner);
        if unsaved.len() < UNSAVED {
            unsaved.insert(session.id.uuid(), now);
            session.saved.store(micros, Ordering::Relaxed);
        }
    }

    /// Writes down when sessions were used.
    pub(super) async fn save(&self) -> Result<(), VaultError> {
        let unsaved =
            std::mem::take(&mut *self.unsaved.lock().unwrap_or_else(PoisonError::into_inner));
        self.vault.touch_tokens(&unsaved.into_iter().collect::<Vec<_>>()).await
    }

    /// The sessions of an account that were not ended, with when they began, newest first; expired ones may be
    /// among them.
    pub(super) async fn of(
        &self,
        account: AccountId,
    ) -> Result<Vec<(SessionId, DateTime<Utc>)>, VaultError> {
        let tokens = self.vault.tokens_of(account).await?;
        let sessions = tokens.into_iter().filter(|token| KINDS.contains(&token.kind));
        Ok(sessions.map(|token| (token.id.into(), token.created_at)).collect())
    }

    /// The sessions of an account that its owner began.
    pub(super) async fn of_owner(&self, account: AccountId) -> Result<Vec<SessionId>, VaultError> {
        let tokens = self.vault.tokens_of(account).await?;
        let own = tokens.into_iter().filter(|token| token.kind == TokenKind::Session);
        Ok(own.map(|token| token.id.into()).collect())
    }

    /// The sessions of an account that its owner began and that have idled or lasted for longer than they may.
    pub(super) async fn over(
        &self,
        account: AccountId,
        idle: TimeDelta,
        lifetime: TimeDelta,
    ) -> Result<Vec<SessionId>, VaultError> {
        let tokens = self.vault.tokens_of(account).await?;
        // What was used lately may not be written down yet.
        let late = TimeDelta::from_std(SAVED_EVERY).unwrap_or_default();
        let own = tokens.iter().filter(|token| token.kind == TokenKind::Session);
        let over = own
            .filter_map(Session::of)
            .filter(|session| self.is_over(session, idle + late, lifetime));
        Ok(over.map(|session| session.id).collect())
    }

    /// When the sessions of an account were used last, to a minute.
    pub(super) async fn last_used(
        &self,
        account: AccountId,
    ) -> Result<Vec<(SessionId, DateTime<Utc>)>, VaultError> {
        let tokens = self.vault.tokens_of(account).await?;
        let unsaved = self.unsaved.lock().unwrap_or_else(PoisonError::into_inner);
        let used = |token: Token| {
            let noted = unsaved.get(&token.id).copied();
            (token.id.into(), noted.map_or(token.last_used_at, |at| at.max(token.last_used_at)))
        };
        Ok(tokens.into_iter().filter(|token| KINDS.contains(&token.kind)).map(used).collect())
    }

    /// Some of the sessions that are over without having been ended.
    pub(super) async fn expired(&self) -> Result<Vec<(SessionId, AccountId)>, VaultError> {
        // What was used lately may not be written down yet.
        let now = self.clock.now();
        let idle_since = now - self.idle - SAVED_EVERY;
        let mut tokens = Vec::new();
        for kind in KINDS {
            tokens.extend(self.vault.stale_tokens(kind, now, idle_since, SWEPT).await?);
        }
        let sessions =
            tokens.into_iter().filter_map(|token| Some((token.id.into(), token.account?)));
        Ok(sessions.collect())
    }

    /// Makes the tokens of sessions worthless at once.
    pub(super) async fn forget(&self, sessions: &[SessionId]) -> Result<(), VaultError> {
        let ids: Vec<Uuid> = sessions.iter().map(|session| session.uuid()).collect();
        for kind in KINDS {
            self.vault.delete_tokens(kind, &ids).await?;
        }
        self.endings.fetch_add(1, Ordering::Release);
        self.cache.retain(|_, session| !sessions.contains(&session.id));
        Ok(())
    }
}

impl Session {
    fn of(token: &Token) -> Option<Self> {
        let used = token.last_used_at.timestamp_micros();
        let impersonated = match token.kind {
            TokenKind::Session => false,
            TokenKind::Impersonation => true,
            _ => return None,
        };
        let account = token.account?;
        Some(Self {
            id: token.id.into(),
            account,
            impersonated,
            began: token.created_at,
            expires_at: token.expires_at?,
            last_used: AtomicI64::new(used),
            saved: AtomicI64::new(used),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::FakeClock;

    const IDLE: u64 = 60 * 60;
    const ABSOLUTE: u64 = 12 * 60 * 60;

    struct World {
        clock: Arc<FakeClock>,
        vault: Arc<Vault>,
        sessions: Sessions,
    }

    impl World {
        async fn new() -> Self {
            let vault = Arc::new(Vault::in_memory().await.unwrap());
            Self::over(vault, Arc::new(FakeClock::new()))
        }

        /// Another process over the same vault: nothing is in memory.
        fn over(vault: Arc<Vault>, clock: Arc<FakeClock>) -> Self {
            let idle = TimeDelta::seconds(IDLE.cast_signed());
            let sessions = Sessions::new(vault.clone(), clock.clone(), idle);
            Self { clock, vault, sessions }
        }

        async fn open(&self, id: u128) -> Hash {
            let opened = self.sessions.open(session(id), account(), lifetime()).await.unwrap();
            token::hash(self.vault.pepper(), &opened.token)
        }

        async fn lives(&self, hash: &Hash) -> bool {
            let found = self.sessions.find(hash).await.unwrap();
            found.inspect(|session| self.sessions.used(session)).is_some()
        }
    }

    fn lifetime() -> TimeDelta {
        TimeDelta::seconds(ABSOLUTE.cast_signed())
    }

    fn session(id: u128) -> SessionId {
        SessionId::new(Uuid::from_u128(id))
    }

    fn account() -> AccountId {
        AccountId::new(Uuid::from_u128(7))
    }

    #[tokio::test]
    async fn s14_only_a_hash_of_the_token_is_kept() {
        let world = World::new().await;
        let opened = world.sessions.open(session(1), account(), lifetime()).await.unwrap();
        let kept = world.vault.tokens_of(account()).await.unwrap();
        let hash = token::hash(world.vault.pepper(), &opened.token);
        assert_eq!(kept.iter().map(|token| token.hash).collect::<Vec<_>>(), [hash]);
        assert!(world.lives(&hash).await);
    }

    #[tokio::test]
    async fn s15_a_session_ends_when_it_idles_too_long() {
        let world = World::new().await;
        let hash = world.open(1).await;
        world.clock.advance(IDLE - 1);
        assert!(world.lives(&hash).await);
        world.clock.advance(IDLE - 1);
        assert!(world.lives(&hash).await);
        world.clock.advance(IDLE);
        assert!(!world.lives(&hash).await);
    }

    #[tokio::test]
    async fn s15_a_session_ends_at_its_absolute_limit_however_much_it_is_used() {
        let world = World::new().await;
        let hash = world.open(1).await;
        for _ in 0..ABSOLUTE / 600 - 1 {
            world.clock.advance(600);
            assert!(world.lives(&hash).await);
        }
        world.clock.advance(600);
        assert!(!world.lives(&hash).await);
    }

    #[tokio::test]
    async fn s15_a_look_at_an_open_stream_does_not_keep_a_session_alive() {
        let world = World::new().await;
        let hash = world.open(1).await;
        world.clock.advance(IDLE - 1);
        assert!(world.sessions.find(&hash).await.unwrap().is_some());
        world.clock.advance(1);
        assert!(world.sessions.find(&hash).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn s14_a_forgotten_session_is_over_at_once_and_the_others_go_on() {
        let world = World::new().await;
        let (one, other) = (world.open(1).await, world.open(2).await);
        assert!(world.lives(&one).await && world.lives(&other).await);
        world.sessions.forget(&[session(1)]).await.unwrap();
        assert!(!world.lives(&one).await);
        assert!(world.lives(&other).await);
        let left = world.sessions.of(account()).await.unwrap();
        assert_eq!(left.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [session(2)]);
    }

    #[tokio::test]
    async fn s15_sessions_that_are_over_are_found_to_be_ended_and_no_others() {
        let world = World::new().await;
        let (idle, used) = (world.open(1).await, world.open(2).await);
        world.clock.advance(IDLE - 1);
        assert!(world.lives(&used).await);
        world.sessions.save().await.unwrap();
        world.clock.advance(120);
        assert!(!world.lives(&idle).await && world.lives(&used).await);
        assert_eq!(world.sessions.expired().await.unwrap(), [(session(1), account())]);
    }

    #[tokio::test]
    async fn when_a_session_was_used_outlives_the_process() {
        let World { clock, vault, sessions } = World::new().await;
        let world = World { clock: clock.clone(), vault: vault.clone(), sessions };
        let hash = world.open(1).await;
        clock.advance(IDLE / 2);
        assert!(world.lives(&hash).await);
        world.sessions.save().await.unwrap();
        clock.advance(IDLE - 1);
        let later = World::over(vault, clock);
        assert!(later.lives(&hash).await);
    }
}
