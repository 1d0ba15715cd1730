//! A mail server that does what a test tells it to.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// What it does with a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Does {
    /// Takes it.
    Accept,
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

/// The running server.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
    task: JoinHandle<()>,
}

/// What it has seen.
#[derive(Default)]
pub(super) struct Seen {
    /// Letters that began.
    pub(super) letters: usize,
    /// Those that it took, whole.
    pub(super) accepted: Vec<String>,
    /// Those of which it took and hung up before it said so.
    pub(super) unsaid: Vec<String>,
    /// What it was told before letters, of the last connection.
    pub(super) hello: String,
}

type Script = Arc<dyn Fn(usize) -> Does + Send + Sync>;

impl Server {
    /// Does with the letter of this number, counted from 0, what the script says.
    pub(super) async fn start(script: impl Fn(usize) -> Does + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (seen, script): (_, Script) = (Arc::<Mutex<Seen>>::default(), Arc::new(script));
        let seen_by_task = seen.clone();
        let task = tokio::spawn(async move {
            loop {
                let (socket, _) = listener.accept().await.unwrap();
                let (script, seen) = (script.clone(), seen_by_task.clone());
                // Whoever hangs up ends the conversation.
                tokio::spawn(async move { drop(converse(socket, &script, &seen).await) });
            }
        });
        Self { address, seen, task }
    }

    pub(super) fn seen<T>(&self, look: impl FnOnce(&Seen) -> T) -> T {
        look(&self.seen.lock().unwrap())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn converse(socket: TcpStream, script: &Script, seen: &Mutex<Seen>) -> std::io::Result<()> {
    let mut socket = BufReader::new(socket);
    socket.write_all(b"220 mail.example ESMTP\r\n").await?;
    let mut does = Does::Accept;
    loop {
        let mut line = String::new();
        if socket.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let verb = line.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
        let answer = match &*verb {
            "EHLO" => {
                seen.lock().unwrap().hello.clone_from(&line);
                "250-mail.example\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN\r\n"
            }
            "AUTH" => {
                seen.lock().unwrap().hello.push_str(&line);
                "235 welcome\r\n"
            }
            "MAIL" => {
                let mut seen = seen.lock().unwrap();
                does = script(seen.letters);
                seen.letters += 1;
                "250 ok\r\n"
            }
            "RCPT" => match does {
                Does::Refuse(answer) => answer,
                Does::Stall => std::future::pending().await,
                _ => "250 ok\r\n",
            },
            "DATA" => "354 go ahead\r\n",
            "QUIT" => {
                socket.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            _ => "250 ok\r\n",
        };
        socket.write_all(answer.as_bytes()).await?;
        if verb == "DATA" {
            if does == Does::DropBefore {
                return Ok(());
            }
            let mut letter = String::new();
            while !letter.ends_with("\r\n.\r\n") {
                if socket.read_line(&mut letter).await? == 0 {
                    return Ok(());
                }
            }
            let answer = match does {
                Does::RefuseData(answer) => answer,
                Does::DropAfter => {
                    let mut seen = seen.lock().unwrap();
                    seen.accepted.push(letter.clone());
                    seen.unsaid.push(letter);
                    return Ok(());
                }
                _ => {
                    seen.lock().unwrap().accepted.push(letter);
                    "250 2.0.0 queued as 7F3A\r\n"
                }
            };
            socket.write_all(answer.as_bytes()).await?;
        }
    }
}

/// The value of a header of a letter.
pub(super) fn header<'a>(letter: &'a str, name: &str) -> &'a str {
    let line = letter.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    line.unwrap_or_default()
}
