//! One file of a projection. Rebuilding fills the file of the next generation; the swap is one pointer.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use events::{
    Position,
    wal::{Bounds, Checkpoints},
};
use sqlx::{
    Connection, SqliteConnection, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::{Name, projection::Layout, writes::Writes};

/// How many queries of one projection run at once.
const READERS: u32 = 4;
/// The write-ahead log is copied every 16 MiB, so that a page that changes often is copied once for all of its changes;
/// it has 32 MiB at most.
const CHECKPOINTS: Bounds = Bounds { due: 16 << 20, pages: 8192 };
/// What a commit writes besides its rows: inner pages and the checkpoint, about.
const COMMIT_BYTES: usize = 16 << 10;
/// What a row writes, about: a page, and a share of the pages of its indexes.
const ROW_BYTES: usize = 6 << 10;

/// A file that can be read.
#[derive(Debug)]
pub(crate) struct Generation {
    /// Later ones are greater.
    pub(crate) number: u64,
    /// Where queries get their connections.
    pub(crate) readers: SqlitePool,
    path: PathBuf,
    retired: AtomicBool,
}

/// The one connection that writes a file.
#[derive(Debug)]
pub(crate) struct Writer {
    /// For reading one's own rows.
    pub(crate) connection: SqliteConnection,
    /// Everything up to here is in the rows.
    pub(crate) position: Position,
    /// Whether the indexes are there and have to be kept up.
    has_indexes: bool,
    /// Who copies the write-ahead log; nobody where there is none.
    checkpoints: Option<Checkpoints>,
}

impl Generation {
    /// Opens the newest file that this release can go on with, and removes all others: those of other releases,
    /// those that were being filled when the process ended, and those from another log, which are ahead of `head`.
    pub(crate) async fn newest(
        folder: &Path,
        layout: &Layout,
        head: Position,
    ) -> Result<Option<(Self, Writer)>, sqlx::Error> {
        let mut newest = None;
        for number in numbers(folder, layout.name)?.into_iter().rev() {
            if newest.is_none() {
                match Self::open(folder, layout, number).await {
                    Ok(Some((generation, writer))) if writer.position <= head => {
                        newest = Some((generation, writer));
                        continue;
                    }
                    Ok(_) => {}
                    Err(error) => {
                        tracing::warn!(projection = %layout.name, number, %error, "a read model can't be opened and is filled anew");
                    }
                }
            }
            remove(&path(folder, layout.name, number));
        }
        Ok(newest)
    }

    /// Opens a file, if it is complete and laid out as this release does.
    pub(crate) async fn open(
        folder: &Path,
        layout: &Layout,
        number: u64,
    ) -> Result<Option<(Self, Writer)>, sqlx::Error> {
        let path = path(folder, layout.name, number);
        let writing =
            serving(&path).pragma("cache_size", "-8192").pragma("wal_autocheckpoint", "0");
        let mut connection = SqliteConnection::connect_with(&writing).await?;
        let (position, found, ready): (i64, String, bool) =
            sqlx::query_as("select position, layout, ready from generation")
                .fetch_one(&mut connection)
                .await?;
        if !ready || found != layout.fingerprint() {
            return Ok(None);
        }
        let position = Position(position.cast_unsigned());
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .test_before_acquire(false)
            .acquire_timeout(Duration::from_secs(5))
            .connect_lazy_with(serving(&path).pragma("query_only", "on"));
        let checkpoints = Some(Checkpoints::start(&writing, CHECKPOINTS).await?);
        let generation = Self { number, readers, path, retired: AtomicBool::new(false) };
        Ok(Some((generation, Writer { connection, position, has_indexes: true, checkpoints })))
    }

    /// Makes a file with empty tables, to be filled from the first event on. Fast, and worth nothing after a crash,
    /// before [`finish`](Self::finish) has been called.
    pub(crate) async fn create(
        folder: &Path,
        layout: &Layout,
        number: u64,
    ) -> Result<Writer, sqlx::Error> {
        let path = path(folder, layout.name, number);
        remove(&path);
        let mut connection = SqliteConnection::connect_with(&filling(&path)).await?;
        sqlx::raw_sql(include_str!("../../migrations/views/generation.sql"))
            .execute(&mut connection)
            .await?;
        sqlx::raw_sql(layout.tables).execute(&mut connection).await?;
        let position = Position::START;
        Ok(Writer { connection, position, has_indexes: false, checkpoints: None })
    }

    /// Makes the indexes of a filled file and opens it for reading; from here on it survives a crash.
    pub(crate) async fn finish(
        folder: &Path,
        layout: &Layout,
        number: u64,
        mut writer: Writer,
    ) -> Result<(Self, Writer), sqlx::Error> {
        sqlx::raw_sql(layout.indexes).execute(&mut writer.connection).await?;
        writer.close().await?;
        let path = path(folder, layout.name, number);
        // Filling didn't wait for the disk. What is called ready must be there.
        fs::File::open(&path)?.sync_all()?;
        let mut connection = SqliteConnection::connect_with(&serving(&path)).await?;
        sqlx::query("update generation set ready = 1, layout = ?")
            .bind(layout.fingerprint())
            .execute(&mut connection)
            .await?;
        connection.close().await?;
        Self::open(folder, layout, number)
            .await?
            .ok_or_else(|| sqlx::Error::Protocol("a finished generation isn't ready".into()))
    }

    /// The number that the next generation gets.
    pub(crate) fn next_number(folder: &Path, name: Name) -> Result<u64, sqlx::Error> {
        Ok(numbers(folder, name)?.last().map_or(1, |last| last + 1))
    }

    /// Lets the file disappear as soon as the last query on it has ended.
    pub(crate) fn retire(&self) {
        self.retired.store(true, Ordering::Release);
    }

    /// Removes a file that was being filled.
    pub(crate) fn discard(folder: &Path, name: Name, number: u64) {
        remove(&path(folder, name, number));
    }
}

impl Drop for Generation {
    fn drop(&mut self) {
        if self.retired.load(Ordering::Acquire) {
            remove(&self.path);
        }
    }
}

impl Writer {
    /// Writes rows and checkpoint: one transaction, one call of the driver.
    pub(crate) async fn commit(
        &mut self,
        writes: Writes,
        position: Position,
    ) -> Result<(), sqlx::Error> {
        let written = COMMIT_BYTES + ROW_BYTES * writes.rows();
        let query = writes.into_query(position.0.cast_signed(), self.has_indexes);
        if let Err(error) = query.execute(&mut self.connection).await {
            // Nothing is left open: the next attempt begins anew. Where no transaction is open, this fails, rightly.
            let _ = sqlx::raw_sql("rollback").execute(&mut self.connection).await;
            return Err(error);
        }
        self.position = position;
        if let Some(checkpoints) = &mut self.checkpoints {
            checkpoints.wrote(written, &mut self.connection).await;
        }
        Ok(())
    }

    /// Closes the file in order, so that nothing is left to be recovered.
    pub(crate) async fn close(self) -> Result<(), sqlx::Error> {
        if let Some(checkpoints) = self.checkpoints {
            checkpoints.stop().await;
        }
        self.connection.close().await
    }
}

/// For a file that serves: readers beside the writer, and a crash of the machine costs the last rows, never the file.
fn serving(path: &Path) -> SqliteConnectOptions {
    options(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .pragma("cache_size", "-1024")
        .pragma("journal_size_limit", "16777216")
}

/// For a file that is being filled: a crash makes it worthless, so nothing is spent on surviving one.
fn filling(path: &Path) -> SqliteConnectOptions {
    options(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Off)
        .synchronous(SqliteSynchronous::Off)
        .pragma("locking_mode", "exclusive")
        .pragma("cache_size", "-16384")
        // Sorting for the indexes of a large file has no bound but the disk.
        .pragma("temp_store", "file")
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(Duration::from_secs(5))
        .foreign_keys(false)
        .statement_cache_capacity(32)
        .pragma("temp_store", "memory")
}

fn path(folder: &Path, name: Name, number: u64) -> PathBuf {
    folder.join(format!("{name}.{number}.db"))
}

/// The generations of a projection that are there, oldest first.
fn numbers(folder: &Path, name: Name) -> Result<Vec<u64>, std::io::Error> {
    let mut numbers = Vec::new();
    for entry in fs::read_dir(folder)? {
        let file = entry?.file_name();
        let number = file.to_str().and_then(|file| {
            file.strip_prefix(name.as_str())?.strip_prefix('.')?.strip_suffix(".db")
        });
        numbers.extend(number.and_then(|number| number.parse::<u64>().ok()));
    }
    numbers.sort_unstable();
    Ok(numbers)
}

/// Removes a file and what SQLite puts beside it. What can't be removed now is removed at the next start.
fn remove(path: &Path) {
    for suffix in ["", "-wal", "-shm", "-journal"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        match fs::remove_file(&name) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                tracing::warn!(file = ?name, %error, "a file of a read model can't be removed");
            }
            _ => {}
        }
    }
}
