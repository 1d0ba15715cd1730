//! Mail: from the wish to tell somebody something to a letter that a server took.
//!
//! ```text
//!  Post::order ─▶ parcel in the vault ─▶ Order ─▶ a command queues it, in the batch of what it tells of
//! ```
//!
//! | room | what it holds |
//! |---|---|
//! | [`post`] | takes orders: what a mail says goes into the vault before the log hears of it |

pub mod post;

pub use post::{Addressee, Fields, Post};
