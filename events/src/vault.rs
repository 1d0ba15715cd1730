//! What must be able to disappear: person keys, password hashes, token hashes.

/// A password hash.
pub struct Credential;

/// Keeps what must be able to disappear.
#[derive(Debug)]
pub struct Vault;
