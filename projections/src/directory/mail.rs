//! Mails: those that wait, and what became of the others. What they say is in no read model.

use std::collections::BTreeSet;

use chrono::{DateTime, SecondsFormat, Utc};
use events::{
    AccountId, MailId, OrganisationId,
    mail::{Event, GivenUpReason},
    value::{MailKind, Reply},
};
use serde::{Deserialize, Serialize};

use super::{Directory, rows::hex, small::manages, sql::Sql};
use crate::{Page, PageRequest, QueryError, Visible, page::Window, writes::Cell};

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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
    const ALL: [Self; 4] = [Self::Queued, Self::Failed, Self::Sent, Self::GivenUp];

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
    /// Those that are of use after this moment, and whose contents are kept until then.
    pub usable_at: Option<DateTime<Utc>>,
}

impl MailFilter {
    /// Those that were given up and can be tried once more at a moment.
    pub fn retriable(now: DateTime<Utc>) -> Self {
        Self { states: vec![MailState::GivenUp], usable_at: Some(now), ..Self::default() }
    }

    /// The states and the kinds that fit; none where all do. An index has the one after the other, so both are told.
    fn parts(&self) -> Option<(&[MailState], &[MailKind])> {
        let states = if self.states.is_empty() { &MailState::ALL } else { &self.states[..] };
        let kinds = if self.kinds.is_empty() { &MailKind::ALL } else { &self.kinds[..] };
        let is_all = self.states.is_empty() && self.kinds.is_empty();
        (!is_all).then_some((states, kinds))
    }
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
        self.newest_of(pages(visible, organisation, filter), "mail", "mails", page).await
    }

    /// How many mails fit a filter, of those that the pages of a request come to.
    pub async fn count_mails(
        &self,
        visible: Visible,
        organisation: Option<OrganisationId>,
        filter: &MailFilter,
        page: &PageRequest,
    ) -> Result<u64, QueryError> {
        let window = Window::read(page, "mails")?;
        self.count(counted(visible, organisation, filter, &window)).await
    }
}

/// A statement for each state and kind: each walks an index.
fn pages(visible: Visible, organisation: Option<OrganisationId>, filter: &MailFilter) -> Vec<Sql> {
    let part = |pair: Option<(MailState, MailKind)>| {
        let mut sql = Sql::default();
        sql.push("select mail, doc from mails where ");
        write_whose(&mut sql, visible, organisation);
        if let Some((state, kind)) = pair {
            sql.push(" and state = ").bind(state.as_str().to_owned());
            sql.push(" and kind = ").bind(kind.as_str().to_owned());
        }
        write_usable(&mut sql, filter);
        sql
    };
    let Some((states, kinds)) = filter.parts() else { return vec![part(None)] };
    let fits = |state: MailState| kinds.iter().map(move |kind| (state, *kind));
    // What is named twice is found once.
    let pairs: BTreeSet<_> = states.iter().copied().flat_map(fits).collect();
    pairs.into_iter().map(|pair| part(Some(pair))).collect()
}

fn counted(
    visible: Visible,
    organisation: Option<OrganisationId>,
    filter: &MailFilter,
    window: &Window,
) -> Sql {
    let mut sql = Sql::default();
    sql.push("select count(*) from mails where ");
    write_whose(&mut sql, visible, organisation);
    if let Some((states, kinds)) = filter.parts() {
        let states: Vec<_> = states.iter().map(|state| state.as_str()).collect();
        let kinds: Vec<_> = kinds.iter().map(|kind| kind.as_str()).collect();
        for (column, values) in [(" and state in ", states), (" and kind in ", kinds)] {
            let values = serde_json::Value::from(values).to_string();
            sql.push(column).push("(select value from json_each(").bind(values).push("))");
        }
    }
    write_usable(&mut sql, filter);
    if let Some(place) = &window.from {
        sql.push(if window.backward { " and mail > " } else { " and mail < " }).bind(place.key);
    }
    sql
}

fn write_whose(sql: &mut Sql, visible: Visible, organisation: Option<OrganisationId>) {
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
}

fn write_usable(sql: &mut Sql, filter: &MailFilter) {
    if let Some(now) = filter.usable_at {
        // What a mail says is kept until then, but for one that couldn't be written.
        sql.push(" and unixepoch(doc ->> 'expires_at') > ").bind(now.timestamp());
        sql.push(" and ifnull(doc ->> 'reason', '') not in ('expired', 'unwritable')");
    }
}

#[cfg(test)]
mod tests {
    use events::OrganisationId;
    use uuid::Uuid;

    use super::*;
    use crate::{
        directory::{Projector, small::newest_of},
        page::Place,
        plan::File,
        projection::Projection,
    };

    #[tokio::test]
    async fn every_page_of_mails_walks_an_index_and_counting_finds_by_one() {
        let file = File::new(&Projector::LAYOUT).await;
        let (states, kinds) = (vec![MailState::Failed, MailState::GivenUp], vec![MailKind::Test]);
        let filters = [
            MailFilter::default(),
            MailFilter { states: states.clone(), ..MailFilter::default() },
            MailFilter { kinds: kinds.clone(), ..MailFilter::default() },
            MailFilter { states, kinds, ..MailFilter::default() },
            MailFilter::retriable(DateTime::UNIX_EPOCH),
        ];
        let place = Place { list: "mails".into(), rank: 0, value: None, key: 7 };
        for filter in filters {
            for organisation in [None, Some(OrganisationId::new(Uuid::from_u128(1)))] {
                for from in [None, Some(place.clone())] {
                    for backward in [false, true] {
                        let window = Window { count: 20, backward, from: from.clone() };
                        let parts = pages(Visible::Everything, organisation, &filter);
                        let page = newest_of(parts, "mail", &window).text();
                        // The newest of all are the first of the table.
                        if organisation.is_some() || filter.parts().is_some() {
                            file.assert_walk(&page).await;
                        }
                        // Each part finds its rows by all that it asks for.
                        let index = match organisation {
                            Some(_) => {
                                "mails_of_organisation_by_state (organisation=? AND state=? AND kind=?"
                            }
                            None => "mails_by_state (state=? AND kind=?",
                        };
                        let found = file.steps(&page).await;
                        let found = found.iter().filter(|step| step.contains(index)).count();
                        let parts =
                            filter.parts().map_or(0, |(states, kinds)| states.len() * kinds.len());
                        assert_eq!(found, parts, "{page}");
                        let counted =
                            counted(Visible::Everything, organisation, &filter, &window).text();
                        if organisation.is_some() || filter.parts().is_some() {
                            file.assert_no_scan(&counted).await;
                        }
                    }
                }
            }
        }
    }
}
