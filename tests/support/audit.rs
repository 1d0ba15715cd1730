//! What must hold in the files of an installation, however its server ended.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::Arc,
    time::Duration,
};

use events::{
    Event, Position, Recorded, RequestId, Stream, Version, account,
    keyring::decode_page,
    membership, organisation,
    store::{
        ClaimKind, EventStore,
        sqlite::{Options, Sqlite},
    },
    value::{EmailAddress, Username},
    vault::{MasterKey, Vault},
};
use projections::Views;
use tempfile::TempDir;
use uuid::Uuid;

use super::rows;

/// How long the read models may take to catch up on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// What clients were told is done: something that stands in exactly one event, and the position that was answered.
pub(crate) type Acknowledged = BTreeMap<Mark, u64>;

/// A text that is in one event of the log and in no other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mark {
    /// The name of an organisation.
    Organisation(String),
    /// The username of an account.
    Username(String),
    /// An alias of a mailbox.
    Alias(String),
    /// The reason of a deactivation.
    Reason(String),
}

/// What the files of an installation hold.
pub(crate) struct Contents {
    /// How many events.
    pub(crate) events: u64,
    /// Where every mark stands.
    pub(crate) marks: BTreeMap<Mark, Position>,
}

/// Checks log, vault and read models of an installation that is at rest.
pub(crate) async fn audit(data: &Path, acknowledged: &Acknowledged) -> Contents {
    let key = std::fs::read_to_string(data.join("master.key")).expect("there is a master key");
    let vault = Vault::open(&data.join("vault.db"), MasterKey::new(unhex(key.trim()))).await;
    let vault = Arc::new(vault.expect("the vault opens"));
    let log = Sqlite::open(&data.join("log.db"), Options::default()).await;
    let log = Arc::new(log.expect("the log opens"));
    let store: Arc<dyn EventStore> = log.clone();

    let events = whole(&*store, &vault).await;
    assert_in_order(&events);
    assert_whole_requests(&events);
    let marks = assert_nothing_lost(&events, acknowledged);
    assert_claims(&events, &*store, &vault).await;

    let head = store.head();
    assert_eq!(head.0, events.len() as u64);
    let rebuilt = TempDir::new().expect("a directory can be made");
    let live = data.join("views");
    for folder in [&*live, rebuilt.path()] {
        let views = Views::open(folder, store.clone(), vault.clone()).await;
        let views = views.expect("the read models open");
        views.all_caught_up(head, PATIENCE).await.expect("the read models catch up");
        views.close().await;
    }
    rows::assert_equal(&live, rebuilt.path()).await;
    log.close().await;
    vault.close().await;
    Contents { events: head.0, marks }
}

/// The whole log, decoded and opened.
async fn whole(store: &dyn EventStore, vault: &Vault) -> Vec<Recorded<Event>> {
    let mut events: Vec<Recorded<Event>> = Vec::new();
    loop {
        let after = events.last().map_or(Position::START, |event| event.position);
        let page = store.read_all(after, 1000).await.expect("the log can be read");
        if page.is_empty() {
            return events;
        }
        let page: Vec<_> = page.into_iter().map(Arc::new).collect();
        events.extend(decode_page(vault, &page).await.expect("every event can be opened"));
    }
}

/// Positions and versions count without gaps or duplicates, and no identity comes twice.
fn assert_in_order(events: &[Recorded<Event>]) {
    let mut versions: BTreeMap<Stream, Version> = BTreeMap::new();
    let mut ids = BTreeSet::new();
    for (position, event) in (1..).zip(events) {
        assert_eq!(event.position, Position(position), "a gap or a duplicate in the log");
        let version = versions.entry(event.stream).or_default();
        version.0 += 1;
        assert_eq!(event.version, *version, "a gap or a duplicate in {}", event.stream);
        assert!(ids.insert(event.id), "{} is there twice", event.id);
    }
}

/// The events of one request stand together, and none of those that belong together is missing.
fn assert_whole_requests(events: &[Recorded<Event>]) {
    let mut requests: BTreeSet<RequestId> = BTreeSet::new();
    for request in events.chunk_by(|a, b| a.cause.request == b.cause.request) {
        let id = request[0].cause.request;
        assert!(requests.insert(id), "the events of request {id} don't stand together");
        if request[0].cause.action != "accountCreate" {
            continue;
        }
        let of = |wanted: fn(&Event) -> bool| request.iter().any(|event| wanted(&event.event));
        let whole = of(|event| matches!(event, Event::Account(account::Event::Created { .. })))
            && of(|event| matches!(event, Event::Account(account::Event::Joined { .. })))
            && of(|event| {
                matches!(event, Event::Organisation(organisation::Event::MemberJoined { .. }))
            });
        assert!(whole, "request {id} is half there: {request:?}");
    }
}

/// Everything that a client was told is done stands in the log, once, no later than was answered.
fn assert_nothing_lost(
    events: &[Recorded<Event>],
    acknowledged: &Acknowledged,
) -> BTreeMap<Mark, Position> {
    let mut marks = BTreeMap::new();
    for event in events {
        if let Some(mark) = mark(&event.event) {
            let twice = marks.insert(mark, event.position);
            assert!(twice.is_none(), "done twice: {event:?}");
        }
    }
    for (mark, answered) in acknowledged {
        let Some(found) = marks.get(mark) else {
            panic!("{mark:?} was acknowledged at {answered} and lost")
        };
        assert!(found.0 <= *answered, "{mark:?} stands at {found}, answered was {answered}");
    }
    marks
}

fn mark(event: &Event) -> Option<Mark> {
    Some(match event {
        Event::Organisation(organisation::Event::Created { name, .. }) => {
            Mark::Organisation(name.as_str().to_owned())
        }
        Event::Account(account::Event::Created { username, .. }) => {
            Mark::Username(username.value()?.as_str().to_owned())
        }
        Event::Membership(membership::Event::AliasAdded { address }) => {
            Mark::Alias(address.value()?.as_str().to_owned())
        }
        Event::Organisation(organisation::Event::MemberDeactivated { reason, .. }) => {
            Mark::Reason(reason.as_ref()?.value()?.as_str().to_owned())
        }
        _ => return None,
    })
}

/// Every name belongs to whom the log says, and to nobody else.
async fn assert_claims(events: &[Recorded<Event>], store: &dyn EventStore, vault: &Vault) {
    for event in events {
        let claim = match &event.event {
            Event::Account(account::Event::Created { username, .. }) => {
                username.value().map(Username::skeleton).map(|name| (ClaimKind::Username, name))
            }
            Event::Membership(membership::Event::AliasAdded { address }) => {
                address.value().map(EmailAddress::key).map(|name| (ClaimKind::Address, name))
            }
            _ => None,
        };
        let Some((kind, name)) = claim else { continue };
        let owner = store.owner_of(vault.pepper().claim(kind, &name)).await;
        let owner = owner.expect("the log can be read");
        assert_eq!(owner, owner_by(event.stream), "{name} is claimed by somebody else");
    }
}

/// Who holds the names that events of this stream take.
fn owner_by(stream: Stream) -> Option<Uuid> {
    match stream {
        Stream::Account(account) | Stream::Membership(_, account) => Some(account.uuid()),
        Stream::Installation
        | Stream::Organisation(_)
        | Stream::Session(_)
        | Stream::ServiceKey(_)
        | Stream::Mail(_)
        | Stream::Factors(_) => None,
    }
}

fn unhex(text: &str) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (byte, index) in bytes.iter_mut().zip((0..).step_by(2)) {
        *byte = u8::from_str_radix(&text[index..index + 2], 16).expect("the key is hexadecimal");
    }
    bytes
}
