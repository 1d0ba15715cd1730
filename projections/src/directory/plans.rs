//! Tests: no statement of the directory looks at a whole table, and pages come in the order of an index.

use chrono::{DateTime, Utc};
use events::{AccountId, OrganisationId, value::ServiceKind};
use uuid::Uuid;

use super::{
    AccountFilter, AccountOrder, AccountSort, AccountStatus, Comparator, MemberType, MomentField,
    Projector, Since, TextField, condition, list, rows, scope::Scope, small, statements,
};
use crate::{
    Direction,
    page::{Place, SortValue},
    plan::File,
    projection::Projection,
};

const EXAMPLE: DateTime<Utc> =
    DateTime::from_timestamp_secs(1_800_000_000).expect("there is such a moment");

const ORDERS: [AccountSort; 12] = [
    AccountSort::DisplayName,
    AccountSort::Username,
    AccountSort::FirstName,
    AccountSort::LastName,
    AccountSort::Email,
    AccountSort::Position,
    AccountSort::Location,
    AccountSort::Type,
    AccountSort::Status,
    AccountSort::CreatedAt,
    AccountSort::ActivationSentAt,
    AccountSort::ActivatedAt,
];

fn scopes() -> [Scope; 4] {
    let organisation = Some(OrganisationId::new(Uuid::from_u128(1)));
    let account = Some(AccountId::new(Uuid::from_u128(2)));
    [
        Scope { organisation: None, account: None },
        Scope { organisation, account: None },
        Scope { organisation: None, account },
        Scope { organisation, account },
    ]
}

fn filters() -> Vec<AccountFilter> {
    let text = |comparator| AccountFilter::Text(TextField::LastName, comparator);
    vec![
        AccountFilter::ALL,
        text(Comparator::Equals("a".into())),
        text(Comparator::In(vec!["a".into()])),
        text(Comparator::StartsWith("a".into())),
        text(Comparator::Contains("abc".into())),
        text(Comparator::EndsWith("abc".into())),
        AccountFilter::Or(vec![
            text(Comparator::Contains("abc".into())),
            text(Comparator::Equals("a".into())),
        ]),
        AccountFilter::Service(ServiceKind::parse("crm").unwrap()),
        AccountFilter::Status(vec![AccountStatus::Locked]),
        AccountFilter::Type(vec![MemberType::Owner]),
        AccountFilter::Locked(true),
        AccountFilter::Moment(MomentField::ActivatedAt, Since::At(EXAMPLE)),
        AccountFilter::Moment(MomentField::ActivationSentAt, Since::Before(EXAMPLE)),
        AccountFilter::Moment(MomentField::ActivationSentAt, Since::Ever(true)),
        AccountFilter::Moment(MomentField::ActivatedAt, Since::Ever(false)),
        AccountFilter::Administrator(true),
        AccountFilter::Organisation(OrganisationId::new(Uuid::from_u128(3))),
    ]
}

#[tokio::test]
async fn every_page_walks_the_index_of_its_order_or_sorts_the_few_that_were_found() {
    let file = File::new(&Projector::LAYOUT).await;
    for by in ORDERS {
        for direction in [Direction::Ascending, Direction::Descending] {
            let order = AccountOrder { by, direction };
            let value = match by {
                AccountSort::Type
                | AccountSort::Status
                | AccountSort::CreatedAt
                | AccountSort::ActivationSentAt
                | AccountSort::ActivatedAt => SortValue::Number(1),
                _ => SortValue::Text("a".into()),
            };
            let place = Place { list: list::name(order), rank: 0, value: Some(value), key: 1 };
            for scope in scopes() {
                for from in [None, Some(&place)] {
                    for filter in filters() {
                        let walk =
                            list::page(scope, &filter, order, 0, from, false, 10, None).text();
                        if walk.contains("and (0)") {
                            // Nothing fits, and SQLite knows: it looks at nothing.
                        } else if scope.account.is_some() {
                            // One row needs no order.
                            file.assert_no_scan(&walk).await;
                        } else {
                            file.assert_walk(&walk).await;
                        }
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn what_can_fit_is_found_by_an_index() {
    let file = File::new(&Projector::LAYOUT).await;
    for scope in scopes() {
        for filter in filters() {
            for finder in condition::finders(&filter, scope) {
                file.assert_no_scan(&finder.text()).await;
                let page = list::page(
                    scope,
                    &filter,
                    AccountOrder::default(),
                    0,
                    None,
                    false,
                    10,
                    Some(&finder),
                );
                file.assert_no_scan(&page.text()).await;
            }
        }
    }
    assert_eq!(condition::finders(&filters()[4], scopes()[0]).len(), 1);
}

#[tokio::test]
async fn a_rare_service_is_found_by_its_key_in_the_organisation() {
    let file = File::new(&Projector::LAYOUT).await;
    let filter = AccountFilter::Service(ServiceKind::parse("crm").unwrap());
    for (scope, by) in [
        (scopes()[0], "SEARCH uses USING PRIMARY KEY (service=?)"),
        (scopes()[1], "SEARCH uses USING PRIMARY KEY (service=? AND organisation=?)"),
    ] {
        let [finder] = &condition::finders(&filter, scope)[..] else { panic!("one way") };
        let steps = file.steps(&finder.text()).await;
        assert!(steps.iter().any(|step| step == by), "{steps:?}");
        let order = AccountOrder::default();
        let page = list::page(scope, &filter, order, 0, None, false, 10, Some(finder)).text();
        let steps = file.steps(&page).await;
        assert!(steps.iter().any(|step| step == by), "{steps:?}");
        assert!(steps.iter().any(|step| step.starts_with("SEARCH l USING")), "{steps:?}");
    }
}

#[tokio::test]
async fn s18_a_search_within_an_organisation_looks_at_its_own_rows_only() {
    let file = File::new(&Projector::LAYOUT).await;
    let filter = AccountFilter::Text(TextField::LastName, Comparator::Contains("abc".into()));
    for (scope, bounds) in [(scopes()[0], ""), (scopes()[1], "><")] {
        let [finder] = &condition::finders(&filter, scope)[..] else { panic!("one way") };
        let steps = file.steps(&finder.text()).await;
        // The plan of FTS5: a match, and between which rows.
        let search = steps.iter().find(|step| step.starts_with("SCAN search")).unwrap();
        let index = search.rsplit_once("0:").unwrap().1;
        assert_eq!(index.trim_start_matches(|c| c == 'M' || char::is_ascii_digit(&c)), bounds);
    }
    assert_eq!(condition::finders(&filter, scopes()[3]).len(), 0);
}

#[tokio::test]
async fn writing_looks_up_what_it_changes() {
    let file = File::new(&Projector::LAYOUT).await;
    file.assert_no_scan(rows::FETCH).await;
    file.assert_no_scan(small::NAMES).await;
    for (statement, width) in [
        (&statements::INSERT_ACCOUNTS, 19),
        (&statements::UPDATE_ACCOUNTS, 3),
        (&statements::UPDATE_ACCOUNT_STATES, 9),
        (&statements::UPDATE_ACCOUNT_TEXTS, 8),
        (&statements::INSERT_MEMBERS, 18),
        (&statements::UPDATE_MEMBERS, 4),
        (&statements::UPDATE_MEMBER_STATES, 9),
        (&statements::UPDATE_MEMBER_TEXTS, 9),
        (&statements::INDEX_TEXTS, 8),
        (&statements::UNINDEX_TEXTS, 1),
        (&statements::INSERT_USES, 3),
        (&statements::DELETE_USES, 3),
        (&statements::UPSERT_ORGANISATIONS, 4),
        (&statements::INSERT_SERVICE_KEYS, 4),
        (&statements::REVOKE_SERVICE_KEYS, 2),
        (&statements::INSERT_SESSIONS, 4),
        (&statements::DELETE_SESSIONS, 1),
        (&statements::UPSERT_SERVICES, 2),
    ] {
        for rows in [1, 64] {
            let mut sql = String::new();
            statement.write(&mut sql, width, rows);
            file.assert_no_scan(&sql).await;
        }
    }
}
