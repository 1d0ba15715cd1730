//! What is to be written, sorted by statement.

use chrono::{DateTime, SecondsFormat, Utc};
use events::{
    LetterId, MailId, OrganisationId, ServiceKeyId, SessionId,
    value::{ServiceKind, Text},
};
use rustc_hash::FxHashMap;

use super::{
    Document, Mail, ServiceKey, Session, SystemMessage,
    condition::search_row,
    desk::{AccountFile, Before, OrganisationFile},
    dossier::Member,
    listing::{Listings, services, services_beyond},
    mail::MailChange,
    rows,
    statements::{
        DELETE_DOCUMENTS, DELETE_SESSIONS, DELETE_USES, FETCH_DOCUMENTS, INDEX_TEXTS,
        INSERT_ACCOUNTS, INSERT_DOCUMENTS, INSERT_MAILS, INSERT_MEMBERS, INSERT_MESSAGES,
        INSERT_SERVICE_KEYS, INSERT_SESSIONS, INSERT_USES, REVOKE_SERVICE_KEYS, TRIM_MESSAGES,
        UNINDEX_TEXTS, UPDATE_ACCOUNT_STATES, UPDATE_ACCOUNT_TEXTS, UPDATE_ACCOUNTS, UPDATE_MAILS,
        UPDATE_MEMBER_STATES, UPDATE_MEMBER_TEXTS, UPDATE_MEMBERS, UPSERT_ORGANISATIONS,
        UPSERT_SERVICES,
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
    unindex_texts: Rows,
    index_texts: Vec<(i64, [Cell; 7])>,
    insert_uses: Rows,
    delete_uses: Rows,
    organisations: Rows,
    service_keys: Vec<(i64, i64, ServiceKey)>,
    revoked: Rows,
    sessions: Vec<(i64, i64, Session)>,
    ended: Rows,
    documents: Vec<(i64, i64, Document)>,
    fetched: Rows,
    closed: Rows,
    mails: Vec<(i64, Option<i64>, Mail)>,
    mail_changes: FxHashMap<MailId, MailChange>,
    messages: Vec<(Option<i64>, SystemMessage)>,
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

    pub(super) fn list_document(&mut self, key: i64, organisation: i64, document: Document) {
        self.documents.push((key, organisation, document));
    }

    pub(super) fn fetch_document(&mut self, id: LetterId, at: DateTime<Utc>) {
        let at = at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
        self.fetched.push([id.into(), at.into()]);
    }

    pub(super) fn close_document(&mut self, id: LetterId) {
        self.closed.push([id.into()]);
    }

    pub(super) fn queue_mail(&mut self, key: i64, organisation: Option<i64>, mail: Mail) {
        self.mails.push((key, organisation, mail));
    }

    pub(super) fn change_mail(&mut self, id: MailId, change: MailChange) {
        let earlier = self.mail_changes.remove(&id);
        let change = match earlier {
            Some(earlier) => change.after(earlier),
            None => change,
        };
        self.mail_changes.insert(id, change);
    }

    pub(super) fn tell(&mut self, organisation: Option<i64>, message: SystemMessage) {
        self.messages.push((organisation, message));
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
        match &file.before {
            Before::Nothing => self.file_columns(file, None),
            Before::All { mailboxes } => self.file_mailboxes(file, mailboxes),
            Before::Columns(before) => self.file_columns(file, Some(before)),
        }
    }

    fn file_mailboxes(
        &mut self,
        file: &AccountFile,
        mailboxes: &[OrganisationId],
    ) -> Result<(), serde_json::Error> {
        for (place, member) in file.dossier.members.iter().enumerate() {
            if mailboxes.contains(&member.membership.organisation) {
                let organisation = file.organisations.get(place).copied();
                let services = services(std::iter::once(member));
                let doc = serde_json::to_string(member)?;
                self.update_members.push([
                    file.key.into(),
                    organisation.into(),
                    services.into(),
                    doc.into(),
                ]);
            }
        }
        Ok(())
    }

    fn file_columns(
        &mut self,
        file: &AccountFile,
        before: Option<&Listings>,
    ) -> Result<(), serde_json::Error> {
        let now = Listings::of(&file.dossier);
        let person = &file.dossier.person;
        let key = || [Cell::from(file.key)].into_iter();
        let doc = serde_json::to_string(person)?;
        let contents = [services(file.dossier.listed_members()).into(), doc.into()];
        let operator = [person.account.operator.into()];
        if let Some(before) = before {
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
        self.index_texts(file, before, &now);
        for (place, member) in file.dossier.members.iter().enumerate() {
            self.file_member(file, place, member, before, &now)?;
        }
        Ok(())
    }

    /// Indexes the texts of an account in the rows of the search that are new, or had other texts.
    fn index_texts(&mut self, file: &AccountFile, before: Option<&Listings>, now: &Listings) {
        if now.account.rank > 1 {
            return;
        }
        let rows = |organisations: &[i64]| -> Vec<i64> {
            let organisations = if organisations.is_empty() { &[0] } else { organisations };
            organisations.iter().map(|organisation| search_row(*organisation, file.key)).collect()
        };
        let before = before.filter(|before| before.account.rank <= 1);
        let rows_before = before
            .map_or_else(Vec::new, |before| rows(&file.organisations[..before.members.len()]));
        let rows_now = rows(&file.organisations);
        for row in rows_before.iter().filter(|row| !rows_now.contains(row)) {
            self.unindex_texts.push([(*row).into()]);
        }
        let is_same = before.is_some_and(|before| before.texts == now.texts);
        for row in rows_now.iter().filter(|row| !(is_same && rows_before.contains(row))) {
            self.index_texts.push((*row, now.texts.cells()));
        }
    }

    fn file_member(
        &mut self,
        file: &AccountFile,
        place: usize,
        member: &Member,
        before: Option<&Listings>,
        now: &Listings,
    ) -> Result<(), serde_json::Error> {
        let organisation = file.organisations.get(place).copied();
        let keys = || [file.key.into(), organisation.into()].into_iter();
        let doc = serde_json::to_string(member)?;
        let (listing, services) = (&now.members[place], &*now.services[place]);
        let contents = [services.into(), doc.into()];
        let before = before.filter(|before| place < before.members.len());
        if let Some(before) = before {
            self.update_members.push(keys().chain(contents));
            if before.members[place] != *listing {
                self.member_states.push(keys().chain(listing.cells()));
            }
            if before.texts != now.texts {
                self.member_texts.push(keys().chain(now.texts.cells()));
            }
        } else {
            self.insert_members
                .push(keys().chain(listing.cells()).chain(contents).chain(now.texts.cells()));
        }
        let services_before = before.map_or("", |before| &before.services[place]);
        let uses = |key: &str| [key.into(), organisation.into(), file.key.into()];
        for key in services_beyond(services, services_before) {
            self.insert_uses.push(uses(key));
        }
        for key in services_beyond(services_before, services) {
            self.delete_uses.push(uses(key));
        }
        Ok(())
    }

    /// All statements that have rows.
    pub(super) fn writes(mut self) -> Result<Writes, serde_json::Error> {
        let (mut service_keys, mut sessions) = (Rows::default(), Rows::default());
        for (key, organisation, made) in &self.service_keys {
            let doc = serde_json::to_string(made)?;
            service_keys.push([(*key).into(), made.id.into(), (*organisation).into(), doc.into()]);
        }
        for (key, account, opened) in &self.sessions {
            let doc = serde_json::to_string(opened)?;
            sessions.push([(*key).into(), opened.id.into(), (*account).into(), doc.into()]);
        }
        let mut documents = Rows::default();
        for (key, organisation, listed) in &self.documents {
            let doc = serde_json::to_string(listed)?;
            documents.push([(*key).into(), listed.id.into(), (*organisation).into(), doc.into()]);
        }
        let (mut mails, mut mail_changes) = (Rows::default(), Rows::default());
        for (key, organisation, queued) in &self.mails {
            let doc = serde_json::to_string(queued)?;
            let (state, kind) = (queued.state.as_str(), queued.kind.as_str());
            mails.push([
                (*key).into(),
                queued.id.into(),
                (*organisation).into(),
                state.into(),
                kind.into(),
                doc.into(),
            ]);
        }
        for (id, change) in self.mail_changes {
            mail_changes.push(change.cells(id)?);
        }
        let (mut messages, mut told) = (Rows::default(), Rows::default());
        for (organisation, message) in &self.messages {
            let doc = serde_json::to_string(message)?;
            let organisation = *organisation;
            messages.push([
                rows::key(message.position).into(),
                message.id.into(),
                organisation.into(),
                doc.into(),
            ]);
            told.push([organisation.into()]);
        }
        // In the order of their numbers: at each one that is less than the one before, FTS5 writes what it holds.
        let mut index_texts = Rows::default();
        self.index_texts.sort_unstable_by_key(|(row, _)| *row);
        for (row, texts) in self.index_texts {
            index_texts.push([row.into()].into_iter().chain(texts));
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
        writes.add_index(&UNINDEX_TEXTS, self.unindex_texts);
        writes.add_index(&INDEX_TEXTS, index_texts);
        writes.add_index(&INSERT_USES, self.insert_uses);
        writes.add_index(&DELETE_USES, self.delete_uses);
        writes.add(&INSERT_SERVICE_KEYS, service_keys);
        writes.add(&REVOKE_SERVICE_KEYS, self.revoked);
        writes.add(&INSERT_SESSIONS, sessions);
        writes.add(&DELETE_SESSIONS, self.ended);
        writes.add(&INSERT_DOCUMENTS, documents);
        writes.add(&FETCH_DOCUMENTS, self.fetched);
        writes.add(&DELETE_DOCUMENTS, self.closed);
        writes.add(&INSERT_MAILS, mails);
        writes.add(&UPDATE_MAILS, mail_changes);
        writes.add(&INSERT_MESSAGES, messages);
        writes.add(&TRIM_MESSAGES, told);
        writes.add(&UPSERT_SERVICES, self.services);
        Ok(writes)
    }
}
