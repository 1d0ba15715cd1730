//! Rules of an organisation about signing in.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::{Invalid, WeekHours};

/// A whole number between two bounds, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Between<const LEAST: u32, const MOST: u32>(u32);

impl<const LEAST: u32, const MOST: u32> Between<LEAST, MOST> {
    /// Reads a number within the bounds.
    pub fn parse(number: i64) -> Result<Self, Invalid> {
        u32::try_from(number)
            .ok()
            .filter(|number| (LEAST..=MOST).contains(number))
            .map(Self)
            .ok_or(Invalid::OutOfRange { min: LEAST, max: MOST })
    }

    /// The number of the bounds' range that is nearest.
    pub const fn nearest(number: u32) -> Self {
        if number < LEAST {
            Self(LEAST)
        } else if number > MOST {
            Self(MOST)
        } else {
            Self(number)
        }
    }

    /// The number.
    pub const fn get(self) -> u32 {
        self.0
    }
}

/// The least number of characters of a password. 15 is the safe value where a password is the only factor
/// (NIST SP 800-63B-4), 8 that of the manuals.
pub type MinLength = Between<8, 128>;
/// The least strength of a password, on zxcvbn's scale. 3 is the safe value.
pub type Strength = Between<0, 4>;
/// How many wrong passwords in a row lock an account.
pub type LockAfter = Between<1, 100>;
/// How long a session may last; a year at most.
pub type SessionMinutes = Between<1, 525_600>;
/// How many days an invitation is valid.
pub type InvitationDays = Between<1, 90>;

/// Who has to give a second factor at sign-in; from the least to the most.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum SecondFactor {
    /// Nobody; whoever wants to, may.
    #[default]
    Nobody,
    /// Whoever manages the organisation.
    Administrators,
    /// Every member.
    Everybody,
}

/// One rule with what an organisation sets it to; none: what the installation says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicyRule {
    /// The least number of characters of a password.
    MinLength(Option<MinLength>),
    /// Whether a password needs a capital letter.
    Capital(Option<bool>),
    /// Whether a password needs a digit.
    Digit(Option<bool>),
    /// The least strength of a password.
    Strength(Option<Strength>),
    /// After how many wrong passwords in a row an account is locked.
    LockAfter(Option<LockAfter>),
    /// Who needs a second factor.
    SecondFactor(Option<SecondFactor>),
    /// After how many minutes without a request a session is over.
    SessionIdle(Option<SessionMinutes>),
    /// After how many minutes a session is over in any case.
    SessionLifetime(Option<SessionMinutes>),
    /// When members may sign in who have no hours of their own; administrators always may.
    SignInHours(Option<WeekHours>),
    /// For how many days an invitation is valid.
    InvitationDays(Option<InvitationDays>),
}

/// What one organisation has set; what is none is as the installation says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PolicyRules {
    /// See [`PolicyRule::MinLength`].
    pub min_length: Option<MinLength>,
    /// See [`PolicyRule::Capital`].
    pub capital: Option<bool>,
    /// See [`PolicyRule::Digit`].
    pub digit: Option<bool>,
    /// See [`PolicyRule::Strength`].
    pub strength: Option<Strength>,
    /// See [`PolicyRule::LockAfter`].
    pub lock_after: Option<LockAfter>,
    /// See [`PolicyRule::SecondFactor`].
    pub second_factor: Option<SecondFactor>,
    /// See [`PolicyRule::SessionIdle`].
    pub session_idle: Option<SessionMinutes>,
    /// See [`PolicyRule::SessionLifetime`].
    pub session_lifetime: Option<SessionMinutes>,
    /// See [`PolicyRule::SignInHours`].
    pub sign_in_hours: Option<WeekHours>,
    /// See [`PolicyRule::InvitationDays`].
    pub invitation_days: Option<InvitationDays>,
}

impl PolicyRules {
    /// Sets one rule, or leaves it to the installation.
    pub const fn set(&mut self, rule: PolicyRule) {
        match rule {
            PolicyRule::MinLength(value) => self.min_length = value,
            PolicyRule::Capital(value) => self.capital = value,
            PolicyRule::Digit(value) => self.digit = value,
            PolicyRule::Strength(value) => self.strength = value,
            PolicyRule::LockAfter(value) => self.lock_after = value,
            PolicyRule::SecondFactor(value) => self.second_factor = value,
            PolicyRule::SessionIdle(value) => self.session_idle = value,
            PolicyRule::SessionLifetime(value) => self.session_lifetime = value,
            PolicyRule::SignInHours(value) => self.sign_in_hours = value,
            PolicyRule::InvitationDays(value) => self.invitation_days = value,
        }
    }

    /// Whether the rule is set just so.
    pub fn has(&self, rule: PolicyRule) -> bool {
        let mut changed = *self;
        changed.set(rule);
        changed == *self
    }
}

/// What holds: every rule has a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The least number of characters of a password.
    pub min_length: MinLength,
    /// Whether a password needs a capital letter.
    pub capital: bool,
    /// Whether a password needs a digit.
    pub digit: bool,
    /// The least strength of a password.
    pub strength: Strength,
    /// After how many wrong passwords in a row an account is locked.
    pub lock_after: LockAfter,
    /// Who needs a second factor.
    pub second_factor: SecondFactor,
    /// After this long without a request a session is over.
    pub session_idle: TimeDelta,
    /// After this long a session is over in any case.
    pub session_lifetime: TimeDelta,
    /// When members may sign in who have no hours of their own; administrators always may.
    pub sign_in_hours: WeekHours,
    /// For how many days an invitation is valid.
    pub invitation_days: InvitationDays,
}

impl Default for Policy {
    /// What the manuals say, with the strength that is safe.
    fn default() -> Self {
        Self {
            min_length: Between(8),
            capital: true,
            digit: true,
            strength: Between(3),
            lock_after: Between(3),
            second_factor: SecondFactor::Nobody,
            session_idle: TimeDelta::hours(1),
            session_lifetime: TimeDelta::hours(12),
            sign_in_hours: WeekHours::ALWAYS,
            invitation_days: Between(7),
        }
    }
}

impl Policy {
    /// What holds in an organisation of the installation whose policy this is. Sessions never outlive the installation's.
    #[must_use]
    pub fn with(self, rules: &PolicyRules) -> Self {
        let limit = |own: Option<SessionMinutes>, most: TimeDelta| {
            own.map_or(most, |own| TimeDelta::minutes(own.get().into()).min(most))
        };
        Self {
            min_length: rules.min_length.unwrap_or(self.min_length),
            capital: rules.capital.unwrap_or(self.capital),
            digit: rules.digit.unwrap_or(self.digit),
            strength: rules.strength.unwrap_or(self.strength),
            lock_after: rules.lock_after.unwrap_or(self.lock_after),
            second_factor: rules.second_factor.unwrap_or(self.second_factor),
            session_idle: limit(rules.session_idle, self.session_idle),
            session_lifetime: limit(rules.session_lifetime, self.session_lifetime),
            sign_in_hours: rules.sign_in_hours.unwrap_or(self.sign_in_hours),
            invitation_days: rules.invitation_days.unwrap_or(self.invitation_days),
        }
    }

    /// What holds for somebody to whom both apply: of each rule the stricter value.
    #[must_use]
    pub fn stricter(self, other: Self) -> Self {
        Self {
            min_length: self.min_length.max(other.min_length),
            capital: self.capital || other.capital,
            digit: self.digit || other.digit,
            strength: self.strength.max(other.strength),
            lock_after: self.lock_after.min(other.lock_after),
            second_factor: self.second_factor.max(other.second_factor),
            session_idle: self.session_idle.min(other.session_idle),
            session_lifetime: self.session_lifetime.min(other.session_lifetime),
            sign_in_hours: self.sign_in_hours.and(other.sign_in_hours),
            invitation_days: self.invitation_days.min(other.invitation_days),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_beyond_their_bounds_are_refused() {
        for number in [-1, 0, 7, 129, i64::MAX] {
            assert_eq!(MinLength::parse(number), Err(Invalid::OutOfRange { min: 8, max: 128 }));
        }
        assert_eq!(MinLength::parse(15).map(MinLength::get), Ok(15));
        assert_eq!([0, 100, 1_000].map(|number| MinLength::nearest(number).get()), [8, 100, 128]);
    }

    #[test]
    fn a_rule_that_is_taken_back_is_the_installations_again() {
        let mut rules = PolicyRules::default();
        let rule = PolicyRule::LockAfter(LockAfter::parse(10).ok());
        assert!(!rules.has(rule) && rules.has(PolicyRule::LockAfter(None)));
        rules.set(rule);
        assert!(rules.has(rule));
        assert_eq!(Policy::default().with(&rules).lock_after.get(), 10);
        rules.set(PolicyRule::LockAfter(None));
        assert_eq!(Policy::default().with(&rules), Policy::default());
    }

    #[test]
    fn the_stored_form_of_every_rule_stays_as_it_is() {
        let hours = WeekHours::parse(&[super::super::HourRange {
            day: chrono::Weekday::Sat,
            from: 8,
            until: 10,
        }]);
        for (rule, json) in [
            (PolicyRule::MinLength(MinLength::parse(15).ok()), r#"{"min_length":15}"#),
            (PolicyRule::Capital(Some(false)), r#"{"capital":false}"#),
            (PolicyRule::Digit(None), r#"{"digit":null}"#),
            (PolicyRule::Strength(Strength::parse(4).ok()), r#"{"strength":4}"#),
            (PolicyRule::LockAfter(LockAfter::parse(5).ok()), r#"{"lock_after":5}"#),
            (
                PolicyRule::SecondFactor(Some(SecondFactor::Administrators)),
                r#"{"second_factor":"administrators"}"#,
            ),
            (PolicyRule::SessionIdle(SessionMinutes::parse(15).ok()), r#"{"session_idle":15}"#),
            (
                PolicyRule::SessionLifetime(SessionMinutes::parse(480).ok()),
                r#"{"session_lifetime":480}"#,
            ),
            (PolicyRule::SignInHours(hours.ok()), r#"{"sign_in_hours":[0,0,0,0,0,768,0]}"#),
            (
                PolicyRule::InvitationDays(InvitationDays::parse(14).ok()),
                r#"{"invitation_days":14}"#,
            ),
        ] {
            assert_eq!(serde_json::to_string(&rule).unwrap(), json);
            assert_eq!(serde_json::from_str::<PolicyRule>(json).unwrap(), rule);
        }
    }

    #[test]
    fn a_session_never_outlives_the_installations() {
        let rules = PolicyRules {
            session_idle: SessionMinutes::parse(15).ok(),
            session_lifetime: SessionMinutes::parse(525_600).ok(),
            ..PolicyRules::default()
        };
        let policy = Policy::default().with(&rules);
        assert_eq!(policy.session_idle, TimeDelta::minutes(15));
        assert_eq!(policy.session_lifetime, Policy::default().session_lifetime);
    }

    #[test]
    fn of_two_policies_the_stricter_value_of_each_rule_holds() {
        let installation = Policy::default();
        let one = PolicyRules {
            min_length: MinLength::parse(15).ok(),
            capital: Some(false),
            lock_after: LockAfter::parse(10).ok(),
            second_factor: Some(SecondFactor::Everybody),
            ..PolicyRules::default()
        };
        let other = PolicyRules {
            digit: Some(false),
            lock_after: LockAfter::parse(5).ok(),
            session_idle: SessionMinutes::parse(10).ok(),
            ..PolicyRules::default()
        };
        let (one, other) = (installation.with(&one), installation.with(&other));
        let both = one.stricter(other);
        assert_eq!(both, other.stricter(one));
        assert_eq!((both.min_length.get(), both.lock_after.get()), (15, 5));
        assert!(both.capital && both.digit);
        assert_eq!(both.second_factor, SecondFactor::Everybody);
        assert_eq!(both.session_idle, TimeDelta::minutes(10));
    }
}
