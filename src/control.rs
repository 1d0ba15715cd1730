//! The way into a running server for the command line: a socket that only the owner of the data can open.
//!
//! One line of JSON asks ([`Ask`]), lines of JSON answer ([`Answer`]) until the connection closes.

mod telling;
mod unlock;

use std::{
    fs::{self, Permissions},
    io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use commands::Handler;
use futures_util::{Stream, StreamExt, stream};
use projections::{Name, Progress, Views};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines},
    net::{
        UnixListener, UnixStream,
        unix::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::{Semaphore, watch},
    task::JoinSet,
    time::{Interval, interval, sleep, timeout},
};
use tracing::{info, warn};

use crate::stopping::Stopping;
pub use telling::{Telling, Wanted};
pub use unlock::{Unlocking, unlock};

/// Conversations at once.
const CONVERSATIONS: usize = 8;
/// Bytes of a question.
const LONGEST: u64 = 4096;
/// How long a question may take to arrive.
const PATIENCE: Duration = Duration::from_secs(5);
/// After the system refused a conversation.
const BREATHER: Duration = Duration::from_millis(50);
/// Between two lines about the progress of a rebuild.
const PROGRESS: Duration = Duration::from_millis(200);

/// What the command line asks.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case", deny_unknown_fields)]
pub enum Ask {
    /// Rebuilds projections, side by side, while the old ones serve.
    Rebuild {
        /// Which.
        projections: Vec<String>,
    },
    /// Tells what happened, up to the present.
    History(Wanted),
    /// Lets somebody sign in again.
    Unlock {
        /// The name that the account signs in with.
        username: String,
    },
}

/// What the server answers.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answer {
    /// How far a rebuild is.
    Progress {
        /// Which projection.
        projection: String,
        /// Events applied.
        done: u64,
        /// Events in the log.
        total: u64,
        /// Whether it is over.
        ended: bool,
    },
    /// Something that happened.
    Event {
        /// With its data, open, and told in a sentence.
        event: Value,
    },
    /// All that was asked for was told. Without it the conversation broke off.
    Told,
    /// What came of unlocking.
    Unlocking {
        /// What.
        outcome: Unlocking,
    },
    /// It can't be done.
    Refused {
        /// Why.
        reason: String,
    },
}

/// Answers until it is time to stop. Without the socket the server goes on all the same.
pub async fn serve(
    path: PathBuf,
    views: Arc<Views>,
    handler: Arc<Handler>,
    mut stopping: Stopping,
) {
    let listener = match listen(&path) {
        Ok(listener) => listener,
        Err(error) => {
            warn!(path = %path.display(), %error, "the command line can't reach this server");
            return;
        }
    };
    let turns = Arc::new(Semaphore::new(CONVERSATIONS));
    let mut conversations = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            () = stopping.wait() => break,
            Some(_) = conversations.join_next() => {}
            (turn, accepted) = async { (turns.clone().acquire_owned().await, listener.accept().await) } => {
                if let Err(error) = &accepted {
                    // No file descriptors left, say: that doesn't pass in no time.
                    warn!(%error, "the command line can't be let in");
                    tokio::select! {
                        () = stopping.wait() => break,
                        () = sleep(BREATHER) => {}
                    }
                }
                if let (Ok(turn), Ok((stream, _))) = (turn, accepted) {
                    let (views, handler) = (views.clone(), handler.clone());
                    conversations.spawn(async move {
                        let _turn = turn;
                        if let Err(error) = converse(stream, &views, &handler).await {
                            info!(%error, "a conversation with the command line broke off");
                        }
                    });
                }
            }
        }
    }
    conversations.shutdown().await;
    drop(fs::remove_file(path));
}

fn listen(path: &Path) -> io::Result<UnixListener> {
    // The log is locked for this process, so nobody listens at a socket that is still there.
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(path)?;
    // The directory lets nobody else in; the mode says so once more.
    fs::set_permissions(path, Permissions::from_mode(0o600))?;
    Ok(listener)
}

async fn converse(stream: UnixStream, views: &Views, handler: &Handler) -> io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut line = String::new();
    let mut question = BufReader::new(read.take(LONGEST));
    timeout(PATIENCE, question.read_line(&mut line)).await.map_err(io::Error::from)??;
    match serde_json::from_str(&line) {
        Ok(Ask::Rebuild { projections }) => match rebuild_all(views, &projections) {
            Err(reason) => tell(&mut write, &Answer::Refused { reason }).await,
            Ok(mut answers) => {
                while let Some(answer) = answers.next().await {
                    tell(&mut write, &answer).await?;
                }
                Ok(())
            }
        },
        Ok(Ask::Unlock { username }) => {
            let answer = match unlock(handler, &username).await {
                Ok(outcome) => Answer::Unlocking { outcome },
                Err(failure) => Answer::Refused { reason: failure.to_string() },
            };
            tell(&mut write, &answer).await
        }
        Ok(Ask::History(wanted)) => {
            let mut telling = Telling::begin(views, &wanted);
            while let Some(answer) = telling.next().await {
                tell(&mut write, &answer).await?;
            }
            tell(&mut write, &Answer::Told).await
        }
        Err(error) => tell(&mut write, &Answer::Refused { reason: error.to_string() }).await,
    }
}

/// Begins to fill projections anew, side by side, each on a thread of its own; tells how far they are until all
/// of them have ended.
pub fn rebuild_all(
    views: &Views,
    projections: &[String],
) -> Result<impl Stream<Item = Answer> + Send + Unpin + use<>, String> {
    let begun: Vec<_> = projections
        .iter()
        .map(|projection| Rebuild::begin(views, projection))
        .collect::<Result<_, _>>()?;
    let answers = begun.into_iter().map(|rebuild| {
        stream::unfold(rebuild, async |mut rebuild: Rebuild| {
            rebuild.next().await.map(|answer| (answer, rebuild))
        })
        .boxed()
    });
    Ok(stream::select_all(answers))
}

async fn tell(write: &mut OwnedWriteHalf, answer: &Answer) -> io::Result<()> {
    let line = serde_json::to_string(answer)? + "\n";
    write.write_all(line.as_bytes()).await
}

/// A rebuild that is going on.
pub struct Rebuild {
    projection: String,
    progress: watch::Receiver<Progress>,
    due: Interval,
    over: bool,
}

impl Rebuild {
    /// Begins to fill a projection anew; the error says in words why it can't be.
    pub fn begin(views: &Views, projection: &str) -> Result<Self, String> {
        let name = Name::parse(projection).ok_or_else(|| {
            let known = Name::ALL.map(Name::as_str).join(", ");
            format!("there is no projection {projection}; there are {known}")
        })?;
        let progress = views.rebuild(name).map_err(|error| error.to_string())?;
        Ok(Self {
            projection: projection.to_owned(),
            progress,
            due: interval(PROGRESS),
            over: false,
        })
    }

    /// How far it is: now and then while it runs, at once when it ends; none after that.
    pub async fn next(&mut self) -> Option<Answer> {
        if self.over {
            return None;
        }
        let refused = |reason| Some(Answer::Refused { reason });
        let gone = tokio::select! {
            ended = self.progress.wait_for(|progress| progress.outcome.is_some()) => ended.is_err(),
            _ = self.due.tick() => false,
        };
        let Progress { done, total, outcome } = self.progress.borrow().clone();
        self.over = gone || outcome.is_some();
        match outcome {
            Some(Err(reason)) => refused(format!("{}: {reason}", self.projection)),
            None if gone => refused(format!("{}: the server is stopping", self.projection)),
            outcome => Some(Answer::Progress {
                projection: self.projection.clone(),
                done,
                total,
                ended: outcome.is_some(),
            }),
        }
    }
}

/// The answers of a running server.
pub struct Answers(Lines<BufReader<OwnedReadHalf>>);

/// Asks a running server; none where none is running.
pub async fn ask(path: &Path, ask: &Ask) -> io::Result<Option<Answers>> {
    let stream = match UnixStream::connect(path).await {
        Ok(stream) => stream,
        Err(error) => {
            return match error.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => Ok(None),
                _ => Err(error),
            };
        }
    };
    let (read, mut write) = stream.into_split();
    let line = serde_json::to_string(ask)? + "\n";
    write.write_all(line.as_bytes()).await?;
    // The server closes the connection when it has answered; the half that asks may go now.
    write.forget();
    Ok(Some(Answers(BufReader::new(read).lines())))
}

impl Answers {
    /// The next answer; none after the last.
    pub async fn next(&mut self) -> io::Result<Option<Answer>> {
        match self.0.next_line().await? {
            Some(line) => Ok(Some(serde_json::from_str(&line)?)),
            None => Ok(None),
        }
    }
}
