//! The only I/O of this crate: access → read → decide → seal → append.

mod attempt;
mod batch;
mod edge;
mod locked;
mod receipt;
mod slot;
mod slots;
#[cfg(test)]
mod tests;

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use tokio::time::timeout;
use uuid::Uuid;

use events::{
    Actor, CredentialId, OrganisationId, Position, Stream, Version,
    id::{Clock, Ids},
    keyring::Keys,
    store::{AppendError, Appended, Claim, EventStore, StoreError},
    value::{MemberKind, Scope},
    vault::{Vault, VaultError},
};

use crate::{
    Action, Command, Refusal, Request,
    access::standing,
    plan::{Condition, Given, Plan},
};
use attempt::{Answer, Attempt, Found, Work};
use locked::{Cast, NotNow};
use receipt::Ticket;
use slot::{Seen, Slot};
use slots::Slots;

/// Handles commands, and answers from the write side's own state who may do what.
pub struct Handler {
    store: Arc<dyn EventStore>,
    vault: Arc<Vault>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    slots: Slots,
}

/// What a command did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Done {
    /// Read models that have reached this position show it.
    pub position: Position,
    /// What came to be or was changed.
    pub subject: Option<Uuid>,
    /// `true` when the same request had been done before, so that nothing was done now.
    pub replayed: bool,
    /// The version of the stream that guards the command (see [`Command::guard`]), for `expectedVersion`.
    pub version: Version,
}

/// Why a command was not done. Nothing has changed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A rule says no.
    #[error("refused: {}", .0.code())]
    Refused(Refusal),
    /// The log has too much to do: come again later.
    #[error("the log is busy")]
    Busy,
    /// No space is left for the log; reading goes on.
    #[error("no space is left for the log")]
    Full,
    /// The log or the vault can't be reached or read. The cause is for the log file only.
    #[error("the log is unavailable: {0}")]
    Unavailable(String),
}

/// What the edge must know about an account to sign it in, from the write side's state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountState {
    /// The hash to compare a password with; none while the account is pending.
    pub credential: Option<CredentialId>,
    /// Too many wrong passwords: none is evaluated.
    pub locked: bool,
    /// May run the installation.
    pub operator: bool,
    /// The account is gone.
    pub deleted: bool,
    /// Where it works after signing in.
    pub default_organisation: Option<OrganisationId>,
    /// Its memberships.
    pub memberships: Vec<MembershipState>,
}

impl AccountState {
    const DELETED: Self = Self {
        credential: None,
        locked: false,
        operator: false,
        deleted: true,
        default_organisation: None,
        memberships: Vec::new(),
    };
}

/// What an account is in one organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MembershipState {
    /// Which organisation.
    pub organisation: OrganisationId,
    /// Which seat it takes.
    pub kind: MemberKind,
    /// May manage the organisation.
    pub administrator: bool,
    /// Owns it.
    pub owner: bool,
    /// Neither the member nor the organisation is deactivated.
    pub active: bool,
}

/// What the edge must know about a service key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceKeyState {
    /// Which organisation it reaches.
    pub organisation: OrganisationId,
    /// What it may do.
    pub scopes: BTreeSet<Scope>,
    /// Until when.
    pub expires_at: Option<DateTime<Utc>>,
    /// It works no longer.
    pub revoked: bool,
}

/// How many bytes of folded state are kept, unless said otherwise. An organisation takes about 50 per member.
const CACHE: u64 = 64 << 20;
/// How many batches may be on their way into an exclusive log for one stream.
const DEPTH: usize = 256;
/// After so many tries a command waits until nothing is ahead of the log on the streams that it asks.
const HASTY: u32 = 3;
/// After so many tries a command gives up.
const TRIES: u32 = 256;
/// How long a command waits for others on the same stream.
const PATIENCE: Duration = Duration::from_secs(10);

impl Handler {
    /// A handler over a log. One per process and log: it holds the folded state.
    pub fn new(
        store: Arc<dyn EventStore>,
        vault: Arc<Vault>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
    ) -> Self {
        Self::with_cache(store, vault, clock, ids, CACHE)
    }

    /// A handler that keeps folded state of about so many bytes. An organisation that doesn't fit is read from
    /// the log for every command.
    pub fn with_cache(
        store: Arc<dyn EventStore>,
        vault: Arc<Vault>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
        bytes: u64,
    ) -> Self {
        let slots = Slots::new(Arc::clone(&store), Arc::clone(&vault), bytes);
        Self { store, vault, clock, ids, slots }
    }

    /// Does what is asked, or says why not. When this returns, what was done survives a crash. Whoever stops
    /// waiting doesn't undo it.
    pub async fn handle(
        &self,
        request: &Request,
        command: impl Into<Command> + Send,
    ) -> Result<Done, Failure> {
        let command = command.into();
        let action = command.action();
        let outcome = self.run(request, command).await;
        let result = match &outcome {
            Ok(Done { replayed: true, .. }) => "replayed",
            Ok(_) => "done",
            Err(Failure::Refused(refusal)) => refusal.code(),
            Err(Failure::Busy) => "busy",
            Err(Failure::Full) => "full",
            Err(Failure::Unavailable(_)) => "unavailable",
        };
        metrics::counter!("stamrol_commands_total", "action" => action.name(), "result" => result)
            .increment(1);
        tracing::debug!(request = %request.id, action = action.name(), result, "a command was handled");
        outcome
    }

    async fn run(&self, request: &Request, command: Command) -> Result<Done, Failure> {
        if request.on_behalf_of.is_some() && command.changes_credentials() {
            return Err(Failure::Refused(Refusal::Impersonating));
        }
        if matches!(request.actor, Actor::ServiceKey { .. }) && command.gives_password() {
            return Err(Failure::Refused(Refusal::Forbidden));
        }
        let ticket = Ticket::of(self.vault.pepper(), request, &command)?;
        let (made, now) = (self.ids.next(), self.clock.now());
        let (action, guard) = (command.action(), command.guard());
        let target = command.target(request.organisation);
        let plan = Plan::of(command, Given { made, by: request.account(), now });
        let work = Work {
            cause: batch::cause(&self.vault, request, action, plan.person).await?,
            guard: guard.unwrap_or(Stream::Organisation(made.into())),
            expected: request.expected_version.filter(|_| guard.is_some()),
            request,
            action,
            target,
            plan,
            ticket,
            now,
        };
        let cast = self.cast(&work, made).await?;
        let mut found = Found { keys: self.keys(&work.plan).await?, ..Found::default() };
        for tries in 0..TRIES {
            if let Some(done) = self.earlier(&work).await? {
                return Ok(done);
            }
            let hasty = self.store.is_exclusive() && tries < HASTY;
            let depth = if hasty { DEPTH } else { 1 };
            match self.attempt(&work, &cast, &found, depth) {
                Attempt::NotNow(NotNow::Closed(slot)) => {
                    timeout(PATIENCE, slot.opened(depth)).await.map_err(|_| Failure::Busy)?;
                }
                Attempt::NotNow(NotNow::Stale(slot)) => {
                    timeout(PATIENCE, slot.drained()).await.map_err(|_| Failure::Busy)?;
                    self.slots.refresh(&slot).await?;
                }
                Attempt::NeedsKey(takes) => {
                    found.taken = self.taken(takes).await?;
                    if let (true, Some(person)) = (found.taken.is_empty(), work.plan.person) {
                        self.vault.create_key(person).await?;
                        found.keys = Some(self.vault.keys(&[person]).await?);
                    }
                }
                Attempt::Answer(answer, rests_on) => {
                    if all_landed(&rests_on).await {
                        return match answer {
                            Ok(answer) => Ok(answer.done(self.store.head(), false)),
                            // The same request may have been done meanwhile.
                            Err(failure) => self.earlier(&work).await?.ok_or(failure),
                        };
                    }
                }
                Attempt::Away(away, answer, takes) => match away.landed().await {
                    Ok(Appended { position, replayed: None }) => {
                        cast.iter()
                            .filter(|cast| cast.asks)
                            .for_each(|cast| self.slots.weigh(&cast.slot));
                        return Ok(answer.done(position, false));
                    }
                    Ok(Appended { position, replayed: Some(subject) }) => {
                        return Ok(Answer { subject, ..answer }.done(position, true));
                    }
                    Err(AppendError::Conflict { .. }) => found.taken = self.taken(takes).await?,
                    Err(AppendError::ClaimTaken { claim, .. }) => {
                        return Err(Failure::Refused(batch::taken(claim.kind, work.action)));
                    }
                    Err(AppendError::KeyReused) => {
                        return Err(Failure::Refused(Refusal::KeyReused));
                    }
                    Err(AppendError::Store(error)) => return Err(error.into()),
                },
            }
        }
        Err(Failure::Busy)
    }

    /// The slots that a command concerns, in the order of their streams.
    async fn cast(&self, work: &Work<'_>, made: Uuid) -> Result<Vec<Cast>, Failure> {
        let asked = work.plan.steps.iter().map(|(stream, _)| (*stream, false));
        let seen = work.plan.conditions.iter().flat_map(Condition::streams);
        let seen = seen.chain(standing::streams(work.request, &work.target));
        let mut streams: Vec<_> = asked.chain(seen.map(|stream| (stream, true))).collect();
        // What is asked comes before what is only looked at, and stays.
        streams.sort_unstable();
        streams.dedup_by_key(|(stream, _)| *stream);
        let mut cast = Vec::with_capacity(streams.len());
        for (stream, looks) in streams {
            let slot = match stream {
                Stream::Account(id) if id.uuid() == made => self.slots.fresh(stream).await?,
                Stream::Organisation(id) if id.uuid() == made => self.slots.fresh(stream).await?,
                Stream::Session(_) if work.action == Action::SignIn => {
                    self.slots.fresh(stream).await?
                }
                _ => self.slots.get(stream).await?,
            };
            cast.push(Cast { slot, asks: !looks });
        }
        Ok(cast)
    }

    /// The key of the person concerned; none before they have one.
    async fn keys(&self, plan: &Plan) -> Result<Option<Keys>, Failure> {
        match plan.person {
            Some(_) if plan.makes_person => Ok(None),
            Some(person) => Ok(Some(self.vault.keys(&[person]).await?)),
            None => Ok(Some(Keys::new())),
        }
    }

    /// Which of these claims somebody has.
    async fn taken(&self, claims: Vec<Claim>) -> Result<Vec<Claim>, Failure> {
        let mut taken = Vec::new();
        for claim in claims {
            if self.store.owner_of(claim).await?.is_some() {
                taken.push(claim);
            }
        }
        Ok(taken)
    }

    /// The answer to the same request when it came before.
    async fn earlier(&self, work: &Work<'_>) -> Result<Option<Done>, Failure> {
        let Some(ticket) = work.ticket else { return Ok(None) };
        let Some((receipt, position)) = ticket.earlier(&*self.store).await? else {
            return Ok(None);
        };
        let guard = match (work.action, receipt.subject) {
            (Action::OrganisationCreate, Some(made)) => Stream::Organisation(made.into()),
            _ => work.guard,
        };
        let version = self.slots.get(guard).await?.read().durable_version();
        Ok(Some(Done { position, subject: receipt.subject, replayed: true, version }))
    }
}

impl Answer {
    const fn done(self, position: Position, replayed: bool) -> Done {
        Done { position, subject: self.subject, replayed, version: self.version }
    }
}

async fn all_landed(rests_on: &[(Arc<Slot>, Seen)]) -> bool {
    for (slot, seen) in rests_on {
        if !slot.landed(*seen).await {
            return false;
        }
    }
    true
}

fn unavailable(error: impl std::fmt::Display) -> Failure {
    Failure::Unavailable(error.to_string())
}

impl From<VaultError> for Failure {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::Busy => Self::Busy,
            VaultError::Full => Self::Full,
            VaultError::Erased(_) => Self::Refused(Refusal::AccountNotFound),
            other => Self::Unavailable(other.to_string()),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy => Self::Busy,
            StoreError::Full => Self::Full,
            other => Self::Unavailable(other.to_string()),
        }
    }
}
