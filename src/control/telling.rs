//! Tells what happened, event by event, in sentences.

use std::vec;

use events::{AccountId, OrganisationId, Position, value::Language};
use projections::{
    Name, State, Views, Visible,
    history::{Entry, History, Subject},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Answer;

/// Events that are read at a time.
const PAGE: u32 = 500;

/// Which part of the history, and how it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// Only what concerns this account.
    pub account: Option<AccountId>,
    /// Only what concerns this organisation; not together with an account.
    pub organisation: Option<OrganisationId>,
    /// Only what comes after this position.
    pub after: Position,
    /// So many events at most.
    pub limit: u64,
    /// The language of the sentences.
    pub language: Language,
}

/// A history that is being told.
pub struct Telling {
    history: History,
    subject: Subject,
    language: Language,
    /// Up to where everything was told.
    told: Position,
    /// Where the history ended when it was asked for: what comes meanwhile would never end.
    until: Position,
    left: u64,
    /// Why there is more than can be told.
    parked: Option<String>,
    page: vec::IntoIter<Entry>,
}

impl Telling {
    /// Begins to tell.
    pub fn begin(views: &Views, wanted: &Wanted) -> Self {
        let subject = match (wanted.account, wanted.organisation) {
            (Some(account), _) => Subject::Account(account),
            (None, Some(organisation)) => Subject::Organisation(organisation),
            (None, None) => Subject::All,
        };
        let history = views.history();
        let parked = match views.status(Name::History).state {
            State::Parked(at) => Some(format!(
                "the history stops before position {}, which can't be read: {}",
                at.position, at.error
            )),
            State::Live | State::Rebuilding(_) => None,
        };
        Self {
            until: history.position(),
            history,
            subject,
            language: wanted.language,
            told: wanted.after,
            left: wanted.limit,
            parked,
            page: Vec::new().into_iter(),
        }
    }

    /// The next event, oldest first; none after the last. An error is the last, too.
    pub async fn next(&mut self) -> Option<Answer> {
        loop {
            if self.left == 0 {
                return None;
            }
            if let Some(entry) = self.page.next() {
                self.left -= 1;
                return Some(self.tell(&entry));
            }
            if self.told >= self.until {
                return self.parked.take().map(|reason| Answer::Refused { reason });
            }
            let visible = Visible::Everything;
            let limit = u32::try_from(self.left).unwrap_or(PAGE).min(PAGE);
            match self.history.after(visible, self.subject, self.told, limit).await {
                Ok((entries, looked)) => {
                    self.page = entries.into_iter();
                    self.told = looked;
                }
                Err(error) => return Some(self.refuse(&error)),
            }
        }
    }

    fn tell(&mut self, entry: &Entry) -> Answer {
        match event(entry, self.language) {
            Ok(event) => Answer::Event { event },
            Err(error) => self.refuse(&error),
        }
    }

    fn refuse(&mut self, why: &dyn std::fmt::Display) -> Answer {
        self.left = 0;
        Answer::Refused { reason: why.to_string() }
    }
}

/// An event as one line of JSON. Personal data is open in it, as far as it was not erased.
fn event(entry: &Entry, language: Language) -> Result<Value, serde_json::Error> {
    let origin = entry.origin.as_ref().map(|origin| match origin.value() {
        Some(origin) => serde_json::to_value(origin),
        None => Ok(json!({ "erased": true })),
    });
    Ok(json!({
        "position": entry.position,
        "id": entry.id,
        "stream": entry.stream.to_string(),
        "version": entry.version,
        "at": entry.at,
        "kind": entry.kind,
        "actor": entry.actor,
        "onBehalfOf": entry.on_behalf_of,
        "origin": origin.transpose()?,
        "request": entry.request,
        "action": entry.action,
        "causedBy": entry.caused_by,
        "data": entry.data()?,
        "sentence": entry.sentence(language),
    }))
}
