//! How everything is put together: the one place where adapters are chosen.

mod data;
mod server;
mod system;

use std::{io, net::SocketAddr, path::PathBuf, sync::Arc};

use commands::{Failure, Handler};
use events::{
    id::{Clock, Ids},
    store::{
        EventStore, StoreError,
        sqlite::{Options, Sqlite},
    },
    vault::{Vault, VaultError},
};
use metrics_exporter_prometheus::BuildError;
use projections::{OpenError, Views};

pub use data::Data;
pub use server::Server;
pub use system::{SystemClock, SystemIds};

use crate::{auth::hashing::HashError, config::Config};

/// The write side, opened: the log, the vault, and the handler over them.
///
/// One process at a time has it; the log keeps others out.
pub struct Installation {
    /// The files.
    pub data: Data,
    /// The log.
    pub store: Arc<dyn EventStore>,
    /// What must be able to disappear.
    pub vault: Arc<Vault>,
    /// What decides.
    pub handler: Arc<Handler>,
    /// The system's clock.
    pub clock: Arc<dyn Clock>,
    /// New identities.
    pub ids: Arc<dyn Ids>,
    log: Arc<Sqlite>,
}

/// Why the program doesn't start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A file or directory can't be made or read.
    #[error("{path}: {cause}", path = .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// The vault is there, and what unwraps its keys is not.
    #[error(
        "the master key {path} is missing, but there is a vault that was made with it: \
         put the file back from a backup. A new key could not open anything",
        path = .0.display()
    )]
    MasterKeyMissing(PathBuf),
    /// The file holds no key.
    #[error("the master key {path} must hold 64 hexadecimal digits: put the file back from a backup", path = .0.display())]
    MasterKeyMalformed(PathBuf),
    /// The system has no randomness to give.
    #[error("the system's random generator failed")]
    NoRandomness,
    /// The log can't be opened.
    #[error("{0}")]
    Log(#[from] StoreError),
    /// The vault can't be opened.
    #[error("{0}")]
    Vault(#[from] VaultError),
    /// A read model can't be opened.
    #[error("{0}")]
    Views(#[from] OpenError),
    /// The parameters of password hashes are unusable.
    #[error("{0}")]
    Hashing(#[from] HashError),
    /// The address can't be listened on.
    #[error("can't listen on {address}: {cause}; choose another with --listen")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// Why.
        cause: io::Error,
    },
    /// Metrics can't be collected.
    #[error("metrics: {0}")]
    Metrics(#[from] BuildError),
    /// Something that the start does failed.
    #[error("{0}")]
    Failed(#[from] Failure),
}

impl Installation {
    /// Opens what is there and makes what is missing.
    pub async fn open(config: &Config) -> Result<Self, StartError> {
        let data = Data::open(&config.data)?;
        let master = data.master_key(&config.master_key)?;
        let log = Arc::new(Sqlite::open(&data.log(), Options::default()).await?);
        let store: Arc<dyn EventStore> = log.clone();
        let vault = Arc::new(Vault::open(&data.vault(), master).await?);
        let (clock, ids): (Arc<dyn Clock>, Arc<dyn Ids>) =
            (Arc::new(SystemClock), Arc::new(SystemIds));
        let handler =
            Arc::new(Handler::new(store.clone(), vault.clone(), clock.clone(), ids.clone()));
        Ok(Self { data, store, vault, handler, clock, ids, log })
    }

    /// Opens the read models over it, which begin to follow the log.
    pub async fn views(&self) -> Result<Arc<Views>, StartError> {
        let folder = self.data.views();
        Ok(Arc::new(Views::open(&folder, self.store.clone(), self.vault.clone()).await?))
    }

    /// Writes what waits and closes the files.
    pub async fn close(&self) {
        self.log.close().await;
        self.vault.close().await;
    }
}
