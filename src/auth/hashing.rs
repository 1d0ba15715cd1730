//! Hashing passwords: argon2id, on threads of its own, as many at a time as there are cores.
//!
//! A hash takes tens of milliseconds and as many megabytes on purpose. Whoever waits longer than
//! two seconds for their turn is told that the server is busy, so that a flood of sign-ins neither
//! piles up nor starves everything else.

mod memory;

use std::{sync::Arc, thread, time::Duration};

use argon2::{Algorithm, Argon2, Params, Version, password_hash::phc::PasswordHash};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD as BASE64};
use events::value::Policy;
use graphql::port::WeakPassword;
use metrics::gauge;
use secrecy::{ExposeSecret, SecretString};
use tokio::{sync::Semaphore, task::spawn_blocking, time::timeout};

use subtle::ConstantTimeEq;

use self::memory::Memory;
use super::password;
use crate::config::Passwords;

/// How long one waits for one's turn.
const PATIENCE: Duration = Duration::from_secs(2);

/// The most that a hash read back from storage may cost: more would be an attack or damage.
const MOST_MEMORY: u32 = 1_048_576;
const MOST_PASSES: u32 = 16;
const MOST_LANES: u32 = 4;

/// Why nothing was hashed.
#[derive(Debug, thiserror::Error)]
pub enum HashError {
    /// Too many wait already.
    #[error("too many passwords are being checked")]
    Busy,
    /// The new password is not good enough.
    #[error("the new password is not good enough: {0:?}")]
    Weak(WeakPassword),
    /// The stored hash is none, or costs more than any that this product makes.
    #[error("a stored password hash can't be used: {0}")]
    Stored(String),
    /// Something else went wrong inside.
    #[error("hashing failed: {0}")]
    Failed(String),
}

/// What comparing a password with a hash shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Another password.
    Wrong,
    /// The password, under the parameters of today.
    Right,
    /// The password, under weaker parameters: hash it again.
    RightButWeak,
}

/// Hashes passwords and compares them with hashes.
#[derive(Clone)]
pub struct Hashing {
    turns: Arc<Semaphore>,
    params: Params,
    memory: Memory,
    /// Of a password that nobody knows, for names that nobody has.
    dummy: Arc<str>,
}

impl Hashing {
    /// As many at a time as there are cores, with the parameters of the configuration.
    pub fn try_new(config: &Passwords) -> Result<Self, HashError> {
        let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let params =
            Params::new(config.memory.get(), config.passes.get(), 1, None).map_err(failed)?;
        // The dummy costs what a real one costs, and no password matches an output of zeros.
        let (memory, passes) = (params.m_cost(), params.t_cost());
        let dummy = format!(
            "$argon2id$v=19$m={memory},t={passes},p=1${}${}",
            "A".repeat(22),
            "A".repeat(43)
        );
        let turns = Arc::new(Semaphore::new(cores));
        let memory = Memory::new(params.block_count());
        Ok(Self { turns, memory, params, dummy: dummy.into() })
    }

    /// The hash of a password, as a PHC string with a random salt.
    pub async fn hash(&self, password: SecretString) -> Result<SecretString, HashError> {
        let (params, memory) = (self.params.clone(), self.memory.clone());
        self.run(move || {
            let mut salt = [0; 16];
            getrandom::fill(&mut salt).map_err(failed)?;
            let mut output = [0; 32];
            compute(&params, &memory, &password, &salt, &mut output)?;
            Ok(SecretString::from(format!(
                "$argon2id$v=19$m={},t={},p={}${}${}",
                params.m_cost(),
                params.t_cost(),
                params.p_cost(),
                BASE64.encode(salt),
                BASE64.encode(output),
            )))
        })
        .await
    }

    /// The hash of a new password, if it is good enough. `context` are words that don't make it stronger.
    pub async fn hash_new(
        &self,
        policy: Policy,
        password: SecretString,
        context: Vec<String>,
    ) -> Result<SecretString, HashError> {
        let check = move || password::check(&policy, &password, &context).map_err(HashError::Weak);
        self.hash(self.run(check).await?).await
    }

    /// Compares a password with a stored hash. Without one (nobody has the name, or no password may
    /// be evaluated) it takes as long as with one, and is wrong.
    pub async fn verify(
        &self,
        password: SecretString,
        stored: Option<SecretString>,
    ) -> Result<Verdict, HashError> {
        let (today, memory, dummy) = (self.params.clone(), self.memory.clone(), self.dummy.clone());
        self.run(move || {
            let real = stored.is_some();
            let stored = stored.as_ref().map_or(&*dummy, |hash| hash.expose_secret());
            let stored = PasswordHash::new(stored).map_err(|e| HashError::Stored(e.to_string()))?;
            let cost = affordable(&stored)?;
            let (Some(salt), Some(hash)) = (&stored.salt, &stored.hash) else {
                return Err(HashError::Stored("it has no salt or no output".to_owned()));
            };
            let mut output = vec![0; hash.as_bytes().len()];
            compute(&cost, &memory, &password, salt.as_ref(), &mut output)?;
            let equal = bool::from(output.ct_eq(hash.as_bytes()));
            Ok(match (equal && real, is_weaker(&cost, &today)) {
                (false, _) => Verdict::Wrong,
                (true, true) => Verdict::RightButWeak,
                (true, false) => Verdict::Right,
            })
        })
        .await
    }

    /// Runs `work` when its turn comes. The permit moves along: should the request be dropped, the
    /// thread that still hashes keeps its turn.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, HashError> + Send + 'static,
    ) -> Result<T, HashError> {
        let waiting = Waiting::new();
        let turn = timeout(PATIENCE, self.turns.clone().acquire_owned()).await;
        let turn = turn.map_err(|_| HashError::Busy)?.map_err(failed)?;
        drop(waiting);
        let work = spawn_blocking(move || {
            let _turn = turn;
            work()
        });
        work.await.map_err(failed)?
    }
}

/// Counts one who waits for a turn, however the wait ends.
struct Waiting;

impl Waiting {
    fn new() -> Self {
        gauge!("stamrol_password_hashing_waiting").increment(1);
        Self
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        gauge!("stamrol_password_hashing_waiting").decrement(1);
    }
}

fn compute(
    params: &Params,
    memory: &Memory,
    password: &SecretString,
    salt: &[u8],
    output: &mut [u8],
) -> Result<(), HashError> {
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    let password = password.expose_secret().as_bytes();
    let computed = memory.with(params.block_count(), |blocks| {
        argon2.hash_password_into_with_memory(password, salt, output, blocks)
    });
    computed.map_err(failed)
}

fn affordable(stored: &PasswordHash) -> Result<Params, HashError> {
    let cost = Params::try_from(stored).map_err(|error| HashError::Stored(error.to_string()))?;
    if stored.algorithm != Algorithm::Argon2id.ident()
        || stored.version != Some(Version::V0x13.into())
        || cost.m_cost() > MOST_MEMORY
        || cost.t_cost() > MOST_PASSES
        || cost.p_cost() > MOST_LANES
    {
        return Err(HashError::Stored("its parameters are out of bounds".to_owned()));
    }
    Ok(cost)
}

fn is_weaker(stored: &Params, today: &Params) -> bool {
    stored.m_cost() < today.m_cost() || stored.t_cost() < today.t_cost()
}

fn failed(error: impl std::fmt::Display) -> HashError {
    HashError::Failed(error.to_string())
}

#[cfg(test)]
mod tests {
    use argon2::PasswordHasher;

    use super::*;
    use crate::config::Config;

    fn hashing() -> Hashing {
        Hashing::try_new(&Config::default().passwords).unwrap()
    }

    #[tokio::test]
    async fn s2_hashes_are_argon2id_with_at_least_19_mib_and_two_passes() {
        let hash = hashing().hash("Kanarie-77 zingt".into()).await.unwrap();
        assert!(hash.expose_secret().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        let verdict = |password: &str| {
            let (password, hash) = (SecretString::from(password), hash.clone());
            async move { hashing().verify(password, Some(hash)).await.unwrap() }
        };
        assert_eq!(verdict("Kanarie-77 zingt").await, Verdict::Right);
        assert_eq!(verdict("Kanarie-77 zwijgt").await, Verdict::Wrong);
    }

    #[tokio::test]
    async fn s2_a_password_under_weaker_parameters_is_to_be_hashed_again() {
        let weak =
            Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(64, 1, 1, None).unwrap());
        let hash = weak.hash_password(b"Kanarie-77 zingt").unwrap().to_string();
        let verdict = hashing().verify("Kanarie-77 zingt".into(), Some(hash.into())).await;
        assert_eq!(verdict.unwrap(), Verdict::RightButWeak);
    }

    #[tokio::test]
    async fn s2_a_stored_hash_that_would_cost_too_much_is_not_computed() {
        let salt_and_output = format!("{}${}", "A".repeat(22), "A".repeat(43));
        for header in ["m=4000000000,t=2,p=1", "m=19456,t=1000000,p=1", "m=19456,t=2,p=200"] {
            let stored = format!("$argon2id$v=19${header}${salt_and_output}");
            let refused = hashing().verify("x".into(), Some(stored.into())).await;
            assert!(matches!(refused, Err(HashError::Stored(_))), "{header}: {refused:?}");
        }
    }

    #[tokio::test]
    async fn s1_without_a_hash_a_dummy_of_the_same_cost_runs_and_is_wrong() {
        let hashing = hashing();
        let dummy = PasswordHash::new(&hashing.dummy).unwrap();
        let cost = affordable(&dummy).unwrap();
        assert_eq!((cost.m_cost(), cost.t_cost(), cost.p_cost()), (19_456, 2, 1));
        assert_eq!(hashing.verify("x".into(), None).await.unwrap(), Verdict::Wrong);
    }

    #[tokio::test(start_paused = true)]
    async fn s3_who_waits_too_long_for_a_turn_is_told_that_it_is_busy() {
        let hashing = hashing();
        let all = u32::try_from(hashing.turns.available_permits()).unwrap();
        let _taken = hashing.turns.clone().acquire_many_owned(all).await.unwrap();
        let refused = hashing.hash("Kanarie-77 zingt".into()).await;
        assert!(matches!(refused, Err(HashError::Busy)));
    }

    #[tokio::test]
    async fn s3_the_turn_belongs_to_the_thread_even_when_the_request_is_dropped() {
        let hashing = hashing();
        let all = hashing.turns.available_permits();
        let (started, starts) = std::sync::mpsc::channel();
        let (release, released) = std::sync::mpsc::channel::<()>();
        let request = hashing.run(move || {
            started.send(()).map_err(failed)?;
            released.recv().map_err(failed)
        });
        let mut request = Box::pin(request);
        assert!(futures_util::poll!(&mut request).is_pending());
        while starts.try_recv().is_err() {
            tokio::task::yield_now().await;
        }
        drop(request);
        assert_eq!(hashing.turns.available_permits(), all - 1);
        release.send(()).unwrap();
        let _every_turn = hashing.turns.acquire_many(u32::try_from(all).unwrap()).await.unwrap();
    }
}
