//! An engine with its organisation, and the changes that are measured.

use rights::{AccountId, Change, Coverage, Engine, FolderId, Principal, Rights, Snapshot};

use super::{Dice, Organisation, Size, account, folder, grant, group, naive::Naive};

/// An organisation with everything that is asked about it.
pub(crate) struct World {
    pub(crate) organisation: Organisation,
    pub(crate) snapshot: Snapshot,
    pub(crate) naive: Naive,
    /// Pairs to be checked, drawn at random.
    pub(crate) pairs: Vec<(AccountId, FolderId)>,
}

impl World {
    pub(crate) fn new(size: Size) -> Self {
        let organisation = Organisation::new(size);
        let snapshot = Snapshot::rebuild(&organisation.description).expect("a sound description");
        let naive = Naive::new(&organisation.description);
        let mut dice = Dice(7);
        let pairs = (0..1 << 16)
            .map(|_| (account(dice.below(size.accounts)), folder(dice.below(size.folders))))
            .collect();
        Self { organisation, snapshot, naive, pairs }
    }

    /// A fresh engine on the same snapshot; O(1), since snapshots share.
    pub(crate) fn engine(&self) -> Engine {
        Engine::new(self.snapshot.clone())
    }

    /// Two rights to a group of 200 over about 5,000 folders.
    pub(crate) fn grant_to_group(&self) -> Change {
        Change::Grant {
            grant: grant(self.organisation.size.grants),
            principal: Principal::Group(group(0)),
            folder: folder(self.organisation.folder_of_weight(5_000)),
            rights: Rights::OF_READERS,
            coverage: Coverage::Recursive,
        }
    }

    /// One account into one group.
    pub(crate) fn join(&self, dice: &mut Dice) -> Change {
        let account = account(200 + dice.below(self.organisation.size.accounts - 200));
        Change::Join { group: group(0), account }
    }

    /// All rights to All users on the largest tree.
    pub(crate) fn grant_to_everyone(&self) -> Change {
        let weight = |number: u32| self.organisation.weights[number as usize];
        Change::Grant {
            grant: grant(self.organisation.size.grants),
            principal: Principal::Everyone,
            folder: folder(u32::from(weight(0) < weight(1))),
            rights: Rights::OF_READERS,
            coverage: Coverage::Recursive,
        }
    }

    /// Folders with 900 to 1,100 folders in them, each of which can move.
    pub(crate) fn movable(&self) -> Vec<u32> {
        let weights = &self.organisation.weights;
        let fits = |&number: &u32| (900..=1_100).contains(&weights[number as usize]);
        let found: Vec<u32> = (2..self.organisation.size.folders).filter(fits).collect();
        if found.is_empty() { vec![self.organisation.folder_of_weight(1_000)] } else { found }
    }

    /// One of these folders goes below a folder that isn't in it.
    pub(crate) fn shift(&self, movable: &[u32], dice: &mut Dice) -> Change {
        let number = movable[dice.below(u32::try_from(movable.len()).unwrap_or(1)) as usize];
        loop {
            let parent = folder(dice.below(self.organisation.size.folders));
            let above = std::iter::successors(Some(parent), |&folder| {
                self.snapshot.parent(folder).ok().flatten()
            });
            if above.into_iter().all(|above| above != folder(number)) {
                return Change::Move { folder: folder(number), parent: Some(parent) };
            }
        }
    }
}

/// Prepares, works out every difference, and publishes.
pub(crate) fn commit(engine: &Engine, changes: &[Change]) -> usize {
    let mut recalculation = engine.prepare(changes).expect("a possible change");
    recalculation.finish();
    engine.publish(&recalculation).expect("nobody else publishes");
    recalculation.differences().len()
}
