//! `stamrol history`.

mod show;

use std::{
    io::{self, BufWriter, IsTerminal, Write},
    process::ExitCode,
    sync::Arc,
};

use clap::Args;
use events::{
    AccountId, OrganisationId, Position,
    keyring::decode_page,
    store::{EventStore, Stored, sqlite::Sqlite},
    vault::Vault,
};

use super::failed;
use crate::{app::Data, config::Config};

/// Which part of the history.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// Only what concerns this account, by its id.
    #[arg(long, value_name = "ID")]
    account: Option<AccountId>,
    /// Only what concerns this organisation, by its id.
    #[arg(long, value_name = "ID")]
    organisation: Option<OrganisationId>,
    /// Only what comes after this position; the position of the last line goes on from there.
    #[arg(long, value_name = "POSITION", default_value_t = 0)]
    after: u64,
    /// So many events at most [default: 100 on a terminal, all of them elsewhere].
    #[arg(long, value_name = "NUMBER")]
    limit: Option<u64>,
}

/// Events that are read at a time.
const PAGE: u32 = 1_000;
/// Events that a terminal shows where nothing else is asked.
const SCREEN: u64 = 100;

/// Reads the log beside a server that may be running: a table for people, JSON Lines for programs.
pub(super) async fn run(config: Config, options: Options) -> ExitCode {
    match print(&config, &options).await {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads has seen enough.
        Err(Trouble::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(error) => failed(error),
    }
}

#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error("there is no log in {0}; name the directory with --data")]
    NoLog(String),
    #[error("{0}")]
    Start(#[from] crate::app::StartError),
    #[error("{0}")]
    Log(#[from] events::store::StoreError),
    #[error("{0}")]
    Vault(#[from] events::vault::VaultError),
    #[error("{0}")]
    Unreadable(#[from] events::keyring::Unreadable),
    #[error("{0}")]
    Output(#[from] io::Error),
}

async fn print(config: &Config, options: &Options) -> Result<(), Trouble> {
    let data = Data::existing(&config.data);
    if !data.log().exists() {
        return Err(Trouble::NoLog(config.data.display().to_string()));
    }
    let master = data.master_key(&config.master_key)?;
    let log = Sqlite::open_read_only(&data.log()).await?;
    let vault = Vault::open(&data.vault(), master).await?;
    let terminal = io::stdout().is_terminal();
    let mut out = BufWriter::new(io::stdout().lock());
    let mut left = options.limit.unwrap_or(if terminal { SCREEN } else { u64::MAX });
    let mut after = Position(options.after);
    let mut table = terminal.then(show::Table::new);
    while left > 0 {
        let page: Vec<_> = log.read_all(after, PAGE).await?.into_iter().map(Arc::new).collect();
        let Some(last) = page.last() else { break };
        after = last.position;
        let wanted = page.into_iter().filter(|stored| options.wants(stored));
        let wanted: Vec<_> = wanted.take(usize::try_from(left).unwrap_or(usize::MAX)).collect();
        left -= wanted.len() as u64;
        for (stored, recorded) in wanted.iter().zip(decode_page(&vault, &wanted).await?) {
            match &mut table {
                Some(table) => table.add(stored, recorded),
                None => writeln!(out, "{}", show::json(stored, recorded))?,
            }
        }
    }
    if let Some(table) = table {
        writeln!(out, "{table}")?;
    }
    out.flush()?;
    log.close().await;
    vault.close().await;
    Ok(())
}

impl Options {
    /// An event concerns whatever its stream or its data names.
    fn wants(&self, stored: &Stored) -> bool {
        let names = |id: Option<String>| {
            id.is_none_or(|id| stored.stream.to_string().contains(&id) || stored.data.contains(&id))
        };
        names(self.account.map(|id| id.to_string()))
            && names(self.organisation.map(|id| id.to_string()))
    }
}
