//! All read models of the node, and the threads that keep them up to date.

use std::{
    future::Future,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use events::{Position, store::EventStore, vault::Vault};
use tokio::sync::{mpsc, watch};

use crate::{
    Late, Name, NotParked, Progress, RebuildError, Status,
    directory::{self, Directory},
    generation::Generation,
    history::{self, History},
    projection::Projection,
    runner::{self, Runner},
    seat::Seat,
};

/// All read models of the node.
///
/// Each projection has its own file and its own thread, so that one that is parked, rebuilt or slow
/// doesn't concern the others.
pub struct Views {
    folder: PathBuf,
    store: Arc<dyn EventStore>,
    directory: Runner<directory::Projector>,
    history: Runner<history::Projector>,
    read_directory: Directory,
    read_history: History,
    closing: watch::Sender<bool>,
    threads: Threads,
}

/// Why the read models can't be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A file can't be opened or made.
    #[error("the read model `{name}` can't be opened: {source}")]
    Database {
        /// Which.
        name: Name,
        /// Why.
        source: sqlx::Error,
    },
    /// The folder can't be read or written, or the system gives no thread.
    #[error("the folder of the read models: {0}")]
    System(#[from] std::io::Error),
}

impl Views {
    /// Opens the read models in `folder`, makes what is missing or of another release, and follows the log.
    /// Doesn't wait for that: [`caught_up`](Self::caught_up) tells when they show everything.
    pub async fn open(
        folder: &Path,
        store: Arc<dyn EventStore>,
        vault: Arc<Vault>,
    ) -> Result<Self, OpenError> {
        std::fs::create_dir_all(folder)?;
        let (closing, closed) = watch::channel(false);
        let threads = Threads::default();
        let directory = start(
            folder,
            directory::Projector::new(vault.clone()),
            store.clone(),
            closed.clone(),
            &threads,
        )
        .await?;
        let history = start(folder, history::Projector, store.clone(), closed, &threads).await?;
        let read_directory = Directory::new(directory.seat.clone());
        let read_history = History::new(history.seat.clone(), read_directory.clone(), vault);
        let folder = folder.to_owned();
        Ok(Self {
            folder,
            store,
            directory,
            history,
            read_directory,
            read_history,
            closing,
            threads,
        })
    }

    /// Who and what there is now.
    pub fn directory(&self) -> Directory {
        self.read_directory.clone()
    }

    /// What happened.
    pub fn history(&self) -> History {
        self.read_history.clone()
    }

    /// Waits until a projection shows everything up to `position`, at most for `within`.
    pub async fn caught_up(
        &self,
        name: Name,
        position: Position,
        within: Duration,
    ) -> Result<(), Late> {
        let mut shown = self.seat(name).position();
        if *shown.borrow() >= position {
            return Ok(());
        }
        match tokio::time::timeout(within, shown.wait_for(|shown| *shown >= position)).await {
            Ok(Ok(_)) => Ok(()),
            _ => Err(Late { name, at: self.position(name), wanted: position }),
        }
    }

    /// Waits until every projection shows everything up to `position`, at most for `within` in all.
    pub async fn all_caught_up(&self, position: Position, within: Duration) -> Result<(), Late> {
        tokio::try_join!(
            self.caught_up(Name::Directory, position, within),
            self.caught_up(Name::History, position, within),
        )?;
        Ok(())
    }

    /// Up to where a projection shows everything.
    pub fn position(&self, name: Name) -> Position {
        *self.seat(name).position().borrow()
    }

    /// The position of a projection, and its changes.
    pub fn positions(&self, name: Name) -> watch::Receiver<Position> {
        self.seat(name).position()
    }

    /// Resolves when something about a projection changes: what it is, [`status`](Self::status) tells. The log may
    /// grow without that, while a projection is parked.
    pub fn news(&self, name: Name) -> watch::Receiver<()> {
        self.seat(name).news()
    }

    /// How every projection is doing.
    pub fn statuses(&self) -> Vec<Status> {
        Name::ALL.into_iter().map(|name| self.status(name)).collect()
    }

    /// How a projection is doing.
    pub fn status(&self, name: Name) -> Status {
        self.seat(name).status(self.store.head())
    }

    /// Fills a second generation of a projection beside the serving one, which then takes its place.
    /// The channel tells how far it is, and at last how it ended.
    pub fn rebuild(&self, name: Name) -> Result<watch::Receiver<Progress>, RebuildError> {
        let seat = self.seat(name);
        let progress =
            seat.begin_rebuild(self.store.head().0).ok_or(RebuildError::AlreadyRunning(name))?;
        let receiver = progress.subscribe();
        let folder = self.folder.clone();
        let (directory, history) = (self.directory.clone(), self.history.clone());
        self.threads
            .run(name, async move {
                match name {
                    Name::Directory => directory.rebuild(folder, progress).await,
                    Name::History => history.rebuild(folder, progress).await,
                }
            })
            .map_err(|_| RebuildError::Closing)?;
        Ok(receiver)
    }

    /// The rebuild of a projection that goes on or was the last, as [`rebuild`](Self::rebuild) gave it.
    pub fn last_rebuild(&self, name: Name) -> Option<watch::Receiver<Progress>> {
        self.seat(name).rebuild()
    }

    /// Lets a parked projection try its event again.
    pub fn resume(&self, name: Name) -> Result<(), NotParked> {
        self.seat(name).resume()
    }

    /// Stops following the log and closes the files. What was not committed comes again at the next start.
    pub async fn close(&self) {
        self.closing.send_replace(true);
        self.threads.ended().await;
        for name in Name::ALL {
            self.seat(name).serving().readers.close().await;
        }
    }

    fn seat(&self, name: Name) -> &Seat {
        match name {
            Name::Directory => &self.directory.seat,
            Name::History => &self.history.seat,
        }
    }
}

/// Opens the newest usable file of a projection and follows the log with it; fills one where there is none.
async fn start<P: Projection>(
    folder: &Path,
    projection: P,
    store: Arc<dyn EventStore>,
    closing: watch::Receiver<bool>,
    threads: &Threads,
) -> Result<Runner<P>, OpenError> {
    let layout = P::LAYOUT;
    let failed = |source| OpenError::Database { name: layout.name, source };
    let head = store.head();
    let found = Generation::newest(folder, &layout, head).await.map_err(failed)?;
    let is_to_be_filled = found.is_none() && head > Position::START;
    let (generation, writer) = match found {
        Some(found) => found,
        None => empty(folder, &layout).await.map_err(failed)?,
    };
    let number = generation.number;
    let seat = Arc::new(Seat::new(layout.name, Arc::new(generation), writer.position));
    let runner = Runner { projection: Arc::new(projection), seat, store, closing };
    let task = runner.clone();
    let folder = folder.to_owned();
    threads.run(layout.name, async move {
        if !is_to_be_filled {
            return task.follow(number, writer).await;
        }
        // A new file is filled as a rebuild is: in bulk, indexes last.
        runner::close(writer).await;
        if let Some(progress) = task.seat.begin_rebuild(head.0) {
            task.clone().rebuild(folder.clone(), progress).await;
        }
        // Where an event stopped that, the empty file shows at least all that comes before it.
        task.follow_reopened(&folder, number).await;
    })?;
    Ok(runner)
}

async fn empty(
    folder: &Path,
    layout: &crate::projection::Layout,
) -> Result<(Generation, crate::generation::Writer), sqlx::Error> {
    let number = Generation::next_number(folder, layout.name)?;
    let writer = Generation::create(folder, layout, number).await?;
    Generation::finish(folder, layout, number, writer).await
}

/// The threads that project. Decoding and folding a page is work for a processor, which must not hold up
/// the threads that answer requests.
struct Threads(Mutex<Option<mpsc::Sender<()>>>, tokio::sync::Mutex<mpsc::Receiver<()>>);

impl Default for Threads {
    fn default() -> Self {
        let (alive, ended) = mpsc::channel(1);
        Self(Mutex::new(Some(alive)), tokio::sync::Mutex::new(ended))
    }
}

impl Threads {
    /// Runs a task on a thread of its own.
    fn run(
        &self,
        name: Name,
        task: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), std::io::Error> {
        let Some(alive) = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone() else {
            return Err(std::io::Error::other("the projections are closing"));
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
        std::thread::Builder::new().name(format!("view-{name}")).spawn(move || {
            runtime.block_on(task);
            drop(alive);
        })?;
        Ok(())
    }

    /// Lets no further thread begin, and waits for those that run to end.
    async fn ended(&self) {
        drop(self.0.lock().unwrap_or_else(PoisonError::into_inner).take());
        while self.1.lock().await.recv().await.is_some() {}
    }
}
