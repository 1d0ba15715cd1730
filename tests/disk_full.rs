//! No space left on the disk: what is asked then fails clearly, reading goes on, and with space writing goes on.
//!
//! The disk is a small `tmpfs`. Mounting one needs root, or a user namespace of one's own; where there is
//! neither, the test says loudly that it was skipped, and in CI it fails.

use std::{
    fs::File,
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

use serde_json::json;
use tempfile::TempDir;
use tokio::task::JoinSet;

use crate::{
    kill::load::{number_of, set_up},
    support::{
        audit::{Acknowledged, Mark, audit},
        client::{Answer, Client},
        process::Server,
    },
};

/// Set in the process that runs in a namespace of its own.
const INSIDE: &str = "STAMROL_INSIDE_NAMESPACE";
const NAME: &str = "disk_full::a_full_disk_refuses_clearly_reads_on_and_writes_on_with_space";
/// Clients that write at once.
const CLIENTS: usize = 8;
/// How much is left when the disk is called full, in bytes: the end comes in another place each time.
const LEFT: [u64; 5] = [0, 10_000, 100_000, 500_000, 0];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_clearly_reads_on_and_writes_on_with_space() {
    let Some(disk) = Disk::mount() else { return };
    let data = disk.path().join("data");
    std::fs::create_dir(&data).expect("the disk is empty");
    let (session, organisation) = set_up(&data).await;
    let server = Server::start(&data).await;
    let connect = async || {
        let mut client = Client::connect(server.address).await.expect("the server answers");
        client.session = Some(session.clone());
        client
    };

    let mut client = connect().await;
    let account = json!({ "organisation": organisation, "username": "present" });
    let created = client.mutate("accountCreate", "position account { id }", account).await;
    let present = created.expect("the server answers").expect("there is space");
    let mut acknowledged = Acknowledged::new();
    let mut refused = Vec::new();
    for (round, left) in LEFT.into_iter().enumerate() {
        disk.fill(left);
        let mut clients = JoinSet::new();
        for number in 0..CLIENTS {
            let (client, organisation) = (connect().await, organisation.clone());
            clients.spawn(write_until_refused(client, organisation, format!("f{round}-{number}")));
        }
        for (done, failed) in clients.join_all().await {
            acknowledged.extend(done);
            refused.push(failed);
        }
        let document = "query Node($id: ID!) { node(id: $id) { id } }";
        let read = client.send(document, json!({ "id": present["account"]["id"] })).await;
        let read = read.expect("the server answers");
        assert_eq!(read.body["data"]["node"]["id"], present["account"]["id"], "{read:?}");

        disk.free();
        let name = format!("after-{round}");
        let input = json!({ "organisation": organisation, "username": name });
        let created = client.mutate("accountCreate", "position account { id }", input).await;
        let created = created.expect("the server answers").expect("there is space again");
        acknowledged.insert(Mark::Username(name), number_of(&created["position"]));
    }
    drop(client);
    server.kill();

    let contents = audit(&data, &acknowledged).await;
    for name in refused {
        assert!(!contents.marks.contains_key(&name), "{name:?} was refused and done all the same");
    }
    Server::start(&data).await;
}

/// Creates accounts until one is refused; answers those that were acknowledged, and the refused one.
async fn write_until_refused(
    mut client: Client,
    organisation: String,
    name: String,
) -> (Acknowledged, Mark) {
    let mut acknowledged = Acknowledged::new();
    for number in 0..100_000 {
        let username = format!("{name}-{number}");
        let mark = Mark::Username(username.clone());
        let input = json!({ "organisation": organisation, "username": username });
        let created = client.mutate("accountCreate", "position", input).await;
        match created.expect("the server answers") {
            Ok(payload) => drop(acknowledged.insert(mark, number_of(&payload["position"]))),
            Err(answer) => {
                assert_clear(&answer);
                return (acknowledged, mark);
            }
        }
    }
    panic!("there is no end of space");
}

/// The error says by code and in words that there is no space.
fn assert_clear(answer: &Answer) {
    let error = &answer.body["errors"][0];
    assert_eq!(error["extensions"]["code"], "SERVICE_UNAVAILABLE", "{answer:?}");
    let message = error["message"].as_str().unwrap_or_default();
    assert!(message.contains("No space is left"), "{answer:?}");
}

/// A small disk of its own, gone when this is dropped.
struct Disk(TempDir);

impl Disk {
    /// None where no disk can be mounted, or where another process has run the test in a namespace.
    fn mount() -> Option<Self> {
        let disk = TempDir::new().expect("a directory can be made");
        let options = ["-t", "tmpfs", "-o", "size=24m,mode=0700", "tmpfs"];
        if quietly(Command::new("mount").args(options).arg(disk.path())) {
            return Some(Self(disk));
        }
        let inside = std::env::var_os(INSIDE).is_some();
        let namespaces = !inside && quietly(Command::new("unshare").args(["-rm", "true"]));
        if namespaces {
            let mut again = Command::new("unshare");
            again.arg("-rm").arg(std::env::current_exe().expect("it runs"));
            let status = again.args(["--exact", NAME, "--nocapture"]).env(INSIDE, "1").status();
            assert!(status.expect("unshare runs").success(), "it failed in a namespace of its own");
            return None;
        }
        let reason =
            "a full disk can't be tried here: neither root nor a user namespace may mount one";
        assert!(std::env::var_os("CI").is_none(), "{reason}");
        eprintln!("SKIPPED: {reason}");
        None
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Fills the disk but for so many bytes.
    fn fill(&self, left: u64) {
        let mut ballast = File::create(self.path().join("ballast")).expect("the ballast is made");
        let mut size = 0;
        while let Ok(written @ 1..) = ballast.write(&[1; 4096]) {
            size += written as u64;
        }
        ballast.set_len(size.saturating_sub(left)).expect("the ballast is cut");
    }

    fn free(&self) {
        std::fs::remove_file(self.path().join("ballast")).expect("the ballast is there");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        quietly(Command::new("umount").arg("--lazy").arg(self.0.path()));
    }
}

fn quietly(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|it| it.success())
}
