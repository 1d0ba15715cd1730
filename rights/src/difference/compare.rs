//! Two snapshots side by side.

use std::sync::Arc;

use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;

use super::{
    Changed, Outcome, Outcomes, Steps, delta::Base, levels::Levels, ranks::Ranks, steps::Window,
    transplant::transplant,
};
use crate::{
    draft::Touched,
    forest::Edge,
    id::{Holder, Kind, Rights},
    lists::{Lane, List, Sweep},
    people::Account,
    snapshot::Snapshot,
};

/// An account searches several ranks, and each costs as much as dozens of folders do when all are made at once.
/// Tests take both ways.
const RANKS_AT_ONCE: u64 = if cfg!(test) { 3 } else { 100 };

/// Two snapshots, and where they can differ. Everything is said in the labels of the next one.
#[derive(Debug)]
pub(crate) struct Comparison {
    pub(crate) old: Arc<Snapshot>,
    pub(crate) new: Arc<Snapshot>,
    /// Accounts that are new, of another kind, or in other groups.
    accounts: RoaringBitmap,
    /// By code of the holder: what it was granted before, where that differs.
    granted: FxHashMap<u32, Before>,
    /// By account: what it was excluded from before, where that differs.
    excluded: FxHashMap<u32, Before>,
    pub(crate) bases: Vec<Base>,
    ranks: Ranks,
    /// What is level in the window of all changes.
    levels: Option<Levels>,
    /// Everyone for whom something can differ.
    pub(crate) affected: RoaringBitmap,
}

#[derive(Debug)]
struct Before {
    list: List,
    window: Window,
    /// The shared base of this change, if there is one.
    base: Option<usize>,
}

impl Comparison {
    /// Compares the lists of everything touched. O(marks of these lists, and of "All users" once for each).
    pub(crate) fn new(old: Arc<Snapshot>, new: Arc<Snapshot>, touched: &Touched) -> Self {
        let moved: Vec<u32> = touched.moved.iter().collect();
        let mut sweep = Sweep::default();
        let mut before = |was: &List, is: &List| -> Option<Before> {
            let list = transplant(was, &old.forest, &new.forest, &moved);
            sweep.clear();
            sweep.add(Lane::Old, false, &list, 0, Window::WHOLE.to.0);
            sweep.add(Lane::New, false, is, 0, Window::WHOLE.to.0);
            let steps = Steps::along(&mut sweep, Window::WHOLE, |tallies| {
                Changed::between(tallies.before(), tallies.after())
            });
            steps.window().map(|window| Before { list, window, base: None })
        };
        let mut granted = FxHashMap::default();
        let mut affected = touched.accounts.clone();
        for code in &touched.granted {
            let holder = Holder::from_code(code);
            let (was, is) = (old.people.holdings(holder), new.people.holdings(holder));
            if let Some(before) = before(&was.granted, &is.granted) {
                affected |= new.people.holders_of(holder);
                granted.insert(code, before);
            }
        }
        let mut excluded = FxHashMap::default();
        for account in &touched.excluded {
            let holder = Holder::account(account);
            let (was, is) = (old.people.holdings(holder), new.people.holdings(holder));
            if let Some(before) = before(&was.excluded, &is.excluded) {
                affected.insert(account);
                excluded.insert(account, before);
            }
        }
        affected &= new.people.all();
        let changes = granted.values().chain(excluded.values());
        let changes = changes.map(|before: &Before| before.window);
        let hull = changes.map(Some).fold(None, Window::hull);
        let window = hull.filter(|_| touched.accounts.is_empty()).unwrap_or(Window::WHOLE);
        let mut comparison = Self {
            ranks: Ranks::of(&new.forest, window, affected.len() * RANKS_AT_ONCE),
            accounts: touched.accounts.clone(),
            bases: Vec::new(),
            levels: None,
            old,
            new,
            granted,
            excluded,
            affected,
        };
        comparison.find_bases();
        comparison.levels = hull.and_then(|hull| Levels::of(&comparison, hull, &mut sweep));
        comparison
    }

    /// What a principal was granted before, where that differs.
    pub(crate) fn list_before(&self, holder: Holder) -> Option<&List> {
        self.granted.get(&holder.code()).map(|before| &before.list)
    }

    /// How many folders begin before an edge with this label.
    pub(crate) fn rank(&self, edge: Edge, label: u64) -> u32 {
        self.ranks.at(edge, label, &self.new.forest)
    }

    /// The change of a principal minus what everyone holds anyway is what its members share.
    fn find_bases(&mut self) {
        let everyone = Holder::EVERYONE.code();
        let mut codes: Vec<u32> = if self.granted.contains_key(&everyone) {
            // Members of another changed principal then see two changes at once, and are compared alone.
            vec![everyone]
        } else {
            self.granted.keys().copied().collect()
        };
        codes.sort_unstable();
        let mut sweep = Sweep::default();
        for code in codes {
            let holder = Holder::from_code(code);
            let Some(before) = self.granted.get_mut(&code) else { continue };
            let people = &self.new.people;
            let (from, to) = (before.window.from.0, before.window.to.0);
            sweep.clear();
            sweep.add(Lane::Old, false, &before.list, from, to);
            sweep.add(Lane::New, false, &people.holdings(holder).granted, from, to);
            if holder != Holder::EVERYONE {
                sweep.add(Lane::Both, true, &people.holdings(Holder::EVERYONE).granted, from, to);
            }
            let steps = Steps::along(&mut sweep, before.window, |tallies| {
                Changed::between(tallies.before(), tallies.after())
            });
            if let Some(base) = Base::new(holder, steps, &self.ranks, &self.new.forest) {
                before.base = Some(self.bases.len());
                self.bases.push(base);
            }
        }
    }

    /// The outcome for one affected account. O(marks of its own lists in the window of the change).
    pub(crate) fn outcome(&self, account: u32, sweep: &mut Sweep, outcomes: &mut Outcomes) {
        match self.only_change(account) {
            Some(Before { base: None, .. }) => {} // everyone holds all of it anyway
            Some(Before { base: Some(base), .. }) => {
                self.outcome_of_base(account, *base, sweep, outcomes);
            }
            None => {
                if self.level_outcome(account, outcomes).is_some() {
                    return;
                }
                let mut counts = [0; Changed::BITS];
                for (from, to) in self.steps(account, sweep).parts() {
                    let ranks = [from, to].map(|step| self.rank(step.edge, step.label));
                    from.changed.bits().for_each(|bit| counts[bit] += ranks[1] - ranks[0]);
                }
                outcomes.push(account, Outcome::ALONE, counts.into_iter().enumerate());
            }
        }
    }

    /// The outcome for an account that isn't touched itself and whose lists are level; none for others.
    fn level_outcome(&self, account: u32, outcomes: &mut Outcomes) -> Option<()> {
        if self.accounts.contains(account) || self.excluded.contains_key(&account) {
            return None;
        }
        self.levels.as_ref()?.outcome(self, account, outcomes)
    }

    /// The one principal that changes for an account, when nothing else does.
    fn only_change(&self, account: u32) -> Option<&Before> {
        if self.accounts.contains(account) || self.excluded.contains_key(&account) {
            return None;
        }
        if self.granted.len() == 1 {
            return self.granted.values().next();
        }
        let row = self.new.people.account(account);
        let mut changed =
            row.holders(account).filter_map(|holder| self.granted.get(&holder.code()));
        changed.next().filter(|_| changed.next().is_none())
    }

    /// The base minus what the account holds through others or is excluded from.
    fn outcome_of_base(
        &self,
        account: u32,
        index: usize,
        sweep: &mut Sweep,
        outcomes: &mut Outcomes,
    ) {
        let (people, base) = (&self.new.people, &self.bases[index]);
        let allowed = match people.kind(account) {
            Some(Kind::Administrator) | None => return,
            Some(Kind::Full) => Rights::ALL,
            Some(Kind::Reader) => Rights::OF_READERS,
        };
        let allowed = base.changed.and(Changed::both(allowed.bits()));
        let (from, to) = (base.window.from, base.window.to);
        let row = people.account(account);
        sweep.clear();
        for holder in row.holders(account) {
            if holder != base.holder && holder != Holder::EVERYONE {
                sweep.add(Lane::Both, false, &people.holdings(holder).granted, from.0, to.0);
            }
        }
        sweep.add(Lane::Both, true, &row.holdings().excluded, from.0, to.0);
        let blocked_at_start = sweep.tallies().granted(Lane::Both) | sweep.tallies().excluded();
        if allowed == base.changed && sweep.is_flat() && blocked_at_start == 0 {
            outcomes.push_shared(account, index, base);
            return;
        }
        let mut counts = [0; Changed::BITS];
        counts.iter_mut().zip(base.totals()).for_each(|(count, total)| *count = *total);
        let mut blocked = Changed::both(blocked_at_start);
        let mut last = base.find(from.0, self.rank(from.1, from.0));
        let mut subtract = |label, edge, next: u32| {
            let here = base.find(label, self.rank(edge, label));
            if !blocked.and(allowed).is_none() {
                for (position, bit) in base.changed.bits().enumerate() {
                    if blocked.has(bit) {
                        counts[position] -=
                            base.before(here, position, bit) - base.before(last, position, bit);
                    }
                }
            }
            (blocked, last) = (Changed::both(next), here);
        };
        sweep.run(|label, edge, tallies| {
            subtract(label, edge, tallies.granted(Lane::Both) | tallies.excluded());
        });
        subtract(to.0, to.1, 0);
        let counted = base.changed.bits().zip(counts).filter(|&(bit, _)| allowed.has(bit));
        outcomes.push(account, crate::persistent::dense(index), counted);
    }

    /// Exactly what changes for an account, edge by edge. O(k log k) in the window of the change.
    pub(crate) fn steps(&self, account: u32, sweep: &mut Sweep) -> Steps {
        let nobody = Account::default();
        let (was, is) = (self.old.people.kind(account), self.new.people.kind(account));
        let old = if was.is_some() { self.old.people.account(account) } else { &nobody };
        let new = if is.is_some() { self.new.people.account(account) } else { &nobody };
        let mut lists: Vec<(Lane, bool, &List)> = Vec::new();
        let mut window = (was != is).then_some(Window::WHOLE);
        let in_both = |holder: Holder| {
            was.is_some()
                && is.is_some()
                && (holder == Holder::EVERYONE || {
                    old.holds(account, holder) && new.holds(account, holder)
                })
        };
        let mut alone = |lane, list| {
            let at = |mark: crate::lists::Mark| (mark.label, mark.edge);
            let extent = List::extent(list).map(|(from, to)| Window { from: at(from), to: at(to) });
            window = Window::hull(window, extent);
            lists.push((lane, false, list));
        };
        let after = |holder: Holder| &self.new.people.holdings(holder).granted;
        let before = |holder: Holder| {
            self.granted.get(&holder.code()).map_or_else(|| after(holder), |before| &before.list)
        };
        for holder in old.holders(account).filter(|&holder| was.is_some() && !in_both(holder)) {
            alone(Lane::Old, before(holder));
        }
        for holder in new.holders(account).filter(|&holder| is.is_some() && !in_both(holder)) {
            alone(Lane::New, after(holder));
        }
        for holder in new.holders(account).filter(|&holder| in_both(holder)) {
            match self.granted.get(&holder.code()) {
                None => lists.push((Lane::Both, false, after(holder))),
                Some(before) => {
                    window = Window::hull(window, Some(before.window));
                    lists.push((Lane::Old, false, &before.list));
                    lists.push((Lane::New, false, after(holder)));
                }
            }
        }
        let excluded = &new.holdings().excluded;
        match self.excluded.get(&account) {
            None => lists.push((Lane::Both, true, excluded)),
            Some(before) => {
                window = Window::hull(window, Some(before.window));
                lists.push((Lane::Old, true, &before.list));
                lists.push((Lane::New, true, excluded));
            }
        }
        let Some(window) = window else { return Steps::default() };
        sweep.clear();
        for (lane, excluded, list) in lists {
            sweep.add(lane, excluded, list, window.from.0, window.to.0);
        }
        let cap = |kind: Option<Kind>, rights: u32| {
            kind.map_or(0, |kind| kind.cap(Rights::from_bits_truncate(rights)).bits())
        };
        Steps::along(sweep, window, |tallies| {
            Changed::between(cap(was, tallies.before()), cap(is, tallies.after()))
        })
    }
}
