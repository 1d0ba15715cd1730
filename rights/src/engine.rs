//! The engine: one state in force, one perhaps pending, and the way from one to the other.

use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;

use crate::{
    change::{Change, Refusal, Refused},
    description::{Description, Invalid},
    draft::{Draft, Touched},
    id::{AccountId, FolderId, Rights},
    recalculation::Recalculation,
    snapshot::Snapshot,
};

/// The rights of one organisation.
///
/// Readers take the state in force with one atomic load and never wait. Writers take turns. There are two
/// ways for a change to come in force, and both end in [`Engine::publish`]:
///
/// - [`announce`](Self::announce) it, then [`recalculate`](Self::recalculate): from the announcement on, what
///   it takes away is gone in [`check`](Self::check); what it gives comes with the recalculation. Changes that
///   are announced while a recalculation runs are covered by the next one, all at once.
/// - [`prepare`](Self::prepare) it: nobody sees anything until it is published. Dropped, it was a preview.
#[derive(Debug)]
pub struct Engine {
    published: ArcSwap<Published>,
    /// Held by whoever publishes or announces; readers don't know it.
    writing: Mutex<()>,
}

/// What readers see: the recalculated state, and what has been announced since.
#[derive(Debug)]
struct Published {
    applied: Arc<Snapshot>,
    pending: Option<Pending>,
}

#[derive(Clone, Debug)]
struct Pending {
    current: Arc<Snapshot>,
    /// What differs between `applied` and `current`, or more.
    touched: Arc<Touched>,
}

/// Why a recalculation can't be published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotPublished {
    /// Its differences aren't complete.
    #[error("the recalculation isn't finished")]
    Unfinished,
    /// Another one was published since it began, or changes are announced that it doesn't cover.
    #[error("the state it was made from is no longer the one in force")]
    Stale,
}

impl Default for Engine {
    fn default() -> Self {
        Self::new(Snapshot::default())
    }
}

impl Engine {
    /// An engine with this state in force. O(1).
    pub fn new(snapshot: Snapshot) -> Self {
        Self::of(Published { applied: Arc::new(snapshot), pending: None })
    }

    /// An engine from what was kept. O(n + grants log grants + memberships).
    pub fn rebuild(description: &Description) -> Result<Self, Invalid> {
        Snapshot::rebuild(description).map(Self::new)
    }

    fn of(published: Published) -> Self {
        Self { published: ArcSwap::from_pointee(published), writing: Mutex::new(()) }
    }

    /// The recalculated state. O(1), never waits.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.published.load().applied.clone()
    }

    /// The state with everything that was announced, if that isn't recalculated yet. O(1), never waits.
    pub fn announced(&self) -> Option<Arc<Snapshot>> {
        self.published.load().pending.as_ref().map(|pending| pending.current.clone())
    }

    /// All rights of an account on a folder: those recalculated that aren't revoked by now. Never waits.
    /// The cost of [`Snapshot::check`], twice while something is pending.
    pub fn check(&self, account: AccountId, folder: FolderId) -> Result<Rights, Refusal> {
        let published = self.published.load();
        let applied = published.applied.check(account, folder)?;
        match &published.pending {
            None => Ok(applied),
            Some(pending) => Ok(applied & pending.current.check(account, folder)?),
        }
    }

    /// Lets changes wait for the next recalculation. What they take away is gone at once. All of them or none.
    /// The cost of [`Self::prepare`].
    pub fn announce(&self, changes: &[Change]) -> Result<(), Refused> {
        let _turn = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let published = self.published.load_full();
        let draft = match &published.pending {
            None => Draft::after(&published.applied),
            Some(Pending { current, touched }) => {
                Draft::resume((**current).clone(), (**touched).clone())
            }
        };
        let (current, touched) = draft.apply(changes)?;
        let pending = Pending { current: Arc::new(current), touched: Arc::new(touched) };
        let applied = published.applied.clone();
        self.published.store(Arc::new(Published { applied, pending: Some(pending) }));
        Ok(())
    }

    /// Starts the recalculation of everything announced; none when nothing is. O(marks of the principals touched).
    pub fn recalculate(&self) -> Option<Recalculation> {
        let published = self.published.load_full();
        let Pending { current, touched } = published.pending.as_ref()?;
        Some(Recalculation::new(published.applied.clone(), current.clone(), touched, true))
    }

    /// Starts a recalculation of these changes alone, on the state in force. A preview is one that is dropped.
    /// For each change O(log n), and O(m) for m folders that move or get a new nearest node; O(k log k) for each
    /// principal touched.
    pub fn prepare(&self, changes: &[Change]) -> Result<Recalculation, Refused> {
        let applied = self.snapshot();
        let (next, touched) = Draft::after(&applied).apply(changes)?;
        Ok(Recalculation::new(applied, Arc::new(next), &touched, false))
    }

    /// Puts a finished recalculation in force: one atomic swap. Readers see the state before or the state after.
    /// O(1), after whoever announces or publishes at the moment.
    pub fn publish(&self, recalculation: &Recalculation) -> Result<Arc<Snapshot>, NotPublished> {
        if !recalculation.progress().is_finished() {
            return Err(NotPublished::Unfinished);
        }
        let _turn = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let published = self.published.load_full();
        let covers_pending = published.pending.is_some() == recalculation.announced;
        if !Arc::ptr_eq(&published.applied, recalculation.before()) || !covers_pending {
            return Err(NotPublished::Stale);
        }
        let applied = recalculation.after().clone();
        let pending = published.pending.clone();
        let pending = pending.filter(|pending| !Arc::ptr_eq(&pending.current, &applied));
        self.published.store(Arc::new(Published { applied: applied.clone(), pending }));
        Ok(applied)
    }
}
