//! `stamrol serve`.

use std::{future::Future, io, process::ExitCode};

use secrecy::ExposeSecret;
use tokio::signal::unix::{SignalKind, signal};
use tracing::info;

use super::failed;
use crate::{app::Server, config::Config};

/// Runs until it is told to stop.
pub(super) async fn run(config: Config) -> ExitCode {
    let shutdown = match asked_to_stop() {
        Ok(shutdown) => shutdown,
        Err(error) => return failed(error),
    };
    let server = match Server::open(&config).await {
        Ok(server) => server,
        Err(error) => return failed(error),
    };
    let address = server.address();
    if let Some(first) = &server.first_operator {
        // Programs read this line; it is the only one that holds the token.
        println!("first operator token: {}", first.token.expose_secret());
        eprintln!(
            "Nobody runs this installation yet. Until {} whoever has the token above can: \
             call the mutation operatorSetup at http://{address}/graphql with it.",
            first.expires_at.format("%Y-%m-%d %H:%M UTC"),
        );
    }
    println!("listening on http://{address}");
    match server.run(shutdown).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(error),
    }
}

/// Resolves at SIGTERM or SIGINT.
fn asked_to_stop() -> io::Result<impl Future<Output = ()> + Send> {
    let (mut terminate, mut interrupt) =
        (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        let name = tokio::select! {
            _ = terminate.recv() => "SIGTERM",
            _ = interrupt.recv() => "SIGINT",
        };
        info!(signal = name, "asked to stop");
    })
}
