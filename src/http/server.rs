//! The listening socket and its connections: limits against slow and many clients, and an orderly end.

mod patience;

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use axum::{Router, body::Body};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::JoinSet,
    time::{sleep, timeout},
};
use tower::Service;
use tracing::{debug, info, warn};

use self::patience::Patience;
use super::{
    Edge,
    envelope::Peer,
    settings::Settings,
    tally::{Held, Tally},
};
use crate::config::Network;

/// Headers of one request, in bytes and in number.
const HEADER_BYTES: usize = 32 * 1024;
const HEADERS: usize = 64;
/// After the system refused a connection (no file descriptors left, say).
const BREATHER: Duration = Duration::from_millis(50);

/// Serves until `shutdown` resolves, then ends: no new connections, streams and sockets told to go, requests under way
/// finished. What still runs after the set time is cut off.
pub async fn serve(
    edge: Arc<Edge>,
    listener: TcpListener,
    more: Router,
    shutdown: impl Future<Output = ()> + Send,
) -> io::Result<()> {
    let router = edge.router(more);
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(edge.settings.header_timeout)
        .max_headers(HEADERS)
        .max_buf_size(HEADER_BYTES);
    let permits = Arc::new(Semaphore::new(edge.settings.connections));
    let places = Places(Tally::new(edge.settings.connections_per_address));
    let mut connections = JoinSet::new();
    let mut shutdown = std::pin::pin!(shutdown);
    info!(address = %listener.local_addr()?, "listening");

    loop {
        // First a permit, then a connection: what is too many waits in the system's queue.
        let accepted = async {
            let permit = permits.clone().acquire_owned().await.map_err(io::Error::other)?;
            listener.accept().await.map(|(stream, peer)| (stream, peer, permit))
        };
        tokio::select! {
            biased;
            () = &mut shutdown => break,
            Some(ended) = connections.join_next() => if let Err(error) = ended {
                warn!(%error, "a connection's task failed");
            },
            accepted = accepted => match accepted {
                Ok((stream, peer, permit)) => {
                    // Whoever has too many loses the new one, so that there is always one for others.
                    let Some(place) = places.take(&edge.settings, peer) else { continue };
                    let connection = connection(edge.clone(), http.clone(), router.clone(), stream, peer);
                    connections.spawn(async move {
                        connection.await;
                        drop((permit, place));
                    });
                }
                Err(error) => {
                    warn!(%error, "a connection can't be accepted");
                    sleep(BREATHER).await;
                }
            },
        }
    }

    drop(listener);
    edge.stopping.send_replace(true);
    info!(connections = connections.len(), "stopping");
    let all_ended = async {
        while connections.join_next().await.is_some() {}
        // Sockets outlive the connections that they were upgraded from; each holds a permit.
        let all = |permits| u32::try_from(permits).unwrap_or(u32::MAX);
        let _ = edge.streams.acquire_many(all(edge.settings.streams)).await;
        // And mutations the connections that they came from.
        let _ = edge.mutations.acquire_many(all(edge.settings.connections)).await;
    };
    if timeout(edge.settings.shutdown_timeout, all_ended).await.is_err() {
        warn!(connections = connections.len(), "cut off what was still running");
    }
    Ok(())
}

/// Who has how many connections.
struct Places(Arc<Tally<IpAddr>>);

impl Places {
    /// A place for one more, with its count where it is counted; none where that address has too many.
    #[expect(clippy::option_option, reason = "not counted and not allowed are two things")]
    fn take(&self, settings: &Settings, peer: SocketAddr) -> Option<Option<Held<IpAddr>>> {
        let address = peer.ip().to_canonical();
        if !settings.is_counted(address) {
            return Some(None);
        }
        let place = self.0.take(Network::household(address));
        if place.is_none() {
            metrics::counter!("http_connections_refused_total").increment(1);
            debug!(%address, "a connection more than an address may have was closed");
        }
        place.map(Some)
    }
}

/// One connection, until it ends or the server stops and its last request is answered.
async fn connection(
    edge: Arc<Edge>,
    http: http1::Builder,
    router: Router,
    stream: TcpStream,
    peer: SocketAddr,
) {
    if let Err(error) = stream.set_nodelay(true) {
        debug!(%error, "TCP_NODELAY can't be set");
    }
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(Peer(peer));
        router.clone().call(request)
    });
    let io = TokioIo::new(Patience::new(stream, edge.settings.write_timeout));
    let mut connection = std::pin::pin!(http.serve_connection(io, service).with_upgrades());
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = edge.stopped() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        debug!(%error, "a connection ended early");
    }
}
