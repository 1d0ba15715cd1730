//! A realistic installation to look around in: organisations with their people, services and mailboxes.
//!
//! Everything goes through the same commands as the API. The same seed gives the same people.

mod load;
mod names;
mod people;
mod random;

pub use load::{LoadError, Loaded, load};
pub use people::{Organisation, People, Person};

/// How large the installation is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Organisations; at least one.
    pub organisations: u32,
    /// Accounts altogether; at least one per organisation, for its owner.
    pub accounts: u32,
    /// Another seed, other people.
    pub seed: u64,
}
