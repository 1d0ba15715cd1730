//! A mail server that does what a test tells it to. The unit tests of mail use it, too.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
    time::timeout,
};
use tokio_rustls::TlsAcceptor;

/// How long a letter may be on its way on a busy machine.
const PATIENCE: Duration = Duration::from_secs(40);

/// What it does with a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Does {
    /// Takes it.
    Accept,
    /// Says this to the sender.
    RefuseSender(&'static str),
    /// Says this to the recipient.
    Refuse(&'static str),
    /// Says this to the whole letter.
    RefuseData(&'static str),
    /// Says nothing any more.
    Stall,
    /// Hangs up before it has the letter.
    DropBefore,
    /// Takes it, and hangs up before it says so.
    DropAfter,
}

/// How it keeps a conversation private.
#[derive(Clone)]
pub(crate) enum Private {
    /// Not at all.
    No,
    /// Once it is asked to; before that it takes no letter.
    Asked(TlsAcceptor),
    /// From the first word.
    Always(TlsAcceptor),
}

/// The running server.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
    accepted: watch::Receiver<usize>,
    task: JoinHandle<()>,
}

/// What it has seen.
#[derive(Default)]
pub(crate) struct Seen {
    /// Letters that began.
    pub(crate) letters: usize,
    /// Those that it took, whole.
    pub(crate) accepted: Vec<String>,
    /// Those that it refused, whole.
    pub(crate) refused: Vec<String>,
    /// Those of which it took and hung up before it said so.
    pub(crate) unsaid: Vec<String>,
    /// What it was told before letters, of the last connection.
    pub(crate) hello: String,
    /// Connections that became private.
    pub(crate) private: usize,
}

type Script = Arc<dyn Fn(usize) -> Does + Send + Sync>;

impl Server {
    /// Does with the letter of this number, counted from 0, what the script says.
    pub(crate) async fn start(script: impl Fn(usize) -> Does + Send + Sync + 'static) -> Self {
        Self::start_private(script, Private::No).await
    }

    /// The same over connections that are kept private.
    pub(crate) async fn start_private(
        script: impl Fn(usize) -> Does + Send + Sync + 'static,
        private: Private,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (told, accepted) = watch::channel(0);
        let seen = Arc::<Mutex<Seen>>::default();
        let host = Host { script: Arc::new(script), private, seen: seen.clone(), told };
        let host = Arc::new(host);
        let task = tokio::spawn(async move {
            loop {
                let (socket, _) = listener.accept().await.unwrap();
                let host = host.clone();
                // Whoever hangs up ends the conversation.
                tokio::spawn(async move { drop(host.receive(socket).await) });
            }
        });
        Self { address, seen, accepted, task }
    }

    pub(crate) fn seen<T>(&self, look: impl FnOnce(&Seen) -> T) -> T {
        look(&self.seen.lock().unwrap())
    }

    /// The letters that it took, once there are so many.
    pub(crate) async fn letters(&self, count: usize) -> Vec<String> {
        let mut accepted = self.accepted.clone();
        let come = timeout(PATIENCE, accepted.wait_for(|accepted| *accepted >= count)).await;
        come.expect("the letters come").expect("the server runs");
        self.seen(|seen| seen.accepted.clone())
    }

    /// The newest letter that is wanted, once there is one.
    pub(crate) async fn letter(&self, wanted: impl Fn(&str) -> bool) -> String {
        let look = async {
            let mut accepted = self.accepted.clone();
            loop {
                accepted.mark_unchanged();
                let found = self
                    .seen(|seen| seen.accepted.iter().rev().find(|letter| wanted(letter)).cloned());
                if let Some(letter) = found {
                    return letter;
                }
                accepted.changed().await.expect("the server runs");
            }
        };
        let found = timeout(PATIENCE, look).await;
        found.unwrap_or_else(|_| panic!("it doesn't come: {:?}", self.seen(|s| s.accepted.clone())))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What all its conversations share.
struct Host {
    script: Script,
    private: Private,
    seen: Arc<Mutex<Seen>>,
    told: watch::Sender<usize>,
}

/// How a conversation went.
enum Ended {
    /// It is over.
    Over,
    /// It goes on in private.
    Private,
}

impl Host {
    async fn receive(&self, mut socket: TcpStream) -> std::io::Result<()> {
        const GREETING: &[u8] = b"220 mail.example ESMTP\r\n";
        let acceptor = match &self.private {
            Private::Always(acceptor) => acceptor,
            Private::No | Private::Asked(_) => {
                socket.write_all(GREETING).await?;
                let mut open = BufReader::new(socket);
                let ended = self.converse(&mut open, false).await?;
                let (Ended::Private, Private::Asked(acceptor)) = (ended, &self.private) else {
                    return Ok(());
                };
                let socket = acceptor.accept(open.into_inner()).await?;
                self.seen.lock().unwrap().private += 1;
                self.converse(&mut BufReader::new(socket), true).await?;
                return Ok(());
            }
        };
        let mut socket = acceptor.accept(socket).await?;
        self.seen.lock().unwrap().private += 1;
        socket.write_all(GREETING).await?;
        self.converse(&mut BufReader::new(socket), true).await?;
        Ok(())
    }

    fn take(&self, letter: String) {
        let mut seen = self.seen.lock().unwrap();
        seen.accepted.push(letter);
        self.told.send_replace(seen.accepted.len());
    }

    async fn converse(
        &self,
        socket: &mut BufReader<impl AsyncRead + AsyncWrite + Unpin + Send>,
        private: bool,
    ) -> std::io::Result<Ended> {
        let asks = matches!(self.private, Private::Asked(_)) && !private;
        let mut does = Does::Accept;
        loop {
            let mut line = String::new();
            if socket.read_line(&mut line).await? == 0 {
                return Ok(Ended::Over);
            }
            let verb = line.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
            let answer = match &*verb {
                "EHLO" => {
                    self.seen.lock().unwrap().hello.clone_from(&line);
                    if asks {
                        "250-mail.example\r\n250 STARTTLS\r\n"
                    } else {
                        "250-mail.example\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN\r\n"
                    }
                }
                "STARTTLS" if asks => {
                    socket.write_all(b"220 go ahead\r\n").await?;
                    return Ok(Ended::Private);
                }
                "AUTH" | "MAIL" if asks => "530 5.7.0 must issue STARTTLS first\r\n",
                "AUTH" => {
                    self.seen.lock().unwrap().hello.push_str(&line);
                    "235 welcome\r\n"
                }
                "MAIL" => {
                    let mut seen = self.seen.lock().unwrap();
                    does = (self.script)(seen.letters);
                    seen.letters += 1;
                    match does {
                        Does::RefuseSender(answer) => answer,
                        _ => "250 ok\r\n",
                    }
                }
                "RCPT" => match does {
                    Does::Refuse(answer) => answer,
                    Does::Stall => std::future::pending().await,
                    _ => "250 ok\r\n",
                },
                "DATA" => "354 go ahead\r\n",
                "QUIT" => {
                    socket.write_all(b"221 bye\r\n").await?;
                    return Ok(Ended::Over);
                }
                _ => "250 ok\r\n",
            };
            socket.write_all(answer.as_bytes()).await?;
            if verb == "DATA" {
                if does == Does::DropBefore {
                    return Ok(Ended::Over);
                }
                let mut letter = String::new();
                while !letter.ends_with("\r\n.\r\n") {
                    if socket.read_line(&mut letter).await? == 0 {
                        return Ok(Ended::Over);
                    }
                }
                let answer = match does {
                    Does::RefuseData(answer) => {
                        self.seen.lock().unwrap().refused.push(letter);
                        answer
                    }
                    Does::DropAfter => {
                        self.seen.lock().unwrap().unsaid.push(letter.clone());
                        self.take(letter);
                        return Ok(Ended::Over);
                    }
                    _ => {
                        self.take(letter);
                        "250 2.0.0 queued as 7F3A\r\n"
                    }
                };
                socket.write_all(answer.as_bytes()).await?;
            }
        }
    }
}

/// The value of a header of a letter.
pub(crate) fn header<'a>(letter: &'a str, name: &str) -> &'a str {
    let line = letter.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    line.unwrap_or_default()
}

/// What a letter says, as its reader sees it: quoted-printable is undone.
pub(crate) fn says(letter: &str) -> String {
    let (letter, mut said) = (letter.replace("=\r\n", "").replace("=\n", ""), Vec::new());
    let mut rest = letter.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        let code = (*byte == b'=').then(|| after.get(..2)).flatten();
        let code = code.and_then(|code| std::str::from_utf8(code).ok());
        if let Some(coded) = code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            said.push(coded);
            rest = &after[2..];
        } else {
            said.push(*byte);
        }
    }
    String::from_utf8_lossy(&said).into_owned()
}
