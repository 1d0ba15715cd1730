//! Requests that change nothing in the log, and are done once all the same.
//!
//! What stands in the log is kept there with a receipt, see `commands`. The repair of a projection concerns
//! this node until it stops, and so does what it remembers of that.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use commands::{IdempotencyKey, Refusal, Request};
use events::AccountId;

use crate::user_error::Fault;

/// How many requests are remembered.
const MOST: usize = 1_024;

/// The newest requests that were done with an idempotency key, oldest first; each of them is a `W`.
#[derive(Debug)]
pub(crate) struct Repeats<W>(Mutex<VecDeque<Done<W>>>);

#[derive(Debug)]
struct Done<W> {
    by: Option<AccountId>,
    key: IdempotencyKey,
    work: W,
}

impl<W> Default for Repeats<W> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<W: PartialEq> Repeats<W> {
    /// Does some work, unless the same request did it before. What was refused may be tried again.
    pub(crate) fn once(
        &self,
        request: &Request,
        work: W,
        run: impl FnOnce(&W) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let Some(key) = request.idempotency_key.clone() else { return run(&work) };
        let by = request.account();
        // Held until the work has begun, so that two at a time are one.
        let mut done = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match done.iter().find(|earlier| earlier.by == by && earlier.key == key) {
            Some(earlier) if earlier.work == work => return Ok(()),
            Some(_) => return Err(Fault::Refused(Refusal::KeyReused)),
            None => run(&work)?,
        }
        if done.len() == MOST {
            done.pop_front();
        }
        done.push_back(Done { by, key, work });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use events::{Actor, RequestId, SessionId};
    use uuid::Uuid;

    use super::*;
    use crate::user_error::Plain;

    fn request(account: u128, key: &str) -> Request {
        let account = AccountId::new(Uuid::from_u128(account));
        let actor = Actor::Account { account, session: SessionId::new(Uuid::now_v7()) };
        let key = IdempotencyKey::parse(key).ok();
        Request { idempotency_key: key, ..Request::new(actor, RequestId::new(Uuid::nil())) }
    }

    #[test]
    fn a_key_does_its_work_once_for_each_who_asks_and_no_other_work() {
        let (repeats, runs) = (Repeats::default(), Cell::new(0));
        let ask = |account, key, work| {
            repeats.once(&request(account, key), work, |_| {
                runs.set(runs.get() + 1);
                Ok(())
            })
        };
        assert!(ask(1, "k", "directory").is_ok() && ask(1, "k", "directory").is_ok());
        assert_eq!(runs.get(), 1);
        let other = ask(1, "k", "history");
        assert!(matches!(other, Err(Fault::Refused(Refusal::KeyReused))), "{other:?}");
        assert!(ask(2, "k", "history").is_ok() && ask(1, "", "directory").is_ok());
        assert_eq!(runs.get(), 3);
    }

    #[test]
    fn what_was_refused_may_be_tried_again_and_no_more_is_remembered_than_has_place() {
        let repeats = Repeats::default();
        let refused = repeats.once(&request(1, "k"), 0, |_| Err(Fault::Plain(Plain::NotParked)));
        assert!(refused.is_err());
        for number in 0..=MOST {
            repeats.once(&request(1, &format!("k{number}")), number, |_| Ok(())).unwrap();
        }
        assert_eq!(repeats.0.lock().unwrap().len(), MOST);
        assert!(repeats.once(&request(1, "k"), 0, |_| Ok(())).is_ok());
    }
}
