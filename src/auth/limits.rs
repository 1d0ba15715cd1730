//! How often one may try to sign in: altogether, from one address, for one name.

use std::{
    hash::{BuildHasher, RandomState},
    net::IpAddr,
    num::NonZeroU32,
    time::Duration,
};

use governor::{
    DefaultDirectRateLimiter, DefaultKeyedRateLimiter, NotUntil, Quota, RateLimiter,
    clock::{Clock, DefaultClock, QuantaInstant},
};

use crate::config::{Network, SignIn};

/// So many times the rate may come at once.
const BURST: u32 = 5;

/// Limits on tries to sign in. They hold for names that nobody has just as for others.
///
/// The tables stay bounded: an entry is made only within the total rate, and [`tidy`](Self::tidy)
/// drops those that no longer count.
pub struct Limits {
    total: DefaultDirectRateLimiter,
    addresses: DefaultKeyedRateLimiter<IpAddr>,
    names: DefaultKeyedRateLimiter<u64>,
    hasher: RandomState,
    clock: DefaultClock,
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
        let positive = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        let total = config.total.get();
        let burst = positive(total.saturating_mul(BURST));
        Self {
            total: RateLimiter::direct(Quota::per_second(positive(total)).allow_burst(burst)),
            addresses: RateLimiter::keyed(Quota::per_minute(positive(config.per_address.get()))),
            names: RateLimiter::keyed(Quota::per_minute(positive(config.per_name.get()))),
            hasher: RandomState::new(),
            clock: DefaultClock::default(),
        }
    }

    /// Counts a try for a name from an address.
    pub fn count(&self, address: IpAddr, name: &str) -> Result<(), TooMany> {
        self.total.check().map_err(|e| self.wait(&e))?;
        self.addresses.check_key(&Network::household(address)).map_err(|e| self.wait(&e))?;
        let name = self.hasher.hash_one(name.to_lowercase());
        self.names.check_key(&name).map_err(|e| self.wait(&e))
    }

    /// Drops what no longer counts. Called now and then.
    pub fn tidy(&self) {
        self.addresses.retain_recent();
        self.addresses.shrink_to_fit();
        self.names.retain_recent();
        self.names.shrink_to_fit();
    }

    fn wait(&self, refused: &NotUntil<QuantaInstant>) -> TooMany {
        TooMany { retry_after: refused.wait_time_from(self.clock.now()) }
    }
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
        assert_eq!(try_from("192.0.2.2", "NOBODY"), Ok(()));
        assert!(try_from("192.0.2.3", "nobody").is_err());
        assert_eq!(try_from("192.0.2.3", "somebody"), Ok(()));
    }

    #[test]
    fn s6_all_tries_together_have_a_limit_and_the_tables_stay_bounded() {
        let limits = limits(&[("sign_in.total", "1")]);
        let address = |n: u8| IpAddr::from([192, 0, 2, n]);
        let allowed = (0..=255).filter(|n| limits.count(address(*n), &n.to_string()).is_ok());
        assert_eq!(allowed.count(), BURST as usize);
        assert_eq!(limits.addresses.len(), BURST as usize);
    }
}
