//! Values of organisations and their members.

use serde::{Deserialize, Serialize};

use super::Invalid;

/// What kind of seat a member takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MemberKind {
    /// Uses the services that are on for them; can become an administrator.
    Full,
    /// A read-only member or guest.
    Reader,
}

/// How many members an organisation may have; none: without limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Seats for full members, administrators and the owner included.
    pub full_seats: Option<u32>,
    /// Seats for readers.
    pub reader_seats: Option<u32>,
}

/// A service, by its key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ServiceKind(String);

impl ServiceKind {
    /// The services that every installation has.
    pub const BUILT_IN: [&str; 8] = [
        "crm",
        "mail",
        "cloud_storage",
        "alfresco",
        "documents",
        "community",
        "people",
        "projects",
    ];

    /// Those that a reader never gets.
    pub const NEVER_FOR_READERS: [&str; 2] = ["crm", "people"];

    /// Reads a service key: a lower-case word of 2 to 40 letters, digits and underscores.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let well_formed = (2..=40).contains(&text.len())
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if well_formed { Ok(Self(text.to_owned())) } else { Err(Invalid::NotAServiceKey) }
    }

    /// The key.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether every installation has it.
    pub fn is_built_in(&self) -> bool {
        Self::BUILT_IN.contains(&self.as_str())
    }

    /// Whether a reader may have it.
    pub fn is_for_readers(&self) -> bool {
        !Self::NEVER_FOR_READERS.contains(&self.as_str())
    }
}

/// What a service key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Read the organisation, its accounts and their services.
    AccountsRead,
    /// Create and change accounts and their services, short of administrators and passwords.
    AccountsWrite,
    /// Read the history and follow events.
    HistoryRead,
}
