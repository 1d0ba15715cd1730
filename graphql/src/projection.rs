//! Projections: how the read models are doing, and their repair.

use async_graphql::{Context, Enum, ID, InputObject, InputType, Object, SimpleObject};
use chrono::{DateTime, Utc};
use commands::Action;
use projections::{Name, NotParked, RebuildError, State, Status, Views};

use crate::{
    Answer,
    asking::Asking,
    ids::GlobalId,
    input::{Fields, Once},
    payload::{Outcome, Payload, Shown},
    problem::Problem,
    scalar::Position,
    user_error::{Fault, Plain},
};

/// A read model, and how it is doing.
pub(crate) struct Projection(pub(crate) Status);

/// What a projection does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum ProjectionState {
    /// Follows the log.
    Live,
    /// Follows the log while a second generation is filled, which then takes its place.
    Rebuilding,
    /// Stopped at an event that it can't apply; shows everything before it.
    Parked,
}

/// A read model, and how it is doing.
#[Object]
impl Projection {
    /// The global id.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::Projection(self.0.name.as_str().to_owned()).into()
    }

    /// Its name, for instance `directory`.
    async fn name(&self) -> &str {
        self.0.name.as_str()
    }

    /// What it does.
    async fn state(&self) -> ProjectionState {
        match self.0.state {
            State::Live => ProjectionState::Live,
            State::Rebuilding(_) => ProjectionState::Rebuilding,
            State::Parked(_) => ProjectionState::Parked,
        }
    }

    /// Everything up to here is visible.
    async fn position(&self) -> Position {
        Position(self.0.position)
    }

    /// The newest event of the log.
    async fn head(&self) -> Position {
        Position(self.0.head)
    }

    /// How many events are not visible yet.
    async fn lag(&self) -> u64 {
        self.0.lag()
    }

    /// How many events were applied per second lately.
    async fn events_per_second(&self) -> f64 {
        self.0.events_per_second
    }

    /// How far a rebuild is; null where none runs.
    async fn rebuild(&self) -> Option<RebuildProgress> {
        match &self.0.state {
            State::Rebuilding(progress) => Some(progress.into()),
            State::Live | State::Parked(_) => None,
        }
    }

    /// The event at which it is parked; null where it isn't.
    async fn parked(&self) -> Option<ParkedEvent> {
        match &self.0.state {
            State::Parked(parked) => Some(ParkedEvent {
                position: Position(parked.position),
                kind: parked.kind.clone(),
                error: parked.error.clone(),
                since: parked.since,
            }),
            State::Live | State::Rebuilding(_) => None,
        }
    }

    /// Why the last attempt to write failed, while it is being repeated.
    async fn trouble(&self) -> Option<&str> {
        self.0.trouble.as_deref()
    }
}

/// How far a rebuild is.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct RebuildProgress {
    /// How many events were applied.
    done: u64,
    /// How many events the log has.
    total: u64,
    /// How far it is, from 0 to 1.
    fraction: f64,
    /// Whether it has ended.
    finished: bool,
    /// Why it failed; null where it didn't.
    error: Option<String>,
}

impl From<&projections::Progress> for RebuildProgress {
    #[expect(clippy::cast_precision_loss, reason = "a fraction for a progress bar")]
    fn from(progress: &projections::Progress) -> Self {
        Self {
            done: progress.done,
            total: progress.total,
            fraction: progress.done as f64 / progress.total.max(1) as f64,
            finished: progress.outcome.is_some(),
            error: progress.outcome.clone().and_then(Result::err),
        }
    }
}

/// The event that a projection can't apply.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct ParkedEvent {
    /// Its position.
    position: Position,
    /// Its stored kind.
    kind: String,
    /// Why it can't be applied.
    error: String,
    /// Since when.
    since: DateTime<Utc>,
}

/// How a projection is doing, for operators.
pub(crate) async fn get(asking: &Asking<'_>, name: &str) -> Result<Projection, Problem> {
    if !asking.is_signed_in() {
        return Err(Problem::Unauthenticated);
    }
    let status = Name::parse(name).map(|name| asking.api.views.status(name));
    match status {
        Some(status) if asking.runs_installation().await? => Ok(Projection(status)),
        _ => Err(Problem::NotFound),
    }
}

/// Queries of projections.
#[derive(Default)]
pub(crate) struct ProjectionQueries;

/// Queries of projections.
#[Object]
impl ProjectionQueries {
    /// How every projection is doing. For operators.
    async fn projections(&self, ctx: &Context<'_>) -> Answer<Vec<Projection>> {
        let read = async {
            let asking = Asking::of(ctx)?;
            asking.may(Action::InstallationRead).await?;
            Ok(asking.api.views.statuses().into_iter().map(Projection).collect())
        };
        Some(read.await)
    }
}

/// Fills a second generation of a projection, which then takes its place.
#[derive(Debug, InputObject)]
pub(crate) struct ProjectionRebuildInput {
    /// The name of the projection, for instance `directory`.
    projection: String,
    /// Makes the mutation repeatable: the same key with the same input begins no second rebuild, with another input
    /// it is refused. The node remembers the newest 1,024 keys until it stops. 1 to 128 printable ASCII characters.
    idempotency_key: Option<String>,
}

/// Lets a parked projection try its event again.
#[derive(Debug, InputObject)]
pub(crate) struct ProjectionResumeInput {
    /// The name of the projection, for instance `directory`.
    projection: String,
    /// Makes the mutation repeatable: the same key with the same input is answered like the first time, with another
    /// input it is refused. The node remembers the newest 1,024 keys until it stops. 1 to 128 printable ASCII
    /// characters.
    idempotency_key: Option<String>,
}

/// What can be done to a projection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repair {
    Rebuild(Name),
    Resume(Name),
}

impl Repair {
    const fn name(self) -> Name {
        match self {
            Self::Rebuild(name) | Self::Resume(name) => name,
        }
    }

    fn run(self, views: &Views) -> Result<(), Fault> {
        let refused = match self {
            Self::Rebuild(name) => match views.rebuild(name) {
                Ok(_) => return Ok(()),
                Err(RebuildError::AlreadyRunning(_)) => Plain::Rebuilding,
                Err(RebuildError::Closing) => Plain::Stopping,
            },
            Self::Resume(name) => match views.resume(name) {
                Ok(()) => return Ok(()),
                Err(NotParked(_)) => Plain::NotParked,
            },
        };
        Err(Fault::Plain(refused))
    }
}

/// The object of a mutation that is about a projection.
#[derive(SimpleObject)]
pub(crate) struct ChangedProjection {
    /// The projection, as it is now; null where there is none of that name.
    projection: Option<Projection>,
}

impl Shown for ChangedProjection {
    const WHAT: &'static str = "the projection, as it is now";
}

/// Mutations of projections. They change no data, so they stand in no history, and there is no version to expect.
#[derive(Default)]
pub(crate) struct ProjectionMutations;

/// Mutations of projections.
#[Object]
impl ProjectionMutations {
    /// Fills a second generation of a projection beside the serving one, which then takes its place. For operators.
    async fn projection_rebuild(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: ProjectionRebuildInput,
    ) -> Answer<Payload<ProjectionRebuildInput, ChangedProjection>> {
        Some(repaired(ctx, &input.projection, input.idempotency_key, Repair::Rebuild).await)
    }

    /// Lets a parked projection try its event again, after a fix. For operators.
    async fn projection_resume(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: ProjectionResumeInput,
    ) -> Answer<Payload<ProjectionResumeInput, ChangedProjection>> {
        Some(repaired(ctx, &input.projection, input.idempotency_key, Repair::Resume).await)
    }
}

/// Has a projection repaired, and shows it.
async fn repaired<I: InputType>(
    ctx: &Context<'_>,
    projection: &str,
    key: Option<String>,
    repair: impl FnOnce(Name) -> Repair + Send,
) -> Result<Payload<I, ChangedProjection>, Problem> {
    let asking = Asking::of(ctx)?;
    asking.may(Action::ProjectionsManage).await?;
    let mut fields = Fields::of(asking, Once::new(key))?;
    let repair = fields.projection("projection", projection).map(repair);
    let views = &asking.api.views;
    let outcome = match fields.valid(repair).await {
        Err(refused) => refused,
        Ok((repair, request)) => {
            match asking.api.repairs.once(&request, repair, |repair| repair.run(views)) {
                Ok(()) => Outcome::refused(asking.position(), Vec::new()),
                Err(fault @ Fault::Plain(_)) => fields.refused(&fault, Some(&["projection"])).await,
                Err(fault) => fields.refused(&fault, Some(&["idempotencyKey"])).await,
            }
        }
    };
    let projection = repair.map(|repair| Projection(views.status(repair.name())));
    Ok(outcome.with(ChangedProjection { projection }))
}
