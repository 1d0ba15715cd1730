//! A client of the API: one connection, kept open.

use std::net::SocketAddr;

use http_body_util::{BodyExt, Full};
use hyper::{
    Request, StatusCode,
    body::Bytes,
    client::conn::http1::{SendRequest, handshake},
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST, HeaderValue},
};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;

use super::BenchError;

/// One connection to a server.
pub(super) struct Client {
    address: SocketAddr,
    sender: SendRequest<Full<Bytes>>,
    host: HeaderValue,
    authorization: Option<HeaderValue>,
}

impl Client {
    /// Connects.
    pub(super) async fn connect(address: SocketAddr) -> Result<Self, BenchError> {
        let sender = open(address).await?;
        let host = HeaderValue::try_from(address.to_string()).map_err(BenchError::odd)?;
        Ok(Self { address, sender, host, authorization: None })
    }

    /// Connects as somebody.
    pub(super) async fn signed_in(address: SocketAddr, token: &str) -> Result<Self, BenchError> {
        let mut client = Self::connect(address).await?;
        let bearer = HeaderValue::try_from(format!("Bearer {token}")).map_err(BenchError::odd)?;
        client.authorization = Some(bearer);
        Ok(client)
    }

    /// The status of a path.
    pub(super) async fn status(&mut self, path: &str) -> Result<StatusCode, BenchError> {
        let request = Request::get(path).header(HOST, &self.host).body(Full::default());
        self.ready().await?;
        let answer = self.sender.send_request(request.map_err(BenchError::odd)?).await?;
        let status = answer.status();
        answer.into_body().collect().await?;
        Ok(status)
    }

    /// Asks, and gives the data of the answer; refusals are part of it.
    pub(super) async fn ask(&mut self, query: &str, variables: Value) -> Result<Value, BenchError> {
        let text = self.exchange(body(query, &variables)).await?;
        let mut answer: Value = serde_json::from_slice(&text).map_err(BenchError::odd)?;
        match answer.get("errors") {
            None => Ok(answer["data"].take()),
            Some(errors) => Err(BenchError::Odd(errors.to_string())),
        }
    }

    /// Sends what [`body`] made, and gives the answer as it is. Errors and refusals in it are
    /// errors here; it is only searched, not parsed, so that the client costs the server little.
    pub(super) async fn send(&mut self, body: Bytes) -> Result<Bytes, BenchError> {
        let text = self.exchange(body).await?;
        if contains(&text, br#""errors":["#) || contains(&text, br#""userErrors":[{"#) {
            return Err(BenchError::odd(String::from_utf8_lossy(&text)));
        }
        Ok(text)
    }

    /// A server closes connections that were idle for long.
    async fn ready(&mut self) -> Result<(), BenchError> {
        if self.sender.ready().await.is_err() {
            self.sender = open(self.address).await?;
            self.sender.ready().await?;
        }
        Ok(())
    }

    async fn exchange(&mut self, body: Bytes) -> Result<Bytes, BenchError> {
        let mut request = Request::post("/graphql")
            .header(HOST, &self.host)
            .header(CONTENT_TYPE, "application/json")
            .header(ACCEPT, "application/graphql-response+json");
        if let Some(authorization) = &self.authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        let request = request.body(Full::new(body)).map_err(BenchError::odd)?;
        self.ready().await?;
        let answer = self.sender.send_request(request).await?;
        let status = answer.status();
        let text = answer.into_body().collect().await?.to_bytes();
        if status != StatusCode::OK {
            return Err(BenchError::Odd(format!("{status} {}", String::from_utf8_lossy(&text))));
        }
        Ok(text)
    }
}

async fn open(address: SocketAddr) -> Result<SendRequest<Full<Bytes>>, BenchError> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = handshake(TokioIo::new(stream)).await?;
    // It ends when the client is dropped; what it failed with, the request tells.
    tokio::spawn(connection);
    Ok(sender)
}

/// A request's body.
pub(super) fn body(query: &str, variables: &Value) -> Bytes {
    json!({ "query": query, "variables": variables }).to_string().into()
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}
