//! How far something is: a bar on a terminal, a line now and then elsewhere. On standard error.

use std::{
    io::{self, IsTerminal},
    time::{Duration, Instant},
};

use events::Position;
use indicatif::{ProgressBar, ProgressStyle};
use projections::{Name, State, Views};
use tokio::time::interval;

/// Between two lines where there is no terminal.
const EVERY: Duration = Duration::from_secs(2);
/// Between two looks at how far the read models are.
const LOOK: Duration = Duration::from_millis(200);
const STYLE: &str = "{prefix:>14} [{wide_bar}] {human_pos}/{human_len} {msg} {per_sec} {eta}";

/// Shows how far one thing is.
pub(crate) struct Progress {
    name: String,
    what: &'static str,
    began: Instant,
    bar: Option<ProgressBar>,
    last_line: Option<Instant>,
    at: (u64, u64),
}

impl Progress {
    /// Of something with a name, in units of `what`.
    pub(crate) fn new(name: &str, what: &'static str) -> Self {
        let bar = io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template(STYLE)
                .unwrap_or_else(|_| ProgressStyle::default_bar());
            let bar = ProgressBar::new(0).with_style(style.progress_chars("=> "));
            bar.with_prefix(name.to_owned()).with_message(what)
        });
        Self {
            name: name.to_owned(),
            what,
            began: Instant::now(),
            bar,
            last_line: None,
            at: (0, 0),
        }
    }

    /// So much is done.
    pub(crate) fn show(&mut self, done: u64, total: u64) {
        self.at = (done, total);
        if let Some(bar) = &self.bar {
            bar.set_length(total);
            bar.set_position(done);
        } else if self.last_line.is_none_or(|last| last.elapsed() >= EVERY) {
            self.last_line = Some(Instant::now());
            eprintln!("{}: {done} of {total} {}", self.name, self.what);
        }
    }

    /// It is over.
    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish();
        } else {
            let (done, _) = self.at;
            eprintln!(
                "{}: {done} {} in {:.1} s",
                self.name,
                self.what,
                self.began.elapsed().as_secs_f64()
            );
        }
    }
}

/// Waits until the read models show everything, however long that takes, and shows how far they are where it takes
/// any time at all. One that has parked goes no further, and isn't waited for.
pub(super) async fn caught_up(views: &Views, head: Position) {
    let mut due = interval(LOOK);
    for name in Name::ALL {
        let mut bar = None;
        while views.position(name) < head && !matches!(views.status(name).state, State::Parked(_)) {
            let bar = bar.get_or_insert_with(|| Progress::new(name.as_str(), "events"));
            bar.show(views.position(name).0, head.0);
            due.tick().await;
        }
        if let Some(mut bar) = bar {
            bar.show(views.position(name).0, head.0);
            bar.finish();
        }
    }
}
