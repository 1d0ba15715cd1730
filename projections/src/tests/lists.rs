//! Lists against a naive model: every operator, every order, both ways, page by page.

#![expect(clippy::cast_possible_truncation, reason = "small numbers")]

use std::cmp::Ordering;

use chrono::{DateTime, Utc};
use commands::testing::{Bench, Random, Script, play};
use events::{
    AccountId, OrganisationId,
    value::{ProfileEntry, ProfileField},
};

use super::support::{World, service};
use crate::{
    Direction, Page, PageRequest, Views, Visible,
    directory::{
        Account, AccountFilter, AccountOrder, AccountSort, AccountStatus, Comparator, MemberType,
        MomentField, Since, TextField,
    },
    fold::fold,
};

const FIELDS: [TextField; 7] = [
    TextField::DisplayName,
    TextField::Username,
    TextField::FirstName,
    TextField::LastName,
    TextField::Email,
    TextField::Position,
    TextField::Location,
];

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

fn text_of(account: &Account, field: TextField) -> String {
    let entry = |field| match account.profile.get(&field) {
        Some(ProfileEntry::Text(text)) => text.as_str().to_owned(),
        Some(ProfileEntry::Email(address)) => address.as_str().to_owned(),
        _ => String::new(),
    };
    fold(&match field {
        TextField::Username => {
            account.username.as_ref().map(|name| name.as_str().to_owned()).unwrap_or_default()
        }
        TextField::DisplayName => entry(ProfileField::DisplayName),
        TextField::FirstName => entry(ProfileField::FirstName),
        TextField::LastName => entry(ProfileField::LastName),
        TextField::Email => entry(ProfileField::Email),
        TextField::Position => entry(ProfileField::Position),
        TextField::Location => entry(ProfileField::Location),
    })
}

fn moment_of(account: &Account, field: MomentField) -> Option<DateTime<Utc>> {
    match field {
        MomentField::ActivationSentAt => account.activation_sent_at,
        MomentField::ActivatedAt => account.activated_at,
    }
}

fn greatest(account: &Account) -> Option<MemberType> {
    account.memberships.iter().map(|membership| membership.member_type).max()
}

fn fits(account: &Account, filter: &AccountFilter) -> bool {
    match filter {
        AccountFilter::And(parts) => parts.iter().all(|part| fits(account, part)),
        AccountFilter::Or(parts) => parts.iter().any(|part| fits(account, part)),
        AccountFilter::Not(part) => !fits(account, part),
        AccountFilter::Text(field, comparator) => {
            let text = text_of(account, *field);
            match comparator {
                Comparator::Equals(wanted) => text == fold(wanted),
                Comparator::NotEquals(wanted) => text != fold(wanted),
                Comparator::Contains(wanted) => text.contains(&fold(wanted)),
                Comparator::NotContains(wanted) => !text.contains(&fold(wanted)),
                Comparator::StartsWith(wanted) => text.starts_with(&fold(wanted)),
                Comparator::EndsWith(wanted) => text.ends_with(&fold(wanted)),
                Comparator::In(wanted) => wanted.iter().any(|wanted| text == fold(wanted)),
            }
        }
        AccountFilter::Status(wanted) => wanted.contains(&account.status()),
        AccountFilter::Type(wanted) => greatest(account).is_some_and(|it| wanted.contains(&it)),
        AccountFilter::Service(service) => account
            .memberships
            .iter()
            .any(|each| each.services.get(service).is_some_and(|it| it.access)),
        AccountFilter::Locked(wanted) => account.locked_at.is_some() == *wanted,
        AccountFilter::Administrator(wanted) => {
            (greatest(account) >= Some(MemberType::Administrator)) == *wanted
        }
        AccountFilter::Moment(field, since) => {
            let moment = moment_of(account, *field);
            match since {
                Since::At(from) => moment.is_some_and(|moment| moment >= *from),
                Since::Before(until) => moment.is_some_and(|moment| moment < *until),
                Since::Ever(wanted) => moment.is_some() == *wanted,
            }
        }
        AccountFilter::Organisation(organisation) => account.membership(*organisation).is_some(),
    }
}

/// All accounts in the order of creation, sorted as the list should be.
fn sorted(accounts: &[Account], order: AccountOrder) -> Vec<Account> {
    let mut sorted: Vec<(usize, &Account)> = accounts.iter().enumerate().collect();
    let status = |account: &Account| match account.status() {
        AccountStatus::Active => 0,
        AccountStatus::Pending => 1,
        AccountStatus::Deactivated => 2,
        AccountStatus::Locked => 3,
        AccountStatus::Deleted => 4,
    };
    sorted.sort_by(|(place, left), (other, right)| {
        let text = |field| text_of(left, field).cmp(&text_of(right, field));
        let by = match order.by {
            AccountSort::DisplayName => text(TextField::DisplayName),
            AccountSort::Username => text(TextField::Username),
            AccountSort::FirstName => text(TextField::FirstName),
            AccountSort::LastName => text(TextField::LastName),
            AccountSort::Email => text(TextField::Email),
            AccountSort::Position => text(TextField::Position),
            AccountSort::Location => text(TextField::Location),
            AccountSort::Type => greatest(left).cmp(&greatest(right)),
            AccountSort::Status => status(left).cmp(&status(right)),
            AccountSort::CreatedAt => Ordering::Equal,
            AccountSort::ActivationSentAt => left.activation_sent_at.cmp(&right.activation_sent_at),
            AccountSort::ActivatedAt => left.activated_at.cmp(&right.activated_at),
        }
        .then(place.cmp(other));
        let by = if order.direction == Direction::Descending { by.reverse() } else { by };
        left.deleted_at.is_some().cmp(&right.deleted_at.is_some()).then(by)
    });
    sorted.into_iter().map(|(_, account)| account.clone()).collect()
}

/// A random filter over what the script makes.
fn filter(
    random: &mut Random,
    accounts: &[Account],
    organisations: &[OrganisationId],
    depth: u64,
) -> AccountFilter {
    let parts = |random: &mut Random| {
        (0..random.below(4)).map(|_| filter(random, accounts, organisations, depth - 1)).collect()
    };
    match random.below(if depth == 0 { 9 } else { 12 }) {
        9 => AccountFilter::And(parts(random)),
        10 => AccountFilter::Or(parts(random)),
        11 => AccountFilter::Not(Box::new(filter(random, accounts, organisations, depth - 1))),
        0 => AccountFilter::Status(some(
            random,
            &[
                AccountStatus::Active,
                AccountStatus::Pending,
                AccountStatus::Deactivated,
                AccountStatus::Locked,
                AccountStatus::Deleted,
            ],
        )),
        1 => AccountFilter::Type(some(
            random,
            &[MemberType::Reader, MemberType::Full, MemberType::Administrator, MemberType::Owner],
        )),
        2 => AccountFilter::Service(service(
            random.one_of(&["mail", "crm", "wiki", "people"]).unwrap(),
        )),
        3 if random.once_in(2) => AccountFilter::Locked(random.once_in(2)),
        3 => AccountFilter::Administrator(random.once_in(2)),
        4 => AccountFilter::Organisation(*random.one_of(organisations).unwrap()),
        5 => {
            let field =
                *random.one_of(&[MomentField::ActivationSentAt, MomentField::ActivatedAt]).unwrap();
            let moments: Vec<_> =
                accounts.iter().filter_map(|account| moment_of(account, field)).collect();
            let moment = random.one_of(&moments).copied();
            let since = match (random.below(3), moment) {
                (0, Some(moment)) => Since::At(moment),
                (1, Some(moment)) => Since::Before(moment),
                _ => Since::Ever(random.once_in(2)),
            };
            AccountFilter::Moment(field, since)
        }
        _ => {
            let field = *random.one_of(&FIELDS).unwrap();
            let whole = text_of(random.one_of(accounts).unwrap(), field);
            let text = part(random, &whole);
            AccountFilter::Text(
                field,
                match random.below(7) {
                    0 => Comparator::Equals(text),
                    1 => Comparator::NotEquals(text),
                    2 => Comparator::Contains(text),
                    3 => Comparator::NotContains(text),
                    4 => Comparator::StartsWith(text),
                    5 => Comparator::EndsWith(text),
                    _ => Comparator::In(vec![text, "anna 3".to_owned()]),
                },
            )
        }
    }
}

fn some<T: Copy>(random: &mut Random, all: &[T]) -> Vec<T> {
    all.iter().copied().filter(|_| random.once_in(2)).collect()
}

/// The whole text, or a part of it, in capitals, or with characters that mean something to a search.
fn part(random: &mut Random, text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let from = random.below(chars.len() as u64 + 1) as usize;
    let length = random.below(8) as usize;
    match random.below(6) {
        0 => text.to_owned(),
        1 => text.to_uppercase(),
        2 => format!("{text}\" OR *"),
        _ => chars.into_iter().skip(from).take(length).collect(),
    }
}

async fn all_pages(
    views: &Views,
    visible: Visible,
    filter: &AccountFilter,
    order: AccountOrder,
    count: u32,
    backward: bool,
) -> Vec<AccountId> {
    let mut found: Vec<AccountId> = Vec::new();
    let mut cursor = None;
    loop {
        let request = if backward {
            PageRequest::Last { count, before: cursor.take() }
        } else {
            PageRequest::First { count, after: cursor.take() }
        };
        let Page { edges, has_next, has_previous, .. } =
            views.directory().accounts(visible, filter, order, &request).await.unwrap();
        assert!(edges.len() <= count as usize);
        let ids: Vec<_> = edges.iter().map(|edge| edge.node.id).collect();
        let more = if backward { has_previous } else { has_next };
        let edge = if backward { edges.first() } else { edges.last() };
        cursor = edge.map(|edge| edge.cursor.clone());
        if backward {
            found.splice(0..0, ids);
        } else {
            found.extend(ids);
        }
        if !more {
            return found;
        }
        assert!(cursor.is_some(), "more is promised, but nothing came");
    }
}

async fn lists_agree_with_a_naive_model(seed: u64, members: u64, commands: usize, lists: u64) {
    let bench = Bench::in_memory().await;
    let world = World::over(bench.store.clone(), bench.vault.clone());
    let mut script = Script::new(seed, members).activating();
    play(&bench, &mut script, commands).await;
    let views = world.views().await;
    world.settle(&views).await;
    let organisations = script.organisations().to_vec();
    let mut random = Random::new(seed);
    for round in 0..lists {
        let visible = match round % 4 {
            0 => Visible::Everything,
            3 => Visible::Account(random.one_of(script.members()).unwrap().1),
            _ => Visible::Organisation(*random.one_of(&organisations).unwrap()),
        };
        // By id, in the order of creation, which for accounts is that of their list.
        let by_creation =
            AccountOrder { by: AccountSort::CreatedAt, direction: Direction::Ascending };
        let everybody =
            all_pages(&views, Visible::Everything, &AccountFilter::ALL, by_creation, 1_000, false)
                .await;
        let mut accounts = Vec::new();
        let mut ids = everybody;
        ids.sort_unstable();
        for id in ids {
            accounts.extend(views.directory().account(visible, id).await.unwrap());
        }
        accounts.sort_by_key(|account: &Account| account.created_at);
        if accounts.is_empty() {
            continue;
        }
        let by = ORDERS[random.below(ORDERS.len() as u64) as usize];
        let direction =
            if random.once_in(2) { Direction::Ascending } else { Direction::Descending };
        let order = AccountOrder { by, direction };
        let filter = filter(&mut random, &accounts, &organisations, 3);
        let wanted: Vec<_> = sorted(&accounts, order)
            .iter()
            .filter(|account| fits(account, &filter))
            .map(|account| account.id)
            .collect();
        let count = 1 + random.below(15) as u32;
        // Twice denied it is the same, but nothing is found ahead: the index of the order is walked.
        let denied = AccountFilter::Not(Box::new(AccountFilter::Not(Box::new(filter.clone()))));
        for (filter, backward) in [(&filter, false), (&filter, true), (&denied, false)] {
            let found = all_pages(&views, visible, filter, order, count, backward).await;
            assert_eq!(
                found, wanted,
                "seed {seed}, round {round}: {visible:?} {filter:?} {order:?}, backward: {backward}"
            );
        }
        let total = views.directory().count_accounts(visible, &filter).await.unwrap();
        assert_eq!(total, wanted.len() as u64, "seed {seed}, round {round}: {filter:?}");
    }
    views.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_agree_with_a_naive_model_on_random_filters() {
    lists_agree_with_a_naive_model(11, 80, 1_500, 150).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cursor_of_another_order_is_refused() {
    let world = World::new().await;
    let views = world.views().await;
    let firm = world.organisation("Bakkerij Zoet").await;
    world.member(firm, "Anna de Vries").await;
    world.settle(&views).await;
    let list = async |order, after| {
        let request = PageRequest::First { count: 1, after };
        views.directory().accounts(Visible::Everything, &AccountFilter::ALL, order, &request).await
    };
    let order = AccountOrder::default();
    let cursor = list(order, None).await.unwrap().edges[0].cursor.clone();
    list(order, Some(cursor.clone())).await.unwrap();
    let other = AccountOrder { by: AccountSort::Email, ..order };
    assert!(matches!(list(other, Some(cursor)).await, Err(crate::QueryError::BadCursor)));
    let garbage = "bm9uc2Vuc2U".parse().unwrap();
    assert!(matches!(list(order, Some(garbage)).await, Err(crate::QueryError::BadCursor)));
    views.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_text_to_look_for_breaks_the_search() {
    let world = World::new().await;
    let views = world.views().await;
    let firm = world.organisation("Bakkerij Zoet").await;
    world.member(firm, "An\"na").await;
    world.settle(&views).await;
    let directory = views.directory();
    for (text, finds) in [
        ("an\"n", 1),
        ("AN\"", 1),
        ("\"\"\"", 0),
        ("an\0na", 0),
        ("\0\0\0\0", 0),
        ("an\"* OR {username} : x", 0),
        ("ﬁﬁﬁ", 0),
        ("\u{301}\u{301}\u{301}", 1), // Only marks: nothing is left of it to look for.
    ] {
        let contains = Comparator::Contains(text.to_owned());
        let filter = AccountFilter::Text(TextField::DisplayName, contains);
        for visible in [Visible::Everything, Visible::Organisation(firm)] {
            let request = PageRequest::First { count: 10, after: None };
            let found = directory.accounts(visible, &filter, AccountOrder::default(), &request);
            assert_eq!(found.await.unwrap().edges.len(), finds, "{text:?}");
        }
    }
    views.close().await;
}
