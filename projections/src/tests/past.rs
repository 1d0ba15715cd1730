//! An account as it was.

use super::{
    everything::{Everything, everything},
    support::World,
    telling::all,
};
use crate::{
    Visible,
    history::{AsOf, HistoryFilter, Subject},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_is_shown_as_it_was() {
    let world = World::new().await;
    let views = world.views().await;
    let Everything { bert, firm, .. } = everything(&world).await;
    world.settle(&views).await;
    let history = views.history();
    let visible = Visible::Organisation(firm);
    let entries =
        all(&views, Visible::Everything, Subject::Account(bert), &HistoryFilter::default()).await;
    let of = |kind: &str| entries.iter().find(|entry| entry.kind == kind).unwrap();
    let renamed = of("account.profile_changed");
    for (as_of, name) in [
        (AsOf::Position(events::Position(renamed.position.0 - 1)), "Bert Jansen"),
        (AsOf::Position(renamed.position), "Bert de Bakker"),
        (AsOf::Moment(renamed.at), "Bert de Bakker"),
        (AsOf::Moment(renamed.at - chrono::TimeDelta::microseconds(1)), "Bert Jansen"),
    ] {
        let account = history.account_as_of(visible, bert, as_of).await.unwrap().unwrap();
        assert_eq!(account.display_name(), Some(name), "{as_of:?}");
    }
    let before_all = AsOf::Moment(entries[0].at - chrono::TimeDelta::hours(1));
    assert_eq!(history.account_as_of(visible, bert, before_all).await.unwrap(), None);
    let (start, locked) = (of("account.created"), of("account.locked"));
    let changes = history
        .account_difference(
            visible,
            bert,
            AsOf::Position(start.position),
            AsOf::Position(locked.position),
        )
        .await
        .unwrap();
    insta::assert_debug_snapshot!(
        "difference",
        changes
            .iter()
            .map(|change| {
                // Ids are the same in every run, but say nothing.
                let field = change.field.replace(&firm.to_string(), "FIRM");
                (field, change.before.clone(), change.after.clone())
            })
            .collect::<Vec<_>>()
    );
    // What no log reaches is after everything.
    let last = events::Position(u64::MAX);
    let now = history.account_as_of(visible, bert, AsOf::Position(last)).await.unwrap();
    assert!(now.is_some());
    assert_eq!(history.after(visible, Subject::All, last, 10).await.unwrap(), (vec![], last));
    // Now and then are one fold.
    let now =
        history.account_as_of(visible, bert, AsOf::Position(world.store.head())).await.unwrap();
    assert!(now.is_some());
    assert_eq!(views.directory().account(visible, bert).await.unwrap(), now);
    views.close().await;
}
