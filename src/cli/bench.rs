//! `stamrol bench`.

use std::{fs, path::PathBuf, process::ExitCode, time::Duration};

use clap::Args;

use super::failed;
use crate::bench::{self, Part, Plan};

/// Measures this machine with an installation of its own, beside bare SQLite.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// How many accounts the installation has.
    #[arg(long, default_value_t = 100_000)]
    accounts: u32,
    /// Writes the figures here too, as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Where the installation is made and removed again, on the disk that is to be measured
    /// [default: the system's directory for temporary files].
    #[arg(long, value_name = "DIR")]
    directory: Option<PathBuf>,
    /// How many seconds each kind of load runs.
    #[arg(long, default_value_t = 5)]
    seconds: u32,
    /// Measures these parts only.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "PART")]
    only: Vec<Part>,
}

/// Measures, and prints what it found. Falling short of a target is no failure.
pub(super) async fn run(options: Options) -> ExitCode {
    let Options { accounts, json, directory, seconds, only } = options;
    let directory = directory.unwrap_or_else(std::env::temp_dir);
    let plan = Plan { directory, accounts, time: Duration::from_secs(seconds.into()), only };
    let report = tokio::select! {
        report = bench::run(&plan) => report,
        _ = tokio::signal::ctrl_c() => return failed("interrupted"),
    };
    let report = match report {
        Ok(report) => report,
        Err(error) => return failed(error),
    };
    print!("{report}");
    if let Some(path) = json {
        let written = serde_json::to_vec_pretty(&report).map_err(std::io::Error::from);
        if let Err(error) = written.and_then(|text| fs::write(&path, text)) {
            return failed(format_args!("{}: {error}", path.display()));
        }
    }
    ExitCode::SUCCESS
}
