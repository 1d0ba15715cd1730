//! Fills a generation from the first event on, beside the serving one, and puts it in its place.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use events::{
    Position,
    store::{StoreError, Stored, Subscription},
};
use tokio::sync::{MutexGuard, watch};

use crate::{
    Progress,
    generation::{Generation, Writer},
    projection::{Fault, Projection},
    runner::{self, Runner},
};

/// How many events are written in one transaction while filling: so many that rows which change often are written once.
const PAGE: u32 = 2_500;

/// Why a rebuild ended without a new generation. The serving one goes on.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("event {position} ({kind}): {fault}")]
    Event { position: Position, kind: String, fault: Fault },
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Log(#[from] StoreError),
    #[error("{0}")]
    Elsewhere(String),
    #[error("the projections are closing")]
    Closing,
}

impl From<(&Stored, Fault)> for Failure {
    fn from((event, fault): (&Stored, Fault)) -> Self {
        match fault {
            Fault::Database(error) => Self::Database(error),
            Fault::Elsewhere(what) => Self::Elsewhere(what),
            fault @ Fault::Event { .. } => {
                Self::Event { position: event.position, kind: event.kind.to_string(), fault }
            }
        }
    }
}

impl<P: Projection> Runner<P> {
    /// Fills a new generation, puts it in the place of the serving one and follows the log with it.
    /// Returns when another takes over, when the views close, or when there is no new generation.
    pub(crate) async fn rebuild(self, folder: PathBuf, progress: watch::Sender<Progress>) {
        let name = P::LAYOUT.name;
        tracing::info!(projection = %name, "a projection is being rebuilt");
        match self.fill(&folder, &progress).await {
            Ok((number, writer)) => {
                tracing::info!(projection = %name, position = writer.position.0, "a projection was rebuilt");
                self.follow(number, writer).await;
            }
            Err(failure) => {
                tracing::error!(projection = %name, error = %failure, "a projection wasn't rebuilt; the former rows go on serving");
                progress.send_modify(|progress| progress.outcome = Some(Err(failure.to_string())));
                self.seat.ring();
            }
        }
    }

    async fn fill(
        &self,
        folder: &Path,
        progress: &watch::Sender<Progress>,
    ) -> Result<(u64, Writer), Failure> {
        let layout = P::LAYOUT;
        let number = Generation::next_number(folder, layout.name)?;
        let mut closing = self.closing.clone();
        let ready = tokio::select! {
            biased;
            _ = closing.wait_for(|closing| *closing) => Err(Failure::Closing),
            ready = self.make_ready(folder, number, progress) => ready,
        };
        // From here on nothing is waited for: either the generation serves, or its file is gone.
        match ready {
            Ok((generation, writer, _turn)) => {
                self.seat.swap(Arc::new(generation), writer.position, || {
                    progress.send_modify(|progress| progress.outcome = Some(Ok(())));
                });
                Ok((number, writer))
            }
            Err(failure) => {
                Generation::discard(folder, layout.name, number);
                Err(failure)
            }
        }
    }

    /// Fills a generation up to where the serving one is, which then stands still until the turn is given back.
    async fn make_ready(
        &self,
        folder: &Path,
        number: u64,
        progress: &watch::Sender<Progress>,
    ) -> Result<(Generation, Writer, MutexGuard<'_, ()>), Failure> {
        let mut writer = Generation::create(folder, &P::LAYOUT, number).await?;
        self.fill_bulk(&mut writer, progress).await?;
        let (generation, mut writer) =
            Generation::finish(folder, &P::LAYOUT, number, writer).await?;
        let mut subscription = self.store.subscribe(writer.position);
        while !runner::is_near(writer.position, self.store.head()) {
            self.catch_up(&mut subscription, &mut writer, progress).await?;
        }
        // The rest while the serving generation stands still, so that no reader ever sees the position go back.
        let turn = self.seat.turn.lock().await;
        let served = *self.seat.position().borrow();
        while writer.position < served {
            self.catch_up(&mut subscription, &mut writer, progress).await?;
        }
        Ok((generation, writer, turn))
    }

    /// Applies nearly all of the log, in large pages; the next page is read while one is being written.
    async fn fill_bulk(
        &self,
        writer: &mut Writer,
        progress: &watch::Sender<Progress>,
    ) -> Result<(), Failure> {
        if self.store.head() == Position::START {
            return Ok(());
        }
        let mut subscription = self.store.subscribe(Position::START);
        let mut page = read(&*self.projection, &mut subscription).await?;
        loop {
            let (events, decoded) = page;
            let Some(last) = events.last().map(|event| event.position) else { return Ok(()) };
            let decoded = decoded.map_err(|fault| blame(&events, fault))?;
            let rows = self
                .projection
                .project(&mut writer.connection, decoded)
                .await
                .map_err(|fault| blame(&events, fault))?;
            let head = self.store.head();
            if runner::is_near(last, head) {
                writer.commit(rows, last).await?;
                self.report(progress, last, head);
                return Ok(());
            }
            let (committed, next) =
                tokio::join!(writer.commit(rows, last), read(&*self.projection, &mut subscription));
            committed?;
            page = next?;
            self.report(progress, last, head);
        }
    }

    /// Applies what came meanwhile.
    async fn catch_up(
        &self,
        subscription: &mut Subscription,
        writer: &mut Writer,
        progress: &watch::Sender<Progress>,
    ) -> Result<(), Failure> {
        let page = subscription.next(PAGE).await?;
        runner::apply(&*self.projection, writer, &page).await?;
        self.report(progress, writer.position, self.store.head());
        Ok(())
    }

    fn report(&self, progress: &watch::Sender<Progress>, done: Position, head: Position) {
        progress.send_modify(|progress| {
            progress.done = done.0;
            progress.total = head.0.max(done.0);
        });
        self.seat.ring();
    }
}

type Read<P> = (Vec<Arc<Stored>>, Result<Vec<<P as Projection>::Decoded>, Fault>);

async fn read<P: Projection>(
    projection: &P,
    subscription: &mut Subscription,
) -> Result<Read<P>, StoreError> {
    let page = subscription.next(PAGE).await?;
    let decoded = projection.decode(&page).await;
    Ok((page, decoded))
}

fn blame(page: &[Arc<Stored>], fault: Fault) -> Failure {
    let index = if let Fault::Event { index, .. } = &fault { *index } else { 0 };
    match page.get(index) {
        Some(event) => (&**event, fault).into(),
        None => Failure::Closing,
    }
}
