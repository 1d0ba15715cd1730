//! An organisation of a given size, made up the same way every time.

pub(crate) mod naive;
pub(crate) mod world;

use std::collections::HashMap;

use rights::{
    AccountId, Coverage, Description, ExclusionId, FolderId, GrantId, GroupId, KeptExclusion,
    KeptGrant, Kind, Principal, Rights,
};
use uuid::Uuid;

/// How large.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    pub(crate) accounts: u32,
    pub(crate) groups: u32,
    pub(crate) folders: u32,
    pub(crate) depth: u32,
    pub(crate) grants: u32,
    pub(crate) exclusions: u32,
    /// Whether 60 % of the grants sit on the 100 largest folders.
    pub(crate) crowded: bool,
}

impl Size {
    /// A tenth of S.
    pub(crate) const TENTH: Self = Self {
        accounts: 1_000,
        groups: 50,
        folders: 10_000,
        depth: 12,
        grants: 500,
        exclusions: 100,
        crowded: false,
    };
    pub(crate) const S: Self = Self {
        accounts: 10_000,
        groups: 500,
        folders: 100_000,
        depth: 15,
        grants: 5_000,
        exclusions: 1_000,
        crowded: false,
    };
    pub(crate) const L: Self = Self {
        accounts: 100_000,
        groups: 10_000,
        folders: 1_000_000,
        depth: 30,
        grants: 50_000,
        exclusions: 10_000,
        crowded: false,
    };
    pub(crate) const L_CROWDED: Self = Self { crowded: true, ..Self::L };
}

/// Numbers that look random and are the same every time (splitmix64).
#[derive(Clone, Debug)]
pub(crate) struct Dice(pub u64);

impl Dice {
    pub(crate) fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
    /// Below `limit`.
    pub(crate) fn below(&mut self, limit: u32) -> u32 {
        u32::try_from(self.roll() % u64::from(limit.max(1))).unwrap_or(0)
    }
    pub(crate) fn rights(&mut self) -> Rights {
        // The first grants view and download, as most do.
        let bits = self.below(1 << 20) & self.below(1 << 20);
        Rights::from_bits_truncate(bits) | Rights::OF_READERS
    }
    pub(crate) fn coverage(&mut self) -> Coverage {
        match self.below(10) {
            0 => Coverage::Folder,
            1 => Coverage::Subfolders,
            _ => Coverage::Recursive,
        }
    }
}

fn uuid(space: u64, number: u32) -> Uuid {
    // Spread as UUIDs of version 7 are: time in front, chance behind.
    let mut dice = Dice(space << 32 | u64::from(number));
    Uuid::from_u64_pair((1_700_000_000_000 + u64::from(number)) << 16 | space, dice.roll())
}
pub(crate) fn account(number: u32) -> AccountId {
    uuid(1, number).into()
}
pub(crate) fn group(number: u32) -> GroupId {
    uuid(2, number).into()
}
pub(crate) fn folder(number: u32) -> FolderId {
    uuid(3, number).into()
}
pub(crate) fn grant(number: u32) -> GrantId {
    uuid(4, number).into()
}
pub(crate) fn exclusion(number: u32) -> ExclusionId {
    uuid(5, number).into()
}

/// The organisation, with the size of what is below each folder.
pub(crate) struct Organisation {
    pub(crate) size: Size,
    pub(crate) description: Description,
    /// For each folder, how many there are with it and below it.
    pub(crate) weights: Vec<u32>,
}

impl Organisation {
    /// Two trees, with a bias towards deep paths; accounts in up to 20 groups; grants to groups (78 %), accounts
    /// (20 %) and All users (2 %).
    pub(crate) fn new(size: Size) -> Self {
        let mut dice = Dice(42);
        // Each folder goes below one that was made lately, or below any; then all are put in preorder.
        let (mut parents, mut depths) = (vec![None, None], vec![0, 0]);
        for number in 2..size.folders {
            let parent = loop {
                let recent = number - 1 - dice.below(number.min(50));
                let parent = if dice.below(3) == 0 { recent } else { dice.below(number) };
                if depths[parent as usize] < size.depth - 1 {
                    break parent;
                }
            };
            parents.push(Some(parent));
            depths.push(depths[parent as usize] + 1);
        }
        let mut children: HashMap<Option<u32>, Vec<u32>> = HashMap::new();
        for (number, &parent) in (0..).zip(&parents) {
            children.entry(parent).or_default().push(number);
        }
        let mut folders = Vec::with_capacity(parents.len());
        let mut open = children[&None].clone();
        while let Some(number) = open.pop() {
            let parent = parents[number as usize];
            folders.push((folder(number), parent.map(folder)));
            open.extend(children.get(&Some(number)).into_iter().flatten());
        }
        let mut weights = vec![1u32; parents.len()];
        for (number, parent) in parents.iter().enumerate().rev() {
            if let Some(parent) = parent {
                weights[*parent as usize] += weights[number];
            }
        }
        let mut largest: Vec<u32> = (0..size.folders).collect();
        largest.sort_by_key(|&number| std::cmp::Reverse(weights[number as usize]));
        largest.truncate(100);

        let accounts = (0..size.accounts).map(|number| {
            let kind = match number % 100 {
                99 => Kind::Administrator,
                90..=98 => Kind::Reader,
                _ => Kind::Full,
            };
            (account(number), kind)
        });
        let mut members = vec![Vec::new(); size.groups as usize];
        for number in 0..size.accounts {
            let mut joined: Vec<u32> =
                (0..dice.below(20)).map(|_| dice.below(size.groups)).collect();
            joined.sort_unstable();
            joined.dedup();
            for group in joined {
                members[group as usize].push(account(number));
            }
        }
        // Group 0 has 200 members who are otherwise spread evenly: the one that is granted something.
        members[0] = (0..200).map(|n| account(n * (size.accounts / 200))).collect();
        let grants = (0..size.grants).map(|number| KeptGrant {
            grant: grant(number),
            principal: match dice.below(50) {
                0 => Principal::Everyone,
                1..=10 => Principal::Account(account(dice.below(size.accounts))),
                _ => Principal::Group(group(dice.below(size.groups))),
            },
            folder: folder(if size.crowded && dice.below(10) < 6 {
                largest[dice.below(100) as usize]
            } else {
                dice.below(size.folders)
            }),
            rights: dice.rights(),
            coverage: dice.coverage(),
        });
        let grants = grants.collect();
        let exclusions = (0..size.exclusions).map(|number| KeptExclusion {
            exclusion: exclusion(number),
            account: account(dice.below(size.accounts)),
            folder: folder(dice.below(size.folders)),
            rights: dice.rights(),
            coverage: dice.coverage(),
        });
        let description = Description {
            folders,
            accounts: accounts.collect(),
            groups: (0..).zip(members).map(|(number, members)| (group(number), members)).collect(),
            grants,
            exclusions: exclusions.collect(),
        };
        Self { size, description, weights }
    }

    /// The folder, of a tree's inside, with the number of folders nearest to `wanted`.
    pub(crate) fn folder_of_weight(&self, wanted: u32) -> u32 {
        let inside =
            (2..self.size.folders).min_by_key(|&n| self.weights[n as usize].abs_diff(wanted));
        inside.unwrap_or(0)
    }
}
