//! The data directory: which file is where, and what may read it.
//!
//! ```text
//! DATA/log.db        the log                    ┐ back these up,
//! DATA/vault.db      keys, hashes, tokens       ┘ and the key elsewhere
//! DATA/master.key    unwraps the vault's keys
//! DATA/views/        read models; deleting them loses nothing
//! DATA/reactors/     how far each reactor is
//! DATA/mail/         mails, where no mail server is set
//! DATA/sms/          text messages, where no gateway is set
//! DATA/control.sock  the way into a running server for the command line
//! ```

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use events::vault;
use tracing::warn;
use zeroize::Zeroizing;

use super::StartError;
use crate::config::{MasterKey, unhex};

/// A data directory that only its owner can look into.
#[derive(Clone, Debug)]
pub struct Data(PathBuf);

impl Data {
    /// Makes the directory where there is none. One that is there keeps its mode, with a warning where others may
    /// look into it; the files in it are private all the same.
    pub fn open(path: &Path) -> Result<Self, StartError> {
        let data = Self(path.to_owned());
        for folder in [path, &data.views(), &data.reactors()] {
            let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
            made.map_err(file(folder))?;
        }
        let mode = fs::metadata(path).map_err(file(path))?.permissions().mode();
        if mode & 0o077 != 0 {
            warn!(path = %path.display(), "others may look into the data directory: set its mode to 0700");
        }
        // SQLite makes its files readable by all, and gives those beside a file the mode of that file.
        let log = data.log();
        let private = OpenOptions::new().append(true).create(true).mode(0o600).open(&log);
        private.map_err(file(&log))?;
        Ok(data)
    }

    /// A directory as it is: for those who only read.
    pub fn existing(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// The log.
    pub fn log(&self) -> PathBuf {
        self.0.join("log.db")
    }

    /// What must be able to disappear.
    pub fn vault(&self) -> PathBuf {
        self.0.join("vault.db")
    }

    /// The folder of the read models.
    pub fn views(&self) -> PathBuf {
        self.0.join("views")
    }

    /// The folder of the reactors' checkpoints.
    pub fn reactors(&self) -> PathBuf {
        self.0.join("reactors")
    }

    /// The folder of text messages, where no gateway is set.
    pub fn sms(&self) -> PathBuf {
        self.0.join("sms")
    }

    /// The folder of mails, where no mail server is set.
    pub fn mail(&self) -> PathBuf {
        self.0.join("mail")
    }

    /// The way into a running server.
    pub fn control(&self) -> PathBuf {
        self.0.join("control.sock")
    }

    /// The master key: the configured one, or that of the file, which is made with a new vault and never later.
    pub fn master_key(&self, configured: &MasterKey) -> Result<vault::MasterKey, StartError> {
        if let Some(bytes) = configured.bytes() {
            return Ok(vault::MasterKey::new(*bytes));
        }
        let path = self.0.join("master.key");
        let bytes = match fs::read_to_string(&path).map(Zeroizing::new) {
            Ok(text) => unhex(text.trim()).ok_or(StartError::MasterKeyMalformed(path))?,
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(file(&path)(error));
            }
            Err(_) if self.vault().exists() => return Err(StartError::MasterKeyMissing(path)),
            Err(_) => make_key(&path)?,
        };
        Ok(vault::MasterKey::new(*bytes))
    }
}

fn make_key(path: &Path) -> Result<Zeroizing<[u8; 32]>, StartError> {
    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::fill(&mut *bytes).map_err(|_| StartError::NoRandomness)?;
    let nibbles = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let digits: String = nibbles.filter_map(|nibble| char::from_digit(nibble.into(), 16)).collect();
    let text = Zeroizing::new(digits + "\n");
    // Written beside, so that there is a whole key or none, whenever the power goes.
    let new = path.with_extension("key.new");
    let keep = || {
        let mut options = OpenOptions::new();
        let mut key = options.write(true).create(true).truncate(true).mode(0o600).open(&new)?;
        key.write_all(text.as_bytes())?;
        key.sync_all()?;
        fs::rename(&new, path)?;
        path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
    };
    keep().map_err(file(path))?;
    Ok(bytes)
}

fn file(path: &Path) -> impl FnOnce(io::Error) -> StartError {
    let path = path.to_owned();
    move |cause| StartError::File { path, cause }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn only_the_owner_can_look_into_the_directory_and_read_the_key() {
        let parent = tempfile::tempdir().unwrap();
        let data = Data::open(&parent.path().join("some/data")).unwrap();
        data.master_key(&MasterKey::default()).unwrap();
        assert_eq!(mode(&data.0), 0o700);
        assert_eq!(mode(&data.log()), 0o600);
        assert_eq!(mode(&data.0.join("master.key")), 0o600);
    }

    #[test]
    fn a_key_that_a_crash_kept_from_being_written_is_made_anew() {
        let parent = tempfile::tempdir().unwrap();
        let data = Data::open(parent.path()).unwrap();
        fs::write(data.0.join("master.key.new"), "01").unwrap();
        data.master_key(&MasterKey::default()).unwrap();
        let text = fs::read_to_string(data.0.join("master.key")).unwrap();
        assert!(unhex(text.trim()).is_some());
        assert!(!data.0.join("master.key.new").exists());
    }

    #[test]
    fn the_key_stays_the_same() {
        let parent = tempfile::tempdir().unwrap();
        let data = Data::open(parent.path()).unwrap();
        data.master_key(&MasterKey::default()).unwrap();
        let before = fs::read(data.0.join("master.key")).unwrap();
        data.master_key(&MasterKey::default()).unwrap();
        assert_eq!(fs::read(data.0.join("master.key")).unwrap(), before);
    }

    #[test]
    fn a_vault_without_its_key_is_refused_and_no_key_is_made() {
        let parent = tempfile::tempdir().unwrap();
        let data = Data::open(parent.path()).unwrap();
        fs::write(data.vault(), "").unwrap();
        let refused = data.master_key(&MasterKey::default()).unwrap_err();
        assert!(matches!(refused, StartError::MasterKeyMissing(_)));
        assert!(!data.0.join("master.key").exists());
    }

    #[test]
    fn a_damaged_key_is_refused_and_left_alone() {
        let parent = tempfile::tempdir().unwrap();
        let data = Data::open(parent.path()).unwrap();
        fs::write(data.0.join("master.key"), "0123").unwrap();
        let refused = data.master_key(&MasterKey::default()).unwrap_err();
        assert!(matches!(refused, StartError::MasterKeyMalformed(_)));
        assert_eq!(fs::read_to_string(data.0.join("master.key")).unwrap(), "0123");
    }
}
