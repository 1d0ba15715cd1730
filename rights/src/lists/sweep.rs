//! Several step functions at once, from label to label.

use super::{List, Mark, tally::Tally};
use crate::forest::Edge;

/// Which side of a comparison a list belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    /// Before and after alike.
    Both,
    /// Only before.
    Old,
    /// Only after.
    New,
}

/// A line that is moved over the labels; scratch memory that is used again and again.
#[derive(Debug, Default)]
pub(crate) struct Sweep {
    turns: Vec<Turn>,
    tallies: Tallies,
}

/// What is counted where the line is: grants and exclusions, for each lane.
#[derive(Debug, Default)]
pub(crate) struct Tallies {
    granted: [Tally; 3],
    excluded: [Tally; 3],
}

#[derive(Clone, Copy, Debug)]
struct Turn {
    label: u64,
    edge: Edge,
    lane: Lane,
    excluded: bool,
    gone: u32,
    come: u32,
}

impl Tallies {
    /// What the lists of one lane grant, exclusions apart.
    pub(crate) fn granted(&self, lane: Lane) -> u32 {
        self.granted[lane as usize].any()
    }

    /// What is excluded before and after alike.
    pub(crate) fn excluded(&self) -> u32 {
        self.excluded[Lane::Both as usize].any()
    }

    /// What holds before.
    pub(crate) fn before(&self) -> u32 {
        self.side(Lane::Old)
    }

    /// What holds after.
    pub(crate) fn after(&self) -> u32 {
        self.side(Lane::New)
    }

    fn side(&self, lane: Lane) -> u32 {
        let [granted, excluded] = [&self.granted, &self.excluded]
            .map(|tallies| tallies[Lane::Both as usize].any() | tallies[lane as usize].any());
        granted & !excluded
    }
}

impl Sweep {
    /// Forgets everything but the memory it used.
    pub(crate) fn clear(&mut self) {
        self.turns.clear();
        for tally in self.tallies.granted.iter_mut().chain(&mut self.tallies.excluded) {
            tally.clear();
        }
    }

    /// At a label, rights go and come in a lane of grants.
    pub(crate) fn push(&mut self, lane: Lane, label: u64, edge: Edge, gone: u32, come: u32) {
        self.turns.push(Turn { label, edge, lane, excluded: false, gone, come });
    }

    /// A list takes part between two labels.
    pub(crate) fn add(&mut self, lane: Lane, excluded: bool, list: &List, from: u64, to: u64) {
        if list.is_empty() {
            return;
        }
        let (start, marks) = list.window(from, to);
        let tallies = if excluded { &mut self.tallies.excluded } else { &mut self.tallies.granted };
        tallies[lane as usize].add(start);
        let mut before = start;
        self.turns.extend(marks.map(|Mark { label, edge, rights }| {
            let (gone, come) = (before & !rights, rights & !before);
            before = rights;
            Turn { label, edge, lane, excluded, gone, come }
        }));
    }

    /// What is counted where the line stands.
    pub(crate) fn tallies(&self) -> &Tallies {
        &self.tallies
    }

    /// At most so often does it turn.
    pub(crate) const fn turns(&self) -> usize {
        self.turns.len()
    }

    /// Whether nothing turns anywhere.
    pub(crate) fn is_flat(&self) -> bool {
        self.turns.is_empty()
    }

    /// Moves the line over n turns and tells what is counted from each label on. O(n log n).
    pub(crate) fn run(&mut self, mut at: impl FnMut(u64, Edge, &Tallies)) {
        self.turns.sort_unstable_by_key(|turn| turn.label);
        for turns in self.turns.chunk_by(|one, other| one.label == other.label) {
            for turn in turns {
                let side = if turn.excluded {
                    &mut self.tallies.excluded
                } else {
                    &mut self.tallies.granted
                };
                let tally = &mut side[turn.lane as usize];
                tally.add(turn.come);
                tally.remove(turn.gone);
            }
            at(turns[0].label, turns[0].edge, &self.tallies);
        }
    }
}
