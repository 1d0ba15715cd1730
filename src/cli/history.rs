//! `stamrol history`.

use std::{
    io::{self, BufWriter, IsTerminal, StdoutLock, Write},
    process::ExitCode,
};

use chrono::{DateTime, Utc};
use clap::Args;
use comfy_table::{ContentArrangement, Table, presets};
use events::{AccountId, OrganisationId, Position, value::Language};

use super::{failed, language::Choice, progress::caught_up};
use crate::{
    app::{Data, Installation},
    config::Config,
    control::{self, Answer, Ask, Telling, Wanted},
};

/// Which part of the history.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// Only what concerns this account, by its id.
    #[arg(long, value_name = "ID", conflicts_with = "organisation")]
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
    /// The language of the sentences [default: as `LC_ALL`, `LC_MESSAGES` or `LANG` say, else en].
    #[arg(long, value_enum, value_name = "LANGUAGE")]
    language: Option<Choice>,
}

/// Events that a terminal shows where nothing else is asked.
const SCREEN: u64 = 100;
/// Rows of one table, which is arranged as a whole.
const ROWS: usize = 1_000;

/// Through a running server; else here. A table for people, JSON Lines for programs.
pub(super) async fn run(config: Config, options: Options) -> ExitCode {
    let terminal = io::stdout().is_terminal();
    let wanted = Wanted {
        account: options.account,
        organisation: options.organisation,
        after: Position(options.after),
        limit: options.limit.unwrap_or(if terminal { SCREEN } else { u64::MAX }),
        language: Choice::or_of_environment(options.language),
    };
    let mut page = if terminal { Page::table(wanted.language) } else { Page::lines() };
    let told = tell(&config, wanted, &mut page).await;
    // What was told before it broke off is shown all the same.
    match page.end().map_err(Trouble::from).and(told) {
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
    #[error("{path}: {error}", path = .path.display())]
    Server { path: std::path::PathBuf, error: io::Error },
    #[error("{0}")]
    Start(#[from] crate::app::StartError),
    #[error("{0}")]
    Refused(String),
    #[error("{0}")]
    Output(#[from] io::Error),
}

async fn tell(config: &Config, wanted: Wanted, page: &mut Page) -> Result<(), Trouble> {
    let data = Data::existing(&config.data);
    if !data.log().exists() {
        return Err(Trouble::NoLog(config.data.display().to_string()));
    }
    let path = data.control();
    let broken = |error| Trouble::Server { path: path.clone(), error };
    let Some(mut answers) = control::ask(&path, &Ask::History(wanted)).await.map_err(broken)?
    else {
        return tell_here(config, wanted, page).await;
    };
    while let Some(answer) = answers.next().await.map_err(broken)? {
        if answer == Answer::Told {
            return Ok(());
        }
        page.add(answer)?;
    }
    Err(broken(io::ErrorKind::UnexpectedEof.into()))
}

/// Where no server runs, the read models are first brought up to date.
async fn tell_here(config: &Config, wanted: Wanted, page: &mut Page) -> Result<(), Trouble> {
    let installation = Installation::open(config).await?;
    let views = installation.views().await?;
    caught_up(&views, installation.store.head()).await;
    let mut telling = Telling::begin(&views, &wanted);
    let mut told = Ok(());
    while let (Ok(()), Some(answer)) = (&told, telling.next().await) {
        told = page.add(answer);
    }
    views.close().await;
    installation.close().await;
    told
}

/// What is printed.
enum Page {
    /// With the language of its header.
    Table(Language, Box<Table>),
    Lines(BufWriter<StdoutLock<'static>>),
}

impl Page {
    fn table(language: Language) -> Self {
        Self::Table(language, Box::new(empty_table(language)))
    }

    fn lines() -> Self {
        Self::Lines(BufWriter::new(io::stdout().lock()))
    }

    fn add(&mut self, answer: Answer) -> Result<(), Trouble> {
        let event = match answer {
            Answer::Event { event } => event,
            Answer::Refused { reason } => return Err(Trouble::Refused(reason)),
            Answer::Progress { .. } | Answer::Unlocking { .. } | Answer::Told => return Ok(()),
        };
        match self {
            Self::Lines(out) => writeln!(out, "{event}")?,
            Self::Table(_, table) => {
                let at = event["at"].as_str().and_then(|at| at.parse::<DateTime<Utc>>().ok());
                table.add_row([
                    event["position"].to_string(),
                    at.map(|at| at.format("%Y-%m-%d %H:%M:%S").to_string()).unwrap_or_default(),
                    event["sentence"].as_str().unwrap_or_default().to_owned(),
                ]);
                if table.row_count() >= ROWS {
                    self.print_table()?;
                }
            }
        }
        Ok(())
    }

    /// Prints the rows that there are, and begins anew.
    fn print_table(&mut self) -> io::Result<()> {
        if let Self::Table(language, table) = self {
            writeln!(io::stdout().lock(), "{table}")?;
            **table = empty_table(*language);
        }
        Ok(())
    }

    fn end(mut self) -> io::Result<()> {
        match &mut self {
            Self::Table(_, table) if table.is_empty() => Ok(()),
            Self::Table(..) => self.print_table(),
            Self::Lines(out) => out.flush(),
        }
    }
}

fn empty_table(language: Language) -> Table {
    let header = match language {
        Language::Nl => ["POSITIE", "WANNEER (UTC)", "WAT ER GEBEURDE"],
        Language::De => ["POSITION", "WANN (UTC)", "WAS GESCHAH"],
        Language::En => ["POSITION", "WHEN (UTC)", "WHAT HAPPENED"],
    };
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(header);
    table
}
