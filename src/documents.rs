//! Documents that are made when somebody fetches them, behind the route of [`http`](crate::http).

use std::sync::Arc;

use async_trait::async_trait;
use commands::Request;
use events::LetterId;
use graphql::client::Client;
use projections::{Views, Visible};
use tracing::error;

use crate::{
    auth::Auth,
    http::port::{Credentials, Document, Documents},
};

/// Letters, found by the read models and handed out by the rules.
pub struct Letters {
    auth: Arc<Auth>,
    views: Arc<Views>,
}

impl Letters {
    /// Over the one who knows the codes, and the list of documents.
    pub const fn new(auth: Arc<Auth>, views: Arc<Views>) -> Self {
        Self { auth, views }
    }
}

#[async_trait]
impl Documents for Letters {
    async fn fetch(
        &self,
        credentials: Credentials,
        client: &Client,
        id: &str,
    ) -> Result<Option<Document>, ()> {
        let Ok(viewer) = self.auth.viewer(credentials, client).await else { return Ok(None) };
        let Ok(id) = id.parse::<LetterId>() else { return Ok(None) };
        let mut request = Request::new(viewer.actor, viewer.request);
        request.on_behalf_of = viewer.on_behalf_of;
        request.origin = viewer.origin;
        request.organisation = viewer.organisation;
        let away = |failure: &dyn std::fmt::Display| {
            error!(%failure, document = %id, "a document can't be handed out");
        };
        // Who may see it, the rules say.
        let found = self.views.directory().document(Visible::Everything, id).await;
        let Some(found) = found.map_err(|error| away(&error))? else { return Ok(None) };
        let pdf = self.auth.print_letter(&request, &found).await.map_err(|error| away(&error))?;
        let short = id.to_string().chars().rev().take(8).collect::<String>();
        let name = format!("activation-letter-{}", short.chars().rev().collect::<String>());
        Ok(pdf.map(|pdf| Document { name, content: pdf.into_bytes() }))
    }
}
