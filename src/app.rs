//! How everything is put together: the one place where adapters are chosen.

mod data;
mod server;
mod system;

use std::{io, net::SocketAddr, path::PathBuf, sync::Arc};

use commands::{Failure, Handler};
use events::{
    Position,
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
    /// The log is there, and the vault that belongs to it is not.
    #[error(
        "the vault {path} is missing, but there is a log that needs it: put the file back from a backup, \
         or mount what holds it. With a new one nobody could sign in, and no personal data could be read",
        path = .0.display()
    )]
    VaultMissing(PathBuf),
    /// The vault is that of another log.
    #[error(
        "the vault {path} belongs to another log: put the two files of one backup back together",
        path = .0.display()
    )]
    StrangeVault(PathBuf),
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
    /// The mail server's settings can't be used.
    #[error("mail: {0}")]
    Mail(#[from] lettre::transport::smtp::Error),
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
        // First the log, which only one process opens: nobody else makes a key or a vault meanwhile.
        let log = Arc::new(Sqlite::open(&data.log(), Options::default()).await?);
        let store: Arc<dyn EventStore> = log.clone();
        if store.head() > Position::START && !data.vault().exists() {
            return Err(StartError::VaultMissing(data.vault()));
        }
        let master = data.master_key(&config.master_key)?;
        let vault = Arc::new(Vault::open(&data.vault(), master).await?);
        let (clock, ids): (Arc<dyn Clock>, Arc<dyn Ids>) =
            (Arc::new(SystemClock), Arc::new(SystemIds));
        let handler =
            Arc::new(Handler::new(store.clone(), vault.clone(), clock.clone(), ids.clone()));
        if !handler.fits_its_log().await? {
            return Err(StartError::StrangeVault(data.vault()));
        }
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use commands::{Command, Request};
    use events::{
        Actor, CredentialId,
        value::{Profile, Text, Username},
    };

    use super::*;
    use crate::config::SETTINGS;

    fn config(data: &Path) -> Config {
        let mut config = Config { data: data.to_owned(), ..Config::default() };
        let key = SETTINGS.iter().find(|setting| setting.key == "master_key").unwrap();
        key.field(&mut config).read(&"07".repeat(32)).unwrap();
        config
    }

    /// An installation with an operator, closed.
    async fn installed(data: &Path) {
        let installation = Installation::open(&config(data)).await.unwrap();
        let setup = Command::OperatorSetup {
            username: Username::parse("operator").unwrap(),
            profile: Profile { display_name: Text::parse("Operator").unwrap(), entries: vec![] },
            credential: CredentialId::new(installation.ids.next()),
        };
        let request = Request::new(Actor::Console, installation.ids.next().into());
        installation.handler.handle(&request, setup).await.unwrap();
        installation.close().await;
    }

    #[tokio::test]
    async fn a_log_without_its_vault_is_refused_and_no_vault_is_made() {
        let data = tempfile::tempdir().unwrap();
        installed(data.path()).await;
        Installation::open(&config(data.path())).await.unwrap().close().await;
        let vault = data.path().join("vault.db");
        std::fs::remove_file(&vault).unwrap();
        let refused = Installation::open(&config(data.path())).await.err().unwrap();
        assert!(matches!(refused, StartError::VaultMissing(_)), "{refused}");
        assert!(!vault.exists());
    }

    #[tokio::test]
    async fn a_log_with_the_vault_of_another_one_is_refused() {
        let (data, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        installed(data.path()).await;
        installed(other.path()).await;
        for name in ["vault.db", "vault.db-wal", "vault.db-shm"] {
            drop(std::fs::remove_file(data.path().join(name)));
            drop(std::fs::copy(other.path().join(name), data.path().join(name)));
        }
        let refused = Installation::open(&config(data.path())).await.err().unwrap();
        assert!(matches!(refused, StartError::StrangeVault(_)), "{refused}");
    }
}
