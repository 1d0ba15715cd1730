//! Where a list is level within the window of a change, it says one thing there, and needs no sweep.

use super::{Changed, Comparison, Outcome, Outcomes, steps::Window};
use crate::{
    id::{Holder, Kind, Rights},
    lists::{Lane, List, Sweep},
};

/// Everyone's lists may have so many terraces in the window; with more, a sweep is as good.
const TERRACES: usize = if cfg!(test) { 3 } else { 32 };
/// Levels are worked out for all groups at once, when one account is affected for at most so many groups.
/// Tests take both ways.
const GROUPS_PER_ACCOUNT: u64 = if cfg!(test) { 1 } else { 4 };

/// What lists say over the whole window of a comparison.
///
/// What a move or a grant changes lies between two labels, and few groups have a mark of their own there. So
/// what each group grants there before and after is looked up once; for an account whose lists are all level
/// it remains to put its groups together.
#[derive(Debug)]
pub(crate) struct Levels {
    window: Window,
    /// What everyone holds; that alone may rise and fall.
    everyone: Vec<Terrace>,
    /// By index of the group; none where it is not level.
    groups: Vec<Option<Level>>,
}

/// What one list grants all over the window, before and after.
#[derive(Clone, Copy, Debug, Default)]
struct Level {
    before: u32,
    after: u32,
}

/// A part of the window where everyone's list is level.
#[derive(Clone, Copy, Debug)]
struct Terrace {
    level: Level,
    folders: u32,
}

impl Levels {
    /// The levels in the window of all changes; none when working them out doesn't pay. O(groups · log k).
    pub(crate) fn of(comparison: &Comparison, window: Window, sweep: &mut Sweep) -> Option<Self> {
        let people = &comparison.new.people;
        if comparison.affected.len() * GROUPS_PER_ACCOUNT < u64::from(people.group_rows()) {
            return None;
        }
        let everyone = terraces(comparison, window, sweep)?;
        let groups =
            (0..people.group_rows()).map(|group| level(comparison, window, Holder::group(group)));
        Some(Self { window, everyone, groups: groups.collect() })
    }

    /// Tells the outcome for an account that is not touched itself; none when one of its lists isn't level.
    /// O(groups + terraces).
    pub(crate) fn outcome(
        &self,
        comparison: &Comparison,
        account: u32,
        outcomes: &mut Outcomes,
    ) -> Option<()> {
        let people = &comparison.new.people;
        let kind = people.kind(account).filter(|&kind| kind != Kind::Administrator);
        let Some(kind) = kind else { return Some(()) };
        let row = people.account(account);
        let mut all = level(comparison, self.window, Holder::account(account))?;
        for &group in &*row.groups {
            let level = self.groups[group as usize]?;
            all = Level { before: all.before | level.before, after: all.after | level.after };
        }
        let excluded = row.holdings().excluded.level(self.window.from.0, self.window.to.0)?;
        let held = |rights: u32| kind.cap(Rights::from_bits_truncate(rights & !excluded)).bits();
        let mut counts = [0; Changed::BITS];
        for Terrace { level, folders } in &self.everyone {
            let before = held(level.before | all.before);
            let changed = Changed::between(before, held(level.after | all.after));
            changed.bits().for_each(|bit| counts[bit] += folders);
        }
        outcomes.push(account, Outcome::ALONE, counts.into_iter().enumerate());
        Some(())
    }
}

fn level(comparison: &Comparison, window: Window, holder: Holder) -> Option<Level> {
    let level = |list: &List| list.level(window.from.0, window.to.0);
    let after = level(&comparison.new.people.holdings(holder).granted)?;
    let before = comparison.list_before(holder).map_or(Some(after), level)?;
    Some(Level { before, after })
}

fn terraces(comparison: &Comparison, window: Window, sweep: &mut Sweep) -> Option<Vec<Terrace>> {
    let (from, to) = (window.from, window.to);
    let after = &comparison.new.people.holdings(Holder::EVERYONE).granted;
    sweep.clear();
    match comparison.list_before(Holder::EVERYONE) {
        None => sweep.add(Lane::Both, false, after, from.0, to.0),
        Some(before) => {
            sweep.add(Lane::Old, false, before, from.0, to.0);
            sweep.add(Lane::New, false, after, from.0, to.0);
        }
    }
    if sweep.turns() >= TERRACES {
        return None;
    }
    let rank = |label, edge| comparison.rank(edge, label);
    let tallies = sweep.tallies();
    let mut level = Level { before: tallies.before(), after: tallies.after() };
    let (mut terraces, mut start) = (Vec::new(), rank(from.0, from.1));
    sweep.run(|label, edge, tallies| {
        let end = rank(label, edge);
        terraces.push(Terrace { level, folders: end - start });
        level = Level { before: tallies.before(), after: tallies.after() };
        start = end;
    });
    terraces.push(Terrace { level, folders: rank(to.0, to.1) - start });
    Some(terraces)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use crate::{AccountId, Change, Coverage, Engine, FolderId, Kind, Principal, Right, Rights};

    /// Two groups of two accounts are granted something on a folder; another moves below it, on which one of the
    /// accounts is excluded from half of it.
    #[test]
    fn what_an_account_is_excluded_from_does_not_change_by_a_move() {
        let id = |number: u128| Uuid::from_u128(number);
        let (target, moving): (FolderId, FolderId) = (id(1).into(), id(2).into());
        let (free, excluded): (AccountId, AccountId) = (id(3).into(), id(4).into());
        let (view, edit) = (Rights::from(Right::View), Rights::from(Right::Classify));
        let mut changes: Vec<Change> =
            [target, moving].map(|folder| Change::Insert { folder, parent: None }).into();
        for account in [free, excluded] {
            changes.push(Change::AddAccount { account, kind: Kind::Full });
        }
        for (number, rights) in [(5, view), (6, edit)] {
            let (group, coverage) = (id(number).into(), Coverage::Recursive);
            let (grant, principal) = (id(number + 2).into(), Principal::Group(group));
            changes.push(Change::AddGroup { group });
            changes.extend([free, excluded].map(|account| Change::Join { group, account }));
            changes.push(Change::Grant { grant, principal, folder: target, rights, coverage });
        }
        let (exclusion, coverage) = (id(9).into(), Coverage::Recursive);
        let (account, folder) = (excluded, moving);
        changes.push(Change::Exclude { exclusion, account, folder, rights: view, coverage });
        let engine = Engine::default();
        let mut before = engine.prepare(&changes).unwrap();
        before.finish();
        engine.publish(&before).unwrap();

        let change = Change::Move { folder: moving, parent: Some(target) };
        let mut recalculation = engine.prepare(&[change]).unwrap();
        recalculation.finish();
        let gained =
            |account| -> Vec<_> { recalculation.difference(account).unwrap().gained().collect() };
        assert_eq!(gained(free), [(Right::View, 1), (Right::Classify, 1)]);
        assert_eq!(gained(excluded), [(Right::Classify, 1)]);
    }
}
