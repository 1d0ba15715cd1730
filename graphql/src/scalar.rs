//! Scalars of the schema's own. What people type arrives as `String` and is parsed by the mutations,
//! so that a mistake is a user error with the path of its field, not a refused document.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::NaiveDate;

/// The place of an event in the log: a whole number from 0 (before the first event), at most 2^53 - 1.
///
/// Every mutation answers with one, and every list tells the one that it shows. Give it to `atLeast`
/// of a query to see what you wrote, or to `after` of a subscription to go on where you stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Position(pub(crate) events::Position);

/// The number of changes that a thing has seen. Give it to `expectedVersion` of a mutation, and the
/// mutation is refused with `CONFLICT` where somebody else was first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version(pub(crate) events::Version);

/// A date without a time, as `2026-11-21`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Date(pub(crate) NaiveDate);

/// An e-mail address; its domain is in ASCII (IDNA) and lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EmailAddress(pub(crate) String);

impl From<&events::value::EmailAddress> for EmailAddress {
    fn from(address: &events::value::EmailAddress) -> Self {
        Self(address.as_str().to_owned())
    }
}

/// The place of an event in the log: a whole number from 0 (before the first event), at most 2^53 - 1.
///
/// Every mutation answers with one, and every list tells the one that it shows. Give it to `atLeast`
/// of a query to see what you wrote, or to `after` of a subscription to go on where you stopped.
#[Scalar]
impl ScalarType for Position {
    fn parse(value: Value) -> InputValueResult<Self> {
        whole_number(&value)
            .map(|number| Self(events::Position(number)))
            .ok_or_else(|| InputValueError::expected_type(value))
    }

    fn to_value(&self) -> Value {
        self.0.0.into()
    }
}

/// The number of changes that a thing has seen. Give it to `expectedVersion` of a mutation, and the
/// mutation is refused with `CONFLICT` where somebody else was first.
#[Scalar]
impl ScalarType for Version {
    fn parse(value: Value) -> InputValueResult<Self> {
        whole_number(&value)
            .map(|number| Self(events::Version(number)))
            .ok_or_else(|| InputValueError::expected_type(value))
    }

    fn to_value(&self) -> Value {
        self.0.0.into()
    }
}

/// A date without a time, as `2026-11-21`.
#[Scalar]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) => text.parse().map(Self).map_err(InputValueError::custom),
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        self.0.to_string().into()
    }
}

/// An e-mail address; its domain is in ASCII (IDNA) and lower case.
#[Scalar]
impl ScalarType for EmailAddress {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) => Ok(Self(text)),
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        self.0.as_str().into()
    }
}

/// The greatest number that every JSON reader keeps exactly.
const MAX: u64 = (1 << 53) - 1;

/// Clients whose numbers have 32 bits send a string.
fn whole_number(value: &Value) -> Option<u64> {
    let number = match value {
        Value::Number(number) => number.as_u64()?,
        Value::String(text) => text.parse().ok()?,
        _ => return None,
    };
    (number <= MAX).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_comes_as_a_number_or_as_a_text_and_leaves_as_a_number() {
        for value in [Value::from(42), Value::from("42")] {
            let position = Position::parse(value).unwrap();
            assert_eq!(position.to_value(), Value::from(42));
        }
    }

    #[test]
    fn what_is_no_position_is_refused() {
        for value in [
            Value::from(-1),
            Value::from(1.5),
            Value::from("x"),
            Value::Null,
            Value::from(1_u64 << 53),
        ] {
            assert!(Position::parse(value).is_err());
        }
    }
}
