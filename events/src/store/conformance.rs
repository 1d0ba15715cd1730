//! What every engine must keep to. An engine runs the suite with one line:
//!
//! ```ignore
//! conformance::run(|| async { Arc::new(Memory::new()) as Arc<dyn EventStore> }).await
//! ```

mod appending;
mod claims;
mod crowds;
mod following;
mod receipts;
pub(super) mod sample;

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::EventStore;

/// A log without events.
type Fresh = Arc<dyn EventStore>;

/// A rule, and how it is tried.
type Rule = (&'static str, fn(Fresh) -> BoxFuture<'static, ()>);

const RULES: &[Rule] = &[
    ("an empty log has nothing", |log| Box::pin(appending::an_empty_log_has_nothing(log))),
    ("what was appended is read back", |log| {
        Box::pin(appending::what_was_appended_is_read_back(log))
    }),
    ("beginnings are those of the streams", |log| Box::pin(appending::beginnings(log))),
    ("pages are bounded", |log| Box::pin(appending::pages_are_bounded(log))),
    ("another version is refused", |log| Box::pin(appending::another_version_is_refused(log))),
    ("an empty write guards a version", |log| Box::pin(appending::an_empty_write_guards(log))),
    ("a batch is all or nothing", |log| Box::pin(appending::a_batch_is_all_or_nothing(log))),
    ("a dropped caller leaves nothing half", |log| Box::pin(appending::a_dropped_caller(log))),
    ("a claim has one owner", |log| Box::pin(claims::a_claim_has_one_owner(log))),
    ("claims change in order", |log| Box::pin(claims::claims_change_in_order(log))),
    ("the first is decided first", |log| Box::pin(claims::the_first_is_decided_first(log))),
    ("a receipt replays", |log| Box::pin(receipts::a_receipt_replays(log))),
    ("a receipt of nothing replays", |log| Box::pin(receipts::a_receipt_of_nothing_replays(log))),
    ("equal requests at once happen once", |log| Box::pin(receipts::equal_requests_at_once(log))),
    ("64 writers make one order", |log| Box::pin(crowds::one_order(log))),
    ("a refusal leaves the others alone", |log| Box::pin(crowds::a_refusal_leaves_the_others(log))),
    ("each name is won once", |log| Box::pin(crowds::each_name_is_won_once(log))),
    ("each version is won once", |log| Box::pin(crowds::each_version_is_won_once(log))),
    ("replay meets live", |log| Box::pin(following::replay_meets_live(log))),
    ("a dropped wait loses nothing", |log| Box::pin(following::a_dropped_wait_loses_nothing(log))),
    ("a slow follower holds up nobody", |log| Box::pin(following::a_slow_follower(log))),
];

/// Tries all rules, each on a log of its own.
pub(super) async fn run<F>(fresh: impl Fn() -> F)
where
    F: Future<Output = Fresh>,
{
    for (rule, hold) in RULES {
        // Shown where the rule is broken.
        println!("rule: {rule}");
        hold(fresh().await).await;
    }
}
