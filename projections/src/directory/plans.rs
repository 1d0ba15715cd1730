//! Tests: no statement of the directory looks at a whole table, and pages come in the order of an index.

use events::{AccountId, OrganisationId};
use uuid::Uuid;

use super::{
    AccountFilter, AccountOrder, AccountSort, AccountStatus, Comparator, MemberType, Projector,
    TextField, condition, list, rows, scope::Scope, statements,
};
use crate::{
    Direction,
    page::{Place, SortValue},
    plan::File,
    projection::Projection,
};

const ORDERS: [AccountSort; 10] = [
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
        AccountFilter::Status(vec![AccountStatus::Locked]),
        AccountFilter::Type(vec![MemberType::Owner]),
        AccountFilter::Locked(true),
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
                AccountSort::Type | AccountSort::Status | AccountSort::CreatedAt => {
                    SortValue::Number(1)
                }
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
async fn writing_looks_up_what_it_changes() {
    let file = File::new(&Projector::LAYOUT).await;
    for sql in [
        statements::INSERT_ACCOUNTS,
        statements::UPDATE_ACCOUNTS,
        statements::UPDATE_ACCOUNT_STATES,
        statements::UPDATE_ACCOUNT_TEXTS,
        statements::INSERT_MEMBERS,
        statements::UPDATE_MEMBERS,
        statements::UPDATE_MEMBER_STATES,
        statements::UPDATE_MEMBER_TEXTS,
        statements::INDEX_TEXTS,
        statements::UPSERT_ORGANISATIONS,
        statements::INSERT_SERVICE_KEYS,
        statements::REVOKE_SERVICE_KEYS,
        statements::INSERT_SESSIONS,
        statements::DELETE_SESSIONS,
        statements::UPSERT_SERVICES,
        rows::FETCH,
    ] {
        file.assert_no_scan(sql).await;
    }
}
