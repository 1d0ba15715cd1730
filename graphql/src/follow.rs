//! Subscriptions: what happens, as it happens.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use async_graphql::{Context, ID, Subscription};
use futures_util::{Stream, future::select_all, stream};
use projections::{
    Name, Status, Visible,
    history::{Entry, Subject},
};
use tokio::{
    sync::watch,
    time::{Instant, Interval, MissedTickBehavior, interval, sleep_until, timeout},
};

use crate::{
    asking::{Api, Asking, Sight},
    history::{self, HistoryEntry},
    problem::Problem,
    projection::Projection,
    scalar::Position,
    system_message::{Listener, SystemMessage},
    viewer::Viewer,
};

/// How many entries are read at a time.
const PAGE: u32 = 100;

/// How long nothing may happen before the caller's rights are looked at again.
const HEARTBEAT: Duration = Duration::from_secs(1);

/// How long lies between two looks at the projections, however much they have to tell.
const GAP: Duration = Duration::from_millis(100);

/// What happens, as it happens. Rights are looked at before every event; a stream ends with an error as soon as
/// the caller's right to it has ended.
#[derive(Default)]
pub(crate) struct Subscriptions;

/// What happens, as it happens. Rights are looked at before every event; a stream ends with an error as soon as
/// the caller's right to it has ended.
#[Subscription(name = "Subscription")]
impl Subscriptions {
    /// What happens, in order: first what happened after a position, then, without a gap, what comes.
    async fn events(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Only what comes after this position: give the last one that you have seen. Where none is given, only what is new."
        )]
        after: Option<Position>,
        #[graphql(desc = "Only of the account with this global id.")] account: Option<ID>,
        #[graphql(desc = "Only of the organisation with this global id, and of everything in it.")]
        organisation: Option<ID>,
    ) -> Result<impl Stream<Item = Result<HistoryEntry, Problem>> + use<>, Problem> {
        let caller = Caller::of(ctx)?;
        let subject = history::subject(account, organisation)?;
        let visible = caller.asking().visible(Sight::History).await?;
        let newest = caller.api.views.position(Name::History);
        let after = after.map_or(newest, |position| position.0);
        let follower = Follower { caller, subject, visible, after, ready: VecDeque::new() };
        Ok(stream::unfold(Some(follower), async |follower| {
            let mut follower = follower?;
            match follower.next().await {
                Ok(entry) => Some((Ok(HistoryEntry(entry)), Some(follower))),
                Err(problem) => Some((Err(problem), None)),
            }
        }))
    }

    /// What those who are signed in are told: at first what is still shown, then, without a gap, what comes. Messages to
    /// everybody, and to those who work in the caller's organisation.
    async fn system_messages(
        &self,
        ctx: &Context<'_>,
    ) -> Result<impl Stream<Item = Result<SystemMessage, Problem>> + use<>, Problem> {
        let listener = Listener::new(Caller::of(ctx)?).await?;
        Ok(stream::unfold(Some(listener), async |listener| {
            let mut listener = listener?;
            match listener.next().await {
                Ok(message) => Some((Ok(SystemMessage(message)), Some(listener))),
                Err(problem) => Some((Err(problem), None)),
            }
        }))
    }

    /// How the projections are doing: at first, and each time that something about one changes, at most ten times a
    /// second. For operators.
    async fn projection_progress(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only the projection of this name, for instance `directory`.")]
        projection: Option<String>,
    ) -> Result<impl Stream<Item = Result<Projection, Problem>> + use<>, Problem> {
        let caller = Caller::of(ctx)?;
        let only =
            projection.map(|name| Name::parse(&name).ok_or(Problem::NotFound)).transpose()?;
        caller.asking().may(commands::Action::InstallationRead).await?;
        let watcher = Watcher::new(caller, only);
        Ok(stream::unfold(Some(watcher), async |watcher| {
            let mut watcher = watcher?;
            match watcher.next().await {
                Ok(status) => Some((Ok(Projection(status)), Some(watcher))),
                Err(problem) => Some((Err(problem), None)),
            }
        }))
    }
}

/// Who follows.
pub(crate) struct Caller {
    pub(crate) api: Arc<Api>,
    pub(crate) viewer: Arc<Viewer>,
}

impl Caller {
    fn of(ctx: &Context<'_>) -> Result<Self, Problem> {
        let missing = |_| Problem::internal(&"the transport put no viewer into a request");
        Ok(Self {
            api: ctx.data::<Arc<Api>>().map_err(missing)?.clone(),
            viewer: ctx.data::<Arc<Viewer>>().map_err(missing)?.clone(),
        })
    }

    pub(crate) fn asking(&self) -> Asking<'_> {
        Asking::still(&self.api, &self.viewer)
    }

    /// Waits until a projection has come further than a position, or for the next heartbeat.
    pub(crate) async fn comes(&self, name: Name, after: events::Position) {
        let heartbeat = Instant::now() + HEARTBEAT;
        let next = events::Position(after.0.saturating_add(1));
        if self.api.views.caught_up(name, next, HEARTBEAT).await.is_err() {
            // A projection that is parked says so at once; asking it again and again would help nobody.
            sleep_until(heartbeat).await;
        }
    }
}

/// Follows the history. Where it stands is a position, so that nothing is missed between old and new.
struct Follower {
    caller: Caller,
    subject: Subject,
    visible: Visible,
    after: events::Position,
    ready: VecDeque<Entry>,
}

impl Follower {
    /// The next entry; waits where there is none yet.
    async fn next(&mut self) -> Result<Entry, Problem> {
        loop {
            self.may_still_see().await?;
            if let Some(entry) = self.ready.pop_front() {
                return Ok(entry);
            }
            let history = self.caller.asking().history();
            let (entries, reached) =
                history.after(self.visible, self.subject, self.after, PAGE).await?;
            self.ready.extend(entries);
            if reached <= self.after {
                self.something_comes().await;
            }
            self.after = self.after.max(reached);
        }
    }

    async fn may_still_see(&self) -> Result<(), Problem> {
        let visible = self.caller.asking().visible(Sight::History).await?;
        if visible == self.visible { Ok(()) } else { Err(Problem::Forbidden) }
    }

    /// Waits for the next event, or for the next heartbeat.
    async fn something_comes(&self) {
        self.caller.comes(Name::History, self.after).await;
    }
}

/// Watches projections, which tell when there is something to look at.
struct Watcher {
    caller: Caller,
    only: Option<Name>,
    news: Vec<watch::Receiver<()>>,
    gap: Interval,
    seen: Vec<Status>,
    ready: VecDeque<Status>,
}

impl Watcher {
    fn new(caller: Caller, only: Option<Name>) -> Self {
        let watched = Name::ALL.into_iter().filter(|&name| only.is_none_or(|only| only == name));
        let news = watched.map(|name| caller.api.views.news(name)).collect();
        let mut gap = interval(GAP);
        gap.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { caller, only, news, gap, seen: Vec::new(), ready: VecDeque::new() }
    }

    /// The next state that differs from the one before.
    async fn next(&mut self) -> Result<Status, Problem> {
        loop {
            self.caller.asking().may(commands::Action::InstallationRead).await?;
            if let Some(status) = self.ready.pop_front() {
                return Ok(status);
            }
            self.gap.tick().await;
            let mut now = self.caller.api.views.statuses();
            now.retain(|status| self.only.is_none_or(|only| only == status.name));
            let changed = now.iter().filter(|status| !self.seen.contains(status)).cloned();
            self.ready = changed.collect();
            self.seen = now;
            if self.ready.is_empty() {
                self.something_comes().await;
            }
        }
    }

    /// Waits for news, or for the next heartbeat: rights end and the log grows without any.
    async fn something_comes(&mut self) {
        let news = select_all(self.news.iter_mut().map(|news| Box::pin(news.changed())));
        // What it is, the next look shows.
        let _ = timeout(HEARTBEAT, news).await;
    }
}
