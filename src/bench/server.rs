//! The server, in a process of its own.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use super::{BenchError, client::Client};

/// How long a server may take to answer that it is ready.
const PATIENCE: Duration = Duration::from_mins(2);
/// Between two questions whether it is.
const PAUSE: Duration = Duration::from_millis(1);

/// A running server, killed when dropped: it must be able to take that.
pub(super) struct Server {
    process: Child,
    /// Kept open, so that the server can go on writing.
    _lines: std::io::Lines<BufReader<ChildStdout>>,
    /// Where it listens.
    pub(super) address: SocketAddr,
    /// From the start of the process until it was ready.
    pub(super) start: Duration,
}

impl Server {
    /// Starts this program on a data directory, and waits until it is ready.
    pub(super) async fn start(data: &Path) -> Result<Self, BenchError> {
        let began = Instant::now();
        let mut process = program()?
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(["--set", "log.filter=warn"])
            // One caller asks here for thousands.
            .args(["--set", "http.budget=4000000000"])
            .arg("--data")
            .arg(data)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout = process.stdout.take().ok_or_else(|| BenchError::Odd("no output".into()))?;
        let mut lines = BufReader::new(stdout).lines();
        let address = loop {
            let Some(line) = lines.next().transpose()? else {
                return Err(BenchError::Odd(format!("the server ended: {}", process.wait()?)));
            };
            if let Some(address) = line.strip_prefix("listening on http://") {
                break address.parse().map_err(BenchError::odd)?;
            }
        };
        let unready = Self { process, _lines: lines, address, start: began.elapsed() };
        unready.ready(began).await
    }

    async fn ready(mut self, began: Instant) -> Result<Self, BenchError> {
        let mut client = Client::connect(self.address).await?;
        while !client.status("/health/ready").await?.is_success() {
            if began.elapsed() > PATIENCE {
                return Err(BenchError::Odd("the server is not getting ready".into()));
            }
            tokio::time::sleep(PAUSE).await;
        }
        self.start = began.elapsed();
        Ok(self)
    }

    /// Its resident memory now, in MiB.
    pub(super) fn memory(&self) -> Result<f64, BenchError> {
        self.status("VmRSS:")
    }

    /// The most resident memory that it had since the last time that this was asked, in MiB.
    pub(super) fn memory_peak(&self) -> Result<f64, BenchError> {
        let peak = self.status("VmHWM:")?;
        // 5 is the kernel's word for it, see proc_pid_clear_refs(5).
        fs::write(format!("/proc/{}/clear_refs", self.process.id()), "5")?;
        Ok(peak)
    }

    fn status(&self, key: &str) -> Result<f64, BenchError> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix(key));
        let number = line.and_then(|line| line.trim().strip_suffix(" kB"));
        let kibibytes = number.and_then(|number| number.parse::<u32>().ok());
        let told = || BenchError::Odd("the system doesn't tell a process's memory".into());
        kibibytes.map(|kibibytes| f64::from(kibibytes) / 1024.0).ok_or_else(told)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// This program, to be started again.
pub(super) fn program() -> Result<Command, BenchError> {
    Ok(Command::new(std::env::current_exe()?))
}

/// A directory that is removed in the end.
pub(super) struct Scratch(PathBuf);

impl Scratch {
    /// A new one in `parent`.
    pub(super) fn new(parent: &Path) -> Result<Self, BenchError> {
        let path = parent.join(format!("stamrol-bench-{}", std::process::id()));
        fs::create_dir(&path)?;
        Ok(Self(path))
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What can't be removed stays; the measurements are right all the same.
        let _ = fs::remove_dir_all(&self.0);
    }
}
