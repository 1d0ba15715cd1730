//! Logs and metrics: what the program tells those who run it.
//!
//! Logs go to standard error, so that standard output holds only what was asked for.
//! Secrets are `secrecy` types, which never show what they hold.

use std::{
    io::{self, IsTerminal},
    time::Duration,
};

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use tokio::time::{MissedTickBehavior, interval};
use tracing_subscriber::{fmt, layer::SubscriberExt, util::SubscriberInitExt};

use crate::{
    config::{Log, LogFormat},
    stopping::Stopping,
};

/// Sends log events to standard error: pretty for people, JSON for programs.
pub fn log(config: &Log) {
    let pretty = match config.format {
        LogFormat::Auto => io::stderr().is_terminal(),
        LogFormat::Pretty => true,
        LogFormat::Json => false,
    };
    let registry = tracing_subscriber::registry().with(config.filter.directives());
    // A second initialisation in one process (in a test, say) keeps the first.
    let _ = if pretty {
        let layer = fmt::layer().compact().with_ansi(io::stderr().is_terminal());
        registry.with(layer.with_writer(io::stderr)).try_init()
    } else {
        let layer = fmt::layer().json().flatten_event(true).with_current_span(true);
        registry.with(layer.with_writer(io::stderr)).try_init()
    };
}

/// Tells where a panic happened, and not what it said: a message could hold a secret (S27).
pub fn panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "something panicked; this is a defect");
    }));
}

/// Bounds of the buckets for durations, in seconds: from what a read takes to what a busy disk takes.
const SECONDS: [f64; 14] = [
    0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0,
];
/// Bounds of the buckets for sizes of batches.
const SIZES: [f64; 10] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 512.0, 2048.0];

/// Collects metrics; the handle renders them for Prometheus.
pub fn metrics() -> Result<PrometheusHandle, BuildError> {
    PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)?
        .set_buckets_for_metric(Matcher::Suffix("_size".to_owned()), &SIZES)?
        .install_recorder()
}

/// How often samples are summed up.
const SUMMARISED: Duration = Duration::from_secs(2);

/// Adds samples to their buckets until it is time to stop. Without it they would pile up until somebody scrapes, and
/// where nobody does, for ever.
pub async fn summarise(metrics: PrometheusHandle, mut stopping: Stopping) {
    let mut due = interval(SUMMARISED);
    due.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stopping.wait() => return,
            _ = due.tick() => metrics.run_upkeep(),
        }
    }
}
