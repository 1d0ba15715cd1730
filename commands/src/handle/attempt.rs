//! One try at a command, under the locks of all that it concerns and without any waiting.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use events::{
    Stream, Version,
    keyring::Keys,
    store::{AppendError, Appended, Batch, Claim, ClaimChange, StoreError},
};
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::{
    Failure, Handler,
    batch::{self, Append, Moment},
    locked::{Cast, Locked, NotNow},
    receipt::Ticket,
    slot::{Flight, Outcome, Seen, Slot},
};
use crate::{
    Action, Refusal, Request,
    access::{Verdict, standing, standing::Target},
    mail,
    plan::Plan,
};

/// Everything about a command that stays the same from try to try.
pub(super) struct Work<'a> {
    pub(super) request: &'a Request,
    pub(super) action: Action,
    pub(super) target: Target,
    pub(super) plan: Plan,
    /// The stream whose version the command answers with.
    pub(super) guard: Stream,
    /// The version that it must have.
    pub(super) expected: Option<Version>,
    pub(super) ticket: Option<Ticket>,
    pub(super) now: Moment,
}

/// What was found out between tries.
#[derive(Default)]
pub(super) struct Found {
    /// What seals; none before the person concerned has a key.
    pub(super) sealing: Option<Sealing>,
    /// Claims that somebody has.
    pub(super) taken: Vec<Claim>,
}

/// What seals the events of a command.
pub(super) struct Sealing {
    /// The keys of the people concerned.
    pub(super) keys: Keys,
    /// Who and why, with the origin sealed.
    pub(super) cause: Arc<str>,
}

/// How a try ended.
pub(super) enum Attempt {
    /// It has to come again.
    NotNow(NotNow),
    /// The person needs a key first. These claims would be taken.
    NeedsKey(Vec<Claim>),
    /// Nothing is appended. The answer holds once all that it rests on has landed.
    Answer(Result<Answer, Failure>, Vec<(Arc<Slot>, Seen)>),
    /// A batch has set out.
    Away(Away, Answer, Vec<Claim>),
}

/// What to answer when all goes well.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answer {
    pub(super) subject: Option<Uuid>,
    pub(super) version: Version,
}

/// A batch that has set out.
pub(super) enum Away {
    /// And has its answer already.
    Answered(Result<Appended, AppendError>, Flight),
    /// A task of its own waits for its answer, so that nobody who stops waiting leaves it unknown.
    Flying(JoinHandle<Result<Appended, AppendError>>),
}

impl Away {
    /// What became of the batch. Its slots have been told.
    pub(super) async fn landed(self) -> Result<Appended, AppendError> {
        match self {
            Self::Answered(answer, flight) => {
                conclude(flight, &answer);
                answer
            }
            Self::Flying(task) => task.await.unwrap_or_else(|_| Err(StoreError::Closed.into())),
        }
    }
}

impl Handler {
    /// Access, conditions, rules, and where they let it pass: seal and append.
    pub(super) fn attempt(
        &self,
        work: &Work<'_>,
        cast: &[Cast],
        found: &Found,
        depth: usize,
    ) -> Attempt {
        let mut locked = Locked::lock(cast);
        if let Err(not_now) = locked.ready(depth) {
            return Attempt::NotNow(not_now);
        }
        let claims = match work.decide(&mut locked, self.vault.pepper(), &found.taken) {
            Ok(claims) => claims,
            Err(refusal) => {
                return Attempt::Answer(Err(Failure::Refused(refusal)), locked.rests_on());
            }
        };
        let version = locked.versions(work.guard).map_or(Version::NONE, |(_, after)| after);
        let answer = Answer { subject: work.plan.subject, version };
        if locked.is_unchanged() && work.ticket.is_none() {
            return Attempt::Answer(Ok(answer), locked.rests_on());
        }
        let takes = taken_by(&claims);
        match &found.sealing {
            None => Attempt::NeedsKey(takes),
            Some(sealing) => match self.launch(work, &mut locked, claims, sealing) {
                Ok(away) => Attempt::Away(away, answer, takes),
                Err(failure) => Attempt::Answer(Err(failure), locked.rests_on()),
            },
        }
    }

    fn launch(
        &self,
        work: &Work<'_>,
        locked: &mut Locked<'_>,
        claims: Vec<ClaimChange>,
        sealing: &Sealing,
    ) -> Result<Away, Failure> {
        let writings = locked.writings(work.order());
        let writes = writings
            .into_iter()
            .map(|writing| batch::write(writing, &sealing.keys, &*self.ids))
            .collect::<Result<Vec<_>, _>>()?;
        let after =
            |write: &events::store::Write| Version(write.expected.0 + write.events.len() as u64);
        let flight = locked.depart(writes.iter().map(|write| (write.stream, after(write))));
        let batch = Batch {
            writes,
            claims,
            receipt: work.ticket.map(|ticket| ticket.receipt(work.plan.subject)),
            at: work.now,
            cause: Arc::clone(&sealing.cause),
        };
        let store = Arc::clone(&self.store);
        let mut append: Append = Box::pin(async move { store.append(batch).await });
        // Handed over under the locks, so that batches reach the log in the order in which they were decided. A panic
        // goes no further: the flight would tell its slots while it unwinds, and wait for these locks for ever.
        let polled = catch_unwind(AssertUnwindSafe(|| batch::launch(&mut append)));
        Ok(match polled.unwrap_or_else(|_| Some(Err(StoreError::Closed.into()))) {
            Some(answer) => Away::Answered(answer, flight),
            None => Away::Flying(tokio::spawn(async move {
                let answer = append.await;
                conclude(flight, &answer);
                answer
            })),
        })
    }
}

impl Work<'_> {
    /// The streams that are asked, in the order of the plan, each once. Mails come last: what they tell of stands before.
    pub(super) fn order(&self) -> impl Iterator<Item = Stream> {
        let steps = &self.plan.steps;
        let asked = steps.iter().enumerate().filter_map(move |(index, (stream, _))| {
            let first = steps.iter().position(|(other, _)| other == stream);
            (first == Some(index)).then_some(*stream)
        });
        asked.chain(self.plan.mails.iter().map(|order| Stream::Mail(order.mail)))
    }

    fn decide(
        &self,
        locked: &mut Locked<'_>,
        pepper: &events::vault::Pepper,
        taken: &[Claim],
    ) -> Result<Vec<ClaimChange>, Refusal> {
        let standing = standing::of(locked, self.request, &self.target, self.now);
        match standing.may(self.action) {
            Verdict::Allowed => {}
            Verdict::SignInFirst => return Err(Refusal::NotSignedIn),
            Verdict::Forbidden => return Err(Refusal::Forbidden),
        }
        if let (Some(expected), Some((current, _))) = (self.expected, locked.versions(self.guard))
            && expected != current
        {
            return Err(Refusal::Conflict { current });
        }
        for condition in &self.plan.conditions {
            condition.check(locked, standing)?;
        }
        let mut claims = Vec::new();
        for (stream, step) in &self.plan.steps {
            let names = locked.decide(*stream, step.clone())?;
            claims.extend(batch::claims(pepper, *stream, names));
        }
        if !locked.is_unchanged() {
            for order in &self.plan.mails {
                locked
                    .decide(Stream::Mail(order.mail), mail::Command::Queue(order.clone()).into())?;
            }
        }
        let clash = taken_by(&claims).into_iter().find(|claim| taken.contains(claim));
        clash.map_or(Ok(claims), |claim| Err(batch::taken(claim.kind, self.action)))
    }
}

/// The claims that a batch takes and doesn't free itself before: those that somebody else may have.
fn taken_by(claims: &[ClaimChange]) -> Vec<Claim> {
    let (mut takes, mut freed) = (Vec::new(), Vec::new());
    for change in claims {
        match change {
            ClaimChange::Release(claim, _) => freed.push(*claim),
            ClaimChange::Take(claim, _) if !freed.contains(claim) => takes.push(*claim),
            ClaimChange::Take(..) => {}
        }
    }
    takes
}

/// Tells the slots of a batch what became of it.
fn conclude(flight: Flight, answer: &Result<Appended, AppendError>) {
    let (outcome, conflict) = match answer {
        Ok(Appended { replayed: None, .. }) => (Outcome::Landed, None),
        Err(AppendError::Conflict { stream, .. }) => (Outcome::Failed, Some(*stream)),
        Ok(Appended { replayed: Some(_), .. })
        | Err(
            AppendError::ClaimTaken { .. }
            | AppendError::KeyReused
            | AppendError::Store(StoreError::Busy | StoreError::Full),
        ) => (Outcome::Failed, None),
        Err(AppendError::Store(_)) => (Outcome::Doubtful, None),
    };
    flight.settle(outcome, conflict);
}
