//! The running server: everything opened, started in order, and ended in the opposite one.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use metrics_exporter_prometheus::PrometheusHandle;
use projections::{State, Views};
use tokio::{
    net::TcpListener,
    task::JoinSet,
    time::{MissedTickBehavior, interval},
};
use tracing::{error, info, warn};

use super::{Installation, StartError};
use crate::{
    auth::{Auth, Edge as AuthEdge, FirstOperator},
    config::Config,
    control,
    documents::Letters,
    http::{self, Edge, port::Ready, settings::Settings},
    mail::{Equipment, Outbox, carriage::Way, delivery::Patience, mailroom::Mailroom},
    reactors::{self, EndSessions, SendMails},
    sms::Sms,
    stopping::{Stop, Stopping},
    telemetry,
};

/// How often sessions and limits are tidied up.
const TIDY: Duration = Duration::from_secs(10);
/// A node that is this far behind gets no traffic. Under load some events are always on their way.
const READY_LAG: u64 = 10_000;

/// A server that listens and doesn't answer yet.
pub struct Server {
    installation: Installation,
    views: Arc<Views>,
    auth: Arc<Auth>,
    outbox: Arc<Outbox>,
    edge: Arc<Edge>,
    documents: Router,
    listener: TcpListener,
    address: SocketAddr,
    metrics: PrometheusHandle,
    /// What makes the first operator; none once there is one.
    pub first_operator: Option<FirstOperator>,
}

impl Server {
    /// Opens everything and takes the address.
    pub async fn open(config: &Config) -> Result<Self, StartError> {
        let metrics = telemetry::metrics()?;
        let installation = Installation::open(config).await?;
        let views = installation.views().await?;
        let Installation { handler, vault, clock, ids, store, .. } = &installation;
        let (handler, vault, clock, ids) =
            (handler.clone(), vault.clone(), clock.clone(), ids.clone());
        let listen = |cause| StartError::Listen { address: config.listen, cause };
        let listener = TcpListener::bind(config.listen).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        if !address.ip().is_loopback() && config.http.public_address.is_none() {
            warn!(%address, "listening beyond this machine without http.public_address: browsers can't sign in");
        }
        let settings = settings(config, address);
        let public_address = &settings.public_address;
        let sms = Sms::configured(config, public_address, &installation.data.sms());
        let auth = Auth::try_new(
            config,
            public_address,
            handler.clone(),
            vault.clone(),
            clock.clone(),
            ids.clone(),
            sms,
        )?;
        let auth = Arc::new(auth);
        let first_operator = auth.first_operator(&**store).await?;
        let way = Way::configured(&config.mail, public_address, &installation.data.mail())?;
        let mailroom = Arc::new(Mailroom::new(
            handler.clone(),
            vault.clone(),
            clock.clone(),
            ids.clone(),
            way,
            config.mail.clone(),
        ));
        let outbox = Arc::new(Outbox::new(Equipment {
            handler: handler.clone(),
            vault: vault.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
            carriage: mailroom.clone(),
            address: public_address.as_str().into(),
            patience: Patience::default(),
            at_once: config.mail.at_once.get() as usize,
        }));
        let schema = graphql::schema(handler.clone(), views.clone(), auth.clone(), mailroom);
        let shelf = settings.clone();
        let edge = Edge::new(
            settings,
            Arc::new(schema),
            Arc::new(AuthEdge(auth.clone())),
            Arc::new(CaughtUp(views.clone())),
            Some(metrics.clone()),
        );
        let letters = Arc::new(Letters::new(auth.clone(), views.clone()));
        let documents = http::documents::routes(letters, shelf);
        Ok(Self {
            installation,
            views,
            auth,
            outbox,
            edge,
            documents,
            listener,
            address,
            metrics,
            first_operator,
        })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until `shutdown` resolves; then takes no more, finishes what runs, and closes everything.
    pub async fn run(self, shutdown: impl Future<Output = ()> + Send) -> Result<(), StartError> {
        let Self {
            installation,
            views,
            auth,
            outbox,
            edge,
            documents,
            listener,
            address,
            metrics,
            ..
        } = self;
        let stop = Stop::new();
        let mut background = JoinSet::new();
        {
            let (store, folder) = (installation.store.clone(), installation.data.reactors());
            let (reactor, stopping) = (EndSessions::new(auth.clone()), stop.listen());
            let handler = installation.handler.clone();
            background.spawn(async move {
                reactors::run(reactor, store, handler, &folder, stopping).await;
            });
        }
        {
            let (store, folder) = (installation.store.clone(), installation.data.reactors());
            let (reactor, stopping) = (SendMails::new(outbox.clone()), stop.listen());
            let handler = installation.handler.clone();
            background.spawn(async move {
                reactors::run(reactor, store, handler, &folder, stopping).await;
            });
        }
        let stopping = stop.listen();
        background.spawn(async move { outbox.run(stopping).await });
        background.spawn(tidy(auth.clone(), stop.listen()));
        background.spawn({
            let (auth, views, mut stopping) = (auth.clone(), views.clone(), stop.listen());
            async move {
                tokio::select! {
                    () = stopping.wait() => {}
                    () = auth.grant_wishes(&*views) => {}
                }
            }
        });
        background.spawn(telemetry::summarise(metrics, stop.listen()));
        let control = installation.data.control();
        let handler = installation.handler.clone();
        background.spawn(control::serve(control, views.clone(), handler, stop.listen()));

        let served = http::serve(edge, listener, documents, shutdown).await;
        stop.now();
        while let Some(ended) = background.join_next().await {
            if let Err(error) = ended {
                error!(%error, "a background task failed");
            }
        }
        views.close().await;
        if let Err(error) = auth.tidy().await {
            warn!(%error, "when sessions were used last could not be written down");
        }
        installation.close().await;
        info!("stopped");
        served.map_err(|cause| StartError::Listen { address, cause })
    }
}

/// What the edge is told of the configuration.
fn settings(config: &Config, address: SocketAddr) -> Settings {
    let http = &config.http;
    Settings {
        public_address: config.address(address),
        origins: http.origins.clone(),
        trusted_proxies: http.trusted_proxies.clone(),
        metrics_readers: http.metrics_readers.clone(),
        public_introspection: http.public_introspection,
        connections: http.connections.get() as usize,
        connections_per_address: http.connections_per_address.get() as usize,
        streams: http.streams.get() as usize,
        streams_per_address: http.streams_per_address.get() as usize,
        budget: http.budget.get().into(),
        request_timeout: http.request_timeout.get(),
        shutdown_timeout: config.shutdown_timeout.get(),
        ..Settings::default()
    }
}

async fn tidy(auth: Arc<Auth>, mut stopping: Stopping) {
    let mut due = interval(TIDY);
    due.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stopping.wait() => return,
            _ = due.tick() => if let Err(error) = auth.tidy().await {
                warn!(%error, "sessions could not be tidied up; it is tried again");
            },
        }
    }
}

/// Ready when the read models show what the log holds.
struct CaughtUp(Arc<Views>);

impl Ready for CaughtUp {
    fn ready(&self) -> Result<(), String> {
        for status in self.0.statuses() {
            if let State::Parked(parked) = &status.state {
                return Err(format!(
                    "the projection {} stands at {}",
                    status.name, parked.position
                ));
            }
            if status.lag() > READY_LAG {
                return Err(format!(
                    "the projection {} has {} events to go",
                    status.name,
                    status.lag()
                ));
            }
        }
        Ok(())
    }
}
