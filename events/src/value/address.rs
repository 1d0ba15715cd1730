//! E-mail addresses and domains.

use serde::{Deserialize, Serialize};

use super::Invalid;

/// An e-mail address, its domain in ASCII (IDNA) and lower case.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Reads an address as somebody typed it.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let (local, domain) = text.trim().rsplit_once('@').ok_or(Invalid::NotAnAddress)?;
        let domain = Domain::parse(domain)?;
        Ok(Self(format!("{local}@{}", domain.as_str())))
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What makes it unique: the address without case.
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }

    /// The part after the `@`.
    pub fn domain(&self) -> Domain {
        Domain(self.0.rsplit_once('@').map_or_else(String::new, |(_, domain)| domain.to_owned()))
    }
}

/// A mail domain of at least two labels, in ASCII (IDNA) and lower case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Domain(String);

impl Domain {
    /// Reads a domain as somebody typed it.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let domain = idna::domain_to_ascii_strict(text.trim()).map_err(|_| Invalid::NotADomain)?;
        if domain.contains('.') { Ok(Self(domain)) } else { Err(Invalid::NotADomain) }
    }

    /// The domain.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
