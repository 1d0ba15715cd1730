//! What history tells: every kind of event, in every language, before and after.

use std::{collections::BTreeSet, fmt::Write};

use events::{Actor, SessionId, value::Language};

use super::{
    everything::{Everything, everything},
    support::World,
};
use crate::{
    Name, PageRequest, Views, Visible,
    history::{Entry, HistoryFilter, Subject, Value},
};

/// All of a history, oldest first, by pages of seven.
pub(super) async fn all(
    views: &Views,
    visible: Visible,
    subject: Subject,
    filter: &HistoryFilter,
) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut before = None;
    loop {
        let request = PageRequest::Last { count: 7, before: before.take() };
        let page = views.history().page(visible, subject, filter, &request).await.unwrap();
        before = page.edges.first().map(|edge| edge.cursor.clone());
        // The last of a list that runs newest first are the oldest.
        entries.extend(page.edges.into_iter().rev().map(|edge| edge.node));
        if !page.has_previous {
            return entries;
        }
    }
}

/// Entries with their sentences and changes.
pub(super) fn tell(entries: &[Entry]) -> String {
    let mut told = String::new();
    for entry in entries {
        writeln!(told, "{} {}", entry.position, entry.kind).unwrap();
        for language in [Language::Nl, Language::De, Language::En] {
            writeln!(told, "  {}", entry.sentence(language)).unwrap();
        }
        for change in &entry.changes {
            let value = |value: &Value| match value {
                Value::Absent => "∅".to_owned(),
                Value::Text(text) => text.clone(),
                Value::Flag(flag) => flag.to_string(),
                Value::Number(number) => number.to_string(),
                Value::Account(id) => name(entry, id.uuid()),
                Value::Organisation(id) => name(entry, id.uuid()),
                Value::Erased => "[erased]".to_owned(),
            };
            writeln!(
                told,
                "    {}: {} → {}",
                change.field,
                value(&change.before),
                value(&change.after)
            )
            .unwrap();
        }
    }
    told
}

fn name(entry: &Entry, id: uuid::Uuid) -> String {
    entry.names.get(&id).map_or_else(|| "nobody".to_owned(), |name| format!("@{name}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_kind_of_event_is_told_in_every_language() {
    let world = World::new().await;
    let views = world.views().await;
    everything(&world).await;
    world.settle(&views).await;
    let entries = all(&views, Visible::Everything, Subject::All, &HistoryFilter::default()).await;
    assert_eq!(entries.len() as u64, world.store.head().0);
    let told: BTreeSet<String> = entries.iter().map(|entry| entry.kind.clone()).collect();
    let golden =
        std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../events/golden")).unwrap();
    let stored: BTreeSet<String> = golden
        .filter_map(|file| {
            file.unwrap()
                .file_name()
                .into_string()
                .unwrap()
                .strip_suffix(".json")
                .map(str::to_owned)
        })
        .filter_map(|name| Some(name.rsplit_once(".v")?.0.to_owned()))
        .collect();
    assert_eq!(told, stored, "a kind of event isn't told of");
    insta::assert_snapshot!("every_kind", tell(&entries));
    views.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_erased_is_told_of_as_erased() {
    let world = World::new().await;
    let views = world.views().await;
    let Everything { bert, firm, .. } = everything(&world).await;
    world.settle(&views).await;
    world.vault.destroy_key(bert).await.unwrap();
    // History opens what it reads; only the directory holds open names, and is rebuilt.
    let mut progress = views.rebuild(Name::Directory).unwrap();
    progress.wait_for(|progress| progress.outcome.is_some()).await.unwrap();
    let entries =
        all(&views, Visible::Everything, Subject::Account(bert), &HistoryFilter::default()).await;
    let told = tell(&entries);
    for secret in
        ["Bert", "Jansen", "bert.jansen", "Zeist", "Utrecht", "brood@", "kopie@", "op reis"]
    {
        assert!(!told.contains(secret), "{secret} is still told:\n{told}");
    }
    insta::assert_snapshot!("erased", told);
    let account =
        views.directory().account(Visible::Organisation(firm), bert).await.unwrap().unwrap();
    assert_eq!((account.username.as_ref(), account.display_name()), (None, None));
    views.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn history_is_filtered_by_kind_actor_and_moment() {
    let world = World::new().await;
    let views = world.views().await;
    let Everything { anna, bert, firm } = everything(&world).await;
    world.settle(&views).await;
    let whole = all(&views, Visible::Everything, Subject::All, &HistoryFilter::default()).await;
    let (from, until) = (whole[10].at, whole[30].at);
    let kinds = vec!["account.locked".to_owned(), "session.opened".to_owned()];
    let by_anna = Actor::Account { account: anna, session: SessionId::new(world.id()) };
    for (filter, fits) in [
        (
            HistoryFilter { kinds: kinds.clone(), ..HistoryFilter::default() },
            &(|entry: &Entry| kinds.contains(&entry.kind)) as &dyn Fn(&Entry) -> bool,
        ),
        (
            HistoryFilter { actor: Some(by_anna), ..HistoryFilter::default() },
            &|entry: &Entry| matches!(entry.actor, Actor::Account { account, .. } if account == anna),
        ),
        (
            HistoryFilter { from: Some(from), until: Some(until), ..HistoryFilter::default() },
            &|entry: &Entry| entry.at >= from && entry.at < until,
        ),
    ] {
        for subject in [Subject::All, Subject::Account(bert), Subject::Organisation(firm)] {
            let concerned =
                all(&views, Visible::Everything, subject, &HistoryFilter::default()).await;
            let wanted: Vec<_> = concerned.into_iter().filter(fits).collect();
            let found = all(&views, Visible::Everything, subject, &filter).await;
            assert_eq!(tell(&found), tell(&wanted), "{filter:?}");
            let count = views.history().count(Visible::Everything, subject, &filter).await.unwrap();
            assert_eq!(count, wanted.len() as u64);
        }
    }
    views.close().await;
}
