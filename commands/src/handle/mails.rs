//! What the write side knows about a mail, for whoever delivers it.

use chrono::{DateTime, Utc};

use events::{
    AccountId, CredentialId, EventId, MailId, OrganisationId, Stream, Version,
    mail::Event,
    value::{EmailAddress, Language, MailKind, MailSettings, MailTemplate},
};

use super::{Failure, Handler, slots::open};
use crate::{mail::Mail, state::State};

/// A mail as the log has it.
#[derive(Clone, Debug, PartialEq)]
pub struct MailState {
    /// Whether it is to be sent.
    pub waiting: bool,
    /// Whether it was sent.
    pub sent: bool,
    /// How often it was tried.
    pub attempts: u32,
    /// To whom.
    pub account: AccountId,
    /// In whose name; none: in that of the installation.
    pub organisation: Option<OrganisationId>,
    /// What it is about.
    pub kind: MailKind,
    /// To which address; none where whom it is to was erased.
    pub to: Option<EmailAddress>,
    /// In which language.
    pub language: Language,
    /// From when on it is of no use.
    pub expires_at: DateTime<Utc>,
    /// When it was queued.
    pub queued_at: DateTime<Utc>,
    /// The event that queued it.
    pub queued: EventId,
}

impl Handler {
    /// What mails of a kind say in an organisation's name; none: what the built-in template does.
    pub async fn mail_template(
        &self,
        organisation: OrganisationId,
        kind: MailKind,
        language: Language,
    ) -> Result<Option<MailTemplate>, Failure> {
        let slots = self.gather(vec![Stream::Organisation(organisation)]).await?;
        Ok(slots.iter().find_map(|slot| match slot.read().durable() {
            State::Organisation(state) => state.house()?.mail_template(kind, language).cloned(),
            _ => None,
        }))
    }

    /// Where an operator has mail go, and where the vault has the password to sign in with there; none: where the
    /// configuration says.
    pub async fn mail_settings(
        &self,
    ) -> Result<Option<(MailSettings, Option<CredentialId>)>, Failure> {
        let slots = self.gather(vec![Stream::Installation]).await?;
        Ok(slots.iter().find_map(|slot| match slot.read().durable() {
            State::Installation(installation) => installation.mail().cloned(),
            _ => None,
        }))
    }

    /// A mail as the log has it; none if there never was such a mail.
    pub async fn mail_state(&self, mail: MailId) -> Result<Option<MailState>, Failure> {
        let stream = Stream::Mail(mail);
        let slots = self.gather(vec![stream]).await?;
        let known = slots.iter().find_map(|slot| match slot.read().durable() {
            State::Mail(mail) => Some(*mail),
            _ => None,
        });
        let (letter, waiting, sent) = match known {
            Some(Mail::Waiting(letter)) => (letter, true, false),
            Some(Mail::Sent(letter)) => (letter, false, true),
            Some(Mail::GivenUp(letter)) => (letter, false, false),
            Some(Mail::Unknown) | None => return Ok(None),
        };
        // No rule looks at an address, so nothing but the log has it.
        let keys = self.vault.keys(&[letter.account()]).await?;
        let first = self.store.read(stream, Version::NONE, 1).await?;
        let Some(stored) = first.first() else { return Ok(None) };
        let events::Event::Mail(Event::Queued {
            account,
            organisation,
            kind,
            to,
            language,
            expires_at,
        }) = open(stored, &keys)?
        else {
            return Ok(None);
        };
        Ok(Some(MailState {
            waiting,
            sent,
            attempts: letter.attempts(),
            account,
            organisation,
            kind,
            to: to.value().cloned(),
            language,
            expires_at,
            queued_at: stored.at,
            queued: stored.id,
        }))
    }
}
