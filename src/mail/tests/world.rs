//! An organisation whose member gets mail.

use std::{net::SocketAddr, path::Path, sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use commands::{Command, Handler, MailState, Request, mail::Order};
use events::{
    AccountId, Actor, Event, MailId, OrganisationId, Recorded, Stream, Version, codec,
    id::{Clock, Ids},
    keyring,
    store::{EventStore, memory::Memory},
    value::{EmailAddress, Language, MailKind, MemberKind, Plan, Profile, Text, TlsMode, Username},
    vault::Vault,
};
use tokio::task::JoinHandle;

use super::server::Server;
use crate::{
    app::SystemIds,
    mail::{
        Addressee, Equipment, Fields, Outbox, Post,
        carriage::Way,
        carrier::{Carrier, Folder},
        delivery::Patience,
        smtp::{self, Smtp},
    },
    reactors::{self, SendMails},
    stopping::Stop,
    testing::FakeClock,
};

pub(super) struct World {
    pub(super) store: Arc<dyn EventStore>,
    pub(super) vault: Arc<Vault>,
    pub(super) handler: Arc<Handler>,
    pub(super) clock: Arc<FakeClock>,
    pub(super) ids: Arc<dyn Ids>,
    pub(super) post: Post,
    pub(super) firm: OrganisationId,
    pub(super) anna: AccountId,
    pub(super) folder: tempfile::TempDir,
}

/// An outbox that runs, with the reactor that feeds it.
pub(super) struct Running {
    pub(super) outbox: Arc<Outbox>,
    stop: Stop,
    tasks: Vec<JoinHandle<()>>,
}

impl Running {
    /// Stops, as the program does.
    pub(super) async fn stop(self) {
        self.stop.now();
        for task in self.tasks {
            task.await.unwrap();
        }
    }
}

/// Three tries, so that tests see the end.
pub(super) const PATIENCE: Patience =
    Patience { first: Duration::from_secs(5), most: Duration::from_hours(1), tries: 3 };

impl World {
    pub(super) async fn new() -> Self {
        Self::over(Arc::new(Vault::in_memory().await.unwrap())).await
    }

    pub(super) async fn over(vault: Arc<Vault>) -> Self {
        let store: Arc<dyn EventStore> = Arc::new(Memory::new());
        let (clock, ids) = (Arc::new(FakeClock::new()), Arc::new(SystemIds));
        let handler =
            Arc::new(Handler::new(store.clone(), vault.clone(), clock.clone(), ids.clone()));
        let console = Request::new(Actor::Console, ids.next().into());
        let create = Command::OrganisationCreate {
            name: Text::parse("Bakkerij Zoet").unwrap(),
            language: Language::Nl,
            plan: Plan::default(),
        };
        let firm = handler.handle(&console, create).await.unwrap().subject.unwrap().into();
        let create = Command::AccountCreate {
            organisation: firm,
            username: Username::parse("anna").unwrap(),
            profile: Profile {
                display_name: Text::parse("Anna de Vries").unwrap(),
                entries: vec![],
            },
            kind: MemberKind::Full,
            credential: None,
        };
        let anna = handler.handle(&console, create).await.unwrap().subject.unwrap().into();
        let post = Post::new(vault.clone(), ids.clone(), "https://accounts.example.org");
        let folder = tempfile::tempdir().unwrap();
        Self { store, vault, handler, clock, ids, post, firm, anna, folder }
    }

    pub(super) fn in_an_hour(&self) -> DateTime<Utc> {
        self.clock.now() + TimeDelta::hours(1)
    }

    pub(super) fn console(&self) -> Request {
        Request::new(Actor::Console, self.ids.next().into())
    }

    pub(super) async fn order(
        &self,
        kind: MailKind,
        fields: &Fields,
        expires_at: DateTime<Utc>,
    ) -> Order {
        let addressee = Addressee {
            account: self.anna,
            organisation: Some(self.firm),
            to: EmailAddress::parse("anna@zoet.example").unwrap(),
            language: Language::Nl,
        };
        self.post.order(kind, addressee, fields, expires_at).await.unwrap()
    }

    /// Queues a code.
    pub(super) async fn queue(&self, code: &str) -> MailId {
        self.queue_until(code, self.in_an_hour()).await
    }

    pub(super) async fn queue_until(&self, code: &str, expires_at: DateTime<Utc>) -> MailId {
        let fields = Fields::new().with("code", code);
        let order = self.order(MailKind::Passcode, &fields, expires_at).await;
        let mail = order.mail;
        self.handler.handle(&self.console(), Command::MailOrder { order }).await.unwrap();
        mail
    }

    pub(super) fn run(&self, way: Way, patience: Patience, at_once: usize) -> Running {
        let outbox = Arc::new(Outbox::new(Equipment {
            handler: self.handler.clone(),
            vault: self.vault.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            carriage: Arc::new(way),
            address: "https://accounts.example.org".into(),
            patience,
            at_once,
        }));
        let (stop, store) = (Stop::new(), self.store.clone());
        let (reactor, folder) = (SendMails::new(outbox.clone()), self.folder.path().to_owned());
        let (listening, stopping) = (stop.listen(), stop.listen());
        let (sending, handler) = (outbox.clone(), self.handler.clone());
        let tasks = vec![
            tokio::spawn(async move {
                reactors::run(reactor, store, handler, &folder, listening).await;
            }),
            tokio::spawn(async move { sending.run(stopping).await }),
        ];
        Running { outbox, stop, tasks }
    }

    pub(super) async fn state(&self, mail: MailId) -> MailState {
        self.handler.mail_state(mail).await.unwrap().unwrap()
    }

    /// Waits until so many events of mails of these kinds are in the log.
    pub(super) async fn until(&self, count: usize, kinds: &[&str]) {
        let mut log = self.store.subscribe(events::Position::START);
        let mut seen = 0;
        let wait = async {
            while seen < count {
                let page = log.next(256).await.unwrap();
                seen += page
                    .iter()
                    .filter(|stored| kinds.iter().any(|kind| stored.kind.starts_with(kind)))
                    .count();
            }
        };
        // A mail in a tenth of a second, with two minutes to spare.
        let most = Duration::from_millis(120_000 + 100 * count as u64);
        tokio::time::timeout(most, wait).await.expect("it takes too long");
    }

    /// What happened to a mail, open.
    pub(super) async fn story(&self, mail: MailId) -> Vec<events::mail::Event> {
        let stored = self.store.read(Stream::Mail(mail), Version::NONE, 100).await.unwrap();
        let mut recorded: Vec<_> = stored
            .iter()
            .map(|stored| Recorded {
                position: stored.position,
                stream: stored.stream,
                version: stored.version,
                id: stored.id,
                at: stored.at,
                cause: Arc::new(serde_json::from_str(&stored.cause).unwrap()),
                event: codec::decode(&stored.kind, &stored.data).unwrap(),
            })
            .collect();
        keyring::open_all(&self.vault, &mut recorded).await.unwrap();
        let mail = |recorded: Recorded<Event>| match recorded.event {
            Event::Mail(event) => event,
            other => panic!("{other:?}"),
        };
        recorded.into_iter().map(mail).collect()
    }
}

/// To a server.
pub(super) fn way_to(server: &Server, at_once: u32) -> Way {
    way(server.address, at_once)
}

/// To whatever listens there.
pub(super) fn way(address: SocketAddr, at_once: u32) -> Way {
    let from = EmailAddress::parse("no-reply@accounts.example.org").unwrap();
    let host = smtp::Server {
        host: address.ip().to_string(),
        port: address.port(),
        tls: TlsMode::None,
        credentials: None,
    };
    let (connect, letter) = (Duration::from_millis(300), Duration::from_secs(2));
    let smtp = Smtp::with_patience(&host, &from, at_once, connect, letter).unwrap();
    Way { carrier: Arc::new(smtp), from }
}

/// Into a folder.
pub(super) fn way_into(folder: &Path) -> Way {
    let carrier: Arc<dyn Carrier> = Arc::new(Folder::new(folder));
    Way { carrier, from: EmailAddress::parse("no-reply@accounts.example.org").unwrap() }
}
