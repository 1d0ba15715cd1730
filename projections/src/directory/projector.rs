//! The projection: takes up a page of events in memory, reading each row it needs once, and says what to write.

use std::sync::Arc;

use async_trait::async_trait;
use events::{Event, Recorded, keyring::decode_page, store::Stored, vault::Vault};
use sqlx::SqliteConnection;

use super::desk::Desk;
use crate::{
    Name,
    projection::{Fault, Layout, Projection},
    writes::Writes,
};

/// Projects the directory.
pub(crate) struct Projector {
    vault: Arc<Vault>,
}

impl Projector {
    pub(crate) const fn new(vault: Arc<Vault>) -> Self {
        Self { vault }
    }
}

#[async_trait]
impl Projection for Projector {
    type Decoded = Recorded<Event>;

    const LAYOUT: Layout = Layout {
        name: Name::Directory,
        revision: 4,
        tables: include_str!("../../../migrations/views/directory.sql"),
        indexes: include_str!("../../../migrations/views/directory.indexes.sql"),
    };

    async fn decode(&self, page: &[Arc<Stored>]) -> Result<Vec<Recorded<Event>>, Fault> {
        decode_page(&self.vault, page).await.map_err(|unreadable| {
            if unreadable.error.may_pass() {
                Fault::Elsewhere(unreadable.to_string())
            } else {
                let reason = unreadable.error.to_string();
                Fault::Event { index: unreadable.before.len(), reason }
            }
        })
    }

    async fn project(
        &self,
        connection: &mut SqliteConnection,
        events: Vec<Recorded<Event>>,
    ) -> Result<Writes, Fault> {
        let mut desk = Desk::lay_out(connection, &events).await?;
        for (index, recorded) in events.iter().enumerate() {
            desk.take_up(recorded)
                .map_err(|unfit| Fault::Event { index, reason: unfit.to_string() })?;
        }
        desk.writes().map_err(|error| Fault::Elsewhere(error.to_string()))
    }
}
