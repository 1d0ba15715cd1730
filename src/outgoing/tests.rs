//! Calls to servers that don't mean well.

use std::{
    future::pending,
    sync::atomic::{AtomicUsize, Ordering},
    time::Instant,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::*;
use crate::config::Value as _;

mod encrypted;

const TIME: Duration = Duration::from_millis(300);

/// A server that reads what was asked and then writes this; what it was asked, for each connection.
struct Server {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    task: tokio::task::JoinHandle<()>,
}

/// What a server does after it was asked.
#[derive(Clone, Copy)]
enum Does {
    Says(&'static str),
    /// Says this for ever.
    Repeats(&'static str, &'static str),
    /// Says this, and then a letter now and then.
    Drips(&'static str),
    Stalls,
}

impl Server {
    async fn start(does: Does) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let count = connections.clone();
        let task = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(async move {
                    let mut asked = [0; 4096];
                    drop(stream.read(&mut asked).await);
                    match does {
                        Does::Says(text) => drop(stream.write_all(text.as_bytes()).await),
                        Does::Repeats(begin, more) => {
                            drop(stream.write_all(begin.as_bytes()).await);
                            while stream.write_all(more.as_bytes()).await.is_ok() {}
                        }
                        Does::Drips(begin) => {
                            drop(stream.write_all(begin.as_bytes()).await);
                            let mut drop_by_drop = tokio::time::interval(Duration::from_millis(20));
                            while stream.write_all(b"x").await.is_ok() {
                                drop_by_drop.tick().await;
                            }
                        }
                        Does::Stalls => pending().await,
                    }
                });
            }
        });
        Self { address, connections, task }
    }

    fn target(&self) -> Target {
        Target::parse(&format!("http://{}/messages", self.address)).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn to_this_machine() -> Outgoing {
    Outgoing::new(vec![Network::LOOPBACK], TIME)
}

async fn asked(does: Does) -> Result<Answer, CallFailed> {
    asked_within(Duration::from_secs(20), does).await
}

async fn asked_within(time: Duration, does: Does) -> Result<Answer, CallFailed> {
    let server = Server::start(does).await;
    let outgoing = Outgoing::new(vec![Network::LOOPBACK], time);
    outgoing.post(&server.target(), HeaderMap::new(), "{}").await
}

#[tokio::test]
async fn an_answer_is_read_to_its_end() {
    let answer =
        asked(Does::Says("HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\nok")).await.unwrap();
    assert_eq!((answer.status.as_u16(), &answer.body[..]), (201, &b"ok"[..]));
    // Ended by closing the connection.
    let answer = asked(Does::Says("HTTP/1.0 400 No\r\n\r\nno")).await.unwrap();
    assert_eq!((answer.status.as_u16(), &answer.body[..]), (400, &b"no"[..]));
}

#[tokio::test]
async fn s31_redirects_are_not_followed() {
    let elsewhere = Server::start(Does::Says("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")).await;
    let text = format!(
        "HTTP/1.1 307 Elsewhere\r\nlocation: http://{}/\r\ncontent-length: 0\r\n\r\n",
        elsewhere.address
    );
    let outcome = asked(Does::Says(text.leak())).await;
    assert!(matches!(outcome, Err(CallFailed::Redirect(status)) if status.as_u16() == 307));
    assert_eq!(elsewhere.connections.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn s31_private_addresses_are_refused_unless_they_are_listed() {
    let server = Server::start(Does::Says("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")).await;
    for listed in ["", "10.0.0.0/8, ::1"] {
        let mut private: Vec<Network> = Vec::new();
        private.read(listed).unwrap();
        let outgoing = Outgoing::new(private, TIME);
        let outcome = outgoing.post(&server.target(), HeaderMap::new(), "{}").await;
        assert!(matches!(outcome, Err(CallFailed::Private(_))), "{outcome:?}");
    }
    assert_eq!(server.connections.load(Ordering::Relaxed), 0);
    assert!(to_this_machine().post(&server.target(), HeaderMap::new(), "{}").await.is_ok());
    // However it is written.
    for address in
        ["127.1", "2130706433", "0x7f.1", "localhost", "[::ffff:127.0.0.1]", "[::1]", "0.0.0.0"]
    {
        let text = format!("http://{address}:{}/", server.address.port());
        let Some(target) = Target::parse(&text) else { continue };
        let outcome = Outgoing::new(vec![], TIME).post(&target, HeaderMap::new(), "{}").await;
        assert!(
            matches!(outcome, Err(CallFailed::Private(_) | CallFailed::Unresolved(_))),
            "{address}: {outcome:?}"
        );
    }
    assert_eq!(server.connections.load(Ordering::Relaxed), 1);
}

/// Somebody whose name leads to the internet when it is looked at, and into the house when it is used.
struct Rebinding(AtomicUsize);

#[async_trait]
impl Resolve for Rebinding {
    async fn resolve(&self, _: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        let public: IpAddr = [192, 0, 1, 1].into();
        let address = match self.0.fetch_add(1, Ordering::Relaxed) {
            0 => public,
            _ => [127, 0, 0, 1].into(),
        };
        Ok(vec![SocketAddr::new(address, port)])
    }
}

#[tokio::test]
async fn s31_a_name_is_resolved_once_and_what_was_looked_at_is_connected_to() {
    let server = Server::start(Does::Says("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")).await;
    let resolver = Arc::new(Rebinding(AtomicUsize::new(0)));
    let outgoing = Outgoing { resolver: resolver.clone(), ..Outgoing::new(vec![], TIME) };
    let target =
        Target::parse(&format!("https://gateway.example:{}/", server.address.port())).unwrap();
    assert_eq!(outgoing.addresses(&target).await.unwrap()[0].ip().to_string(), "192.0.1.1");
    // Asked once more it says something else, which is looked at, too.
    assert!(matches!(outgoing.addresses(&target).await, Err(CallFailed::Private(_))));
    let outgoing = Outgoing {
        resolver: Arc::new(Rebinding(AtomicUsize::new(0))),
        ..Outgoing::new(vec![], TIME)
    };
    let outcome = outgoing.post(&target, HeaderMap::new(), "{}").await;
    assert!(
        matches!(outcome, Err(CallFailed::TooSlow(_) | CallFailed::Unreachable(_))),
        "{outcome:?}"
    );
    assert_eq!(
        (resolver.0.load(Ordering::Relaxed), server.connections.load(Ordering::Relaxed)),
        (2, 0)
    );
}

/// Several addresses for one name, as somebody has who wants one of them to slip through.
struct Mixed;

#[async_trait]
impl Resolve for Mixed {
    async fn resolve(&self, _: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        let all: [IpAddr; 3] =
            [[169, 254, 169, 254].into(), [192, 0, 1, 1].into(), [127, 0, 0, 1].into()];
        Ok(all.map(|address| SocketAddr::new(address, port)).to_vec())
    }
}

#[tokio::test]
async fn s31_of_several_addresses_those_that_are_private_are_left_out() {
    let outgoing = Outgoing { resolver: Arc::new(Mixed), ..Outgoing::new(vec![], TIME) };
    let target = Target::parse("https://gateway.example/").unwrap();
    let addresses = outgoing.addresses(&target).await.unwrap();
    assert_eq!(addresses, [SocketAddr::from(([192, 0, 1, 1], 443))]);
    // In the clear nothing goes to the internet.
    let plain = Target::parse("http://gateway.example/").unwrap();
    assert!(outgoing.addresses(&plain).await.is_err());
}

#[tokio::test]
async fn s31_slow_answers_end_in_time() {
    const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-length: 60000\r\n\r\n";
    for does in [Does::Stalls, Does::Drips(HEAD), Does::Drips("HTTP/1.1 200 OK\r\nx-slow: ")] {
        let began = Instant::now();
        let outcome = asked_within(TIME, does).await;
        assert!(matches!(outcome, Err(CallFailed::TooSlow(_))), "{outcome:?}");
        assert!(began.elapsed() < 10 * TIME);
    }
}

#[tokio::test]
async fn s31_long_answers_are_not_read() {
    let chunk = format!("400\r\n{}\r\n", "x".repeat(0x400));
    let chunked =
        Does::Repeats("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", chunk.leak());
    let told = Does::Repeats("HTTP/1.1 200 OK\r\ncontent-length: 9999999999\r\n\r\n", "long ");
    let endless = Does::Repeats("HTTP/1.0 200 OK\r\n\r\n", "long ");
    for does in [chunked, told, endless] {
        let outcome = asked(does).await;
        assert!(matches!(outcome, Err(CallFailed::TooLong)), "{outcome:?}");
    }
    let headers = Does::Repeats("HTTP/1.1 200 OK\r\n", "x-long: long\r\n");
    assert!(matches!(asked(headers).await, Err(CallFailed::Malformed(_))));
    assert!(matches!(
        asked(Does::Says("220 mail.example ESMTP\r\n")).await,
        Err(CallFailed::Malformed(_))
    ));
}
