//! Filling the read models anew, while they serve.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use projections::Name;

use super::{
    BenchError,
    client::Client,
    mutations::log_head,
    report::{Figure, Target, Unit},
    sample::rate,
};
use crate::{
    app::Data,
    control::{self, Answer, Ask},
};

/// Rebuilds each, and then all of them side by side, as the command line does it.
pub(super) async fn measure(data: &Path, client: &mut Client) -> Result<Vec<Figure>, BenchError> {
    let events = usize::try_from(log_head(client).await?).unwrap_or(usize::MAX);
    let socket = Data::existing(data).control();
    let mut figures = Vec::new();
    for name in Name::ALL {
        let rate = rate(events, rebuild(&socket, &[name]).await?);
        figures.push(Figure::plain(format!("rebuild of {}", name.as_str()), rate, Unit::PerSecond));
    }
    let took = rebuild(&socket, &Name::ALL).await?;
    figures.push(Figure::plain("rebuild of all read models", took.as_secs_f64(), Unit::Seconds));
    figures.push(Figure::aimed(
        "events rebuilt, all read models together",
        rate(events, took),
        Unit::PerSecond,
        Target::AtLeast(30_000.0),
    ));
    Ok(figures)
}

/// How long a rebuild takes.
async fn rebuild(socket: &Path, names: &[Name]) -> Result<Duration, BenchError> {
    let began = Instant::now();
    let projections = names.iter().map(|name| name.as_str().to_owned()).collect();
    let answers = control::ask(socket, &Ask::Rebuild { projections }).await?;
    let mut answers = answers.ok_or_else(|| BenchError::Odd("no server listens".into()))?;
    while let Some(answer) = answers.next().await? {
        if let Answer::Refused { reason } = answer {
            return Err(BenchError::Odd(reason));
        }
    }
    Ok(began.elapsed())
}
