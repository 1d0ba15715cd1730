//! What was measured, beside what it should be.

use std::fmt;

use comfy_table::{CellAlignment, Table, presets};
use serde::Serialize;

/// All figures of a run.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The release that was measured.
    pub release: &'static str,
    /// How many accounts the installation had.
    pub accounts: u32,
    /// How many processors server and client shared.
    pub processors: usize,
    /// The figures, in the order in which they were measured.
    pub figures: Vec<Figure>,
}

/// One thing that was measured.
#[derive(Debug, Serialize)]
pub struct Figure {
    /// What.
    pub name: String,
    /// How much.
    pub value: f64,
    /// Of what.
    pub unit: Unit,
    /// What it should be.
    pub target: Option<Target>,
    /// Whether it is; none where there is no target.
    pub met: Option<bool>,
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Time.
    Milliseconds,
    /// Time that is longer.
    Seconds,
    /// Things per second.
    PerSecond,
    /// Memory, in units of 2^20 bytes.
    Mebibytes,
    /// Parts of another figure.
    Percent,
}

/// What a figure should be.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// This or less.
    AtMost(f64),
    /// This or more.
    AtLeast(f64),
}

impl Figure {
    /// A figure with a target.
    pub(super) fn aimed(name: impl Into<String>, value: f64, unit: Unit, target: Target) -> Self {
        let met = Some(match target {
            Target::AtMost(most) => value <= most,
            Target::AtLeast(least) => value >= least,
        });
        Self { name: name.into(), value, unit, target: Some(target), met }
    }

    /// A figure that others are compared with.
    pub(super) fn plain(name: impl Into<String>, value: f64, unit: Unit) -> Self {
        Self { name: name.into(), value, unit, target: None, met: None }
    }
}

impl Report {
    /// The figures that fall short.
    pub fn missed(&self) -> impl Iterator<Item = &Figure> {
        self.figures.iter().filter(|figure| figure.met == Some(false))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_header(["FIGURE", "MEASURED", "TARGET", ""]);
        for figure in &self.figures {
            let Figure { name, value, unit, target, met } = figure;
            let target = match target {
                None => String::new(),
                Some(Target::AtMost(most)) => format!("≤ {}", unit.show(*most)),
                Some(Target::AtLeast(least)) => format!("≥ {}", unit.show(*least)),
            };
            let verdict = match met {
                None => "",
                Some(true) => "met",
                Some(false) => "MISSED",
            };
            table.add_row([name, &unit.show(*value), &target, verdict]);
        }
        for column in table.column_iter_mut().skip(1).take(2) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        let Self { release, accounts, processors, .. } = self;
        writeln!(
            f,
            "stamrol {release}, {accounts} accounts, server and client on {processors} processors\n\n{table}"
        )
    }
}

impl Unit {
    fn show(self, value: f64) -> String {
        match self {
            Self::Milliseconds => format!("{value:.3} ms"),
            Self::Seconds => format!("{value:.2} s"),
            Self::PerSecond => format!("{value:.0}/s"),
            Self::Mebibytes => format!("{value:.0} MiB"),
            Self::Percent => format!("{value:.0} %"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_says_what_falls_short() {
        let report = Report {
            release: "0.1.0",
            accounts: 100,
            processors: 2,
            figures: vec![
                Figure::plain("bare commit", 0.1, Unit::Milliseconds),
                Figure::aimed("appends", 20_000.0, Unit::PerSecond, Target::AtLeast(15_000.0)),
                Figure::aimed("memory", 70.2, Unit::Mebibytes, Target::AtMost(60.0)),
            ],
        };
        let missed: Vec<_> = report.missed().map(|figure| figure.name.as_str()).collect();
        assert_eq!(missed, ["memory"]);
        let lines: Vec<String> = report
            .to_string()
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect();
        assert_eq!(
            lines[3..],
            [
                "bare commit 0.100 ms",
                "appends 20000/s ≥ 15000/s met",
                "memory 70 MiB ≤ 60 MiB MISSED",
            ]
        );
    }
}
