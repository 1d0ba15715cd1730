//! How far a reactor is: a number in a small file.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use events::Position;

/// The checkpoint of one reactor.
pub(super) struct Checkpoint(PathBuf);

impl Checkpoint {
    pub(super) fn new(folder: &Path, reactor: &str) -> Self {
        Self(folder.join(reactor))
    }

    /// Where to go on; at the start of the log where nothing usable is written down.
    pub(super) fn load(&self) -> Position {
        let text = fs::read_to_string(&self.0).unwrap_or_default();
        Position(text.trim().parse().unwrap_or_default())
    }

    /// Writes it beside the old one and then puts it in its place, so that there is always a whole one. A crash may
    /// bring an older one back, which costs some work that is done twice.
    pub(super) fn save(&self, position: Position) -> io::Result<()> {
        let new = self.0.with_extension("new");
        fs::write(&new, format!("{position}\n"))?;
        fs::rename(new, &self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_is_read_back_and_none_means_the_start() {
        let folder = tempfile::tempdir().unwrap();
        let checkpoint = Checkpoint::new(folder.path(), "sessions");
        assert_eq!(checkpoint.load(), Position::START);
        checkpoint.save(Position(7)).unwrap();
        checkpoint.save(Position(42)).unwrap();
        assert_eq!(checkpoint.load(), Position(42));
        fs::write(folder.path().join("sessions"), "").unwrap();
        assert_eq!(checkpoint.load(), Position::START);
    }
}
