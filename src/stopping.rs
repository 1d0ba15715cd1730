//! How background tasks learn that the program is about to end.

use tokio::sync::watch;

/// Says once that it is time to stop.
#[derive(Debug, Default)]
pub struct Stop(watch::Sender<bool>);

/// Waits for that.
#[derive(Clone, Debug)]
pub struct Stopping(watch::Receiver<bool>);

impl Stop {
    /// Nobody has to stop yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// For a task that is to stop with the others.
    pub fn listen(&self) -> Stopping {
        Stopping(self.0.subscribe())
    }

    /// It is time.
    pub fn now(&self) {
        self.0.send_replace(true);
    }
}

impl Stopping {
    /// Resolves when it is time to stop, and at once ever after.
    pub async fn wait(&mut self) {
        // Whoever could say it is gone: that is the end, too.
        let _ = self.0.wait_for(|stop| *stop).await;
    }
}
