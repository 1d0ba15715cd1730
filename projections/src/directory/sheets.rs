//! What is to be written, sorted by statement.

use chrono::{DateTime, Utc};
use events::{
    Id, ServiceKeyId, SessionId,
    value::{ServiceKind, Text},
};
use serde::Serialize;
use serde_json::json;

use super::{
    ServiceKey, Session,
    desk::{AccountFile, OrganisationFile},
    dossier::Member,
    listing::{Listing, Listings, Texts, services},
    rows::hex,
    statements::{
        DELETE_SESSIONS, INDEX_TEXTS, INSERT_ACCOUNTS, INSERT_MEMBERS, INSERT_SERVICE_KEYS,
        INSERT_SESSIONS, REVOKE_SERVICE_KEYS, UPDATE_ACCOUNT_STATES, UPDATE_ACCOUNT_TEXTS,
        UPDATE_ACCOUNTS, UPDATE_MEMBER_STATES, UPDATE_MEMBER_TEXTS, UPDATE_MEMBERS,
        UPSERT_ORGANISATIONS, UPSERT_SERVICES,
    },
};
use crate::{
    fold::fold,
    projection::{Rows, Writes},
};

/// The rows to be written, by statement.
#[derive(Default)]
pub(super) struct Sheets {
    insert_accounts: Rows,
    update_accounts: Rows,
    account_states: Rows,
    account_texts: Rows,
    insert_members: Rows,
    update_members: Rows,
    member_states: Rows,
    member_texts: Rows,
    index_texts: Rows,
    organisations: Rows,
    service_keys: Vec<(i64, i64, ServiceKey)>,
    revoked: Vec<(ServiceKeyId, DateTime<Utc>)>,
    sessions: Vec<(i64, i64, Session)>,
    ended: Vec<SessionId>,
    services: Vec<(ServiceKind, Text)>,
}

#[derive(Serialize)]
struct Keys {
    account: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    organisation: Option<i64>,
}

#[derive(Serialize)]
struct Contents {
    services: String,
    doc: String,
}

#[derive(Serialize)]
struct States<'r> {
    #[serde(flatten)]
    keys: &'r Keys,
    #[serde(flatten)]
    listing: &'r Listing,
}

#[derive(Serialize)]
struct With<'r, T> {
    #[serde(flatten)]
    keys: &'r Keys,
    #[serde(flatten)]
    value: &'r T,
}

#[derive(Serialize)]
struct Whole<'r> {
    #[serde(flatten)]
    states: States<'r>,
    id: &'r str,
    #[serde(flatten)]
    texts: &'r Texts,
    #[serde(flatten)]
    contents: &'r Contents,
}

#[derive(Serialize)]
struct Leaf {
    key: i64,
    id: String,
    parent: i64,
    doc: String,
}

impl Sheets {
    pub(super) fn open(&mut self, key: i64, account: i64, session: Session) {
        self.sessions.push((key, account, session));
    }

    pub(super) fn end(&mut self, session: SessionId) {
        self.ended.push(session);
    }

    pub(super) fn make_key(&mut self, key: i64, organisation: i64, service_key: ServiceKey) {
        self.service_keys.push((key, organisation, service_key));
    }

    pub(super) fn revoke_key(&mut self, id: ServiceKeyId, at: DateTime<Utc>) {
        self.revoked.push((id, at));
    }

    pub(super) fn register(&mut self, service: &ServiceKind, name: &Text) {
        self.services.push((service.clone(), name.clone()));
    }

    pub(super) fn file_organisation(
        &mut self,
        file: &OrganisationFile,
    ) -> Result<(), serde_json::Error> {
        self.organisations.push(&json!({
            "organisation": file.key,
            "id": hex(file.organisation.id),
            "name": fold(&file.organisation.name),
            "doc": serde_json::to_string(&file.organisation)?,
        }))
    }

    /// Files an account and its memberships: whole where they are new, else only what changed.
    pub(super) fn file_account(&mut self, file: &AccountFile) -> Result<(), serde_json::Error> {
        let now = Listings::of(&file.dossier);
        let person = &file.dossier.person;
        let keys = Keys { account: file.key, organisation: None };
        let contents = Contents {
            services: services(file.dossier.listed_members()),
            doc: serde_json::to_string(person)?,
        };
        let states = States { keys: &keys, listing: &now.account };
        if let Some(before) = &file.before {
            self.update_accounts.push(&With { keys: &keys, value: &contents })?;
            if before.account != now.account {
                self.account_states.push(&states)?;
            }
            if before.texts != now.texts {
                self.account_texts.push(&With { keys: &keys, value: &now.texts })?;
            }
        } else {
            let id = hex(person.account.id);
            let whole = Whole { states, id: &id, texts: &now.texts, contents: &contents };
            self.insert_accounts.push(&whole)?;
        }
        let listed_anew = file.before.as_ref().is_none_or(|before| {
            before.texts != now.texts || before.account.rank > 1 && now.account.rank <= 1
        });
        if listed_anew && now.account.rank <= 1 {
            self.index_texts.push(&With { keys: &keys, value: &now.texts })?;
        }
        for (place, member) in file.dossier.members.iter().enumerate() {
            let keys =
                Keys { account: file.key, organisation: file.organisations.get(place).copied() };
            let before = file
                .before
                .as_ref()
                .and_then(|before| Some((before.members.get(place)?, &before.texts)));
            self.file_member(&keys, member, before, &now.members[place], &now.texts)?;
        }
        Ok(())
    }

    fn file_member(
        &mut self,
        keys: &Keys,
        member: &Member,
        before: Option<(&Listing, &Texts)>,
        listing: &Listing,
        texts: &Texts,
    ) -> Result<(), serde_json::Error> {
        let contents = Contents {
            services: services(std::iter::once(member)),
            doc: serde_json::to_string(member)?,
        };
        let states = States { keys, listing };
        let Some((listing_before, texts_before)) = before else {
            return self.insert_members.push(&Whole { states, id: "", texts, contents: &contents });
        };
        self.update_members.push(&With { keys, value: &contents })?;
        if listing_before != listing {
            self.member_states.push(&states)?;
        }
        if texts_before != texts {
            self.member_texts.push(&With { keys, value: texts })?;
        }
        Ok(())
    }

    /// All statements that have rows.
    pub(super) fn writes(self) -> Result<Writes, serde_json::Error> {
        let mut writes = Writes::default();
        writes.add(UPSERT_ORGANISATIONS, self.organisations);
        writes.add(INSERT_ACCOUNTS, self.insert_accounts);
        writes.add(UPDATE_ACCOUNTS, self.update_accounts);
        writes.add(UPDATE_ACCOUNT_STATES, self.account_states);
        writes.add(UPDATE_ACCOUNT_TEXTS, self.account_texts);
        writes.add(INSERT_MEMBERS, self.insert_members);
        writes.add(UPDATE_MEMBERS, self.update_members);
        writes.add(UPDATE_MEMBER_STATES, self.member_states);
        writes.add(UPDATE_MEMBER_TEXTS, self.member_texts);
        writes.add_index(INDEX_TEXTS, self.index_texts);
        writes.add(
            INSERT_SERVICE_KEYS,
            rows(self.service_keys.iter().map(|(key, parent, it)| leaf(*key, it.id, *parent, it)))?,
        );
        writes.add(
            REVOKE_SERVICE_KEYS,
            rows(self.revoked.iter().map(|(id, at)| Ok(json!({ "id": hex(*id), "at": at }))))?,
        );
        writes.add(
            INSERT_SESSIONS,
            rows(self.sessions.iter().map(|(key, parent, it)| leaf(*key, it.id, *parent, it)))?,
        );
        writes.add(DELETE_SESSIONS, rows(self.ended.iter().map(|id| Ok(hex(*id))))?);
        writes.add(
            UPSERT_SERVICES,
            rows(
                self.services
                    .iter()
                    .map(|(service, name)| Ok(json!({ "service": service, "name": name }))),
            )?,
        );
        Ok(writes)
    }
}

fn leaf<K>(
    key: i64,
    id: Id<K>,
    parent: i64,
    value: &impl Serialize,
) -> Result<Leaf, serde_json::Error> {
    Ok(Leaf { key, id: hex(id), parent, doc: serde_json::to_string(value)? })
}

fn rows<T: Serialize>(
    values: impl Iterator<Item = Result<T, serde_json::Error>>,
) -> Result<Rows, serde_json::Error> {
    let mut rows = Rows::default();
    for value in values {
        rows.push(&value?)?;
    }
    Ok(rows)
}
