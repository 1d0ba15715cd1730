//! A client of the API: one connection, one request at a time.

use std::net::SocketAddr;

use http_body_util::{BodyExt, Full};
use hyper::{
    HeaderMap, Request,
    body::{Bytes, Incoming},
    client::conn::http1::{SendRequest, handshake},
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST},
};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;

/// One connection to the API.
pub(crate) struct Client {
    sender: SendRequest<Full<Bytes>>,
    host: String,
    /// The session that requests come from.
    pub(crate) session: Option<String>,
    /// Further headers of its requests.
    pub(crate) headers: Vec<(&'static str, String)>,
}

/// The connection broke before the answer was there: nobody knows whether the request was done.
#[derive(Debug)]
pub(crate) struct Broken;

/// What the API answered.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The headers.
    pub(crate) headers: HeaderMap,
    /// The body.
    pub(crate) body: Value,
}

/// What a subscription tells, as it comes.
pub(crate) struct Stream {
    answer: Incoming,
    text: String,
}

impl Stream {
    /// The next answer; none at the end of the stream.
    pub(crate) async fn next(&mut self) -> Option<Value> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let data = event.lines().find_map(|line| line.strip_prefix("data: "));
                let answer = data.and_then(|data| serde_json::from_str(data).ok());
                let rest = rest.len();
                self.text.drain(..self.text.len() - rest);
                // What isn't data only keeps the stream open, or ends it.
                match answer {
                    Some(answer) => return Some(answer),
                    None => continue,
                }
            }
            let frame = self.answer.frame().await?.ok()?;
            let bytes = frame.into_data().ok()?;
            self.text.push_str(std::str::from_utf8(&bytes).expect("it is text"));
        }
    }
}

impl Client {
    /// Connects to the API.
    pub(crate) async fn connect(address: SocketAddr) -> Result<Self, Broken> {
        let stream = TcpStream::connect(address).await.map_err(|_| Broken)?;
        stream.set_nodelay(true).map_err(|_| Broken)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await.map_err(|_| Broken)?;
        tokio::spawn(connection);
        Ok(Self { sender, host: address.to_string(), session: None, headers: Vec::new() })
    }

    /// Sends one GraphQL document and waits for the answer.
    pub(crate) async fn send(
        &mut self,
        document: &str,
        variables: Value,
    ) -> Result<Answer, Broken> {
        let body = json!({ "query": document, "variables": variables }).to_string();
        let mut request = Request::post("/graphql")
            .header(HOST, &self.host)
            .header(CONTENT_TYPE, "application/json");
        if let Some(session) = &self.session {
            request = request.header(AUTHORIZATION, format!("Bearer {session}"));
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let request = request.body(Full::new(body.into())).expect("the request is well-formed");
        self.sender.ready().await.map_err(|_| Broken)?;
        let answer = self.sender.send_request(request).await.map_err(|_| Broken)?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let body = answer.into_body().collect().await.map_err(|_| Broken)?.to_bytes();
        let body = serde_json::from_slice(&body)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&body).into_owned()));
        Ok(Answer { status, headers, body })
    }

    /// Follows a subscription over server-sent events; the connection is for nothing else then.
    pub(crate) async fn follow(mut self, document: &str) -> Result<Stream, Broken> {
        let request = Request::post("/graphql")
            .header(HOST, &self.host)
            .header(CONTENT_TYPE, "application/json")
            .header(ACCEPT, "text/event-stream")
            .header(AUTHORIZATION, format!("Bearer {}", self.session.unwrap_or_default()))
            .body(Full::new(json!({ "query": document }).to_string().into()))
            .expect("the request is well-formed");
        self.sender.ready().await.map_err(|_| Broken)?;
        let answer = self.sender.send_request(request).await.map_err(|_| Broken)?;
        assert_eq!(answer.status(), 200);
        Ok(Stream { answer: answer.into_body(), text: String::new() })
    }

    /// Runs a mutation with one input; answers its payload when it was done, and the whole answer when it was not.
    pub(crate) async fn mutate(
        &mut self,
        name: &str,
        payload: &str,
        input: Value,
    ) -> Result<Result<Value, Answer>, Broken> {
        let kind = format!("{}{}Input", name[..1].to_uppercase(), &name[1..]);
        let document = format!(
            "mutation Change($input: {kind}!) {{
                {name}(input: $input) {{ userErrors {{ code message field }} {payload} }}
            }}"
        );
        let mut answer = self.send(&document, json!({ "input": input })).await?;
        let done = answer.status == 200
            && answer.body["errors"].is_null()
            && answer.body["data"][name]["userErrors"] == json!([]);
        Ok(if done { Ok(answer.body["data"][name].take()) } else { Err(answer) })
    }

    /// Sets the installation up with a first operator and signs in as them.
    pub(crate) async fn set_up(&mut self, token: &str) -> Result<(), Broken> {
        let (username, password) = ("operator", "Zonnig-Kwartel-42-Fietspad");
        let input = json!({
            "token": token, "username": username, "password": password, "email": "operator@example.org",
        });
        let done = self.mutate("operatorSetup", "position", input).await?;
        done.expect("the installation is set up");
        let input = json!({ "username": username, "password": password });
        let payload = self.mutate("signIn", "session { token }", input).await?;
        let payload = payload.expect("the operator can sign in");
        let session = payload["session"]["token"].as_str().expect("a session has a token");
        self.session = Some(session.to_owned());
        Ok(())
    }
}
