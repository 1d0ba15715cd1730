//! The only I/O of this crate: access → read → decide → seal → append.

mod answer;
mod attempt;
mod batch;
mod edge;
mod locked;
mod mails;
mod receipt;
mod rehearse;
mod slot;
mod slots;
#[cfg(test)]
mod tests;
mod words;

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, timeout_at};
use uuid::Uuid;

use events::{
    Actor, Position, Stream,
    id::{Clock, Ids},
    keyring::Keys,
    store::{AppendError, Appended, Claim, EventStore},
    vault::Vault,
};

use crate::{
    Action, Command, Refusal, Request,
    access::standing,
    plan::{Condition, Given, Plan},
};
pub use answer::{AccountState, Done, Failure, MembershipState, ServiceKeyState};
use attempt::{Answer, Attempt, Found, Sealing, Work};
use locked::{Cast, NotNow, Pace, turn};
pub use mails::MailState;
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

/// How many bytes of folded state are kept, unless said otherwise. An organisation takes about 50 per member.
const CACHE: u64 = 32 << 20;
/// After so many tries that failed a command waits until nothing is ahead of the log on its streams.
const HASTY: u32 = 3;
/// After so many tries that failed a command gives up.
const TRIES: u32 = 256;
/// How long a command waits for others on the same streams, all in all.
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
        self.handle_making(request, command, self.ids.next()).await
    }

    /// Like [`Handler::handle`], where what comes to be has this identity, because something was kept under it before.
    pub async fn handle_making(
        &self,
        request: &Request,
        command: impl Into<Command> + Send,
        made: Uuid,
    ) -> Result<Done, Failure> {
        let command = command.into();
        let action = command.action();
        let outcome = self.run(request, command, made).await;
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

    /// What the same request, by its idempotency key, was answered when it came before; does nothing. For edges that
    /// take something which works once (a token, say) before they may ask.
    pub async fn answered(
        &self,
        request: &Request,
        command: &Command,
    ) -> Result<Option<Done>, Failure> {
        let Some(ticket) = Ticket::of(self.vault.pepper(), request, command)? else {
            return Ok(None);
        };
        self.recalled(ticket, command.action(), command.guard()).await
    }

    fn work<'a>(
        &self,
        request: &'a Request,
        command: Command,
        made: Uuid,
    ) -> Result<Work<'a>, Failure> {
        if request.on_behalf_of.is_some_and(|account| !command.may_be_done_for(account)) {
            return Err(Failure::Refused(Refusal::Impersonating));
        }
        if matches!(request.actor, Actor::ServiceKey { .. }) && command.gives_password() {
            return Err(Failure::Refused(Refusal::Forbidden));
        }
        let ticket = Ticket::of(self.vault.pepper(), request, &command)?;
        let now = self.clock.now();
        let (action, guard) = (command.action(), command.guard());
        let target = command.target(request.organisation);
        let session = match request.actor {
            Actor::Account { session, .. } => Some(session),
            _ => None,
        };
        let plan = Plan::of(command, Given { made, by: request.account(), session, now });
        Ok(Work {
            guard: guard.unwrap_or(Stream::Organisation(made.into())),
            expected: request.expected_version.filter(|_| guard.is_some()),
            request,
            action,
            target,
            plan,
            ticket,
            now,
        })
    }

    async fn run(&self, request: &Request, command: Command, made: Uuid) -> Result<Done, Failure> {
        let work = self.work(request, command, made)?;
        let cast = self.cast(&work, made).await?;
        let mut found = Found::default();
        if !work.plan.makes_person {
            found.sealing = Some(self.sealing(&work).await?);
        }
        let (exclusive, deadline) = (self.store.is_exclusive(), Instant::now() + PATIENCE);
        // Of these only batches count that met with another state: who merely waits goes on waiting.
        let mut failed = 0;
        while failed < TRIES && Instant::now() < deadline {
            if let Some(done) = self.earlier(&work).await? {
                return Ok(done);
            }
            let pace = if exclusive && failed < HASTY { Pace::Hasty } else { Pace::Careful };
            let turn = timeout_at(deadline, turn(&cast, pace, exclusive)).await;
            let _turn = turn.map_err(|_| Failure::Busy)?;
            match self.attempt(&work, &cast, &found, pace.depth()) {
                Attempt::NotNow(not_now) => self.wait(not_now, pace, deadline).await?,
                Attempt::NeedsKey(takes) => {
                    found.taken = self.taken(takes).await?;
                    if let (true, Some(person)) = (found.taken.is_empty(), work.plan.person) {
                        self.vault.create_key(person).await?;
                        found.sealing = Some(self.sealing(&work).await?);
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
                    failed += 1;
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
                    Err(AppendError::Conflict { .. }) => {
                        found.taken = self.taken(takes).await?;
                        failed += 1;
                    }
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

    /// Waits until a command may try again.
    async fn wait(&self, not_now: NotNow, pace: Pace, deadline: Instant) -> Result<(), Failure> {
        match not_now {
            NotNow::Closed(slot) => {
                timeout_at(deadline, slot.opened(pace.depth())).await.map_err(|_| Failure::Busy)
            }
            NotNow::Stale(slot) => {
                timeout_at(deadline, slot.drained()).await.map_err(|_| Failure::Busy)?;
                self.slots.refresh(&slot).await
            }
        }
    }

    /// The slots that a command concerns, in the order of their streams.
    async fn cast(&self, work: &Work<'_>, made: Uuid) -> Result<Vec<Cast>, Failure> {
        let asked = work.order().map(|stream| (stream, false));
        let seen = work.plan.conditions.iter().flat_map(Condition::streams);
        let seen = seen.chain(standing::streams(work.request, &work.target));
        let mut streams: Vec<_> = asked.chain(seen.map(|stream| (stream, true))).collect();
        // What is asked comes before what is only looked at, and stays.
        streams.sort_unstable();
        streams.dedup_by_key(|(stream, _)| *stream);
        let is_fresh = |stream| match stream {
            Stream::Account(id) => id.uuid() == made,
            Stream::Organisation(id) => id.uuid() == made,
            Stream::Session(id) => {
                matches!(work.action, Action::SignIn | Action::Impersonate)
                    && work.plan.subject == Some(id.uuid())
            }
            Stream::Mail(id) => work.plan.mails.iter().any(|order| order.mail == id),
            Stream::Installation
            | Stream::Membership(..)
            | Stream::ServiceKey(_)
            | Stream::Factors(_) => false,
        };
        let names: Vec<Stream> = streams.iter().map(|(stream, _)| *stream).collect();
        let slots = self.slots.all(&names, is_fresh).await?;
        let looks = streams.iter().map(|(_, looks)| *looks);
        Ok(slots.into_iter().zip(looks).map(|(slot, looks)| Cast { slot, asks: !looks }).collect())
    }

    /// The keys of the people concerned, and the cause sealed with it where nobody else's key will do.
    async fn sealing(&self, work: &Work<'_>) -> Result<Sealing, Failure> {
        let person = work.plan.person;
        let people = work.plan.people();
        let keys = if people.is_empty() { Keys::new() } else { self.vault.keys(&people).await? };
        let cause = batch::cause(&self.vault, work.request, work.action, person).await?;
        Ok(Sealing { keys, cause })
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
        match work.ticket {
            Some(ticket) => self.recalled(ticket, work.action, Some(work.guard)).await,
            None => Ok(None),
        }
    }

    async fn recalled(
        &self,
        ticket: Ticket,
        action: Action,
        guard: Option<Stream>,
    ) -> Result<Option<Done>, Failure> {
        let Some((receipt, position)) = ticket.earlier(&*self.store).await? else {
            return Ok(None);
        };
        let guard = match (action, receipt.subject, guard) {
            (Action::OrganisationCreate, Some(made), _) => Stream::Organisation(made.into()),
            (_, _, Some(guard)) => guard,
            (_, _, None) => return Ok(None),
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
