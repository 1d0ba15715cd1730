//! Readers beside a writer.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use rights::{AccountId, Change, Coverage, Engine, FolderId, GrantId, Kind, Principal, Rights};
use uuid::Uuid;

const VERSIONS: u64 = 2_000;

/// Every version grants the rights of its own number, on two folders and to All users and to the account.
/// Whoever saw parts of two versions would see two numbers.
#[test]
fn no_reader_sees_a_mixture_of_two_versions() {
    let account: AccountId = Uuid::from_u128(1).into();
    let folders: [FolderId; 2] = [Uuid::from_u128(2).into(), Uuid::from_u128(3).into()];
    let engine = Engine::default();
    let stamp = |version: u64| {
        Rights::from_bits_truncate(
            u32::try_from(version * 2_654_435_761 % (1 << 20)).unwrap_or(1) | 1,
        )
    };
    let grant_id =
        |version: u64, number: u64| -> GrantId { Uuid::from_u64_pair(version, number).into() };
    let stamped = |version: u64| {
        let revoked =
            (0..2).map(move |number| Change::Revoke { grant: grant_id(version - 1, number) });
        let principals = [Principal::Everyone, Principal::Account(account)];
        let granted =
            (0..).zip(folders).zip(principals).map(move |((number, folder), principal)| {
                Change::Grant {
                    grant: grant_id(version, number),
                    principal,
                    folder,
                    rights: stamp(version),
                    coverage: Coverage::Recursive,
                }
            });
        revoked.filter(move |_| version > 1).chain(granted).collect::<Vec<_>>()
    };
    let publish = |changes: &[Change]| {
        let mut recalculation = engine.prepare(changes).unwrap();
        recalculation.finish();
        engine.publish(&recalculation).unwrap();
    };
    let mut beginning = vec![Change::AddAccount { account, kind: Kind::Full }];
    beginning.extend(folders.map(|folder| Change::Insert { folder, parent: None }));
    beginning.extend(stamped(1));
    publish(&beginning);

    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let (mut last, mut seen) = (0, 0);
            while !done.load(Ordering::Acquire) {
                let snapshot = engine.snapshot();
                let version = snapshot.version();
                assert!(version >= last, "time runs forwards");
                seen += usize::from(version != last);
                last = version;
                for folder in folders {
                    assert_eq!(
                        snapshot.check(account, folder),
                        Ok(stamp(version)),
                        "version {version}"
                    );
                }
                let reach = snapshot.reach(account).unwrap();
                assert!(reach.folders().all(|(_, rights)| rights == stamp(version)));
            }
            seen
        });
        for version in 2..=VERSIONS {
            publish(&stamped(version));
        }
        done.store(true, Ordering::Release);
        assert!(reader.join().unwrap() > 1, "the reader saw several versions");
    });
    assert_eq!(engine.snapshot().version(), VERSIONS);
}
