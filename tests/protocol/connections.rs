//! Slow clients, many clients, and the orderly end.

use std::time::Duration;

use serde_json::json;
use stamrol::http::settings::Settings;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use super::support::{PATIENCE, Server, json_post};

/// Sends the beginning of a request and returns all that comes back until the server hangs up.
async fn trickle(server: &Server, beginning: &str) -> String {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(beginning.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let read = timeout(PATIENCE, stream.read_to_end(&mut answer))
        .await
        .expect("the server hangs up in time");
    read.unwrap();
    String::from_utf8(answer).unwrap()
}

/// Sends a whole request and doesn't wait for the answer.
async fn ask(server: &Server, query: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let body = json!({ "query": query }).to_string();
    let request = format!(
        "POST /graphql HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        server.address,
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

#[tokio::test]
async fn slow_headers_end_the_connection() {
    let settings = Settings { header_timeout: Duration::from_millis(50), ..Settings::default() };
    let server = Server::start_with(settings).await;
    assert!(
        !trickle(&server, "POST /graphql HTTP/1.1\r\nHost: x\r\nX-Slow: ").await.contains("200")
    );
    assert_eq!(trickle(&server, "").await, "", "an idle connection, too");
}

#[tokio::test]
async fn a_slow_body_is_a_timeout() {
    let settings = Settings { request_timeout: Duration::from_millis(50), ..Settings::default() };
    let server = Server::start_with(settings).await;
    let beginning = "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{";
    let answer = trickle(&server, beginning).await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
}

#[tokio::test]
async fn headers_without_end_are_refused() {
    let server = Server::start().await;
    let many = "X-Header: 1\r\n".repeat(100);
    let answer =
        trickle(&server, &format!("GET /health/live HTTP/1.1\r\nHost: x\r\n{many}\r\n")).await;
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    let long =
        format!("GET /health/live HTTP/1.1\r\nHost: x\r\nX-Long: {}\r\n\r\n", "x".repeat(100_000));
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let _ = stream.write_all(long.as_bytes()).await;
    let mut answer = vec![0; 12];
    if timeout(PATIENCE, stream.read_exact(&mut answer)).await.expect("an answer in time").is_ok() {
        assert_eq!(answer, b"HTTP/1.1 431");
    }
}

#[tokio::test]
async fn an_answer_that_nobody_takes_frees_its_connection() {
    let settings = Settings {
        connections: 1,
        write_timeout: Duration::from_millis(100),
        ..Settings::default()
    };
    let server = Server::start_with(settings).await;
    let body = json!({ "query": "{ big(bytes: 50000000) }" }).to_string();
    let stuck = server.open(json_post().body(body).unwrap()).await;
    assert_eq!(stuck.status(), 200);
    // There is one place, so this waits until the stuck one is given up.
    let reply = server.post(json!({ "query": "{ hello }" })).await;
    reply.is_data(json!({ "hello": "hello world" }));
}

#[tokio::test]
async fn one_connection_too_many_waits_for_a_place() {
    let server = Server::start_with(Settings { connections: 1, ..Settings::default() }).await;
    let first = TcpStream::connect(server.address).await.unwrap();
    let second = server.get("/health/live");
    let mut second = std::pin::pin!(second);
    assert!(
        timeout(Duration::from_millis(100), second.as_mut()).await.is_err(),
        "there was only one place"
    );
    drop(first);
    assert_eq!(second.await.status, 200);
}

#[tokio::test]
async fn s21_one_address_does_not_get_every_place() {
    let settings =
        Settings { connections_per_address: 2, uncounted: vec![], ..Settings::default() };
    let server = Server::start_with(settings).await;
    let held = [
        TcpStream::connect(server.address).await.unwrap(),
        TcpStream::connect(server.address).await.unwrap(),
    ];
    assert_eq!(trickle(&server, "").await, "", "the third is closed");
    drop(held);
    // The places come back as soon as the server has seen the ends.
    let asked = async {
        loop {
            let mut stream = TcpStream::connect(server.address).await.unwrap();
            let request = b"GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
            let mut answer = String::new();
            if stream.write_all(request).await.is_ok()
                && stream.read_to_string(&mut answer).await.is_ok()
                && answer.contains("200 OK")
            {
                return;
            }
        }
    };
    timeout(PATIENCE, asked).await.expect("a place comes back");
}

#[tokio::test]
async fn many_requests_share_a_connection() {
    let server = Server::start().await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let request = "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n".repeat(2);
    let last = "GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    stream.write_all((request + last).as_bytes()).await.unwrap();
    let mut answers = String::new();
    timeout(PATIENCE, stream.read_to_string(&mut answers)).await.unwrap().unwrap();
    assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), 3, "{answers}");
}

#[tokio::test]
async fn a_stopping_server_finishes_what_it_began() {
    let settings = Settings { request_timeout: Duration::from_millis(300), ..Settings::default() };
    let mut server = Server::start_with(settings).await;
    let mut stream = ask(&server, "{ hangs }").await;
    // The server has read the request once it answers a later connection.
    assert_eq!(server.get("/health/live").await.status, 200);
    let address = server.address;
    timeout(PATIENCE, server.stop()).await.expect("stops in time").unwrap().unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.contains("TIMEOUT"), "the request under way got its answer: {answer}");
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn what_does_not_end_is_cut_off() {
    let settings = Settings { shutdown_timeout: Duration::from_millis(50), ..Settings::default() };
    let mut server = Server::start_with(settings).await;
    let _stream = ask(&server, "{ hangs }").await;
    assert_eq!(server.get("/health/live").await.status, 200);
    timeout(PATIENCE, server.stop()).await.expect("stops in time").unwrap().unwrap();
}

#[tokio::test]
async fn s6_a_mutation_ends_what_it_began_when_its_client_hangs_up() {
    let server = Server::start().await;
    let [begun, end, ended] = &server.toy.held;
    let stream = ask(&server, "mutation { hold }").await;
    timeout(PATIENCE, begun.notified()).await.expect("it begins");
    drop(stream);
    // The server has heard of it by the time that it has answered somebody else.
    for _ in 0..3 {
        assert_eq!(server.get("/health/live").await.status, 200);
    }
    end.notify_one();
    timeout(PATIENCE, ended.notified()).await.expect("it ends");
}
