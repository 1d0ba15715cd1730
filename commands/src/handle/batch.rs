//! From what was decided to what is appended: names become claims, events are sealed and coded.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use events::{
    AccountId, Cause, EventId, Sealed, Stream,
    codec::encode,
    id::Ids,
    keyring::{self, Keys},
    store::{AppendError, Appended, Claim, ClaimChange, ClaimKind, NewEvent, Write},
    vault::{Pepper, Vault},
};

use super::{Failure, locked::Writing, unavailable};
use crate::{
    Action, Refusal, Request,
    aggregate::{Name, NameChange},
};

/// An append that has been handed to the log.
pub(super) type Append = Pin<Box<dyn Future<Output = Result<Appended, AppendError>> + Send>>;

/// Hands an append to the log without waiting for its answer.
pub(super) fn launch(append: &mut Append) -> Option<Result<Appended, AppendError>> {
    match append.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => Some(answer),
        Poll::Pending => None,
    }
}

/// Who and why, as JSON, with the origin sealed under the key of whoever asked, otherwise of whom it concerns.
pub(super) async fn cause(
    vault: &Vault,
    request: &Request,
    action: Action,
    concerned: Option<AccountId>,
) -> Result<Arc<str>, Failure> {
    let mut cause = Cause {
        actor: request.actor,
        on_behalf_of: request.on_behalf_of,
        origin: None,
        request: request.id,
        action: action.name().to_owned(),
        event: request.caused_by,
    };
    let acting = match request.actor {
        events::Actor::Account { account, .. } => Some(account),
        _ => None,
    };
    if let (Some(origin), Some(person)) = (&request.origin, acting.or(concerned)) {
        let keys = vault.keys(&[person]).await?;
        cause.origin = Some(Sealed::new(person, origin.clone()));
        // Without a key the origin can't be kept: of somebody who was erased, or is not there yet.
        if keyring::seal_cause(&mut cause, &keys).is_err() {
            cause.origin = None;
        }
    }
    serde_json::to_string(&cause).map(Arc::from).map_err(unavailable)
}

/// Seals and codes events.
pub(super) fn write(writing: Writing, keys: &Keys, ids: &dyn Ids) -> Result<Write, Failure> {
    let code = |mut event| {
        let id = EventId::new(ids.next());
        keyring::seal(&mut event, id, keys).map_err(|error| match error {
            // Nothing can be said any more about somebody who was erased.
            keyring::KeyringError::Erased(_) => Failure::Refused(Refusal::AccountNotFound),
            other => unavailable(other),
        })?;
        let coded = encode(&event).map_err(unavailable)?;
        Ok(NewEvent { id, kind: coded.kind, data: coded.data })
    };
    let events = writing.events.into_iter().map(code).collect::<Result<_, Failure>>()?;
    Ok(Write { stream: writing.stream, expected: writing.expected, events })
}

/// Names as claims of whom the stream is about.
pub(super) fn claims(pepper: &Pepper, stream: Stream, names: Vec<NameChange>) -> Vec<ClaimChange> {
    let owner = match stream {
        Stream::Installation => Uuid::nil(),
        Stream::Organisation(organisation) => organisation.uuid(),
        Stream::Account(account) | Stream::Membership(_, account) | Stream::Factors(account) => {
            account.uuid()
        }
        Stream::Session(session) => session.uuid(),
        Stream::ServiceKey(key) => key.uuid(),
        Stream::Mail(mail) => mail.uuid(),
    };
    let change = |change| match change {
        NameChange::Take(name) => ClaimChange::Take(claim(pepper, &name), owner),
        NameChange::Release(name) => ClaimChange::Release(claim(pepper, &name), owner),
    };
    names.into_iter().map(change).collect()
}

/// The claim to a name.
pub(super) fn claim(pepper: &Pepper, name: &Name) -> Claim {
    match name {
        Name::Username(username) => pepper.claim(ClaimKind::Username, &username.skeleton()),
        Name::Address(address) => pepper.claim(ClaimKind::Address, &address.key()),
        Name::Domain(domain) => pepper.claim(ClaimKind::Domain, domain.as_str()),
        Name::FirstOperator => pepper.claim(ClaimKind::Singleton, "first operator"),
    }
}

/// What to say when somebody has a name.
pub(super) const fn taken(kind: ClaimKind, action: Action) -> Refusal {
    match (kind, action) {
        (ClaimKind::Username, _) => Refusal::UsernameTaken,
        (ClaimKind::Address, Action::AliasAdd) => Refusal::AliasTaken,
        (ClaimKind::Address, _) => Refusal::AddressTaken,
        (ClaimKind::Domain, _) => Refusal::DomainTaken,
        (ClaimKind::Singleton, _) => Refusal::AlreadySetUp,
    }
}

/// When all of a batch happened: one moment, by the node's clock.
pub(super) type Moment = DateTime<Utc>;
