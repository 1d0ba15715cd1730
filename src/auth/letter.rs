//! Letters that tell codes: made when somebody fetches one, and kept nowhere.

use chrono::TimeDelta;
use commands::{Command, Failure, Refusal, Request};
use projections::directory::Document;

use super::{Auth, activation::parcel, unavailable};
use crate::letters::{Activation, Pdf, Recipient};

/// How long after it was first fetched a letter can be fetched again, should the printer have jammed.
const KEPT: TimeDelta = TimeDelta::days(1);

impl Auth {
    /// The letter of a document, for those who manage its organisation; none where they don't, and where it is kept no
    /// longer. That it was fetched stands in the history before anybody has it.
    pub async fn print_letter(
        &self,
        request: &Request,
        document: &Document,
    ) -> Result<Option<Pdf>, Failure> {
        let Document { id, organisation, account, .. } = *document;
        // What is void is dropped before, or after: nothing is kept that was dropped in this very moment.
        let turn = self.turns.take(account).await;
        let _turn = turn.ok_or(Failure::Busy)?;
        let download = Command::LetterDownload { organisation, account, letter: id };
        match self.handler.rehearse(request, download.clone()).await {
            Ok(_) => {}
            Err(Failure::Refused(_)) => return Ok(None),
            Err(failure) => return Err(failure),
        }
        let code = self.vault.parcel(parcel(id)).await.map_err(unavailable)?;
        let contact = self.handler.contact(account).await?;
        let (Some(code), Some((contact, language))) = (code, contact) else { return Ok(None) };
        let sender = self.handler.organisation_name(organisation).await?.unwrap_or_default();
        let username = self.handler.username_of(account).await?;
        let letter = Activation {
            language,
            recipient: Recipient {
                name: contact.name.map(|name| name.as_str().to_owned()).unwrap_or_default(),
                salutation: contact.salutation.map(|text| text.as_str().to_owned()),
                last_name: contact.last_name.map(|text| text.as_str().to_owned()),
                address: vec![sender.clone()],
            },
            sender,
            username: username.unwrap_or_default(),
            code: code.clone(),
            written_at: document.created_at,
            expires_at: document.expires_at,
        };
        let drawn = tokio::task::spawn_blocking(move || letter.render()).await;
        let drawn = drawn.map_err(|error| Failure::Unavailable(error.to_string()))?;
        let pdf = drawn.map_err(|error| Failure::Unavailable(error.to_string()))?;
        match self.handler.handle(request, download).await {
            Ok(_) => {}
            // It was replaced in this very moment.
            Err(Failure::Refused(Refusal::DocumentNotFound | Refusal::Forbidden)) => {
                return Ok(None);
            }
            Err(failure) => return Err(failure),
        }
        if document.downloaded_at.is_none() {
            let until = document.expires_at.min(self.clock.now() + KEPT);
            let kept = self.vault.put_parcel(parcel(id), account, &code, until);
            kept.await.map_err(unavailable)?;
        }
        Ok(Some(pdf))
    }
}
