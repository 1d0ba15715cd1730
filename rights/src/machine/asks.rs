//! What a sequence may ask: ids from small ranges, so that they meet, and clash, all the time.

use proptest::prelude::*;
use uuid::Uuid;

use crate::{
    AccountId, Change, Coverage, ExclusionId, FolderId, GrantId, GroupId, Kind, Principal, Rights,
};

/// A batch of changes, some of them perhaps impossible.
#[derive(Clone, Debug)]
pub(super) struct Batch {
    pub(super) changes: Vec<Change>,
    /// Whether the impossible ones are left out first.
    pub(super) mended: bool,
}

/// One thing that is done with the engine.
#[derive(Clone, Debug)]
pub(super) enum Ask {
    /// Prepare and publish.
    Change(Batch),
    /// Prepare and drop.
    Preview(Batch),
    /// Announce; it waits.
    Announce(Batch),
    /// Recalculate what waits; more is announced after so many steps.
    Recalculate(usize, Batch),
}

pub(super) fn account(number: u32) -> AccountId {
    Uuid::from_u64_pair(1, u64::from(number)).into()
}
pub(super) fn group(number: u32) -> GroupId {
    Uuid::from_u64_pair(2, u64::from(number)).into()
}
pub(super) fn folder(number: u32) -> FolderId {
    Uuid::from_u64_pair(3, u64::from(number)).into()
}
fn grant(number: u32) -> GrantId {
    Uuid::from_u64_pair(4, u64::from(number)).into()
}
fn exclusion(number: u32) -> ExclusionId {
    Uuid::from_u64_pair(5, u64::from(number)).into()
}

/// Some accounts of each kind, some groups and some folders to begin with.
pub(super) fn beginning() -> Vec<Change> {
    let kinds = [Kind::Administrator, Kind::Reader, Kind::Full, Kind::Full];
    let accounts =
        (0..).zip(kinds).map(|(n, kind)| Change::AddAccount { account: account(n), kind });
    let groups = (0..2).map(|n| Change::AddGroup { group: group(n) });
    let members = [(0, 1), (0, 2), (1, 2), (1, 3)]
        .map(|(g, a)| Change::Join { group: group(g), account: account(a) });
    let depths = [0, 1, 2, 2, 1, 2, 3, 0, 1];
    let folders = (0..).zip(depths).map(|(n, depth)| (folder(n), depth)).collect();
    let tree = Change::InsertTree { parent: None, folders };
    accounts.chain(groups).chain(members).chain([tree]).collect()
}

pub(super) fn ask() -> impl Strategy<Value = Ask> {
    prop_oneof![
        5 => changes(1..7).prop_map(Ask::Change),
        2 => changes(1..7).prop_map(Ask::Preview),
        5 => changes(1..5).prop_map(Ask::Announce),
        3 => (0usize..4, changes(0..5)).prop_map(|(steps, more)| Ask::Recalculate(steps, more)),
    ]
}

fn changes(count: std::ops::Range<usize>) -> impl Strategy<Value = Batch> {
    (prop::collection::vec(change(), count), prop::bool::weighted(0.9))
        .prop_map(|(changes, mended)| Batch { changes, mended })
}

fn change() -> impl Strategy<Value = Change> {
    let accounts = || (0u32..6).prop_map(account);
    let groups = || (0u32..4).prop_map(group);
    let folders = || (0u32..14).prop_map(folder);
    let grants = || (0u32..24).prop_map(grant);
    let exclusions = || (0u32..8).prop_map(exclusion);
    let parents = || prop::option::weighted(0.9, folders());
    let rights = || {
        prop_oneof![
            Just(Rights::ALL),
            Just(Rights::OF_READERS),
            (0u32..1 << 20).prop_map(Rights::from_bits_truncate),
            (0u32..20).prop_map(|bit| Rights::from_bits_truncate(1 << bit)),
        ]
    };
    let coverage = || {
        prop_oneof![Just(Coverage::Folder), Just(Coverage::Subfolders), Just(Coverage::Recursive)]
    };
    let kinds = || prop_oneof![1 => Just(Kind::Administrator), 1 => Just(Kind::Reader), 3 => Just(Kind::Full)];
    let principals = prop_oneof![
        2 => accounts().prop_map(Principal::Account),
        3 => groups().prop_map(Principal::Group),
        1 => Just(Principal::Everyone),
    ];
    let trees = prop::collection::vec((folders(), 0u32..3), 1..4);
    prop_oneof![
        10 => (grants(), principals, folders(), rights(), coverage()).prop_map(
            |(grant, principal, folder, rights, coverage)| {
                Change::Grant { grant, principal, folder, rights, coverage }
            }
        ),
        4 => grants().prop_map(|grant| Change::Revoke { grant }),
        4 => (exclusions(), accounts(), folders(), rights(), coverage()).prop_map(
            |(exclusion, account, folder, rights, coverage)| {
                Change::Exclude { exclusion, account, folder, rights, coverage }
            }
        ),
        2 => exclusions().prop_map(|exclusion| Change::Readmit { exclusion }),
        3 => (groups(), accounts()).prop_map(|(group, account)| Change::Join { group, account }),
        3 => (groups(), accounts()).prop_map(|(group, account)| Change::Leave { group, account }),
        4 => (folders(), parents()).prop_map(|(folder, parent)| Change::Insert { folder, parent }),
        1 => (parents(), trees).prop_map(|(parent, folders)| Change::InsertTree { parent, folders }),
        6 => (folders(), parents()).prop_map(|(folder, parent)| Change::Move { folder, parent }),
        2 => folders().prop_map(|folder| Change::Remove { folder }),
        1 => (accounts(), kinds()).prop_map(|(account, kind)| Change::AddAccount { account, kind }),
        1 => accounts().prop_map(|account| Change::RemoveAccount { account }),
        2 => (accounts(), kinds()).prop_map(|(account, kind)| Change::Kind { account, kind }),
        1 => groups().prop_map(|group| Change::AddGroup { group }),
        1 => groups().prop_map(|group| Change::RemoveGroup { group }),
    ]
}
