//! What an organisation says about signing in: passwords, lock-out, second factors, sessions, hours, invitations.

use async_graphql::{Context, Enum, ID, InputObject, MaybeUndefined, Object, SimpleObject};
use chrono::Weekday;
use commands::Command;
use events::value::{self, Between, HourRange, Invalid, PolicyRule, PolicyRules, WeekHours};

use super::change::{ChangedOrganisation, change};
use crate::{
    Answer,
    input::{Conditions, Fields},
    payload::Payload,
};

/// What holds about signing in.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct Policy {
    /// The least number of characters of a password. 15 is the safe value where no second factor is needed.
    password_min_length: u32,
    /// Whether a password needs a capital letter.
    password_capital: bool,
    /// Whether a password needs a digit.
    password_digit: bool,
    /// The least strength of a password, from 0 (none asked for) to 4. 3 is the safe value. Common passwords are refused
    /// in any case.
    password_strength: u32,
    /// After how many wrong passwords in a row an account is locked.
    lock_after: u32,
    /// Who needs a second factor to sign in.
    second_factor: SecondFactorPolicy,
    /// After how many minutes without a request a session is over.
    session_idle_minutes: i64,
    /// After how many minutes a session is over in any case.
    session_lifetime_minutes: i64,
    /// When members may sign in who have no hours of their own, in the person's time zone. Administrators always may.
    sign_in_hours: Vec<SignInHours>,
    /// For how many days an invitation is valid.
    invitation_days: u32,
    /// The rules that the organisation has set itself; the others are the installation's.
    own_rules: Vec<PolicyRuleName>,
}

impl Policy {
    /// What holds in an organisation that has set these rules.
    pub(super) fn new(installation: value::Policy, rules: PolicyRules) -> Self {
        let policy = installation.with(&rules);
        Self {
            password_min_length: policy.min_length.get(),
            password_capital: policy.capital,
            password_digit: policy.digit,
            password_strength: policy.strength.get(),
            lock_after: policy.lock_after.get(),
            second_factor: policy.second_factor.into(),
            session_idle_minutes: policy.session_idle.num_minutes(),
            session_lifetime_minutes: policy.session_lifetime.num_minutes(),
            sign_in_hours: policy.sign_in_hours.ranges().into_iter().map(SignInHours::of).collect(),
            invitation_days: policy.invitation_days.get(),
            own_rules: own(&rules),
        }
    }
}

/// One rule of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum PolicyRuleName {
    /// The least number of characters of a password.
    PasswordMinLength,
    /// Whether a password needs a capital letter.
    PasswordCapital,
    /// Whether a password needs a digit.
    PasswordDigit,
    /// The least strength of a password.
    PasswordStrength,
    /// After how many wrong passwords in a row an account is locked.
    LockAfter,
    /// Who needs a second factor to sign in.
    SecondFactor,
    /// After how many minutes without a request a session is over.
    SessionIdleMinutes,
    /// After how many minutes a session is over in any case.
    SessionLifetimeMinutes,
    /// When members may sign in.
    SignInHours,
    /// For how many days an invitation is valid.
    InvitationDays,
}

/// The names of the rules that are set.
fn own(rules: &PolicyRules) -> Vec<PolicyRuleName> {
    use PolicyRuleName as N;
    let all = [
        (rules.min_length.is_some(), N::PasswordMinLength),
        (rules.capital.is_some(), N::PasswordCapital),
        (rules.digit.is_some(), N::PasswordDigit),
        (rules.strength.is_some(), N::PasswordStrength),
        (rules.lock_after.is_some(), N::LockAfter),
        (rules.second_factor.is_some(), N::SecondFactor),
        (rules.session_idle.is_some(), N::SessionIdleMinutes),
        (rules.session_lifetime.is_some(), N::SessionLifetimeMinutes),
        (rules.sign_in_hours.is_some(), N::SignInHours),
        (rules.invitation_days.is_some(), N::InvitationDays),
    ];
    all.into_iter().filter(|(is_set, _)| *is_set).map(|(_, name)| name).collect()
}

/// Who needs a second factor to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "value::SecondFactor")]
pub(crate) enum SecondFactorPolicy {
    /// Nobody; whoever wants to, may have one.
    Nobody,
    /// Whoever manages the organisation.
    Administrators,
    /// Every member.
    Everybody,
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(name = "Weekday", remote = "Weekday")]
pub(crate) enum Day {
    /// Monday.
    #[graphql(name = "MONDAY")]
    Mon,
    /// Tuesday.
    #[graphql(name = "TUESDAY")]
    Tue,
    /// Wednesday.
    #[graphql(name = "WEDNESDAY")]
    Wed,
    /// Thursday.
    #[graphql(name = "THURSDAY")]
    Thu,
    /// Friday.
    #[graphql(name = "FRIDAY")]
    Fri,
    /// Saturday.
    #[graphql(name = "SATURDAY")]
    Sat,
    /// Sunday.
    #[graphql(name = "SUNDAY")]
    Sun,
}

/// A stretch of hours of one day.
#[derive(Clone, Copy, Debug, SimpleObject)]
pub(crate) struct SignInHours {
    /// The day.
    day: Day,
    /// The first hour, 0 to 23.
    from: u8,
    /// The hour that ends it, 1 to 24.
    until: u8,
}

impl SignInHours {
    /// A stretch as clients see it.
    pub(crate) fn of(HourRange { day, from, until }: HourRange) -> Self {
        Self { day: day.into(), from, until }
    }
}

/// A stretch of hours of one day.
#[derive(Clone, Copy, Debug, InputObject)]
pub(crate) struct SignInHoursInput {
    /// The day.
    day: Day,
    /// The first hour, 0 to 23.
    from: i32,
    /// The hour that ends it, 1 to 24.
    until: i32,
}

impl SignInHoursInput {
    /// The hours of all stretches.
    pub(crate) fn week(ranges: &[Self]) -> Result<WeekHours, Invalid> {
        let hour = |hour: i32| u8::try_from(hour).map_err(|_| Invalid::NotHours);
        let ranges = ranges.iter().map(|Self { day, from, until }| {
            Ok(HourRange { day: (*day).into(), from: hour(*from)?, until: hour(*until)? })
        });
        WeekHours::parse(&ranges.collect::<Result<Vec<_>, _>>()?)
    }
}

/// Sets rules about signing in: one that is left out stays as it is, null leaves it to the installation.
#[derive(Debug, InputObject)]
pub(crate) struct PolicySetInput {
    /// The global id of the organisation; where none is given, the caller's.
    organisation: Option<ID>,
    /// The least number of characters of a password, 8 to 128. 15 is the safe value where no second factor is needed.
    password_min_length: MaybeUndefined<i32>,
    /// Whether a password needs a capital letter.
    password_capital: MaybeUndefined<bool>,
    /// Whether a password needs a digit.
    password_digit: MaybeUndefined<bool>,
    /// The least strength of a password, 0 to 4. 3 is the safe value.
    password_strength: MaybeUndefined<i32>,
    /// After how many wrong passwords in a row an account is locked, 1 to 100.
    lock_after: MaybeUndefined<i32>,
    /// Who needs a second factor to sign in.
    second_factor: MaybeUndefined<SecondFactorPolicy>,
    /// After how many minutes without a request a session is over. Never longer than the installation says.
    session_idle_minutes: MaybeUndefined<i32>,
    /// After how many minutes a session is over in any case. Never longer than the installation says.
    session_lifetime_minutes: MaybeUndefined<i32>,
    /// When members may sign in who have no hours of their own; stretches may overlap.
    sign_in_hours: MaybeUndefined<Vec<SignInHoursInput>>,
    /// For how many days an invitation is valid, 1 to 90.
    invitation_days: MaybeUndefined<i32>,
    /// How it is to be done.
    #[graphql(flatten)]
    conditions: Conditions,
}

/// The rules of an input, read one by one.
struct Sheet<'f, 'a> {
    fields: &'f mut Fields<'a>,
    rules: Vec<PolicyRule>,
    fit: bool,
}

impl Sheet<'_, '_> {
    fn add<I, T>(
        &mut self,
        field: &'static str,
        value: MaybeUndefined<I>,
        rule: impl FnOnce(Option<T>) -> PolicyRule,
        read: impl FnOnce(I) -> Result<T, Invalid>,
    ) {
        match value {
            MaybeUndefined::Undefined => {}
            MaybeUndefined::Null => self.rules.push(rule(None)),
            MaybeUndefined::Value(value) => match self.fields.checked(field, read(value)) {
                Some(value) => self.rules.push(rule(Some(value))),
                None => self.fit = false,
            },
        }
    }
}

/// A number within its bounds.
fn number<const LEAST: u32, const MOST: u32>(number: i32) -> Result<Between<LEAST, MOST>, Invalid> {
    Between::parse(number.into())
}

impl PolicySetInput {
    /// The rules that are given; none where one of them is not what it should be.
    fn rules(self, fields: &mut Fields<'_>) -> Option<Vec<PolicyRule>> {
        use PolicyRule as R;
        let mut all = Sheet { fields, rules: Vec::new(), fit: true };
        all.add("passwordMinLength", self.password_min_length, R::MinLength, number);
        all.add("passwordCapital", self.password_capital, R::Capital, Ok);
        all.add("passwordDigit", self.password_digit, R::Digit, Ok);
        all.add("passwordStrength", self.password_strength, R::Strength, number);
        all.add("lockAfter", self.lock_after, R::LockAfter, number);
        all.add("secondFactor", self.second_factor, R::SecondFactor, |whom| Ok(whom.into()));
        all.add("sessionIdleMinutes", self.session_idle_minutes, R::SessionIdle, number);
        all.add(
            "sessionLifetimeMinutes",
            self.session_lifetime_minutes,
            R::SessionLifetime,
            number,
        );
        all.add("signInHours", self.sign_in_hours, R::SignInHours, |hours| {
            SignInHoursInput::week(&hours)
        });
        all.add("invitationDays", self.invitation_days, R::InvitationDays, number);
        all.fit.then_some(all.rules)
    }
}

/// Mutations of policies.
#[derive(Default)]
pub(crate) struct PolicyMutations;

/// Mutations of policies.
#[Object]
impl PolicyMutations {
    /// Sets what an organisation says about signing in: one rule that is left out stays as it is, null leaves it to the
    /// installation. Whoever is a member of several organisations is under the strictest of their rules.
    /// Asks for `stepUp` a quarter of an hour after signing in.
    async fn policy_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] mut input: PolicySetInput,
    ) -> Answer<Payload<PolicySetInput, ChangedOrganisation>> {
        let organisation = input.organisation.take();
        let conditions = std::mem::take(&mut input.conditions);
        change(ctx, organisation.as_ref(), conditions, |fields| {
            let rules = input.rules(fields)?;
            Some(move |organisation| Command::PolicySet { organisation, rules })
        })
        .await
    }
}
