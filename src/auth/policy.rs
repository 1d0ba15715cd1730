//! Which rules hold for an account: the strictest of the organisations that it is a member of.

use commands::handle::{AccountState, MembershipState};
use events::value::{LockAfter, MinLength, Policy, SecondFactor, Strength, WeekHours};

use crate::config::Config;

/// What holds where an organisation says nothing, and for accounts without one.
pub fn of_installation(config: &Config) -> Policy {
    let standard = Policy::default();
    let limit = |limit: std::time::Duration, otherwise| {
        chrono::TimeDelta::from_std(limit).unwrap_or(otherwise)
    };
    Policy {
        min_length: MinLength::nearest(config.passwords.min_length.get()),
        capital: config.passwords.capital,
        digit: config.passwords.digit,
        strength: Strength::nearest(config.passwords.strength.get()),
        lock_after: LockAfter::nearest(config.sign_in.lock_after.get()),
        session_idle: limit(config.sessions.idle.get(), standard.session_idle),
        session_lifetime: limit(config.sessions.absolute.get(), standard.session_lifetime),
        ..standard
    }
}

/// What holds for an account. Organisations that are deactivated, or that the account can't work in, say nothing; whoever
/// runs the installation is under its rules too.
pub fn of_account(installation: &Policy, state: &AccountState) -> Policy {
    let own = state.operator.then_some(*installation);
    let theirs = working(state).map(|member| installation.with(&member.rules));
    own.into_iter().chain(theirs).reduce(Policy::stricter).unwrap_or(*installation)
}

/// Whether an account has to give a second factor: one of its organisations asks everybody, or asks administrators and it
/// is one there.
pub fn needs_second_factor(installation: &Policy, state: &AccountState) -> bool {
    let asks = |policy: &Policy, manages: bool| match policy.second_factor {
        SecondFactor::Nobody => false,
        SecondFactor::Administrators => manages,
        SecondFactor::Everybody => true,
    };
    (state.operator && asks(installation, true))
        || working(state)
            .any(|member| asks(&installation.with(&member.rules), member.administrator))
}

/// The hours in which an account that has none of its own may sign in; administrators of an organisation always may
/// there, and so do those who run the installation.
pub fn default_hours(installation: &Policy, state: &AccountState) -> WeekHours {
    if state.operator {
        return WeekHours::ALWAYS;
    }
    working(state)
        .filter(|member| !member.administrator)
        .map(|member| installation.with(&member.rules).sign_in_hours)
        .fold(WeekHours::ALWAYS, WeekHours::and)
}

fn working(state: &AccountState) -> impl Iterator<Item = &MembershipState> {
    state.memberships.iter().filter(|member| member.active)
}

#[cfg(test)]
mod tests {
    use events::value::{MemberKind, PolicyRules, SecondFactor};
    use uuid::Uuid;

    use super::*;

    fn member(rules: PolicyRules) -> MembershipState {
        MembershipState {
            organisation: Uuid::nil().into(),
            kind: MemberKind::Full,
            administrator: false,
            owner: false,
            active: true,
            rules,
        }
    }

    fn account(memberships: Vec<MembershipState>) -> AccountState {
        AccountState {
            credential: None,
            locked: false,
            failures: 0,
            operator: false,
            deleted: false,
            activation: None,
            default_organisation: None,
            sign_in_hours: None,
            time_zone: None,
            memberships,
        }
    }

    fn locks_after(tries: i64) -> PolicyRules {
        PolicyRules { lock_after: LockAfter::parse(tries).ok(), ..PolicyRules::default() }
    }

    #[test]
    fn the_installations_default_is_the_policys() {
        assert_eq!(of_installation(&Config::default()), Policy::default());
    }

    #[test]
    fn one_organisation_may_be_laxer_than_the_installation_and_of_several_the_strictest_holds() {
        let installation = Policy::default();
        let lock_after =
            |account: &AccountState| of_account(&installation, account).lock_after.get();
        assert_eq!(lock_after(&account(vec![])), 3);
        assert_eq!(lock_after(&account(vec![member(locks_after(10))])), 10);
        let mut two = account(vec![member(locks_after(10)), member(locks_after(5))]);
        assert_eq!(lock_after(&two), 5);
        two.memberships[1].active = false;
        assert_eq!(lock_after(&two), 10);
        two.operator = true;
        assert_eq!(lock_after(&two), 3);
    }

    #[test]
    fn a_second_factor_is_asked_of_those_whom_an_organisation_names() {
        let installation = Policy::default();
        let asks = |whom, administrator| {
            let rules = PolicyRules { second_factor: Some(whom), ..PolicyRules::default() };
            let member = MembershipState { administrator, ..member(rules) };
            needs_second_factor(&installation, &account(vec![member]))
        };
        assert!(!asks(SecondFactor::Nobody, true));
        assert!(asks(SecondFactor::Administrators, true));
        assert!(!asks(SecondFactor::Administrators, false));
        assert!(asks(SecondFactor::Everybody, false));
    }
}
