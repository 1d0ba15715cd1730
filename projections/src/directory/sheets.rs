//! What is to be written, sorted by statement.

use chrono::{DateTime, SecondsFormat, Utc};
use events::{
    ServiceKeyId, SessionId,
    value::{ServiceKind, Text},
};

use super::{
    ServiceKey, Session,
    desk::{AccountFile, OrganisationFile},
    dossier::Member,
    listing::{Listing, Listings, Texts, services},
    statements::{
        DELETE_SESSIONS, INDEX_TEXTS, INSERT_ACCOUNTS, INSERT_MEMBERS, INSERT_SERVICE_KEYS,
        INSERT_SESSIONS, REVOKE_SERVICE_KEYS, UPDATE_ACCOUNT_STATES, UPDATE_ACCOUNT_TEXTS,
        UPDATE_ACCOUNTS, UPDATE_MEMBER_STATES, UPDATE_MEMBER_TEXTS, UPDATE_MEMBERS,
        UPSERT_ORGANISATIONS, UPSERT_SERVICES,
    },
};
use crate::{
    fold::fold,
    writes::{Cell, Rows, Writes},
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
    revoked: Rows,
    sessions: Vec<(i64, i64, Session)>,
    ended: Rows,
    services: Rows,
}

impl Sheets {
    pub(super) fn open(&mut self, key: i64, account: i64, session: Session) {
        self.sessions.push((key, account, session));
    }

    pub(super) fn end(&mut self, session: SessionId) {
        self.ended.push([session.into()]);
    }

    pub(super) fn make_key(&mut self, key: i64, organisation: i64, service_key: ServiceKey) {
        self.service_keys.push((key, organisation, service_key));
    }

    pub(super) fn revoke_key(&mut self, id: ServiceKeyId, at: DateTime<Utc>) {
        let at = at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
        self.revoked.push([id.into(), at.into()]);
    }

    pub(super) fn register(&mut self, service: &ServiceKind, name: &Text) {
        self.services.push([service.as_str().into(), name.as_str().into()]);
    }

    pub(super) fn file_organisation(
        &mut self,
        file: &OrganisationFile,
    ) -> Result<(), serde_json::Error> {
        let organisation = &file.organisation;
        self.organisations.push([
            file.key.into(),
            organisation.id.into(),
            fold(&organisation.name).into(),
            serde_json::to_string(organisation)?.into(),
        ]);
        Ok(())
    }

    /// Files an account and its memberships: whole where they are new, else only what changed.
    pub(super) fn file_account(&mut self, file: &AccountFile) -> Result<(), serde_json::Error> {
        let now = Listings::of(&file.dossier);
        let person = &file.dossier.person;
        let key = || [Cell::from(file.key)].into_iter();
        let doc = serde_json::to_string(person)?;
        let contents = [services(file.dossier.listed_members()).into(), doc.into()];
        let operator = [person.account.operator.into()];
        if let Some(before) = &file.before {
            self.update_accounts.push(key().chain(contents));
            if before.account != now.account {
                self.account_states.push(key().chain(now.account.cells()).chain(operator));
            }
            if before.texts != now.texts {
                self.account_texts.push(key().chain(now.texts.cells()));
            }
        } else {
            self.insert_accounts.push(
                key()
                    .chain(now.account.cells())
                    .chain(operator)
                    .chain([person.account.id.into()])
                    .chain(contents)
                    .chain(now.texts.cells()),
            );
        }
        let is_listed_anew = file.before.as_ref().is_none_or(|before| {
            before.texts != now.texts || before.account.rank > 1 && now.account.rank <= 1
        });
        if is_listed_anew && now.account.rank <= 1 {
            self.index_texts.push(key().chain(now.texts.cells()));
        }
        for (place, member) in file.dossier.members.iter().enumerate() {
            let keys = [file.key.into(), file.organisations.get(place).copied().into()];
            let before = file.before.as_ref();
            let before =
                before.and_then(|before| Some((before.members.get(place)?, &before.texts)));
            self.file_member(&keys, member, before, &now.members[place], &now.texts)?;
        }
        Ok(())
    }

    fn file_member(
        &mut self,
        keys: &[Cell; 2],
        member: &Member,
        before: Option<(&Listing, &Texts)>,
        listing: &Listing,
        texts: &Texts,
    ) -> Result<(), serde_json::Error> {
        let keys = || keys.iter().cloned();
        let doc = serde_json::to_string(member)?;
        let contents = [services(std::iter::once(member)).into(), doc.into()];
        let Some((listing_before, texts_before)) = before else {
            self.insert_members
                .push(keys().chain(listing.cells()).chain(contents).chain(texts.cells()));
            return Ok(());
        };
        self.update_members.push(keys().chain(contents));
        if listing_before != listing {
            self.member_states.push(keys().chain(listing.cells()));
        }
        if texts_before != texts {
            self.member_texts.push(keys().chain(texts.cells()));
        }
        Ok(())
    }

    /// All statements that have rows.
    pub(super) fn writes(self) -> Result<Writes, serde_json::Error> {
        let (mut service_keys, mut sessions) = (Rows::default(), Rows::default());
        for (key, organisation, made) in &self.service_keys {
            let doc = serde_json::to_string(made)?;
            service_keys.push([(*key).into(), made.id.into(), (*organisation).into(), doc.into()]);
        }
        for (key, account, opened) in &self.sessions {
            let doc = serde_json::to_string(opened)?;
            sessions.push([(*key).into(), opened.id.into(), (*account).into(), doc.into()]);
        }
        let mut writes = Writes::default();
        writes.add(&UPSERT_ORGANISATIONS, self.organisations);
        writes.add(&INSERT_ACCOUNTS, self.insert_accounts);
        writes.add(&UPDATE_ACCOUNTS, self.update_accounts);
        writes.add(&UPDATE_ACCOUNT_STATES, self.account_states);
        writes.add(&UPDATE_ACCOUNT_TEXTS, self.account_texts);
        writes.add(&INSERT_MEMBERS, self.insert_members);
        writes.add(&UPDATE_MEMBERS, self.update_members);
        writes.add(&UPDATE_MEMBER_STATES, self.member_states);
        writes.add(&UPDATE_MEMBER_TEXTS, self.member_texts);
        writes.add_index(&INDEX_TEXTS, self.index_texts);
        writes.add(&INSERT_SERVICE_KEYS, service_keys);
        writes.add(&REVOKE_SERVICE_KEYS, self.revoked);
        writes.add(&INSERT_SESSIONS, sessions);
        writes.add(&DELETE_SESSIONS, self.ended);
        writes.add(&UPSERT_SERVICES, self.services);
        Ok(writes)
    }
}
