//! Messages into a folder: what happens where no gateway is set, so that everything works on a fresh machine.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use events::factor::NotSent;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{Gateway, Message};
use crate::private_file;

/// Puts messages into a folder, each into a file of its own.
pub struct Folder(PathBuf);

impl Folder {
    /// Into this folder, which is made when the first message comes.
    pub fn new(folder: &Path) -> Self {
        Self(folder.to_owned())
    }
}

#[async_trait]
impl Gateway for Folder {
    async fn send(&self, message: &Message<'_>) -> Result<(), NotSent> {
        let name = format!("{}.txt", Uuid::now_v7());
        let text = Zeroizing::new(format!("To: {}\n\n{}\n", message.to.as_str(), *message.text));
        private_file::put(&self.0, &name, text.as_bytes()).await.map_err(|error| {
            tracing::warn!(%error, "a text message can't be written into its folder");
            NotSent::Unreachable
        })
    }
}
