//! `stamrol rebuild`.

use std::{collections::HashMap, process::ExitCode};

use clap::Args;
use futures_util::StreamExt;
use projections::Name;

use super::{failed, progress::Progress};
use crate::{
    app::{Data, Installation, StartError},
    config::Config,
    control::{self, Answer, Ask},
};

/// Which read models are filled anew from the log.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// Their names [default: all of them].
    #[arg(value_name = "PROJECTION")]
    projections: Vec<String>,
}

/// Through a running server, which goes on serving meanwhile; else here.
pub(super) async fn run(config: Config, options: Options) -> ExitCode {
    let mut projections = options.projections;
    if projections.is_empty() {
        projections = Name::ALL.map(|name| name.as_str().to_owned()).to_vec();
    }
    let socket = Data::existing(&config.data).control();
    let mut bars = Bars::default();
    let outcome =
        match control::ask(&socket, &Ask::Rebuild { projections: projections.clone() }).await {
            Ok(Some(answers)) => follow(answers, &projections, &mut bars).await,
            Ok(None) => here(&config, &projections, &mut bars).await,
            Err(error) => Err(format!("{}: {error}", socket.display())),
        };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => failed(reason),
    }
}

async fn follow(
    mut answers: control::Answers,
    projections: &[String],
    bars: &mut Bars,
) -> Result<(), String> {
    while let Some(answer) = answers.next().await.map_err(|error| error.to_string())? {
        bars.show(&answer)?;
    }
    let is_over = projections.iter().all(|projection| bars.is_over(projection));
    if is_over { Ok(()) } else { Err("the server ended the conversation".to_owned()) }
}

async fn here(config: &Config, projections: &[String], bars: &mut Bars) -> Result<(), String> {
    let told = |error: StartError| error.to_string();
    let installation = Installation::open(config).await.map_err(told)?;
    let views = installation.views().await.map_err(told)?;
    let outcome = async {
        let mut answers = control::rebuild_all(&views, projections)?;
        while let Some(answer) = answers.next().await {
            bars.show(&answer)?;
        }
        Ok(())
    };
    let outcome = outcome.await;
    views.close().await;
    installation.close().await;
    outcome
}

/// One bar per projection.
#[derive(Default)]
struct Bars(HashMap<String, (Progress, bool)>);

impl Bars {
    fn show(&mut self, answer: &Answer) -> Result<(), String> {
        match answer {
            Answer::Refused { reason } => Err(reason.clone()),
            Answer::Progress { projection, done, total, ended } => {
                let new = || (Progress::new(projection, "events"), false);
                let (bar, over) = self.0.entry(projection.clone()).or_insert_with(new);
                bar.show(*done, *total);
                if *ended && !*over {
                    *over = true;
                    bar.finish();
                }
                Ok(())
            }
            Answer::Unlocking { .. } | Answer::Event { .. } | Answer::Told => Ok(()),
        }
    }

    fn is_over(&self, projection: &str) -> bool {
        self.0.get(projection).is_some_and(|(_, over)| *over)
    }
}
