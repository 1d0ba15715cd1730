//! Fields, before and after.

use async_graphql::{Context, Object};
use projections::history::{self, Value};

use crate::{
    Answer,
    account::{self, Account},
    organisation::{self, Organisation},
};

/// One field, before and after.
pub(crate) struct FieldChange(pub(crate) history::FieldChange);

/// One field, before and after.
#[Object]
impl FieldChange {
    /// Which field, for instance `displayName`, `services.mail.access` or `mailbox.aliases`.
    async fn field(&self) -> &str {
        &self.0.field
    }

    /// What it was; null: nothing.
    async fn before(&self) -> Option<ChangedValue> {
        ChangedValue::new(&self.0.before)
    }

    /// What it is; null: nothing.
    async fn after(&self) -> Option<ChangedValue> {
        ChangedValue::new(&self.0.after)
    }
}

/// What a field held or holds.
pub(crate) struct ChangedValue(Value);

impl ChangedValue {
    fn new(value: &Value) -> Option<Self> {
        match value {
            Value::Absent => None,
            value => Some(Self(value.clone())),
        }
    }
}

/// What a field held or holds: one of these, or erased.
#[Object]
impl ChangedValue {
    /// A text, a word of a fixed set, a date.
    async fn text(&self) -> Option<&str> {
        match &self.0 {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Yes or no.
    async fn flag(&self) -> Option<bool> {
        match self.0 {
            Value::Flag(flag) => Some(flag),
            _ => None,
        }
    }

    /// A number.
    async fn number(&self) -> Option<i64> {
        match self.0 {
            Value::Number(number) => Some(number),
            _ => None,
        }
    }

    /// An account that the caller may see.
    async fn account(&self, ctx: &Context<'_>) -> Answer<Account> {
        match self.0 {
            Value::Account(id) => account::referred(ctx, Some(id)).await,
            _ => None,
        }
    }

    /// An organisation that the caller may see.
    async fn organisation(&self, ctx: &Context<'_>) -> Answer<Organisation> {
        match self.0 {
            Value::Organisation(id) => organisation::referred(ctx, Some(id)).await,
            _ => None,
        }
    }

    /// Whether it was personal data that was erased: nobody can know it any more.
    async fn erased(&self) -> bool {
        matches!(self.0, Value::Erased)
    }
}
