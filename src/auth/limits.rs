//! How often one may try to sign in: from one address, for one name, altogether.

use std::{
    hash::{BuildHasher, Hash, RandomState},
    net::IpAddr,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use crate::config::{Network, SignIn};

/// So many seconds of the total rate may come at once.
const BURST: u32 = 5;
/// One address takes at most this part of what may come at once, so that it can't bar the others.
const SHARE: u32 = 4;
/// Places of a table. Two addresses, or two names, share one now and then, and nobody can choose with whom.
const PLACES: usize = 65_536;

/// Limits on tries to sign in. They hold for names that nobody has just as for others.
///
/// The narrow limits come first: what an address or a name may not try is not counted against everybody.
pub struct Limits {
    addresses: Table,
    names: Table,
    total: Rate,
    all: AtomicU64,
    hasher: RandomState,
    start: Instant,
}

/// Too many tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many tries; again in {} s", .retry_after.as_secs())]
pub struct TooMany {
    /// When trying again makes sense.
    pub retry_after: Duration,
}

impl Limits {
    /// Limits as configured.
    pub fn new(config: &SignIn) -> Self {
        let minute = Duration::from_mins(1);
        let at_once = config.total.get().saturating_mul(BURST);
        let share = (at_once / SHARE).max(1);
        let (address, name) = (config.per_address.get(), config.per_name.get());
        Self {
            addresses: Table::new(Rate::new(address, minute, address.min(share))),
            names: Table::new(Rate::new(name, minute, name)),
            total: Rate::new(config.total.get(), Duration::from_secs(1), at_once),
            all: AtomicU64::new(0),
            hasher: RandomState::new(),
            start: Instant::now(),
        }
    }

    /// Counts a try for a name from an address. A name comes in the form in which it is compared.
    pub fn count(&self, address: IpAddr, name: &str) -> Result<(), TooMany> {
        self.count_at(self.start.elapsed(), address, name)
    }

    fn count_at(&self, now: Duration, address: IpAddr, name: &str) -> Result<(), TooMany> {
        let now = nanos(now);
        self.addresses.count(now, &self.hasher, Network::household(address))?;
        self.names.count(now, &self.hasher, name)?;
        self.total.count(now, &self.all)
    }
}

/// Limits on what is sent to somebody at somebody's word: a text message costs money, and each disturbs whoever has the
/// number or address.
pub struct MessageLimits {
    accounts: Table,
    numbers: Table,
    total: Rate,
    all: AtomicU64,
    hasher: RandomState,
    start: Instant,
}

/// Text messages an hour to one number, and of one account.
const MESSAGES: u32 = 6;
/// Mails an hour to one address, and of one account.
const MAILS: u32 = 20;
/// Mails an hour altogether.
const ALL_MAILS: u32 = 100_000;

impl MessageLimits {
    /// For text messages, so many an hour altogether.
    pub fn texts(per_hour: u32) -> Self {
        Self::new(MESSAGES, per_hour)
    }

    /// For mails.
    pub fn mails() -> Self {
        Self::new(MAILS, ALL_MAILS)
    }

    fn new(each: u32, per_hour: u32) -> Self {
        let hour = Duration::from_hours(1);
        let few = Rate::new(each, hour, each);
        Self {
            accounts: Table::new(few),
            numbers: Table::new(few),
            total: Rate::new(per_hour, hour, per_hour),
            all: AtomicU64::new(0),
            hasher: RandomState::new(),
            start: Instant::now(),
        }
    }

    /// Counts a message of an account to a number or address that it says is its own.
    pub fn count(&self, account: impl Hash, number: impl Hash) -> Result<(), TooMany> {
        let now = nanos(self.start.elapsed());
        self.accounts.count(now, &self.hasher, account)?;
        self.numbers.count(now, &self.hasher, number)?;
        self.total.count(now, &self.all)
    }

    /// Counts a message of an account to a number or address that is its own: what others say of theirs doesn't keep it
    /// from its owner.
    pub fn count_own(&self, account: impl Hash) -> Result<(), TooMany> {
        let now = nanos(self.start.elapsed());
        self.accounts.count(now, &self.hasher, account)?;
        self.total.count(now, &self.all)
    }
}

/// A rate, kept by the generic cell rate algorithm: one number tells when the next try would be due if all came evenly,
/// and a try may come so much earlier.
#[derive(Clone, Copy)]
struct Rate {
    /// Nanoseconds between two tries.
    every: u64,
    /// By how many nanoseconds a try may be early.
    early: u64,
}

impl Rate {
    /// So many in a period, and `at_once` without a pause.
    fn new(many: u32, period: Duration, at_once: u32) -> Self {
        let every = nanos(period) / u64::from(many.max(1));
        Self { every, early: every.saturating_mul(u64::from(at_once.max(1)) - 1) }
    }

    fn count(self, now: u64, due: &AtomicU64) -> Result<(), TooMany> {
        let next = |due: u64| {
            let due = due.max(now);
            (due - now <= self.early).then_some(due.saturating_add(self.every))
        };
        let counted = due.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next);
        counted.map(drop).map_err(|due| {
            let retry_after = Duration::from_nanos(due.saturating_sub(now + self.early));
            TooMany { retry_after }
        })
    }
}

/// The same rate for each of many.
struct Table {
    rate: Rate,
    places: Box<[AtomicU64]>,
}

impl Table {
    fn new(rate: Rate) -> Self {
        Self { rate, places: (0..PLACES).map(|_| AtomicU64::new(0)).collect() }
    }

    fn count(&self, now: u64, hasher: &RandomState, who: impl Hash) -> Result<(), TooMany> {
        let place = hasher.hash_one(who) % PLACES as u64;
        let place = usize::try_from(place).ok().and_then(|place| self.places.get(place));
        place.map_or(Ok(()), |due| self.rate.count(now, due))
    }
}

/// 64 bits of nanoseconds are more than 500 years.
fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, SETTINGS};

    fn limits(changes: &[(&str, &str)]) -> Limits {
        let mut config = Config::default();
        for (key, text) in changes {
            let setting = SETTINGS.iter().find(|setting| setting.key == *key).unwrap();
            setting.field(&mut config).read(text).unwrap();
        }
        Limits::new(&config.sign_in)
    }

    #[test]
    fn s6_an_address_has_a_limit_and_so_has_a_whole_ipv6_network() {
        let limits = limits(&[("sign_in.per_address", "2")]);
        let try_from = |address: &str, name| limits.count(address.parse().unwrap(), name);
        assert_eq!(try_from("2001:db8::1", "anna"), Ok(()));
        assert_eq!(try_from("2001:db8::2", "berta"), Ok(()));
        assert!(try_from("2001:db8::3", "clara").is_err());
        assert_eq!(try_from("2001:db8:0:1::1", "clara"), Ok(()));
        assert_eq!(try_from("192.0.2.1", "clara"), Ok(()));
        assert_eq!(try_from("::ffff:192.0.2.1", "clara"), Ok(()));
        assert!(try_from("192.0.2.1", "clara").is_err());
    }

    #[test]
    fn s6_a_name_has_a_limit_whether_anybody_has_it_or_not() {
        let limits = limits(&[("sign_in.per_name", "2")]);
        let try_from = |address: &str, name| limits.count(address.parse().unwrap(), name);
        assert_eq!(try_from("192.0.2.1", "nobody"), Ok(()));
        assert_eq!(try_from("192.0.2.2", "nobody"), Ok(()));
        assert!(try_from("192.0.2.3", "nobody").is_err());
        assert_eq!(try_from("192.0.2.3", "somebody"), Ok(()));
    }

    #[test]
    fn s9_an_account_a_number_and_all_together_get_so_many_messages_an_hour() {
        let limits = MessageLimits::texts(20);
        let sent = |account: fn(u32) -> u32, number: fn(u32) -> u32| {
            (0..9).filter(|n| limits.count(account(*n), number(*n)).is_ok()).count()
        };
        assert_eq!(sent(|_| 1, |n| n), 6, "of one account");
        assert_eq!(sent(|n| 100 + n, |_| 1000), 6, "to one number");
        assert_eq!(sent(|n| 200 + n, |n| 2000 + n), 8, "altogether");
    }

    #[test]
    fn s6_one_machine_does_not_bar_the_others() {
        let limits = limits(&[]);
        let (flood, other) = ([192, 0, 2, 1].into(), [192, 0, 2, 2].into());
        let from = |at: u64, address, name: &str| {
            limits.count_at(Duration::from_millis(at), address, name).is_ok()
        };
        let mut let_through = 0;
        for at in 0..10_000 {
            let_through += u32::from(from(at, flood, &at.to_string()));
            assert!(at % 100 != 0 || from(at, other, "anna"), "after {at} ms");
        }
        // A quarter of what may come at once, and then 20 a second.
        assert_eq!(let_through, 250 + 199);
    }

    #[test]
    fn s6_all_tries_together_have_a_limit() {
        let limits = limits(&[("sign_in.total", "4")]);
        let try_at = |seconds, n: u8| {
            let address = IpAddr::from([192, 0, 2, n]);
            limits.count_at(Duration::from_secs(seconds), address, &n.to_string())
        };
        assert_eq!((0..100).filter(|n| try_at(0, *n).is_ok()).count(), 20);
        let retry_after = Duration::from_millis(250);
        assert_eq!(try_at(0, 100), Err(TooMany { retry_after }));
        assert_eq!((101..200).filter(|n| try_at(1, *n).is_ok()).count(), 4);
    }
}
