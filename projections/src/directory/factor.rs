//! The second factors of an account, as they are shown: never what they know.

use chrono::{DateTime, Utc};
use events::{
    FactorId,
    factor::{Event, FactorKind},
};
use serde::{Deserialize, Serialize};

use super::Account;

/// A second factor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Factor {
    /// Its id.
    pub id: FactorId,
    /// What it is.
    pub kind: FactorKind,
    /// What its owner calls it; none where it has no name, or where it was erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Since when it counts.
    pub added_at: DateTime<Utc>,
    /// When it was used last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_at: Option<DateTime<Utc>>,
}

impl Account {
    /// Takes up an event of the account's second factors.
    pub(super) fn fold_factors(&mut self, at: DateTime<Utc>, event: &Event) {
        match event {
            Event::Added { factor, kind, name, .. } => {
                let name = name.as_ref().and_then(|name| name.value());
                self.factors.push(Factor {
                    id: *factor,
                    kind: *kind,
                    name: name.map(|name| name.as_str().to_owned()),
                    added_at: at,
                    used_at: None,
                });
            }
            Event::Removed { factor } => {
                self.factors.retain(|known| known.id != *factor);
                if self.factors.is_empty() {
                    self.recovery_codes = 0;
                }
            }
            Event::RecoveryCodesMade { count, .. } => self.recovery_codes = u32::from(*count),
            Event::Asked
            | Event::CodeSent { .. }
            | Event::CodeNotSent { .. }
            | Event::Suspected { .. } => {}
            Event::Used { factor, .. } => {
                for known in self.factors.iter_mut().filter(|known| known.id == *factor) {
                    known.used_at = Some(at);
                }
            }
            Event::RecoveryCodeUsed { .. } => {
                self.recovery_codes = self.recovery_codes.saturating_sub(1);
            }
        }
    }
}
