//! Who can reach what: the folder rights of one organisation, in memory, without I/O.
//!
//! A grant gives a principal (an account, a group, or "All users") some of twenty rights on a folder, on
//! what is below it, or on both. An exclusion takes rights from one account, whoever granted them. So
//!
//! ```text
//! rights(A, F) =   ( OR of the grants to A, to A's groups and to All users that cover F )
//!              and not ( OR of the exclusions of A that cover F )
//! ```
//!
//! and then an administrator holds everything, and a reader at most view and download.
//!
//! Accounts × folders is never written down. It would be 400 GB for 100,000 accounts and a million folders,
//! while what was *said* is 60,000 lines. Everything is answered from two sparse views of what was said.
//!
//! # The access chain: what holds here?
//!
//! Few folders say anything. Those that do have a *node*; each folder knows its *zone*, the nearest node at or
//! above it, and each node the next one above.
//!
//! ```text
//!    archive ●─────────── node 1: All users may view what is below
//!      ├─ finance ●────── node 2: group Finance may everything;  without Eve
//!      │    ├─ 2025  ·    zone 2
//!      │    └─ 2026  ·    zone 2      check(Eve, 2026): node 2, then node 1, done
//!      │         └─ Q1 ·  zone 2      however deep the folder lies
//!      └─ offers     ·    zone 1
//! ```
//!
//! A check walks up the nodes; so do *explain* and *who*. A new folder takes over its parent's zone. See
//! [`Snapshot::check`], [`Snapshot::explain`], [`Snapshot::who`].
//!
//! # The interval lists: where does this hold?
//!
//! An Euler tour labels each folder where it enters and where it leaves; what a grant covers is one interval of
//! labels. All grants of a principal together are a step function, kept as a sorted list of marks:
//!
//! ```text
//!    labels     0    8   12   16 20  24   32   40   48    56   64
//!               archive ─────────────────────────────────────────┐
//!                    finance ──────────────────────────────┐     │
//!                        2025 ────┐    2026 ──────────┐    │     │
//!    All users  ·v────────────────────────────────────────────── 0
//!    Finance         all────────────────────────────────── 0
//!    without Eve     all────────────────────────────────── 0
//! ```
//!
//! A merge of an account's lists is everything it can reach ([`Snapshot::reach`]); a comparison of two is what
//! changes ([`Recalculation`]); a binary search in each is a check, where the chain is long.
//! Labels have gaps, so that folders come and move without touching others. Nothing that is kept holds a
//! label: it holds an [`Edge`], *entering* a folder, *after the folder itself*, or *leaving* it.
//!
//! # From a change to its effect
//!
//! ```text
//!   &[Change] ──prepare──▶ Recalculation ──step, step, …──▶ finished ──publish──▶ in force
//!       │                   the state after is complete;     │                      one atomic swap
//!       │                   a step works out for some        └─dropped: it was
//!       │                   accounts what changes               a preview
//!       └──announce──▶ pending: what it takes away is gone in Engine::check at once
//!                         └──recalculate──▶ Recalculation of everything announced
//! ```
//!
//! A [`Snapshot`] never changes; the next one shares with it whatever no change touched. Readers take the one
//! in force with an atomic load and never wait.
//!
//! What a change to a principal changes is worked out once, as the *base* of all its members; for a member only
//! what deviates (because another group grants the same, or an exclusion forbids it) is subtracted. The counts
//! per right are exact, and every difference can be told folder by folder ([`Difference`]) or kept in that
//! compact form ([`KeptDifferences`]).
//!
//! # Wiring
//!
//! One [`Engine`] per organisation. At start, [`Engine::rebuild`] from a [`Description`] and the changes since.
//! Each event that touches rights becomes a [`Change`] and is announced; a reactor recalculates, steps
//! through (about 1,000 accounts at a time, reporting [`Progress`]), keeps the differences, publishes, and
//! appends the event that says so.
//!
//! ```
//! use rights::{Change, Coverage, Engine, Kind, Principal, Right, Rights};
//! use uuid::Uuid;
//!
//! let [anna, archive, grant] = [1, 2, 3].map(Uuid::from_u128);
//! let engine = Engine::default();
//! engine.announce(&[
//!     Change::AddAccount { account: anna.into(), kind: Kind::Full },
//!     Change::Insert { folder: archive.into(), parent: None },
//!     Change::Grant {
//!         grant: grant.into(),
//!         principal: Principal::Everyone,
//!         folder: archive.into(),
//!         rights: Rights::OF_READERS,
//!         coverage: Coverage::Recursive,
//!     },
//! ])?;
//!
//! let mut recalculation = engine.recalculate().expect("something is announced");
//! while !recalculation.step(1_000).is_finished() {}
//! let gained: Vec<_> = recalculation.differences().flat_map(|anna| anna.gained().collect::<Vec<_>>()).collect();
//! assert_eq!(gained, [(Right::View, 1), (Right::Download, 1)]);
//! engine.publish(&recalculation)?;
//! assert_eq!(engine.check(anna.into(), archive.into())?, Rights::OF_READERS);
//!
//! engine.announce(&[Change::Revoke { grant: grant.into() }])?;
//! assert_eq!(engine.check(anna.into(), archive.into())?, Rights::NONE, "revocations hold at once");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod engine;
mod recalculation;

mod change;
mod description;
mod id;
mod snapshot;

mod chain;
mod difference;
mod draft;
mod facts;
mod forest;
mod lists;
mod people;
mod persistent;

#[cfg(test)]
mod machine;

pub use change::{Change, Refusal, Refused};
pub use description::{Description, Invalid, KeptExclusion, KeptGrant};
pub use difference::{ChangedRun, Difference, KeptAccount, KeptBase, KeptDifferences};
pub use engine::{Engine, NotPublished};
pub use id::{
    AccountId, Coverage, Exclusion, ExclusionId, Folder, FolderId, Grant, GrantId, Group, GroupId,
    Kind, Principal, Right, Rights,
};
pub use recalculation::{Progress, Recalculation};
pub use snapshot::{Accounts, Edge, Explanation, Reach, Reader, Reason, Run, Snapshot, Via};
