//! Mails: those that wait, and what became of the others. What they say is in no read model.

use chrono::{DateTime, SecondsFormat, Utc};
use events::{
    AccountId, MailId, OrganisationId,
    mail::{Event, GivenUpReason},
    value::{MailKind, Reply},
};
use serde::{Deserialize, Serialize};

use super::{Directory, rows::hex, small::manages, sql::Sql};
use crate::{Page, PageRequest, QueryError, Visible, writes::Cell};

/// A mail, as far as it has come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mail {
    /// Its id.
    pub id: MailId,
    /// In whose name it is; none: in that of the installation.
    pub organisation: Option<OrganisationId>,
    /// To whom.
    pub account: AccountId,
    /// What it is about.
    pub kind: MailKind,
    /// How far it has come.
    pub state: MailState,
    /// Since when that is so.
    pub changed_at: DateTime<Utc>,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried again, where that was put off.
    pub next_at: Option<DateTime<Utc>>,
    /// What the mail server said the last time, or what went wrong on the way to it; none where it said nothing, or where
    /// whom it was to was erased.
    pub reply: Option<String>,
    /// Why it isn't tried any more, where it isn't.
    pub reason: Option<GivenUpReason>,
    /// When it was asked for.
    pub queued_at: DateTime<Utc>,
    /// From then on it is of no use and isn't sent any more.
    pub expires_at: DateTime<Utc>,
}

/// How far a mail has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailState {
    /// It is to be sent, for the first time or once more.
    Queued,
    /// It couldn't be delivered, and is tried again.
    Failed,
    /// A mail server took it.
    Sent,
    /// It isn't tried any more.
    GivenUp,
}

impl MailState {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Failed => "failed",
            Self::Sent => "sent",
            Self::GivenUp => "given_up",
        }
    }
}

impl Mail {
    /// As the event makes it that asks for it; none for other events.
    pub(super) fn queued(id: MailId, event: &Event, at: DateTime<Utc>) -> Option<Self> {
        let Event::Queued { account, organisation, kind, expires_at, .. } = event else {
            return None;
        };
        Some(Self {
            id,
            organisation: *organisation,
            account: *account,
            kind: *kind,
            state: MailState::Queued,
            changed_at: at,
            attempts: 0,
            next_at: None,
            reply: None,
            reason: None,
            queued_at: at,
            expires_at: *expires_at,
        })
    }
}

/// Which mails; an empty list means all.
#[derive(Clone, Debug, Default)]
pub struct MailFilter {
    /// In one of these states.
    pub states: Vec<MailState>,
    /// Of one of these kinds.
    pub kinds: Vec<MailKind>,
}

/// What became of a mail, to be written over what is known.
pub(super) struct MailChange {
    state: MailState,
    at: DateTime<Utc>,
    /// None: as before.
    attempts: Option<u32>,
    next_at: Option<DateTime<Utc>>,
    /// What was said; the outer none: as before.
    #[expect(clippy::option_option, reason = "nothing new and nothing said are two things")]
    reply: Option<Option<String>>,
    /// Why it isn't tried any more, where it isn't.
    reason: Option<GivenUpReason>,
}

impl MailChange {
    /// What an event does to a mail that is known; none where it makes one.
    pub(super) fn of(event: &Event, at: DateTime<Utc>) -> Option<Self> {
        let said = |reply: &Option<events::Sealed<Reply>>| {
            let reply = reply.as_ref().and_then(|reply| reply.value());
            reply.map(|reply| reply.as_str().to_owned())
        };
        let change = |state, attempts| Self {
            state,
            at,
            attempts,
            next_at: None,
            reply: None,
            reason: None,
        };
        Some(match event {
            Event::Queued { .. } => return None,
            Event::Sent { attempt, reply, .. } => {
                Self { reply: Some(said(reply)), ..change(MailState::Sent, Some(*attempt)) }
            }
            Event::Failed { attempt, reply, next_at, .. } => Self {
                next_at: Some(*next_at),
                reply: Some(said(reply)),
                ..change(MailState::Failed, Some(*attempt))
            },
            Event::GivenUp { attempts, reply, reason, .. } => Self {
                reply: Some(said(reply)),
                reason: Some(*reason),
                ..change(MailState::GivenUp, Some(*attempts))
            },
            Event::Retried { .. } => change(MailState::Queued, None),
        })
    }

    /// This one after an earlier one.
    pub(super) fn after(self, earlier: Self) -> Self {
        let (attempts, reply) = (self.attempts.or(earlier.attempts), self.reply.or(earlier.reply));
        Self { attempts, reply, ..self }
    }

    pub(super) fn cells(self, mail: MailId) -> Result<[Cell; 8], serde_json::Error> {
        let time = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
        let is_told = self.reply.is_some();
        let reply = self.reply.unwrap_or_default();
        let reason = self.reason.map(serde_json::to_value).transpose()?;
        let reason = reason.as_ref().and_then(serde_json::Value::as_str).map(str::to_owned);
        Ok([
            mail.into(),
            self.state.as_str().into(),
            time(self.at).into(),
            self.attempts.map(i64::from).into(),
            self.next_at.map(time).into(),
            is_told.into(),
            reply.into(),
            reason.into(),
        ])
    }
}

impl Directory {
    /// A mail, if there is one and it may be seen.
    pub async fn mail(&self, visible: Visible, id: MailId) -> Result<Option<Mail>, QueryError> {
        let mut sql = Sql::default();
        sql.push("select doc from mails where id = unhex(").bind(hex(id)).push(")");
        let found: Option<Mail> = self.one(sql).await?;
        Ok(found.filter(|found| match found.organisation {
            Some(organisation) => manages(visible, organisation),
            None => visible == Visible::Everything,
        }))
    }

    /// A page of the mails in an organisation's name, or of all mails, newest first.
    pub async fn mails(
        &self,
        visible: Visible,
        organisation: Option<OrganisationId>,
        filter: &MailFilter,
        page: &PageRequest,
    ) -> Result<Page<Mail>, QueryError> {
        let mut sql = Sql::default();
        sql.push("select mail, doc from mails where ");
        write_mails(&mut sql, visible, organisation, filter);
        self.newest_first(sql, "mail", "mails", page).await
    }

    /// How many mails fit a filter. Looks at each of them.
    pub async fn count_mails(
        &self,
        visible: Visible,
        organisation: Option<OrganisationId>,
        filter: &MailFilter,
    ) -> Result<u64, QueryError> {
        let mut sql = Sql::default();
        sql.push("select count(*) from mails where ");
        write_mails(&mut sql, visible, organisation, filter);
        self.count(sql).await
    }
}

fn write_mails(
    sql: &mut Sql,
    visible: Visible,
    organisation: Option<OrganisationId>,
    filter: &MailFilter,
) {
    match organisation {
        Some(organisation) if manages(visible, organisation) => {
            sql.push("organisation = (select organisation from organisations where id = unhex(")
                .bind(hex(organisation))
                .push("))");
        }
        None if visible == Visible::Everything => {
            sql.push("1");
        }
        Some(_) | None => {
            sql.push("0");
        }
    }
    let states: Vec<_> = filter.states.iter().map(|state| state.as_str()).collect();
    let kinds: Vec<_> = filter.kinds.iter().map(|kind| kind.as_str()).collect();
    for (column, values) in [(" and state in ", states), (" and kind in ", kinds)] {
        if !values.is_empty() {
            let values = serde_json::Value::from(values).to_string();
            sql.push(column).push("(select value from json_each(").bind(values).push("))");
        }
    }
}
