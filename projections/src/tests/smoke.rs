//! What is appended is shown.

use events::{
    Actor, Stream, account, membership, organisation,
    value::{MemberKind, ProfileEntry, ProfileField},
};

use super::support::{World, service, text};
use crate::{
    PageRequest, Visible,
    directory::{AccountFilter, AccountOrder, Comparator, MemberType, TextField},
    history::{HistoryFilter, Subject, Value},
};

const FIRST: PageRequest = PageRequest::First { count: 10, after: None };

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_appended_is_shown() {
    let world = World::new().await;
    let views = world.views().await;
    let firm = world.organisation("Bakkerij Zoet").await;
    let anna = world.member(firm, "Anna de Vries").await;
    let bert = world.member(firm, "Bert Jansen").await;
    world
        .in_membership(
            firm,
            bert,
            membership::Event::ServiceAccessGranted { service: service("mail") },
        )
        .await;
    world
        .append(vec![(
            Stream::Organisation(firm),
            vec![organisation::Event::OwnerSet { account: anna }.into()],
        )])
        .await;
    world
        .append(vec![(
            Stream::Organisation(firm),
            vec![
                organisation::Event::MemberKindSet { account: bert, kind: MemberKind::Reader }
                    .into(),
            ],
        )])
        .await;
    let value = events::Sealed::new(bert, Some(ProfileEntry::Text(text("Bert de Bakker"))));
    world
        .append_by(
            Actor::Account { account: anna, session: events::SessionId::new(world.id()) },
            "profileChange",
            vec![(
                Stream::Account(bert),
                vec![
                    account::Event::ProfileChanged { field: ProfileField::DisplayName, value }
                        .into(),
                ],
            )],
        )
        .await;
    world.settle(&views).await;

    let directory = views.directory();
    let shown = directory.account(Visible::Everything, anna).await.unwrap().unwrap();
    assert_eq!(shown.display_name(), Some("Anna de Vries"));
    assert_eq!(shown.memberships[0].member_type, MemberType::Owner);
    let organisation =
        directory.organisation(Visible::Organisation(firm), firm).await.unwrap().unwrap();
    assert_eq!((organisation.seats_used.full, organisation.seats_used.readers), (1, 1));

    let filter = AccountFilter::Text(TextField::DisplayName, Comparator::Contains("BAKK".into()));
    for visible in [Visible::Everything, Visible::Organisation(firm)] {
        let page =
            directory.accounts(visible, &filter, AccountOrder::default(), &FIRST).await.unwrap();
        assert_eq!(page.edges.len(), 1);
        assert_eq!(page.edges[0].node.display_name(), Some("Bert de Bakker"));
        assert_eq!(directory.count_accounts(visible, &filter).await.unwrap(), 1);
        assert_eq!(directory.count_accounts(visible, &AccountFilter::ALL).await.unwrap(), 2);
    }
    let dashboard = directory
        .dashboard(
            Visible::Organisation(firm),
            firm,
            &AccountFilter::ALL,
            AccountOrder::default(),
            &FIRST,
        )
        .await
        .unwrap()
        .unwrap();
    let on: Vec<_> =
        dashboard.page.edges[1].node.services.iter().filter(|cell| cell.effective).collect();
    assert_eq!(on.len(), 1);

    let history = views.history();
    let page = history
        .page(
            Visible::Organisation(firm),
            Subject::Account(bert),
            &HistoryFilter::default(),
            &FIRST,
        )
        .await
        .unwrap();
    let last = &page.edges[0].node;
    assert_eq!(last.changes[0].before, Value::Text("Bert Jansen".into()));
    assert_eq!(last.changes[0].after, Value::Text("Bert de Bakker".into()));
    assert_eq!(
        last.sentence(events::value::Language::En),
        "Anna de Vries changed Bert de Bakker's display name from “Bert Jansen” to “Bert de Bakker”."
    );
    let live = directory.account(Visible::Everything, bert).await.unwrap();
    let folded = history
        .account_as_of(
            Visible::Everything,
            bert,
            crate::history::AsOf::Position(world.store.head()),
        )
        .await
        .unwrap();
    assert_eq!(live, folded);
    views.close().await;
}
