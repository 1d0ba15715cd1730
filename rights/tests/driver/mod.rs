//! Everything that can be asked, in any order, sensible or not.

use std::time::{Duration, Instant};

use rights::{
    Change, ChangedRun, Coverage, Description, Edge, Engine, FolderId, KeptDifferences,
    KeptExclusion, KeptGrant, Kind, Principal, Recalculation, Right, Rights, Snapshot,
};
use uuid::Uuid;

/// What a run did.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Report {
    /// Batches that were applied.
    pub(crate) applied: u64,
    /// Batches that were refused, with a reason and without effect.
    pub(crate) refused: u64,
    /// Recalculations that were published.
    pub(crate) published: u64,
    /// Recalculations that came too early or too late.
    pub(crate) unpublished: u64,
    /// Descriptions, some of them spoilt, from which a snapshot was built, and from which none could be.
    pub(crate) rebuilt: u64,
    /// Descriptions that were refused.
    pub(crate) spoilt: u64,
    /// Questions that were asked.
    pub(crate) questions: u64,
}

/// Asks at random; the same seed asks the same.
pub(crate) struct Driver {
    dice: u64,
    engine: Engine,
    waiting: Vec<Recalculation>,
    kept: KeptDifferences,
    report: Report,
}

impl Driver {
    /// A driver with an empty engine.
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            dice: seed,
            engine: Engine::default(),
            waiting: Vec::new(),
            kept: KeptDifferences::default(),
            report: Report::default(),
        }
    }

    /// Asks for so long.
    pub(crate) fn run(mut self, time: Duration) -> Report {
        let start = Instant::now();
        while start.elapsed() < time {
            for _ in 0..50 {
                self.ask();
            }
            if self.engine.snapshot().folders() > 3_000 || self.roll(2_000) == 0 {
                self.engine = Engine::default();
                self.waiting.clear();
            }
        }
        self.report
    }

    fn ask(&mut self) {
        match self.roll(14) {
            0..=2 => self.announce(),
            3..=5 => self.prepare(),
            6..=7 => self.recalculate(),
            8 => self.rebuild(),
            _ => self.question(),
        }
    }

    fn announce(&mut self) {
        let changes = self.changes();
        let before = self.engine.announced().map(|snapshot| snapshot.version());
        match self.engine.announce(&changes) {
            Ok(()) => self.report.applied += 1,
            Err(refused) => {
                assert!(refused.change < changes.len() && !refused.to_string().is_empty());
                assert_eq!(self.engine.announced().map(|snapshot| snapshot.version()), before);
                self.report.refused += 1;
            }
        }
    }

    fn prepare(&mut self) {
        let changes = self.changes();
        let before = self.engine.snapshot();
        let facts = (self.roll(20) == 0).then(|| before.description());
        match self.engine.prepare(&changes) {
            Ok(recalculation) => {
                self.report.applied += 1;
                self.work(recalculation);
            }
            Err(refused) => {
                assert!(refused.change < changes.len() && !refused.to_string().is_empty());
                self.report.refused += 1;
            }
        }
        if let Some(facts) = facts {
            assert_eq!(before.description(), facts, "a snapshot never changes");
        }
    }

    fn recalculate(&mut self) {
        if let Some(recalculation) = self.engine.recalculate() {
            self.work(recalculation);
        }
        if self.roll(3) == 0
            && let Some(stale) = self.waiting.pop()
        {
            self.work(stale);
        }
    }

    /// Works on a recalculation for a while, and publishes, drops or keeps it.
    fn work(&mut self, mut recalculation: Recalculation) {
        let steps = self.pick(40);
        recalculation.step(steps);
        if self.roll(3) > 0 {
            recalculation.finish();
        }
        if self.roll(10) == 0 {
            self.kept = recalculation.kept();
        }
        let account = self.id(1).into();
        let found =
            recalculation.difference(account).map(|difference| difference.folders().count());
        let counted = recalculation.difference(account).map(|difference| {
            difference.gained().chain(difference.lost()).map(|(_, count)| count).max().unwrap_or(0)
        });
        if let (Some(found), Some(counted)) = (found, counted) {
            assert!(found >= counted as usize);
        }
        match self.roll(8) {
            0 => drop(recalculation),
            1 if self.waiting.len() < 4 => self.waiting.push(recalculation),
            _ => match self.engine.publish(&recalculation) {
                Ok(_) => self.report.published += 1,
                Err(_) => self.report.unpublished += 1,
            },
        }
    }

    fn rebuild(&mut self) {
        let snapshot = self.engine.snapshot();
        if snapshot.folders() > 500 {
            return;
        }
        let mut description = snapshot.description();
        let spoilt = self.roll(2) == 0;
        if spoilt {
            self.spoil(&mut description);
        }
        match Snapshot::rebuild(&description) {
            Ok(rebuilt) => {
                assert!(spoilt || rebuilt.description() == description);
                self.report.rebuilt += 1;
            }
            Err(invalid) => {
                assert!(spoilt && !invalid.to_string().is_empty());
                self.report.spoilt += 1;
            }
        }
    }

    fn spoil(&mut self, description: &mut Description) {
        match self.roll(7) {
            0 => description.folders.push((self.id(3).into(), self.parent())),
            1 => description.folders.reverse(),
            2 => description.accounts.push((self.id(1).into(), self.kind())),
            3 => description
                .groups
                .push((self.id(2).into(), vec![self.id(1).into(), self.id(1).into()])),
            4 => description.grants.push(KeptGrant {
                grant: self.id(4).into(),
                principal: self.principal(),
                folder: self.id(3).into(),
                rights: self.rights(),
                coverage: self.coverage(),
            }),
            5 => description.exclusions.push(KeptExclusion {
                exclusion: self.id(5).into(),
                account: self.id(1).into(),
                folder: self.id(3).into(),
                rights: self.rights(),
                coverage: self.coverage(),
            }),
            _ => {
                let at = self.pick(description.folders.len() + 1);
                description.folders.truncate(at);
            }
        }
    }

    fn question(&mut self) {
        self.report.questions += 1;
        let (account, folder) = (self.id(1).into(), self.id(3).into());
        let right = Right::ALL[self.pick(20)];
        let snapshot = if self.roll(2) == 0 {
            self.engine.snapshot()
        } else {
            self.engine.announced().unwrap_or_default()
        };
        match self.roll(8) {
            0 => drop(self.engine.check(account, folder)),
            1 => {
                if let Ok(explanation) = snapshot.explain(account, folder) {
                    assert_eq!(snapshot.check(account, folder), Ok(explanation.rights));
                }
            }
            2 => {
                if let Ok(who) = snapshot.who(folder, Some(right)) {
                    let held = snapshot.check(account, folder).unwrap_or_default();
                    assert_eq!(who.contains(account), held.contains(right.into()));
                    assert_eq!(who.iter().count(), who.len());
                }
            }
            3 => {
                if let Ok(reach) = snapshot.reach(account) {
                    assert_eq!(reach.folders().count(), reach.len());
                }
            }
            4 => {
                let folders: Vec<FolderId> = (0..5).map(|_| self.id(3).into()).collect();
                if let Ok(reader) = snapshot.reader(account) {
                    assert_eq!(reader.rights_on_each(folders).count(), 5);
                }
            }
            5 => drop(snapshot.structure(folder)),
            6 => {
                let mut kept = self.kept.clone();
                for account in &mut kept.accounts {
                    if self.roll(4) == 0 {
                        account.base = Some(self.pick(3));
                        account.exceptions.push(ChangedRun {
                            from: self.edge(),
                            to: self.edge(),
                            gained: self.rights(),
                            lost: self.rights(),
                        });
                    }
                    drop(self.kept.runs(account, &snapshot));
                }
            }
            _ => drop(snapshot.parent(folder)),
        }
    }

    fn changes(&mut self) -> Vec<Change> {
        let count = if self.roll(30) == 0 { self.roll(60) } else { self.roll(4) };
        (0..count).map(|_| self.change()).collect()
    }

    fn change(&mut self) -> Change {
        match self.roll(20) {
            0..=2 => Change::Grant {
                grant: self.id(4).into(),
                principal: self.principal(),
                folder: self.id(3).into(),
                rights: self.rights(),
                coverage: self.coverage(),
            },
            3 => Change::Revoke { grant: self.id(4).into() },
            4 => Change::Exclude {
                exclusion: self.id(5).into(),
                account: self.id(1).into(),
                folder: self.id(3).into(),
                rights: self.rights(),
                coverage: self.coverage(),
            },
            5 => Change::Readmit { exclusion: self.id(5).into() },
            6 => Change::Join { group: self.id(2).into(), account: self.id(1).into() },
            7 => Change::Leave { group: self.id(2).into(), account: self.id(1).into() },
            8..=9 => Change::Insert { folder: self.id(3).into(), parent: self.parent() },
            10 => {
                let most = if self.roll(50) == 0 { 1_500 } else { 6 };
                let count = self.roll(most);
                let steep = 1 + self.roll(4);
                let mut depth = 0;
                let folders = (0..count).map(|_| {
                    depth = if self.roll(8) == 0 { self.roll(4) } else { self.roll(depth + steep) };
                    let id = if self.roll(6) == 0 { self.id(3) } else { self.fresh() };
                    (id.into(), u32::try_from(depth).unwrap_or(u32::MAX))
                });
                let folders = folders.collect();
                Change::InsertTree { parent: self.parent(), folders }
            }
            11..=13 => Change::Move { folder: self.id(3).into(), parent: self.parent() },
            14 => Change::Remove { folder: self.id(3).into() },
            15 => Change::AddAccount { account: self.id(1).into(), kind: self.kind() },
            16 => Change::RemoveAccount { account: self.id(1).into() },
            17 => Change::Kind { account: self.id(1).into(), kind: self.kind() },
            18 => Change::AddGroup { group: self.id(2).into() },
            _ => Change::RemoveGroup { group: self.id(2).into() },
        }
    }

    fn edge(&mut self) -> Edge {
        let folder = self.id(3).into();
        match self.roll(5) {
            0 => Edge::Start,
            1 => Edge::Enter(folder),
            2 => Edge::AfterSelf(folder),
            3 => Edge::Exit(folder),
            _ => Edge::End,
        }
    }

    fn principal(&mut self) -> Principal {
        match self.roll(3) {
            0 => Principal::Account(self.id(1).into()),
            1 => Principal::Group(self.id(2).into()),
            _ => Principal::Everyone,
        }
    }

    fn rights(&mut self) -> Rights {
        Rights::from_bits_truncate(u32::try_from(self.roll(1 << 32)).unwrap_or(0))
    }

    fn coverage(&mut self) -> Coverage {
        [Coverage::Folder, Coverage::Subfolders, Coverage::Recursive][self.pick(3)]
    }

    fn kind(&mut self) -> Kind {
        [Kind::Administrator, Kind::Full, Kind::Full, Kind::Reader][self.pick(4)]
    }

    fn parent(&mut self) -> Option<FolderId> {
        (self.roll(8) > 0).then(|| self.id(3).into())
    }

    /// An id that is likely to be known, or the nil one, or one that nobody knows.
    fn id(&mut self, space: u64) -> Uuid {
        match self.roll(40) {
            0 => Uuid::nil(),
            1 => Uuid::max(),
            2 => self.fresh(),
            _ => Uuid::from_u64_pair(space, self.roll(if space == 3 { 60 } else { 20 })),
        }
    }

    fn fresh(&mut self) -> Uuid {
        Uuid::from_u64_pair(self.roll(u64::MAX), self.roll(u64::MAX))
    }

    /// An index below `limit`.
    fn pick(&mut self, limit: usize) -> usize {
        usize::try_from(self.roll(limit as u64)).unwrap_or(0)
    }

    /// A number below `limit` (splitmix64).
    fn roll(&mut self, limit: u64) -> u64 {
        self.dice = self.dice.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.dice;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % limit.max(1)
    }
}
