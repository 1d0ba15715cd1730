//! The handler over the log in memory.

mod ahead;
mod basics;
mod legal;
mod model;
mod moody;
mod random;
mod repeat;
mod speed;
mod standing;
