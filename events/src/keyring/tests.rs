use std::sync::Arc;

use chrono::DateTime;
use uuid::Uuid;

use super::*;
use crate::{
    Actor, Origin, Position, Sealed, Version, account, codec, membership,
    sealed::PersonKey,
    store::Stored,
    value::{EmailAddress, Profile, Text, Username},
};

fn person(n: u128) -> AccountId {
    Uuid::from_u128(n).into()
}

fn event_id(n: u64) -> EventId {
    Uuid::from_u128(0xe000 + u128::from(n)).into()
}

fn created(account: AccountId) -> Event {
    let profile = Profile { display_name: Text::parse("Anna Jansen").unwrap(), entries: vec![] };
    let username = Username::parse("anna").unwrap();
    account::Event::Created {
        username: Sealed::new(account, username),
        profile: Sealed::new(account, profile),
    }
    .into()
}

fn alias(account: AccountId) -> Event {
    let address = EmailAddress::parse("anna@example.org").unwrap();
    membership::Event::AliasAdded { address: Sealed::new(account, address) }.into()
}

fn cause(request: u128, who: AccountId) -> Cause {
    let origin = Origin { address: [192, 0, 2, 7].into(), agent: Some("curl".into()) };
    Cause {
        actor: Actor::Anonymous,
        on_behalf_of: None,
        origin: Some(Sealed::new(who, origin)),
        request: Uuid::from_u128(request).into(),
        action: "accountCreate".into(),
        event: None,
    }
}

/// The events of one request, as the log gives them back; positions count on from `after`.
async fn stored(vault: &Vault, after: u64, events: &[Event], mut cause: Cause) -> Vec<Arc<Stored>> {
    let mut sealed: Vec<_> =
        (after + 1..).zip(events).map(|(n, event)| (event_id(n), event.clone())).collect();
    seal_all(vault, &mut sealed, &mut cause).await.unwrap();
    let cause: Arc<str> = serde_json::to_string(&cause).unwrap().into();
    (after + 1..)
        .zip(sealed)
        .map(|(n, (id, event))| {
            let coded = codec::encode(&event).unwrap();
            Arc::new(Stored {
                position: Position(n),
                stream: crate::Stream::Installation,
                version: Version(n),
                id,
                at: DateTime::UNIX_EPOCH,
                kind: coded.kind,
                data: coded.data.into(),
                // Another copy per row, as from a file.
                cause: String::from(&*cause).into(),
            })
        })
        .collect()
}

async fn vault_with(people: &[AccountId]) -> Vault {
    let vault = Vault::in_memory().await.unwrap();
    for person in people {
        vault.create_key(*person).await.unwrap();
    }
    vault
}

fn altered(stored: &Stored, change: impl FnOnce(&mut Stored)) -> Arc<Stored> {
    let mut stored = stored.clone();
    change(&mut stored);
    Arc::new(stored)
}

#[tokio::test]
async fn what_is_sealed_into_the_log_is_opened_out_of_it() {
    let (anna, ben) = (person(1), person(2));
    let vault = vault_with(&[anna, ben]).await;
    let events = [created(anna), account::Event::Locked.into(), alias(ben)];
    let mut page = stored(&vault, 0, &events, cause(1, anna)).await;
    page.extend(stored(&vault, 3, &[alias(anna)], cause(2, ben)).await);
    for stored in &page {
        assert!(!stored.data.contains("anna") && !stored.cause.contains("192.0.2.7"));
    }

    let read = decode_page(&vault, &page).await.unwrap();
    let open: Vec<_> = read.iter().map(|recorded| recorded.event.clone()).collect();
    assert_eq!(open[..3], events);
    assert_eq!(open[3], alias(anna));
    assert_eq!(*read[0].cause, cause(1, anna));
    assert_eq!(*read[3].cause, cause(2, ben));
    assert!(Arc::ptr_eq(&read[0].cause, &read[2].cause), "a cause is read once");
}

#[tokio::test]
async fn s35_what_was_about_an_erased_person_reads_as_erased() {
    let (anna, ben) = (person(1), person(2));
    let vault = vault_with(&[anna, ben]).await;
    let page = stored(&vault, 0, &[alias(anna), alias(ben)], cause(1, anna)).await;
    vault.destroy_key(anna).await.unwrap();

    let read = decode_page(&vault, &page).await.unwrap();
    let erased = membership::Event::AliasAdded { address: Sealed::Erased { subject: anna } };
    assert_eq!(read[0].event, erased.into());
    assert_eq!(read[1].event, alias(ben));
    assert_eq!(read[0].cause.origin, Some(Sealed::Erased { subject: anna }));

    let mut late = [(event_id(9), alias(anna))];
    let refused = seal_all(&vault, &mut late, &mut cause(2, ben)).await;
    assert!(matches!(refused, Err(KeyringError::Erased(person)) if person == anna));
}

#[tokio::test]
async fn s33_a_ciphertext_moved_elsewhere_does_not_open() {
    let (anna, ben) = (person(1), person(2));
    let vault = vault_with(&[anna, ben]).await;
    let page = stored(&vault, 0, &[alias(anna), alias(anna)], cause(1, anna)).await;
    let other_event = altered(&page[0], |stored| stored.data = Arc::clone(&page[1].data));
    let other_kind = altered(&page[0], |stored| stored.kind = "membership.alias_removed.v1".into());
    let (from, to) = (anna.to_string(), ben.to_string());
    let other_person = altered(&page[0], |s| s.data = s.data.replace(&from, &to).into());
    let other_version =
        altered(&page[0], |s| s.data = s.data.replace("\"key\":1", "\"key\":2").into());
    for moved in [other_event, other_kind, other_person, other_version] {
        let refused = decode_page(&vault, &[moved]).await.unwrap_err();
        let error = refused.error;
        let does_not_open = ReadError::Keyring(SealError::DoesNotOpen.into());
        assert_eq!(error.to_string(), does_not_open.to_string());
        assert!(!error.may_pass());
    }
    let other_request = altered(&page[0], |stored| {
        let mut cause: Cause = serde_json::from_str(&stored.cause).unwrap();
        cause.request = Uuid::from_u128(99).into();
        stored.cause = serde_json::to_string(&cause).unwrap().into();
    });
    decode_page(&vault, &[other_request]).await.unwrap_err();
    decode_page(&vault, &page).await.unwrap();
}

#[test]
fn s33_no_bit_can_be_changed_and_fields_do_not_change_places() {
    let key = PersonKey { version: 1, bytes: [5; 32].into() };
    let place = Place { id: Uuid::nil(), kind: "account.created", field: "username" };
    let mut sealed = Sealed::new(person(1), "anna".to_owned());
    sealed.seal(&key, place).unwrap();
    let Sealed::Closed { cipher, .. } = sealed.clone() else { panic!("{sealed:?}") };
    for bit in 0..cipher.len() * 8 {
        let mut cipher = cipher.clone();
        cipher[bit / 8] ^= 1 << (bit % 8);
        let mut bent = Sealed::<String>::Closed { subject: person(1), key: 1, cipher };
        assert!(bent.open(&key, place).is_err(), "bit {bit}");
    }
    let elsewhere = Place { field: "profile", ..place };
    assert!(sealed.clone().open(&key, elsewhere).is_err());
    sealed.open(&key, place).unwrap();
    assert_eq!(sealed.value().map(String::as_str), Some("anna"));
}

#[test]
fn s33_the_same_value_never_seals_to_the_same_bytes() {
    let key = PersonKey { version: 1, bytes: [5; 32].into() };
    let place = Place { id: Uuid::nil(), kind: "k", field: "f" };
    let sealed = || {
        let mut sealed = Sealed::new(person(1), 7);
        sealed.seal(&key, place).unwrap();
        sealed
    };
    assert!(sealed() != sealed());
}

#[tokio::test]
async fn a_page_stops_at_exactly_the_event_that_cannot_be_read() {
    let anna = person(1);
    let vault = vault_with(&[anna]).await;
    let good = stored(&vault, 0, &[alias(anna), created(anna), alias(anna)], cause(1, anna)).await;
    let bad: [fn(&mut Stored); 4] = [
        |stored| stored.kind = "planet.created.v1".into(),
        |stored| stored.data = "{".into(),
        |stored| stored.cause = "{}".into(),
        |stored| stored.id = event_id(77),
    ];
    for (index, change) in [(0, bad[0]), (1, bad[1]), (2, bad[2]), (1, bad[3]), (2, bad[3])] {
        let mut page = good.clone();
        page[index] = altered(&page[index], change);
        let failed = decode_page(&vault, &page).await.unwrap_err();
        assert_eq!(failed.position, good[index].position);
        let before = decode_page(&vault, &good[..index]).await.unwrap();
        assert_eq!(failed.before, before, "{}", failed.error);
    }
    assert_eq!(decode_page(&vault, &[]).await.unwrap(), []);
}

#[tokio::test]
async fn the_first_of_two_unreadable_events_counts() {
    let anna = person(1);
    let vault = vault_with(&[anna]).await;
    let mut page =
        stored(&vault, 0, &[alias(anna), alias(anna), alias(anna)], cause(1, anna)).await;
    page[1] = altered(&page[1], |stored| stored.id = event_id(77));
    page[2] = altered(&page[2], |stored| stored.kind = "planet.created.v1".into());
    let failed = decode_page(&vault, &page).await.unwrap_err();
    assert_eq!((failed.position, failed.before.len()), (Position(2), 1));
}

#[tokio::test]
async fn without_a_key_nothing_is_sealed_and_nothing_passes_for_erased() {
    let anna = person(1);
    let vault = vault_with(&[anna]).await;
    let page = stored(&vault, 0, &[alias(anna)], cause(1, anna)).await;
    let lost = Vault::in_memory().await.unwrap();
    let failed = decode_page(&lost, &page).await.unwrap_err();
    let ReadError::Keyring(KeyringError::NoKey(missing)) = failed.error else { panic!("{failed}") };
    assert_eq!(missing, anna);
    let mut events = [(event_id(1), alias(anna))];
    let refused = seal_all(&lost, &mut events, &mut cause(1, anna)).await;
    assert!(matches!(refused, Err(KeyringError::NoKey(_))));
}

#[tokio::test]
async fn a_vault_that_is_closed_is_not_the_event_s_fault() {
    let anna = person(1);
    let vault = vault_with(&[anna]).await;
    let page = stored(&vault, 0, &[alias(anna)], cause(1, anna)).await;
    let other = Vault::in_memory().await.unwrap();
    other.close().await;
    let failed = decode_page(&other, &page).await.unwrap_err();
    assert_eq!(failed.position, Position(1));
    assert!(failed.error.may_pass());
}

#[tokio::test]
async fn open_all_opens_what_was_decoded_elsewhere() {
    let anna = person(1);
    let vault = vault_with(&[anna]).await;
    let page = stored(&vault, 0, &[created(anna)], cause(1, anna)).await;
    let mut read = decode_page(&vault, &page).await.unwrap();
    read[0].event = codec::decode(&page[0].kind, &page[0].data).unwrap();
    open_all(&vault, &mut read).await.unwrap();
    assert_eq!(read[0].event, created(anna));
}

#[tokio::test]
async fn d5_a_damaged_key_stops_a_page_at_the_first_event_that_needs_it() {
    let (anna, ben) = (person(1), person(2));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("vault.db");
    let open = || Vault::open(&file, crate::vault::MasterKey::new([7; 32]));
    let vault = open().await.unwrap();
    for person in [anna, ben] {
        vault.create_key(person).await.unwrap();
    }
    let events = [alias(anna), account::Event::Locked.into(), alias(ben), alias(anna)];
    let page = stored(&vault, 0, &events, cause(1, anna)).await;
    vault.close().await;
    let pool = sqlx::SqlitePool::connect(&format!("sqlite:{}", file.display())).await.unwrap();
    sqlx::query("update person_key set wrapped = zeroblob(72) where person = ?")
        .bind(&ben.uuid().as_bytes()[..])
        .execute(&pool)
        .await
        .unwrap();
    pool.close().await;

    let vault = open().await.unwrap();
    let unreadable = decode_page(&vault, &page).await.unwrap_err();
    assert_eq!(unreadable.position, Position(3));
    assert_eq!(unreadable.before.len(), 2);
    assert!(!unreadable.error.may_pass());
}
