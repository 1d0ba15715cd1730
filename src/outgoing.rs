//! Calls to other people's servers: gateways today, and whatever else leaves this machine over HTTP (S31).
//!
//! Whoever configures an address, or whoever answers for a name, must not get this machine to ask its own network. So a
//! name is resolved once, every address is looked at, and the connection goes to one that was looked at; redirects are
//! not followed; and time and size of an exchange are bounded, however slowly or long somebody answers.
//!
//! | room | what it holds |
//! |---|---|
//! | `address` | which addresses are of the internet |
//! | `target` | where a call goes |

mod address;
mod target;
#[cfg(test)]
mod tests;

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use axum::body::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::{
    HeaderMap, Request, Response, StatusCode, body::Incoming, client::conn::http1, header,
};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    sync::OnceCell,
    time::timeout,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::ServerName},
};

pub use target::Target;

use crate::config::Network;

/// Bytes of an answer's body, at most.
const BODY: usize = 64 * 1024;
/// Bytes and number of an answer's headers, at most.
const HEADERS: (usize, usize) = (16 * 1024, 64);
/// Addresses of one name that are looked at.
const ADDRESSES: usize = 8;

/// Calls other people's servers.
pub struct Outgoing {
    /// Addresses beyond the internet that may be called.
    private: Vec<Network>,
    resolver: Arc<dyn Resolve>,
    /// For one exchange altogether, from the name to the last byte.
    time: Duration,
    /// Made for the first call that needs it: reading the system's certificates takes a while.
    tls: OnceCell<TlsConnector>,
}

/// Tells the addresses of a name.
#[async_trait]
pub trait Resolve: Send + Sync {
    /// All of them, with this port.
    async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>>;
}

/// As the system does.
struct System;

#[async_trait]
impl Resolve for System {
    async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        Ok(tokio::net::lookup_host((host, port)).await?.take(ADDRESSES).collect())
    }
}

/// What a server answered.
#[derive(Debug)]
pub struct Answer {
    /// The status, which is no redirect.
    pub status: StatusCode,
    /// The body, at most 64 KiB.
    pub body: Bytes,
}

/// Why a call came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum CallFailed {
    /// Nobody has the name.
    #[error("its name can't be resolved: {0}")]
    Unresolved(io::Error),
    /// None of its addresses is of the internet, or listed.
    #[error("{0} is a private address that `outgoing.private` doesn't list")]
    Private(IpAddr),
    /// What is said there could be read on the way.
    #[error("plain http is only for addresses that `outgoing.private` lists")]
    Plain,
    /// Nobody listens there, or nobody can prove to be who was called.
    #[error("it can't be reached: {0}")]
    Unreachable(#[from] io::Error),
    /// What it says is no HTTP, or more of it than headers may take.
    #[error("it doesn't speak HTTP as it should: {0}")]
    Malformed(#[from] hyper::Error),
    /// It sends the caller elsewhere.
    #[error("it leads elsewhere (HTTP {0}), and redirects are not followed")]
    Redirect(StatusCode),
    /// Its answer doesn't end in time to be read.
    #[error("its answer is longer than {BODY} bytes")]
    TooLong,
    /// It didn't come to an end in time.
    #[error("it didn't answer within {} s", .0.as_secs_f32())]
    TooSlow(Duration),
    /// The system's certificates can't be read, so nobody can be trusted.
    #[error("no certificates to trust: {0}")]
    NoCertificates(String),
}

impl Outgoing {
    /// Calls that take at most `time` each, and may go to the internet and to `private`.
    pub fn new(private: Vec<Network>, time: Duration) -> Self {
        Self { private, resolver: Arc::new(System), time, tls: OnceCell::new() }
    }

    /// Posts something, over a connection of its own.
    pub async fn post(
        &self,
        target: &Target,
        headers: HeaderMap,
        body: impl Into<Bytes>,
    ) -> Result<Answer, CallFailed> {
        let mut request = Request::post(target.path()).body(Full::new(body.into()));
        if let Ok(request) = &mut request {
            *request.headers_mut() = headers;
            request.headers_mut().insert(header::HOST, target.host_header());
            let close = header::HeaderValue::from_static("close");
            request.headers_mut().insert(header::CONNECTION, close);
        }
        // A target was parsed, so this can't be.
        let request = request.map_err(|error| io::Error::other(error.to_string()))?;
        let call = self.call(target, request);
        timeout(self.time, call).await.map_err(|_| CallFailed::TooSlow(self.time))?
    }

    async fn call(
        &self,
        target: &Target,
        request: Request<Full<Bytes>>,
    ) -> Result<Answer, CallFailed> {
        let addresses = self.addresses(target).await?;
        let stream = TcpStream::connect(&addresses[..]).await?;
        if !target.is_encrypted() {
            return exchange(stream, request).await;
        }
        let name = ServerName::try_from(target.host().to_owned()).map_err(io::Error::other)?;
        let tls = self.tls.get_or_try_init(|| async { connector(roots()?) }).await?;
        exchange(tls.connect(name, stream).await?, request).await
    }

    /// The addresses that may be connected to: whatever the name says next, it isn't asked again.
    async fn addresses(&self, target: &Target) -> Result<Vec<SocketAddr>, CallFailed> {
        let found = self.resolver.resolve(target.host(), target.port()).await;
        let found = found.map_err(CallFailed::Unresolved)?;
        let Some(first) = found.first().map(|address| address.ip().to_canonical()) else {
            return Err(CallFailed::Unresolved(io::ErrorKind::NotFound.into()));
        };
        let is_listed = |address| Network::any_contains(&self.private, address);
        let may = |address: &SocketAddr| {
            let address = address.ip().to_canonical();
            is_listed(address) || target.is_encrypted() && address::is_public(address)
        };
        let allowed: Vec<_> = found.into_iter().filter(may).collect();
        match allowed.is_empty() {
            false => Ok(allowed),
            true if address::is_public(first) => Err(CallFailed::Plain),
            true => Err(CallFailed::Private(first)),
        }
    }
}

/// One request and its answer, over a connection that is closed afterwards, or when nobody waits any more.
async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    request: Request<Full<Bytes>>,
) -> Result<Answer, CallFailed> {
    let mut http = http1::Builder::new();
    http.max_buf_size(HEADERS.0).max_headers(HEADERS.1);
    let (mut sender, connection) = http.handshake(TokioIo::new(stream)).await?;
    let answer = async move { read(sender.send_request(request).await?).await };
    let (mut answer, mut connection) = (std::pin::pin!(answer), std::pin::pin!(connection));
    tokio::select! {
        biased;
        answer = &mut answer => answer,
        // It was closed after its last byte, which may not have been read here yet.
        _ = &mut connection => answer.await,
    }
}

async fn read(response: Response<Incoming>) -> Result<Answer, CallFailed> {
    let status = response.status();
    if status.is_redirection() {
        return Err(CallFailed::Redirect(status));
    }
    match Limited::new(response.into_body(), BODY).collect().await {
        Ok(body) => Ok(Answer { status, body: body.to_bytes() }),
        Err(error) if error.is::<LengthLimitError>() => Err(CallFailed::TooLong),
        Err(error) => match error.downcast::<hyper::Error>() {
            Ok(error) => Err(CallFailed::Malformed(*error)),
            Err(error) => Err(CallFailed::Unreachable(io::Error::other(error.to_string()))),
        },
    }
}

/// Whom the system trusts.
fn roots() -> Result<RootCertStore, CallFailed> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    let (good, _) = roots.add_parsable_certificates(found.certs);
    if good == 0 {
        let why =
            found.errors.first().map_or_else(|| "there are none".to_owned(), ToString::to_string);
        return Err(CallFailed::NoCertificates(why));
    }
    Ok(roots)
}

/// Believes those whom these vouch for.
fn connector(roots: RootCertStore) -> Result<TlsConnector, CallFailed> {
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| CallFailed::NoCertificates(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}
