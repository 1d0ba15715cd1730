//! The command line.

mod serve;

mod bench;
mod demo;
mod history;
mod rebuild;
mod show_config;
mod unlock;

mod language;

pub(crate) mod progress;

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};
use tokio::runtime::Builder;

use crate::{
    config::{self, Filter, Layers},
    telemetry,
};

/// Administers the accounts and rights of organisations.
#[derive(Debug, Parser)]
#[command(version, about, propagate_version = true)]
pub struct Cli {
    #[command(flatten)]
    general: General,
    #[command(subcommand)]
    command: Option<Command>,
}

/// What every command understands.
#[derive(Debug, Args)]
struct General {
    /// Where everything is kept [default: data].
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<String>,
    /// Where the server listens; port 0 takes a free one [default: 127.0.0.1:8090].
    #[arg(long, global = true, value_name = "ADDRESS")]
    listen: Option<String>,
    /// The configuration file [default: stamrol.toml, where there is one].
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Any setting, for instance `--set sessions.idle=30m`; `stamrol config` lists them.
    #[arg(long, global = true, value_name = "KEY=VALUE", value_parser = key_and_value)]
    set: Vec<(String, String)>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the server; this is what happens without a command, too.
    Serve,
    /// Fills read models anew from the log, without stopping a running server.
    Rebuild(rebuild::Options),
    /// Tells what happened, with personal data open: whoever reads the data directory may.
    History(history::Options),
    /// Lets somebody sign in again who is locked after too many wrong passwords, an operator above all.
    Unlock(unlock::Options),
    /// Fills an empty data directory with a realistic installation.
    Demo(demo::Options),
    /// Measures speed and memory with an installation of its own, and prints the targets beside.
    Bench(bench::Options),
    /// Prints the schema of the API.
    Schema,
    /// Prints the configuration that is in force, and where each value comes from.
    Config,
}

fn key_and_value(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("write KEY=VALUE")?;
    Ok((key.to_owned(), value.to_owned()))
}

impl General {
    fn layers(self) -> Layers {
        let data = self.data.map(|text| ("data".to_owned(), text, "--data".to_owned()));
        let listen = self.listen.map(|text| ("listen".to_owned(), text, "--listen".to_owned()));
        let set = self.set.into_iter().map(|(key, text)| (key, text, "--set".to_owned()));
        Layers {
            file: self.config,
            // What isn't Unicode can't be one of our variables.
            environment: std::env::vars_os()
                .filter_map(|(key, text)| Some((key.into_string().ok()?, text.into_string().ok()?)))
                .collect(),
            flags: set.chain(data).chain(listen).collect(),
        }
    }
}

/// Does what the command line asks.
pub fn run() -> ExitCode {
    let Cli { general, command } = Cli::parse();
    let (mut config, sources) = match general.layers().load() {
        Ok(loaded) => loaded,
        Err(error) => return failed(&error),
    };
    let serving = matches!(command, None | Some(Command::Serve));
    if !serving && config::is_default("log.filter", &sources) {
        // The others say in their own words how it goes.
        config.log.filter = Filter::quiet();
    }
    if !matches!(command, Some(Command::Schema | Command::Config)) {
        telemetry::log(&config.log);
        telemetry::panics();
    }
    match command.unwrap_or(Command::Serve) {
        Command::Serve => block_on(serve::run(config)),
        Command::Rebuild(options) => block_on(rebuild::run(config, options)),
        Command::History(options) => block_on(history::run(config, options)),
        Command::Unlock(options) => block_on(unlock::run(config, options)),
        Command::Demo(options) => block_on(demo::run(config, options)),
        Command::Bench(options) => block_on(bench::run(options)),
        Command::Schema => {
            print!("{}", graphql::sdl());
            ExitCode::SUCCESS
        }
        Command::Config => show_config::run(config, &sources),
    }
}

fn block_on(work: impl Future<Output = ExitCode>) -> ExitCode {
    match Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(work),
        Err(error) => failed(error),
    }
}

fn failed(error: impl std::fmt::Display) -> ExitCode {
    eprintln!("stamrol: {error}");
    ExitCode::FAILURE
}
