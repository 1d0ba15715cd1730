//! From people to accounts: the same commands as the API's, many at a time.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use commands::{Command, Failure, Handler, Request};
use events::{
    AccountId, Actor, OrganisationId, RequestId,
    id::Ids,
    value::{Invalid, ServiceKind},
};
use futures_util::{StreamExt, TryStreamExt, stream};

use super::{Organisation, People, Person, Size};

/// Accounts that come to be at the same time: as many as make full groups for the log.
const AT_ONCE: usize = 512;

/// What was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// Organisations.
    pub organisations: u64,
    /// Accounts.
    pub accounts: u64,
    /// Commands that were done.
    pub commands: u64,
}

/// Why not everything was made.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A command was refused or failed.
    #[error("{action} for {name}: {failure}")]
    Command {
        /// Which.
        action: &'static str,
        /// For whom.
        name: String,
        /// Why.
        failure: Failure,
    },
    /// A made-up name is none.
    #[error("a made-up name is not valid: {0}")]
    Name(#[from] Invalid),
}

/// Makes everything. `shown` is told how many accounts there are, now and then.
pub async fn load(
    handler: Arc<Handler>,
    ids: Arc<dyn Ids>,
    size: Size,
    shown: impl Fn(u64, u64) + Sync,
) -> Result<Loaded, LoadError> {
    let people = People::new(size)?;
    let total = people.size_hint().0 as u64;
    let load = Load { handler, ids, commands: AtomicU64::new(0) };
    let organisations: Vec<OrganisationId> = stream::iter(people.organisations())
        .map(|organisation| load.organisation(organisation))
        .buffered(AT_ONCE)
        .try_collect()
        .await?;
    let accounts = AtomicU64::new(0);
    let owners = organisations.len();
    let (mut first, mut others) = (Vec::new(), Vec::new());
    for (place, person) in people.enumerate() {
        let person = person?;
        if place < owners { first.push(person) } else { others.push(person) }
    }
    for (group, owner) in [(first, true), (others, false)] {
        stream::iter(group)
            .map(Ok::<_, LoadError>)
            .try_for_each_concurrent(AT_ONCE, async |person| {
                let organisation = organisations[person.organisation];
                load.person(organisation, person, owner).await?;
                shown(accounts.fetch_add(1, Ordering::Relaxed) + 1, total);
                Ok(())
            })
            .await?;
    }
    let commands = load.commands.into_inner();
    Ok(Loaded { organisations: owners as u64, accounts: accounts.into_inner(), commands })
}

struct Load {
    handler: Arc<Handler>,
    ids: Arc<dyn Ids>,
    commands: AtomicU64,
}

impl Load {
    async fn organisation(&self, wanted: &Organisation) -> Result<OrganisationId, LoadError> {
        let Organisation { name, language, domain, plan, .. } = wanted.clone();
        let whose = name.as_str().to_owned();
        let create = Command::OrganisationCreate { name, language, plan };
        let organisation =
            OrganisationId::new(self.make("organisationCreate", &whose, create).await?);
        let register = Command::DomainRegister { organisation, domain };
        self.run("domainRegister", &whose, register).await?;
        Ok(organisation)
    }

    async fn person(
        &self,
        organisation: OrganisationId,
        person: Person,
        owner: bool,
    ) -> Result<(), LoadError> {
        let Person { username, profile, kind, .. } = person;
        let name = username.as_str().to_owned();
        let create =
            Command::AccountCreate { organisation, username, profile, kind, credential: None };
        let account = AccountId::new(self.make("accountCreate", &name, create).await?);
        if owner {
            self.run("ownerSet", &name, Command::OwnerSet { organisation, account }).await?;
        }
        if person.administrator {
            let set = Command::AdministratorSet { organisation, account, on: true };
            self.run("administratorSet", &name, set).await?;
        }
        for service in person.services {
            let set = Command::ServiceAccessSet { organisation, account, service, on: true };
            self.run("serviceAccessSet", &name, set).await?;
        }
        if person.mail_administrator {
            let service = ServiceKind::parse("mail")?;
            let set = Command::ServiceAdministratorSet { organisation, account, service, on: true };
            self.run("serviceAdministratorSet", &name, set).await?;
        }
        if let Some(address) = person.alias {
            let add = Command::AliasAdd { organisation, account, address };
            self.run("aliasAdd", &name, add).await?;
        }
        if person.hidden {
            let set = Command::MailboxHiddenSet { organisation, account, hidden: true };
            self.run("mailboxHiddenSet", &name, set).await?;
        }
        if person.deactivated {
            let deactivate = Command::AccountDeactivate { organisation, account, reason: None };
            self.run("accountDeactivate", &name, deactivate).await?;
        }
        Ok(())
    }

    async fn run(
        &self,
        action: &'static str,
        name: &str,
        command: Command,
    ) -> Result<(), LoadError> {
        self.done(action, name, command).await.map(drop)
    }

    /// What came to be.
    async fn make(
        &self,
        action: &'static str,
        name: &str,
        command: Command,
    ) -> Result<uuid::Uuid, LoadError> {
        let nothing = || Failure::Unavailable("nothing came to be".to_owned());
        let made = self.done(action, name, command).await?;
        made.ok_or_else(|| LoadError::Command { action, name: name.to_owned(), failure: nothing() })
    }

    async fn done(
        &self,
        action: &'static str,
        name: &str,
        command: Command,
    ) -> Result<Option<uuid::Uuid>, LoadError> {
        let request = Request::new(Actor::Console, RequestId::new(self.ids.next()));
        let failed = |failure| LoadError::Command { action, name: name.to_owned(), failure };
        let done = self.handler.handle(&request, command).await.map_err(failed)?;
        self.commands.fetch_add(1, Ordering::Relaxed);
        Ok(done.subject)
    }
}
