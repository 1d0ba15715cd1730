//! The engine against the oracle: sequences of what can be asked, and after each step every question about
//! every account and folder. `RIGHTS_SEQUENCES` says how many; 2,000 when it says nothing.

mod asks;
mod model;

use std::collections::{BTreeMap, BTreeSet};

use asks::{Ask, Batch};
use model::Model;
use proptest::prelude::*;

use crate::{
    Change, ChangedRun, Engine, FolderId, NotPublished, Reason, Recalculation, Right, Rights,
    Snapshot, id::Holder, lists::Sweep,
};

/// The engine and what should be so.
struct Machine {
    engine: Engine,
    applied: Model,
    /// With what is announced.
    current: Model,
    pending: bool,
}

fn sequences() -> u32 {
    let asked = std::env::var("RIGHTS_SEQUENCES").ok();
    asked.and_then(|asked| asked.parse().ok()).unwrap_or(2_000)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: sequences(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_engine_answers_as_an_ancestor_walk_does(asks in prop::collection::vec(asks::ask(), 1..16)) {
        let mut machine = Machine::begin();
        for ask in &asks {
            machine.ask(ask);
            machine.compare();
        }
    }
}

impl Machine {
    fn begin() -> Self {
        let mut machine = Self {
            engine: Engine::default(),
            applied: Model::default(),
            current: Model::default(),
            pending: false,
        };
        machine.ask(&Ask::Change(Batch { changes: asks::beginning(), mended: false }));
        machine.compare();
        machine
    }

    fn ask(&mut self, ask: &Ask) {
        match ask {
            Ask::Preview(changes) => drop(self.prepare(changes)),
            Ask::Change(changes) => {
                let Some((recalculation, after)) = self.prepare(changes) else { return };
                let published = self.engine.publish(&recalculation);
                if self.pending {
                    assert_eq!(
                        published.err(),
                        Some(NotPublished::Stale),
                        "it doesn't cover what is announced"
                    );
                } else {
                    assert!(published.is_ok());
                    (self.applied, self.current) = (after.clone(), after);
                }
            }
            Ask::Announce(changes) => self.announce(changes),
            Ask::Recalculate(steps, more) => {
                let recalculation = self.engine.recalculate();
                assert_eq!(recalculation.is_some(), self.pending);
                let Some(mut recalculation) = recalculation else { return };
                let (covered, version) = (self.current.clone(), recalculation.after().version());
                recalculation.step(*steps);
                self.announce(more);
                if !recalculation.progress().is_finished() {
                    let refused = self.engine.publish(&recalculation).err();
                    assert_eq!(refused, Some(NotPublished::Unfinished));
                    while !recalculation.step(1).is_finished() {}
                }
                assert_differences(&recalculation, &self.applied, &covered);
                self.engine.publish(&recalculation).expect("nobody else publishes");
                assert_eq!(self.engine.snapshot().version(), version);
                self.applied = covered;
                self.pending = self.engine.announced().is_some();
            }
        }
    }

    fn announce(&mut self, batch: &Batch) {
        let (changes, after) = after(&self.current, batch);
        let announced = self.engine.announce(&changes);
        assert_eq!(announced.is_ok(), after.is_some(), "{announced:?}");
        if let Some(after) = after {
            self.current = after;
            self.pending = true;
        }
    }

    /// Prepares changes, and asserts that they are refused, or change exactly what they should.
    fn prepare(&self, batch: &Batch) -> Option<(Recalculation, Model)> {
        let before = self.engine.snapshot();
        let (changes, after) = after(&self.applied, batch);
        let prepared = self.engine.prepare(&changes);
        assert_eq!(prepared.is_ok(), after.is_some(), "{:?}", prepared.as_ref().err());
        assert_eq!(before.version(), self.engine.snapshot().version(), "nobody sees it yet");
        let (mut recalculation, after) = (prepared.ok()?, after?);
        recalculation.finish();
        assert_differences(&recalculation, &self.applied, &after);
        assert_snapshot(recalculation.after(), &after);
        Some((recalculation, after))
    }

    /// The engine and the models agree on everything.
    fn compare(&self) {
        assert_snapshot(&self.engine.snapshot(), &self.applied);
        assert_eq!(self.engine.announced().is_some(), self.pending);
        if let Some(current) = self.engine.announced() {
            assert_snapshot(&current, &self.current);
        }
        for &account in self.applied.accounts.keys() {
            for &folder in self.applied.folders.keys() {
                let applied = self.applied.rights(account, folder);
                let lives = self.current.accounts.contains_key(&account)
                    && self.current.folders.contains_key(&folder);
                let current = lives.then(|| self.current.rights(account, folder));
                let held = self.engine.check(account, folder).ok();
                assert_eq!(
                    held,
                    current.map(|current| applied & current),
                    "revocations hold at once"
                );
            }
        }
    }
}

/// The changes to be made, and the model after them if they are possible.
fn after(model: &Model, batch: &Batch) -> (Vec<Change>, Option<Model>) {
    let mut after = model.clone();
    if !batch.mended {
        let possible = batch.changes.iter().all(|change| after.apply(change).is_some());
        return (batch.changes.clone(), possible.then_some(after));
    }
    let possible = batch.changes.iter().filter(|change| {
        let mut next = after.clone();
        let possible = next.apply(change).is_some();
        if possible {
            after = next;
        }
        possible
    });
    (possible.cloned().collect(), Some(after))
}

/// Every query on every cell, both structures, and the structures themselves.
fn assert_snapshot(snapshot: &Snapshot, model: &Model) {
    assert_eq!(snapshot.folders(), model.folders.len());
    assert_eq!(snapshot.accounts(), model.accounts.len());
    for &account in model.accounts.keys() {
        let reader = snapshot.reader(account).unwrap();
        let reach: BTreeMap<FolderId, Rights> =
            snapshot.reach(account).unwrap().folders().collect();
        assert_eq!(
            snapshot.reach(account).unwrap().len(),
            reach.len(),
            "reach counts what it lists"
        );
        for &folder in model.folders.keys() {
            let rights = model.rights(account, folder);
            let index = snapshot.folder(folder).unwrap();
            assert_eq!(snapshot.check(account, folder), Ok(rights), "check");
            let by_chain = reader.by_chain(index).map(Rights::from_bits_truncate);
            assert!(by_chain.is_none_or(|held| reader.kind().cap(held) == rights), "by the chain");
            let by_lists = Rights::from_bits_truncate(reader.by_lists(index));
            assert_eq!(reader.kind().cap(by_lists), rights, "by the lists");
            let explanation = snapshot.explain(account, folder).unwrap();
            assert_eq!(explanation.rights, rights, "explain");
            let reasons = explanation.reasons.iter().map(|reason| match reason {
                Reason::Granted { grant, .. } => grant.uuid(),
                Reason::Excluded { exclusion, .. } => exclusion.uuid(),
            });
            assert_eq!(reasons.collect::<BTreeSet<_>>(), model.reasons(account, folder), "reasons");
            assert_eq!(reach.get(&folder).copied().unwrap_or_default(), rights, "reach");
        }
    }
    for &folder in model.folders.keys() {
        for right in [None, Some(Right::View), Some(Right::Classify)] {
            let wanted = right.map_or(Rights::ALL, Rights::from);
            let found: BTreeSet<_> = snapshot.who(folder, right).unwrap().iter().collect();
            let holds = |&&account: &&_| !(model.rights(account, folder) & wanted).is_empty();
            assert_eq!(found, model.accounts.keys().filter(holds).copied().collect(), "who");
        }
    }
    assert_structures(snapshot);
}

/// The invariants of the structures: labels, lists, and both as they are when built anew.
fn assert_structures(snapshot: &Snapshot) {
    snapshot.forest.assert_labels();
    let people = &snapshot.people;
    let accounts = people.all().iter().map(Holder::account);
    let groups = people.groups().map(|(index, _)| Holder::group(index));
    let mut anew = snapshot.clone();
    for holder in [Holder::EVERYONE].into_iter().chain(accounts).chain(groups) {
        let holdings = people.holdings(holder);
        holdings.granted.assert_canonical(&snapshot.forest);
        holdings.excluded.assert_canonical(&snapshot.forest);
        anew.refresh_lists(holder, &mut Sweep::default());
        assert_eq!(holdings.granted, anew.people.holdings(holder).granted, "incremental = rebuilt");
        assert_eq!(
            holdings.excluded,
            anew.people.holdings(holder).excluded,
            "incremental = rebuilt"
        );
    }
    let description = snapshot.description();
    let rebuilt = Snapshot::rebuild(&description).unwrap();
    assert_eq!(rebuilt.description(), description, "kept and rebuilt");
    for &(account, _) in &description.accounts {
        let [live, again] = [snapshot, &rebuilt]
            .map(|snapshot| snapshot.reach(account).unwrap().runs().collect::<Vec<_>>());
        assert_eq!(live, again, "reach, rebuilt");
    }
    for folder in rebuilt.forest.preorder() {
        let id = rebuilt.forest.id(folder);
        let live = snapshot.forest.find(id).unwrap();
        let on = |snapshot: &Snapshot, folder| -> Vec<uuid::Uuid> {
            snapshot.walk(folder).map(|stop| snapshot.forest.id(stop.node.folder)).collect()
        };
        assert_eq!(on(&rebuilt, folder), on(snapshot, live), "the access chain, rebuilt");
    }
}

/// Old and difference together are new, cell by cell, and the counts agree; kept ones say the same.
fn assert_differences(recalculation: &Recalculation, old: &Model, new: &Model) {
    let kept = recalculation.kept();
    assert_eq!(kept.accounts.len(), recalculation.differences().len());
    for &account in new.accounts.keys() {
        let mut expected: BTreeMap<FolderId, (Rights, Rights)> = BTreeMap::new();
        for &folder in new.folders.keys() {
            let was = |folder: &FolderId| {
                old.folders.contains_key(folder) && old.same(new, folder.uuid())
            };
            let before = if !(old.accounts.contains_key(&account) && old.same(new, account.uuid()))
            {
                Rights::NONE
            } else if was(&folder) {
                old.rights(account, folder)
            } else {
                old.rights_below(account, new.path(folder).find(was))
            };
            let after = new.rights(account, folder);
            if before != after {
                expected.insert(folder, (after - before, before - after));
            }
        }
        let Some(difference) = recalculation.difference(account) else {
            assert!(expected.is_empty(), "{account} changes: {expected:?}");
            continue;
        };
        assert!(recalculation.affected().contains(account));
        let found: BTreeMap<_, _> =
            difference.folders().map(|(folder, gained, lost)| (folder, (gained, lost))).collect();
        assert_eq!(found, expected, "old + difference = new for {account}");
        let count = |side: fn(&(Rights, Rights)) -> Rights| -> Vec<(Right, u32)> {
            let on = |right: Right| {
                expected.values().filter(|cell| side(cell).contains(right.into())).count()
            };
            let counts = Right::ALL.map(|right| (right, u32::try_from(on(right)).unwrap()));
            counts.into_iter().filter(|&(_, count)| count > 0).collect()
        };
        assert_eq!(difference.gained().collect::<Vec<_>>(), count(|cell| cell.0), "gained");
        assert_eq!(difference.lost().collect::<Vec<_>>(), count(|cell| cell.1), "lost");
        let kept_account = kept.accounts.iter().find(|kept| kept.account == account).unwrap();
        let runs: Vec<ChangedRun> = kept.runs(kept_account, recalculation.after()).unwrap();
        assert_eq!(cells(&runs, recalculation.after()), expected, "kept and read again");
    }
}

/// The folders of runs, one by one.
fn cells(runs: &[ChangedRun], snapshot: &Snapshot) -> BTreeMap<FolderId, (Rights, Rights)> {
    let rank = |edge: crate::Edge| {
        let edge = edge.inside(snapshot).unwrap();
        snapshot.forest.rank(edge.label(&snapshot.forest))
    };
    let cells = runs.iter().flat_map(|run| {
        let folders = snapshot.forest.folders(rank(run.from)..rank(run.to));
        folders.map(|folder| (snapshot.forest.id(folder).into(), (run.gained, run.lost)))
    });
    cells.collect()
}
