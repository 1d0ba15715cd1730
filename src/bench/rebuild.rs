//! Filling the read models anew, while they serve.

use std::{path::Path, time::Instant};

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

/// Rebuilds one after the other, as the command line does it.
pub(super) async fn measure(data: &Path, client: &mut Client) -> Result<Vec<Figure>, BenchError> {
    let events = usize::try_from(log_head(client).await?).unwrap_or(usize::MAX);
    let socket = Data::existing(data).control();
    let mut figures = Vec::new();
    let began = Instant::now();
    for name in Name::ALL {
        let began = Instant::now();
        let ask = Ask::Rebuild { projections: vec![name.as_str().to_owned()] };
        let answers = control::ask(&socket, &ask).await?;
        let mut answers = answers.ok_or_else(|| BenchError::Odd("no server listens".into()))?;
        while let Some(answer) = answers.next().await? {
            if let Answer::Refused { reason } = answer {
                return Err(BenchError::Odd(reason));
            }
        }
        let rate = rate(events, began.elapsed());
        figures.push(Figure::plain(format!("rebuild of {}", name.as_str()), rate, Unit::PerSecond));
    }
    let took = began.elapsed();
    figures.push(Figure::plain("rebuild of all read models", took.as_secs_f64(), Unit::Seconds));
    figures.push(Figure::aimed(
        "events rebuilt, all read models together",
        rate(events, took),
        Unit::PerSecond,
        Target::AtLeast(30_000.0),
    ));
    Ok(figures)
}
