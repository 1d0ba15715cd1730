//! A running server in a process of its own.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Output, Stdio},
    thread::JoinHandle,
};

use serde_json::{Value, json};

const BINARY: &str = env!("CARGO_BIN_EXE_stamrol");

/// Runs the program to its end.
pub(super) fn stamrol(arguments: &[&str]) -> Output {
    command(Path::new(".")).args(arguments).output().unwrap()
}

/// A server. It ends with the test, however that ends.
pub(super) struct Server {
    process: Child,
    address: String,
    /// The token for the first operator, where one was shown.
    pub(super) token: Option<String>,
    log: Option<JoinHandle<String>>,
    /// Everything on standard output but the token.
    pub(super) output: String,
}

/// The program without anything from the environment of the test.
fn command(folder: &Path) -> Command {
    let mut command = Command::new(BINARY);
    command.env_clear().env("STAMROL_LOG_FILTER", "trace").current_dir(folder);
    command
}

impl Server {
    /// Starts one on a free port, and waits until it listens.
    pub(super) fn start(data: &Path) -> Self {
        let data: PathBuf = data.canonicalize().unwrap();
        let mut process = command(&data)
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(&data)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stderr = process.stderr.take().unwrap();
        let log = std::thread::spawn(move || {
            let mut text = String::new();
            stderr.read_to_string(&mut text).unwrap();
            text
        });
        let (mut token, mut output) = (None, String::new());
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let address = loop {
            let line = lines.next().expect("the server ended before it listened").unwrap();
            if let Some(text) = line.strip_prefix("first operator token: ") {
                assert_eq!(token.replace(text.to_owned()), None);
                continue;
            }
            output.push_str(&line);
            if let Some(address) = line.strip_prefix("listening on http://") {
                break address.to_owned();
            }
        };
        Self { process, address, token, log: Some(log), output }
    }

    /// Sends one request and reads its answer, headers included.
    pub(super) fn send(&self, authorization: Option<&str>, body: &Value) -> String {
        let body = body.to_string();
        let authorization = authorization
            .map_or_else(String::new, |token| format!("authorization: Bearer {token}\r\n"));
        let request = format!(
            "POST /graphql HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\n{authorization}\
             content-length: {}\r\nconnection: close\r\n\r\n{body}",
            self.address,
            body.len(),
        );
        let mut connection = TcpStream::connect(&self.address).unwrap();
        connection.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Runs an operation with one variable, `input`.
    pub(super) fn ask(&self, authorization: Option<&str>, query: &str, input: &Value) -> Value {
        let body = json!({ "query": query, "variables": { "input": input } });
        let answer = self.send(authorization, &body);
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        serde_json::from_str(body).unwrap()
    }

    /// Asks it to stop, as an init system does, and waits until it has.
    pub(super) fn stop(mut self) -> ExitStatus {
        self.terminate()
    }

    /// Stops it, and gives all that it logged.
    pub(super) fn stop_and_log(mut self) -> String {
        assert!(self.terminate().success());
        self.log.take().unwrap().join().unwrap()
    }

    fn terminate(&mut self) -> ExitStatus {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        self.process.wait().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
