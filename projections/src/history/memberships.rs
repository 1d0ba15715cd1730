//! Which organisations are concerned by what happens to an account: those of which it is a member at that moment.
//!
//! A membership counts up to the end of the request that ends it, so that an organisation sees its member's account
//! deleted; and one that ended with the account itself counts for ever, so that it sees the last sessions end.

use std::sync::Arc;

use events::{
    AccountId, Event, OrganisationId, Recorded, Stream, account, organisation, store::Stored,
};
use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::json;
use sqlx::{Row, SqliteConnection};
use uuid::Uuid;

use crate::{
    concern,
    projection::Fault,
    writes::{Cell, Rows, Statement, Writes},
};

/// The memberships of some accounts.
pub(super) const READ: &str = "
    select account, organisation, ended_by from memberships
    where account in (select unhex(value) from json_each(?))";

pub(super) const UPSERT: Statement = Statement {
    before: "insert into memberships (account, organisation, ended_by) values",
    after: " on conflict (account, organisation) do update set ended_by = excluded.ended_by",
};

/// The memberships of the accounts that a page of events is about.
#[derive(Default)]
pub(super) struct Memberships(FxHashMap<AccountId, FxHashMap<OrganisationId, Membership>>);

struct Membership {
    ended_by: Option<Uuid>,
    changed: bool,
}

impl Memberships {
    /// Reads those that [`concerned`](Self::concerned) will be asked for.
    pub(super) async fn read(
        connection: &mut SqliteConnection,
        events: &[(Arc<Stored>, Recorded<Event>)],
    ) -> Result<Self, Fault> {
        let people: FxHashSet<_> =
            events.iter().filter_map(|(_, recorded)| concern::person(recorded)).collect();
        let mut memberships = Self::default();
        if people.is_empty() {
            return Ok(memberships);
        }
        let ids: Vec<_> = people.iter().map(|id| id.uuid().simple().to_string()).collect();
        let rows = sqlx::query(READ).bind(json!(ids).to_string()).fetch_all(connection).await?;
        for row in rows {
            let id = |column| -> Result<Option<Uuid>, sqlx::Error> {
                let bytes: Option<&[u8]> = row.try_get(column)?;
                let id = bytes.map(Uuid::from_slice).transpose();
                id.map_err(|error| sqlx::Error::Decode(error.into()))
            };
            if let (Some(account), Some(organisation)) = (id(0)?, id(1)?) {
                let membership = Membership { ended_by: id(2)?, changed: false };
                memberships
                    .0
                    .entry(account.into())
                    .or_default()
                    .insert(organisation.into(), membership);
            }
        }
        Ok(memberships)
    }

    /// Takes up an event that begins or ends a membership.
    pub(super) fn take_up(&mut self, recorded: &Recorded<Event>) {
        let request = request(recorded);
        match (recorded.stream, &recorded.event) {
            (
                Stream::Organisation(organisation),
                Event::Organisation(organisation::Event::MemberJoined { account, .. }),
            ) => self.set(*account, organisation, None),
            (
                Stream::Organisation(organisation),
                Event::Organisation(organisation::Event::MemberRemoved { account }),
            ) => self.set(*account, organisation, Some(request)),
            (Stream::Account(account), Event::Account(account::Event::Deleted)) => {
                let all = self.0.get_mut(&account).into_iter().flat_map(FxHashMap::values_mut);
                for ended in all.filter(|membership| membership.ended_by == Some(request)) {
                    *ended = Membership { ended_by: None, changed: true };
                }
            }
            _ => {}
        }
    }

    fn set(&mut self, account: AccountId, organisation: OrganisationId, ended_by: Option<Uuid>) {
        let membership = Membership { ended_by, changed: true };
        self.0.entry(account).or_default().insert(organisation, membership);
    }

    /// The organisations that are concerned by an event, beside the one in which it happened.
    pub(super) fn concerned(
        &self,
        recorded: &Recorded<Event>,
    ) -> impl Iterator<Item = OrganisationId> {
        let request = request(recorded);
        let memberships = concern::person(recorded).and_then(|account| self.0.get(&account));
        memberships
            .into_iter()
            .flatten()
            .filter(move |(_, membership)| membership.ended_by.is_none_or(|by| by == request))
            .map(|(organisation, _)| *organisation)
    }

    /// Writes what changed.
    pub(super) fn write(self, writes: &mut Writes) {
        let mut rows = Rows::default();
        for (account, memberships) in self.0 {
            for (organisation, Membership { ended_by, changed }) in memberships {
                if changed {
                    let ended_by = ended_by.map(|request| request.as_bytes().to_vec());
                    rows.push([account.into(), organisation.into(), Cell::from(ended_by)]);
                }
            }
        }
        writes.add(&UPSERT, rows);
    }
}

fn request(recorded: &Recorded<Event>) -> Uuid {
    recorded.cause.request.uuid()
}
