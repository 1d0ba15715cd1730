//! For tests, here and in other crates: time and identities that replay, an installation in memory, and
//! random commands from a seed.

mod random;
mod script;

use std::sync::{
    Arc,
    atomic::{AtomicI64, AtomicU64, Ordering},
};

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use events::{
    AccountId, Actor, CredentialId, OrganisationId,
    account::PasswordSetBy,
    id::{Clock, Ids},
    store::{EventStore, memory::Memory},
    value::{
        EmailAddress, Language, MemberKind, Plan, Profile, ProfileEntry, ProfileField, Text,
        Username,
    },
    vault::Vault,
};

use crate::{Command, Handler, Request};
pub use random::Random;
pub use script::Script;

/// Identities in order, the same in every run: as if each were made in the next millisecond.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Ids for Counter {
    fn next(&self) -> Uuid {
        let count = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        let high = u128::from(count) << 80 | 0x7 << 76;
        Uuid::from_u128(high | 0x2 << 62 | u128::from(scramble(count)) >> 2)
    }
}

/// A clock that goes on by a microsecond whenever somebody looks at it.
#[derive(Debug)]
pub struct Ticking(AtomicI64);

impl Default for Ticking {
    fn default() -> Self {
        // 2027-01-15, eight in the morning.
        Self(AtomicI64::new(1_800_000_000_000_000))
    }
}

impl Ticking {
    /// Lets time pass.
    pub fn advance(&self, by: TimeDelta) {
        self.0.fetch_add(by.num_microseconds().unwrap_or_default(), Ordering::Relaxed);
    }
}

impl Clock for Ticking {
    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.0.fetch_add(1, Ordering::Relaxed)).unwrap_or_default()
    }
}

/// Mixes the bits of a number (`SplitMix64`).
pub(crate) const fn scramble(number: u64) -> u64 {
    let z = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// An installation in memory, driven from the console.
pub struct Bench {
    /// The log.
    pub store: Arc<dyn EventStore>,
    /// The keys.
    pub vault: Arc<Vault>,
    /// Identities.
    pub ids: Arc<Counter>,
    /// Time.
    pub clock: Arc<Ticking>,
    /// What is tried.
    pub handler: Handler,
}

impl Bench {
    /// Over a log in memory.
    pub async fn in_memory() -> Self {
        Self::over(Arc::new(Memory::new())).await
    }

    /// Over any log, with an empty vault.
    ///
    /// # Panics
    /// When there is no memory for a vault.
    #[expect(clippy::expect_used, reason = "only tests come here")]
    pub async fn over(store: Arc<dyn EventStore>) -> Self {
        let vault = Arc::new(Vault::in_memory().await.expect("a vault in memory opens"));
        let (ids, clock) = (Arc::new(Counter::default()), Arc::new(Ticking::default()));
        let handler =
            Handler::new(Arc::clone(&store), Arc::clone(&vault), clock.clone(), ids.clone());
        Self { store, vault, ids, clock, handler }
    }

    /// A request from the console.
    pub fn console(&self) -> Request {
        Request::new(Actor::Console, self.ids.next().into())
    }

    /// A request of an account that works in an organisation, through a session that has shown nothing lately.
    pub fn by(
        &self,
        account: AccountId,
        organisation: impl Into<Option<OrganisationId>>,
    ) -> Request {
        let actor = Actor::Account { account, session: self.ids.next().into() };
        Request { organisation: organisation.into(), ..Request::new(actor, self.ids.next().into()) }
    }

    /// A request of an account that works in an organisation and has just signed in, with a password that it is given for
    /// that where it has none.
    ///
    /// # Panics
    /// When it can't sign in.
    #[expect(clippy::expect_used, reason = "only tests come here")]
    pub async fn fresh(
        &self,
        account: AccountId,
        organisation: impl Into<Option<OrganisationId>>,
    ) -> Request {
        let state = self.handler.account_state(account).await.expect("the log is there");
        if state.is_none_or(|state| state.credential.is_none()) {
            let credential = CredentialId::new(self.ids.next());
            let by = PasswordSetBy::Administrator;
            self.must(Command::PasswordSet { account, credential, by, mails: vec![] }).await;
        }
        let request = self.by(account, organisation);
        if let Actor::Account { session, .. } = request.actor {
            let sign_in = Command::SignIn { session, account, proof: None, mails: vec![] };
            let anonymous = Request::new(Actor::Anonymous, self.ids.next().into());
            self.handler.handle(&anonymous, sign_in).await.expect("somebody signs in");
        }
        request
    }

    /// Does something from the console that must work, and gives what came to be or was changed.
    ///
    /// # Panics
    /// When it doesn't work.
    #[track_caller]
    pub fn must(&self, command: Command) -> impl Future<Output = Uuid> {
        let caller = std::panic::Location::caller();
        let described = format!("{command:?}");
        async move {
            match self.handler.handle(&self.console(), command).await {
                Ok(done) => done.subject.unwrap_or_default(),
                Err(failure) => panic!("{caller}: {described}: {failure}"),
            }
        }
    }

    /// A new organisation without limits.
    pub async fn organisation(&self, name: &str) -> OrganisationId {
        let (language, plan) = (Language::Nl, Plan::default());
        self.must(Command::OrganisationCreate { name: text(name), language, plan }).await.into()
    }

    /// A new full member without an address.
    pub async fn account(&self, organisation: OrganisationId, name: &str) -> AccountId {
        self.must(create(organisation, name, MemberKind::Full)).await.into()
    }

    /// A new administrator.
    pub async fn administrator(&self, organisation: OrganisationId, name: &str) -> AccountId {
        let account = self.account(organisation, name).await;
        self.must(Command::AdministratorSet { organisation, account, on: true }).await;
        account
    }
}

/// Creates an account of this name, without an address.
pub fn create(organisation: OrganisationId, name: &str, kind: MemberKind) -> Command {
    let (username, profile) = (username(name), profile(name, None));
    Command::AccountCreate { organisation, username, profile, kind, credential: None }
}

/// A text that is one.
///
/// # Panics
/// When it is none.
#[expect(clippy::expect_used, reason = "only tests come here")]
pub fn text(text: &str) -> Text {
    Text::parse(text).expect("a text")
}

/// A username that is one.
///
/// # Panics
/// When it is none.
#[expect(clippy::expect_used, reason = "only tests come here")]
pub fn username(name: &str) -> Username {
    Username::parse(name).expect("a username")
}

/// An address that is one.
///
/// # Panics
/// When it is none.
#[expect(clippy::expect_used, reason = "only tests come here")]
pub fn email(address: &str) -> EmailAddress {
    EmailAddress::parse(address).expect("an e-mail address")
}

/// A profile with a name and perhaps an address.
pub fn profile(name: &str, address: Option<&str>) -> Profile {
    let address = address.map(|address| (ProfileField::Email, ProfileEntry::Email(email(address))));
    Profile { display_name: text(name), entries: address.into_iter().collect() }
}

/// Runs a script, and gives how many commands were done and how many refused.
///
/// # Panics
/// When the log or the vault fails.
pub async fn play(bench: &Bench, script: &mut Script, commands: usize) -> (usize, usize) {
    let (mut done, mut refused) = (0, 0);
    for _ in 0..commands {
        let command = script.command();
        let request = Request::new(Script::actor(&command), bench.ids.next().into());
        match bench.handler.handle(&request, command.clone()).await {
            Ok(answer) => {
                script.note(&command, &answer);
                done += 1;
            }
            Err(crate::Failure::Refused(_)) => refused += 1,
            Err(failure) => panic!("{command:?}: {failure}"),
        }
    }
    (done, refused)
}
