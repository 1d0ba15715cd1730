//! Who is asking: passwords, sessions and keys.

pub mod hashing;
pub mod limits;
pub mod password;
pub mod token;
