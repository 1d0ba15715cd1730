//! Files that only their owner reads.

use std::{io, path::Path};

use tokio::io::AsyncWriteExt as _;

/// Writes a file, whole or not at all, into a folder that is made where there is none.
pub(crate) async fn put(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let mut builder = tokio::fs::DirBuilder::new();
    builder.recursive(true).mode(0o700).create(folder).await?;
    let (new, path) = (folder.join(format!("{name}.new")), folder.join(name));
    let mut options = tokio::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut file = options.open(&new).await?;
    file.write_all(bytes).await?;
    file.sync_all().await?;
    tokio::fs::rename(new, path).await
}
