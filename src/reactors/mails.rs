//! Hands mails that were queued to the outbox.

use std::sync::Arc;

use async_trait::async_trait;
use commands::Failure;
use events::{Event, Recorded, Stream};

use super::Reactor;
use crate::mail::Outbox;

/// Hands mails to the outbox.
pub struct SendMails {
    outbox: Arc<Outbox>,
}

impl SendMails {
    /// Its name.
    pub(super) const NAME: &'static str = "mails";

    /// A reactor that hands mails to this outbox.
    pub const fn new(outbox: Arc<Outbox>) -> Self {
        Self { outbox }
    }
}

#[async_trait]
impl Reactor for SendMails {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn cares(&self, kind: &str) -> bool {
        kind.starts_with("mail.queued.") || kind.starts_with("mail.retried.")
    }

    async fn react(&self, event: &Recorded<Event>) -> Result<(), Failure> {
        match event.stream {
            Stream::Mail(mail) => self.outbox.take_in(mail).await,
            _ => Ok(()),
        }
    }
}
