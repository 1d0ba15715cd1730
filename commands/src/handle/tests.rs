//! The handler over the log in memory.

mod ahead;
mod assurance;
mod basics;
mod crowd;
mod legal;
mod model;
mod moody;
mod origin;
mod random;
mod readers;
mod rehearsal;
mod repeat;
mod speed;
mod standing;
