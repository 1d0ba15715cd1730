//! Changes as a step function over the labels of the next forest.

use super::Changed;
use crate::{
    forest::{Edge, LABELS},
    lists::{Sweep, Tallies},
};

/// The change from an edge on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) label: u64,
    pub(crate) edge: Edge,
    pub(crate) changed: Changed,
}

/// Steps by label: neighbours differ, nothing before the first, the last one is "nothing".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Steps(Vec<Step>);

/// Labels between which something can change.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    pub(crate) from: (u64, Edge),
    pub(crate) to: (u64, Edge),
}

impl Window {
    /// From the start of the tour to its end.
    pub(crate) const WHOLE: Self = Self { from: (0, Edge::START), to: (LABELS, Edge::END) };

    /// The least window around two.
    pub(crate) fn hull(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        let (Some(one), Some(other)) = (one, other) else { return one.or(other) };
        let from = if one.from.0 <= other.from.0 { one.from } else { other.from };
        let to = if one.to.0 >= other.to.0 { one.to } else { other.to };
        Some(Self { from, to })
    }
}

impl Steps {
    /// What `changed` says along a sweep whose lists were added for this window.
    pub(crate) fn along(
        sweep: &mut Sweep,
        window: Window,
        changed: impl Fn(&Tallies) -> Changed,
    ) -> Self {
        let mut steps = Self::default();
        steps.push(window.from.0, window.from.1, changed(sweep.tallies()));
        sweep.run(|label, edge, tallies| steps.push(label, edge, changed(tallies)));
        steps.push(window.to.0, window.to.1, Changed::NONE);
        steps
    }

    pub(crate) fn push(&mut self, label: u64, edge: Edge, changed: Changed) {
        if self.0.last().map_or(Changed::NONE, |last| last.changed) != changed {
            self.0.push(Step { label, edge, changed });
        }
    }

    /// The window in which something changes.
    pub(crate) fn window(&self) -> Option<Window> {
        let at = |step: &Step| (step.label, step.edge);
        Some(Window { from: at(self.0.first()?), to: at(self.0.last()?) })
    }

    /// Each part on which something changes: from, to.
    pub(crate) fn parts(&self) -> impl Iterator<Item = (Step, Step)> {
        let pairs = self.0.windows(2).map(|two| (two[0], two[1]));
        pairs.filter(|(from, _)| !from.changed.is_none())
    }

    /// Walks along both from label to label, and tells what both say from there on.
    pub(crate) fn zip(&self, other: &Self, mut at: impl FnMut(u64, Edge, Changed, Changed)) {
        let (mut ones, mut others) = (self.0.iter().peekable(), other.0.iter().peekable());
        let (mut one, mut another) = (Changed::NONE, Changed::NONE);
        loop {
            let next = match (ones.peek(), others.peek()) {
                (None, None) => return,
                (Some(step), None) | (None, Some(step)) => **step,
                (Some(step), Some(other)) => {
                    if step.label <= other.label {
                        **step
                    } else {
                        **other
                    }
                }
            };
            if let Some(step) = ones.next_if(|step| step.label == next.label) {
                one = step.changed;
            }
            if let Some(step) = others.next_if(|step| step.label == next.label) {
                another = step.changed;
            }
            at(next.label, next.edge, one, another);
        }
    }
}
