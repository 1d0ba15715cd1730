//! What an organisation set about signing in.

use events::value::{Between, PolicyRule, SecondFactor, WeekHours};

use super::Value;

/// Which field a rule is, and what it is set to; nothing: what the installation says.
pub(super) fn field(rule: &PolicyRule) -> (&'static str, Value) {
    match rule {
        PolicyRule::MinLength(value) => ("policy.minLength", number(value.map(Between::get))),
        PolicyRule::Capital(value) => ("policy.capital", flag(*value)),
        PolicyRule::Digit(value) => ("policy.digit", flag(*value)),
        PolicyRule::Strength(value) => ("policy.strength", number(value.map(Between::get))),
        PolicyRule::LockAfter(value) => ("policy.lockAfter", number(value.map(Between::get))),
        PolicyRule::SecondFactor(value) => {
            let word = value.map(|value| match value {
                SecondFactor::Nobody => "nobody",
                SecondFactor::Administrators => "administrators",
                SecondFactor::Everybody => "everybody",
            });
            ("policy.secondFactor", word.map_or(Value::Absent, |word| Value::Text(word.to_owned())))
        }
        PolicyRule::SessionIdle(value) => {
            ("policy.sessionIdleMinutes", number(value.map(Between::get)))
        }
        PolicyRule::SessionLifetime(value) => {
            ("policy.sessionLifetimeMinutes", number(value.map(Between::get)))
        }
        PolicyRule::SignInHours(value) => {
            ("policy.signInHours", value.map_or(Value::Absent, |hours| Value::Text(week(&hours))))
        }
        PolicyRule::InvitationDays(value) => {
            ("policy.invitationDays", number(value.map(Between::get)))
        }
    }
}

fn number(number: Option<u32>) -> Value {
    number.map_or(Value::Absent, |number| Value::Number(number.into()))
}

fn flag(flag: Option<bool>) -> Value {
    flag.map_or(Value::Absent, Value::Flag)
}

/// For instance `Mon 8-12, Mon 13-18`.
pub(super) fn week(hours: &WeekHours) -> String {
    let ranges = hours.ranges();
    let ranges = ranges.iter().map(|it| format!("{} {}-{}", it.day, it.from, it.until));
    ranges.collect::<Vec<_>>().join(", ")
}
