//! Free text for people.

use serde::{Deserialize, Serialize};

use super::Invalid;

/// Free text: trimmed, in NFC, 1 to 500 characters, no control characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Text(String);

impl Text {
    /// The greatest number of characters.
    pub const MAX: usize = 500;

    /// Reads a text.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Invalid::Empty);
        }
        if text.chars().count() > Self::MAX {
            return Err(Invalid::TooLong { max: Self::MAX });
        }
        if let Some(character) = text.chars().find(|c| c.is_control()) {
            return Err(Invalid::Character { character });
        }
        Ok(Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
