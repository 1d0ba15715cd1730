//! Ends sessions of those who may no longer sign in, or whose password changed, and drops tokens that are void.
//!
//! What is void by the write side's state is refused at every request anyway; this makes the end an
//! event and frees the vault. It comes late, perhaps after somebody was let in again: what began before
//! ends all the same.

use std::sync::Arc;

use async_trait::async_trait;
use commands::{Failure, Request};
use events::{
    Actor, Event, Recorded, Stream,
    account::{self, PasswordSetBy},
    installation, organisation, service_key,
    session::{self, EndReason},
    value::ProfileField,
};

use super::Reactor;
use crate::auth::{Auth, Bar};

/// Ends sessions.
pub struct EndSessions {
    auth: Arc<Auth>,
}

impl EndSessions {
    /// Its name.
    pub(super) const NAME: &'static str = "sessions";

    /// A reactor that ends sessions through `auth`.
    pub fn new(auth: Arc<Auth>) -> Self {
        Self { auth }
    }
}

/// The stored names that it cares about, without version.
const KINDS: [&str; 12] = [
    "account.activation_voided",
    "account.deleted",
    "account.letter_removed",
    "account.locked",
    "account.password_set",
    "account.profile_changed",
    "installation.operator_dismissed",
    "organisation.deactivated",
    "organisation.member_deactivated",
    "organisation.member_removed",
    "service_key.revoked",
    "session.ended",
];

#[async_trait]
impl Reactor for EndSessions {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn cares(&self, kind: &str) -> bool {
        KINDS
            .iter()
            .any(|known| kind.strip_prefix(known).is_some_and(|version| version.starts_with(".v")))
    }

    async fn react(&self, recorded: &Recorded<Event>) -> Result<(), Failure> {
        let request = Request { caused_by: Some(recorded.id), ..self.auth.own_request() };
        match (recorded.stream, &recorded.event) {
            (Stream::Account(account), Event::Account(event)) => match event {
                account::Event::Deleted => {
                    self.auth.drop_void_activations(account).await?;
                    self.auth.end_barred(&request, account, Bar::Account, recorded.at).await
                }
                account::Event::Locked => {
                    self.auth.end_barred(&request, account, Bar::Account, recorded.at).await
                }
                account::Event::PasswordSet { by, .. } if *by != PasswordSetBy::Rehash => {
                    self.auth.drop_void_activations(account).await?;
                    let own = match recorded.cause.actor {
                        Actor::Account { account: who, session } if who == account => Some(session),
                        _ => None,
                    };
                    let reason = EndReason::PasswordChanged;
                    self.auth.end_sessions_of(&request, account, recorded.at, own, reason).await
                }
                account::Event::ActivationVoided { .. }
                | account::Event::LetterRemoved { .. }
                | account::Event::ProfileChanged { field: ProfileField::Email, .. } => {
                    self.auth.drop_void_activations(account).await
                }
                _ => Ok(()),
            },
            (
                Stream::Organisation(organisation),
                Event::Organisation(
                    organisation::Event::MemberDeactivated { account, .. }
                    | organisation::Event::MemberRemoved { account },
                ),
            ) => {
                let bar = Bar::Organisation(organisation);
                self.auth.end_barred(&request, *account, bar, recorded.at).await
            }
            (_, Event::Organisation(organisation::Event::Deactivated)) => {
                self.auth.end_all_barred(&request).await
            }
            (_, Event::Installation(installation::Event::OperatorDismissed { account })) => {
                self.auth.end_barred(&request, *account, Bar::Operator, recorded.at).await
            }
            (Stream::Session(session), Event::Session(session::Event::Ended { .. })) => {
                self.auth.session_ended(session).await
            }
            (Stream::ServiceKey(key), Event::ServiceKey(service_key::Event::Revoked { .. })) => {
                self.auth.service_key_revoked(key).await
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use commands::{Command, Handler};
    use events::{
        AccountId, OrganisationId, Origin, Position, RequestId, codec,
        id::Ids,
        store::{EventStore, memory::Memory},
        value::{Language, MemberKind, Plan, Profile, Text, Username},
        vault::Vault,
    };
    use graphql::port::{Gate, NewAccount};
    use uuid::Uuid;

    use super::*;
    use crate::{app::SystemIds, config::Config, reactors, sms::Sms, testing::FakeClock};

    const PASSWORD: &str = "Kanarie fluit 7 deuntjes";

    fn profile(name: &str) -> Profile {
        Profile { display_name: Text::parse(name).unwrap(), entries: vec![] }
    }

    struct World {
        store: Arc<dyn EventStore>,
        handler: Arc<Handler>,
        auth: Arc<Auth>,
    }

    impl World {
        async fn new() -> Self {
            let store: Arc<dyn EventStore> = Arc::new(Memory::new());
            let vault = Arc::new(Vault::in_memory().await.unwrap());
            let (clock, ids) = (Arc::new(FakeClock::new()), Arc::new(SystemIds));
            let handler =
                Arc::new(Handler::new(store.clone(), vault.clone(), clock.clone(), ids.clone()));
            let config = Config::default();
            let address = config.address(config.listen);
            let sms = Sms::configured(&config, &address, Path::new("nobody writes here"));
            let auth = Auth::try_new(&config, &address, handler.clone(), vault, clock, ids, sms);
            Self { store, handler, auth: Arc::new(auth.unwrap()) }
        }

        fn request(actor: Actor) -> Request {
            Request::new(actor, RequestId::new(SystemIds.next()))
        }

        fn anonymous() -> Request {
            let origin = Origin { address: [192, 0, 2, 1].into(), agent: None };
            Request { origin: Some(origin), ..Self::request(Actor::Anonymous) }
        }

        async fn does(&self, command: Command) -> Uuid {
            let done = self.handler.handle(&Self::request(Actor::Console), command).await.unwrap();
            done.subject.unwrap_or_default()
        }

        async fn organisation(&self) -> OrganisationId {
            let name = Text::parse("Bakkerij Bakker").unwrap();
            let (language, plan) = (Language::Nl, Plan::default());
            self.does(Command::OrganisationCreate { name, language, plan }).await.into()
        }

        /// A member who has signed in.
        async fn member(&self, organisation: OrganisationId, name: &str) -> AccountId {
            let request = Self::request(Actor::Console);
            let username = Username::parse(name).unwrap();
            let new = NewAccount {
                organisation,
                username,
                profile: profile(name),
                kind: MemberKind::Full,
            };
            let made = self.auth.account_create(&request, new, Some(PASSWORD.into())).await;
            let account = made.unwrap().subject.unwrap().into();
            let request = Self::anonymous();
            Gate::sign_in(&*self.auth, &request, name, PASSWORD.into()).await.unwrap();
            account
        }

        /// There is a first operator.
        async fn set_up(&self) {
            let first = self.auth.first_operator(&*self.store).await.unwrap().unwrap();
            let (request, name) = (Self::anonymous(), "operator");
            let username = Username::parse(name).unwrap();
            let setup = Gate::operator_setup(
                &*self.auth,
                &request,
                first.token,
                username,
                profile(name),
                PASSWORD.into(),
            );
            setup.await.unwrap();
        }

        /// Lets the reactor see what came after a position.
        async fn react(&self, after: Position) {
            let reactor = EndSessions::new(self.auth.clone());
            reactors::show(&reactor, &self.handler, &*self.store, after).await;
        }

        /// Whose sessions ended, and that they ended because they were barred.
        async fn ended(&self) -> Vec<AccountId> {
            let log = self.store.read_all(Position::START, 10_000).await.unwrap();
            log.iter()
                .filter_map(|stored| match codec::decode(&stored.kind, &stored.data).unwrap() {
                    Event::Session(session::Event::Ended { account, reason }) => {
                        assert_eq!(reason, EndReason::Barred);
                        Some(account)
                    }
                    _ => None,
                })
                .collect()
        }
    }

    #[tokio::test]
    async fn s15_deactivating_an_organisation_ends_the_sessions_of_those_it_bars() {
        let world = World::new().await;
        let (closing, other) = (world.organisation().await, world.organisation().await);
        let anna = world.member(closing, "anna").await;
        let berta = world.member(closing, "berta").await;
        world.member(other, "clara").await;
        world.set_up().await;
        world.does(Command::OperatorAppoint { account: berta }).await;
        let before = world.store.head();
        world.does(Command::OrganisationDeactivate { organisation: closing }).await;
        world.react(before).await;
        // An operator works without an organisation, until they are none.
        assert_eq!(world.ended().await, [anna]);
        let before = world.store.head();
        world.does(Command::OperatorDismiss { account: berta }).await;
        world.react(before).await;
        assert_eq!(world.ended().await, [anna, berta]);
    }

    #[test]
    fn every_kind_that_is_cared_about_exists() {
        let stored: Vec<_> = std::fs::read_dir("events/golden")
            .unwrap()
            .filter_map(|file| file.unwrap().file_name().into_string().ok())
            .collect();
        for kind in KINDS {
            let first = format!("{kind}.v1.json");
            assert!(stored.contains(&first), "{kind}");
        }
    }
}
