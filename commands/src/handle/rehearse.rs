//! Whether a command would be done, without doing it.

use tokio::time::Instant;

use super::{
    Done, Failure, Handler, PATIENCE, all_landed,
    attempt::{Attempt, Found},
    locked::Pace,
};
use crate::{Command, Request};

impl Handler {
    /// Refuses what [`Handler::handle`] would refuse now, and appends nothing. For edges that do something dear or
    /// telling before they ask, such as comparing or hashing a password. The answer, if there is one, is that of the
    /// same request when it came before.
    pub async fn rehearse(
        &self,
        request: &Request,
        command: impl Into<Command> + Send,
    ) -> Result<Option<Done>, Failure> {
        let made = self.ids.next();
        let work = self.work(request, command.into(), made)?;
        let cast = self.cast(&work, made).await?;
        // With nothing to seal with, nothing sets out.
        let mut found = Found::default();
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if let Some(done) = self.earlier(&work).await? {
                return Ok(Some(done));
            }
            match self.attempt(&work, &cast, &found, Pace::Hasty.depth()) {
                Attempt::NotNow(not_now) => self.wait(not_now, Pace::Hasty, deadline).await?,
                Attempt::NeedsKey(takes) => {
                    found.taken = self.taken(takes).await?;
                    if found.taken.is_empty() {
                        return Ok(None);
                    }
                }
                Attempt::Answer(answer, rests_on) => {
                    if all_landed(&rests_on).await {
                        return answer.map(|_| None);
                    }
                }
                Attempt::Away(..) => return Ok(None),
            }
        }
        Err(Failure::Busy)
    }
}
