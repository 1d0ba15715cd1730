//! The real program, as a process that can be killed.

use std::{
    io::{BufRead, BufReader, Read},
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use tokio::{sync::mpsc, time::timeout};

/// How long a start may take on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running server. It is killed when this is dropped.
pub(crate) struct Server {
    child: Child,
    /// Where it answers.
    pub(crate) address: SocketAddr,
    /// What makes the first operator, at the first start.
    pub(crate) token: Option<String>,
}

/// The program under test; another build of it where `STAMROL_BINARY` names one.
pub(crate) fn binary() -> PathBuf {
    std::env::var_os("STAMROL_BINARY")
        .map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_stamrol")), PathBuf::from)
}

impl Server {
    /// Starts the program on this data directory and waits until it answers.
    pub(crate) async fn start(data: &Path) -> Self {
        let mut program = Command::new(binary());
        // What steers a test is no setting of the program.
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("STAMROL_") {
                program.env_remove(name);
            }
        }
        let mut child = program
            .arg("serve")
            .args(["--listen", "127.0.0.1:0"])
            .arg("--data")
            .arg(data)
            .current_dir(data)
            .env("RUST_BACKTRACE", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let (said, mut lines) = mpsc::unbounded_channel();
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        forward(stdout.expect("is piped"), said.clone());
        forward(stderr.expect("is piped"), said);
        let mut server = Self { child, address: (Ipv4Addr::LOCALHOST, 0).into(), token: None };
        let mut log = Vec::new();
        let answers = timeout(PATIENCE, async {
            while let Some(line) = lines.recv().await {
                if let Some((_, found)) = line.split_once("first operator token: ") {
                    server.token = Some(found.trim().to_owned());
                }
                if let Some((_, found)) = line.split_once("listening on http://") {
                    server.address = found.trim().parse().expect("it says its address");
                    return true;
                }
                log.push(line);
            }
            false
        });
        let answers = answers.await.unwrap_or(false);
        assert!(answers, "the program doesn't start:\n{}", log.join("\n"));
        server
    }

    /// Ends it the hard way: `SIGKILL`, no chance to finish anything.
    pub(crate) fn kill(self) {
        drop(self);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Fails when it has ended already, as it does in a test that failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads all that it says, so that it never waits for us; what comes after the start is forgotten.
fn forward(output: impl Read + Send + 'static, to: mpsc::UnboundedSender<String>) {
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            let _ = to.send(line);
        }
    });
}
