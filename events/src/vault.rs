//! What must be able to disappear: person keys, password hashes, token hashes.

/// A password hash.
pub struct Credential;
