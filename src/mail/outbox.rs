//! The outbox: mails that wait, and those that are on their way.
//!
//! What waits stands in the vault, with when it is due; here is only what is on its way, so however much waits takes no
//! memory, and a restart goes on where it was.

use std::{collections::HashMap, sync::Arc, time::Duration};

use commands::{Failure, Handler};
use events::{
    MailId,
    id::{Clock, Ids},
    vault::Vault,
};
use metrics::gauge;
use tokio::{
    sync::Notify,
    task::{Id, JoinError, JoinSet},
    time::sleep,
};
use tracing::{error, warn};

use super::{
    carriage::Carriage,
    delivery::{Delivery, Patience},
};
use crate::stopping::Stopping;

/// Between looks into the vault, at most.
const LOOK: Duration = Duration::from_mins(1);
/// After a look or a delivery that the vault or the log didn't let through.
const TROUBLE: Duration = Duration::from_secs(2);
/// How long those on their way may take when the program stops.
const FAREWELL: Duration = Duration::from_secs(10);

/// Sends what waits.
pub struct Outbox {
    delivery: Arc<Delivery>,
    vault: Arc<Vault>,
    clock: Arc<dyn Clock>,
    wake: Notify,
    at_once: usize,
}

/// What an outbox works with.
pub struct Equipment {
    /// What notes what becomes of mails.
    pub handler: Arc<Handler>,
    /// What holds what they say.
    pub vault: Arc<Vault>,
    /// When they are due.
    pub clock: Arc<dyn Clock>,
    /// For requests.
    pub ids: Arc<dyn Ids>,
    /// Which way they go.
    pub carriage: Arc<dyn Carriage>,
    /// The address of the product, without a slash at its end.
    pub address: Arc<str>,
    /// How often they are tried.
    pub patience: Patience,
    /// How many are on their way at once.
    pub at_once: usize,
}

impl Outbox {
    /// An outbox; it sends nothing before it runs.
    pub fn new(equipment: Equipment) -> Self {
        let Equipment { handler, vault, clock, ids, carriage, address, patience, at_once } =
            equipment;
        let (vault_too, clock_too) = (vault.clone(), clock.clone());
        let delivery = Delivery { handler, vault, clock, ids, carriage, address, patience };
        Self {
            delivery: Arc::new(delivery),
            vault: vault_too,
            clock: clock_too,
            wake: Notify::new(),
            at_once,
        }
    }

    /// Takes in a mail that is to be sent, as soon as it is its turn. Doing so twice changes nothing.
    pub async fn take_in(&self, mail: MailId) -> Result<(), Failure> {
        self.vault.schedule_parcel(mail, Some(self.clock.now())).await?;
        if !self.vault.has_parcel(mail).await? {
            // Sent before, or its contents are gone: the log says which, and then what becomes of it.
            self.delivery.deliver(mail).await?;
        }
        self.wake.notify_one();
        Ok(())
    }

    /// Looks again at once: the clock was turned, or another way was chosen.
    pub fn look(&self) {
        self.wake.notify_one();
    }

    /// Sends what is due, until it is time to stop; then those on their way are finished.
    pub async fn run(&self, mut stopping: Stopping) {
        let (mut under_way, mut tasks) = (HashMap::new(), JoinSet::new());
        loop {
            let pause = match self.send_some(&mut under_way, &mut tasks).await {
                Ok(pause) => pause,
                Err(failure) => {
                    warn!(%failure, "the outbox can't be looked into now");
                    TROUBLE
                }
            };
            gauge!("stamrol_mails_under_way")
                .set(f64::from(u32::try_from(tasks.len()).unwrap_or(u32::MAX)));
            tokio::select! {
                biased;
                () = stopping.wait() => break,
                Some(done) = tasks.join_next_with_id() => {
                    let task = done.as_ref().map_or_else(JoinError::id, |(task, ())| *task);
                    let mail = under_way.remove(&task);
                    if let (Err(error), Some(mail)) = (done, mail) {
                        error!(%error, %mail, "a delivery failed");
                        self.delivery.postpone(mail).await;
                    }
                },
                () = self.wake.notified() => {}
                () = sleep(pause) => {}
            }
        }
        let finish = async { while tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(FAREWELL, finish).await.is_err() {
            warn!(
                "some mails were on their way for too long; they are tried again after the next start"
            );
        }
    }

    /// Sets as many off as there is room for, and tells when to look again.
    async fn send_some(
        &self,
        under_way: &mut HashMap<Id, MailId>,
        tasks: &mut JoinSet<()>,
    ) -> Result<Duration, Failure> {
        let room = self.at_once.saturating_sub(tasks.len());
        if room == 0 {
            return Ok(LOOK);
        }
        let now = self.clock.now();
        // Those that are under way are due, too.
        let limit = u32::try_from(2 * self.at_once).unwrap_or(u32::MAX);
        let due = self.vault.due_parcels(now, limit).await?;
        let waits = |mail: &MailId| under_way.values().all(|other| other != mail);
        let waiting: Vec<_> = due.into_iter().filter(waits).collect();
        for mail in waiting.into_iter().take(room) {
            let delivery = self.delivery.clone();
            let task = tasks.spawn(async move {
                if let Err(failure) = delivery.deliver(mail).await {
                    warn!(%mail, %failure, "a mail can't be delivered now");
                    sleep(TROUBLE).await;
                }
            });
            under_way.insert(task.id(), mail);
        }
        let next = self.vault.next_parcel(now).await?;
        let pause = next.and_then(|next| (next - now).to_std().ok());
        Ok(pause.map_or(LOOK, |pause| pause.min(LOOK)))
    }
}
