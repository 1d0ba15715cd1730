//! Who takes a mail to where it goes.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use events::{
    MailId,
    value::{EmailAddress, Reply},
};
use zeroize::Zeroizing;

use crate::private_file;

/// A letter, ready to go.
pub struct Letter {
    /// Which mail it is.
    pub mail: MailId,
    /// Who sends it.
    pub from: EmailAddress,
    /// Who gets it.
    pub to: EmailAddress,
    /// The whole message with its headers, as RFC 5322 has it.
    pub message: Zeroizing<Vec<u8>>,
}

/// Why a letter didn't go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undelivered {
    /// Now; later it may.
    Now(Reply),
    /// For good: it isn't tried again.
    Ever(Reply),
}

/// Takes letters to where they go.
#[async_trait]
pub trait Carrier: Send + Sync {
    /// Takes one; answers with what was said to it when somebody else has it. Ends in bounded time.
    async fn carry(&self, letter: &Letter) -> Result<Reply, Undelivered>;
}

/// Puts letters into a folder: what happens where no mail server is set, so that everything works on a fresh machine.
pub struct Folder(PathBuf);

impl Folder {
    /// Into this folder, which is made when the first letter comes.
    pub fn new(folder: &Path) -> Self {
        Self(folder.to_owned())
    }
}

#[async_trait]
impl Carrier for Folder {
    async fn carry(&self, letter: &Letter) -> Result<Reply, Undelivered> {
        let name = format!("{}.eml", letter.mail);
        match private_file::put(&self.0, &name, &letter.message).await {
            Ok(()) => Ok(Reply::of(&format!("written to {name}"))),
            Err(error) => Err(Undelivered::Now(Reply::of(&error.to_string()))),
        }
    }
}
