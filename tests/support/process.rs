//! The real program, as a process that can be stopped, and killed.

use std::{
    io::{BufRead, BufReader, Read},
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::{Arc, Mutex, PoisonError},
    thread::{self, JoinHandle},
    time::Duration,
};

use tokio::{sync::oneshot, time::timeout};

/// How long a start may take on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// The program under test; another build of it where `STAMROL_BINARY` names one.
pub(crate) fn binary() -> PathBuf {
    std::env::var_os("STAMROL_BINARY")
        .map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_stamrol")), PathBuf::from)
}

/// The program in this folder. What steers a test, and what the machine sets, is no setting of it.
fn command(folder: &Path) -> Command {
    let mut command = Command::new(binary());
    command.env_clear().env("RUST_BACKTRACE", "1").current_dir(folder).stdin(Stdio::null());
    command
}

/// Runs the program to its end.
pub(crate) fn stamrol(arguments: &[&str]) -> Output {
    command(Path::new(".")).args(arguments).output().expect("the program runs")
}

/// A running server. It is killed when this is dropped.
pub(crate) struct Server {
    child: Child,
    /// Where it answers.
    pub(crate) address: SocketAddr,
    /// What makes the first operator, at the first start.
    pub(crate) token: Option<String>,
    /// Everything that it says, but the token.
    said: Arc<Mutex<String>>,
    readers: Vec<JoinHandle<()>>,
}

/// What is learnt from what it says.
#[derive(Default)]
struct Heard {
    token: Option<String>,
    address: Option<SocketAddr>,
}

impl Server {
    /// Starts the program on this data directory and waits until it answers.
    pub(crate) async fn start(data: &Path) -> Self {
        Self::spawn(command(data), data).await
    }

    /// Starts it so that it logs everything that it can.
    pub(crate) async fn start_talkative(data: &Path) -> Self {
        Self::start_with(data, &[("STAMROL_LOG_FILTER", "trace")]).await
    }

    /// Starts it with these variables in its environment.
    pub(crate) async fn start_with(data: &Path, variables: &[(&str, &str)]) -> Self {
        let mut command = command(data);
        command.envs(variables.iter().copied());
        Self::spawn(command, data).await
    }

    async fn spawn(mut command: Command, data: &Path) -> Self {
        let mut child = command
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let said = Arc::<Mutex<String>>::default();
        let (ready, is_ready) = oneshot::channel();
        let stdout = listen(child.stdout.take().expect("is piped"), said.clone(), Some(ready));
        let stderr = listen(child.stderr.take().expect("is piped"), said.clone(), None);
        let readers = vec![stdout, stderr];
        let mut server =
            Self { child, address: (Ipv4Addr::LOCALHOST, 0).into(), token: None, said, readers };
        let heard = timeout(PATIENCE, is_ready).await;
        let Some(Heard { token, address: Some(address) }) = heard.ok().and_then(Result::ok) else {
            panic!("the program doesn't start:\n{}", server.said());
        };
        (server.token, server.address) = (token, address);
        server
    }

    /// What it has said until now, on both outputs, but for the token.
    pub(crate) fn said(&self) -> String {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Ends it the hard way: `SIGKILL`, no chance to finish anything.
    pub(crate) fn kill(self) {
        drop(self);
    }

    /// Asks it to stop, as an init system does, and waits until it has. Gives all that it said, too.
    pub(crate) fn stop(mut self) -> (ExitStatus, String) {
        let id = self.child.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &id]).status().expect("there is kill");
        assert!(asked.success());
        let status = self.child.wait().expect("it is a child");
        for reader in self.readers.drain(..) {
            reader.join().expect("reading doesn't panic");
        }
        (status, self.said())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Fails when it has ended already, as it does in a test that failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads all that it says, so that it never waits for us, and tells when it answers.
fn listen(
    output: impl Read + Send + 'static,
    said: Arc<Mutex<String>>,
    ready: Option<oneshot::Sender<Heard>>,
) -> JoinHandle<()> {
    let (mut heard, mut ready) = (Heard::default(), ready);
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if let Some(token) = line.strip_prefix("first operator token: ") {
                assert_eq!(heard.token.replace(token.to_owned()), None, "the token is said once");
                continue;
            }
            let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
            said.push_str(&line);
            said.push('\n');
            drop(said);
            heard.address =
                line.strip_prefix("listening on http://").and_then(|it| it.parse().ok());
            if heard.address.is_some()
                && let Some(ready) = ready.take()
            {
                let _ = ready.send(std::mem::take(&mut heard));
            }
        }
    })
}
