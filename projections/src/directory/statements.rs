//! The statements that write.

use crate::writes::Statement;

pub(super) const INSERT_ACCOUNTS: Statement = Statement {
    before: "insert into accounts (account, rank, status, member_type, locked, administrator, sent, activated, operator, id,
        services, doc, display_name, username, first_name, last_name, email, job, location) values",
    after: "",
};

pub(super) const UPDATE_ACCOUNTS: Statement = Statement {
    before: "update accounts set services = v.column2, doc = v.column3 from (values",
    after: ") as v where accounts.account = v.column1",
};

// Only where they changed: each of these columns is in an index, and every index costs a page of the disk.
pub(super) const UPDATE_ACCOUNT_STATES: Statement = Statement {
    before: "update accounts set rank = v.column2, status = v.column3, member_type = v.column4,
        locked = v.column5, administrator = v.column6, sent = v.column7, activated = v.column8,
        operator = v.column9 from (values",
    after: ") as v where accounts.account = v.column1",
};

pub(super) const UPDATE_ACCOUNT_TEXTS: Statement = Statement {
    before: "update accounts set display_name = v.column2, username = v.column3, first_name = v.column4,
        last_name = v.column5, email = v.column6, job = v.column7, location = v.column8 from (values",
    after: ") as v where accounts.account = v.column1",
};

pub(super) const INSERT_MEMBERS: Statement = Statement {
    before: "insert into members (account, organisation, rank, status, member_type, locked, administrator, sent, activated,
        services, doc, display_name, username, first_name, last_name, email, job, location) values",
    after: "",
};

pub(super) const UPDATE_MEMBERS: Statement = Statement {
    before: "update members set services = v.column3, doc = v.column4 from (values",
    after: ") as v where members.account = v.column1 and members.organisation = v.column2",
};

pub(super) const UPDATE_MEMBER_STATES: Statement = Statement {
    before: "update members set rank = v.column3, status = v.column4, member_type = v.column5,
        locked = v.column6, administrator = v.column7, sent = v.column8, activated = v.column9 from (values",
    after: ") as v where members.account = v.column1 and members.organisation = v.column2",
};

pub(super) const UPDATE_MEMBER_TEXTS: Statement = Statement {
    before: "update members set display_name = v.column3, username = v.column4, first_name = v.column5,
        last_name = v.column6, email = v.column7, job = v.column8, location = v.column9 from (values",
    after: ") as v where members.account = v.column1 and members.organisation = v.column2",
};

pub(super) const INSERT_USES: Statement =
    Statement { before: "insert into uses (service, organisation, account) values", after: "" };

pub(super) const DELETE_USES: Statement = Statement {
    before: "delete from uses where (service, organisation, account) in (values",
    after: ")",
};

pub(super) const INDEX_TEXTS: Statement = Statement {
    before: "insert or replace into search
        (rowid, display_name, username, first_name, last_name, email, job, location) values",
    after: "",
};

pub(super) const UNINDEX_TEXTS: Statement =
    Statement { before: "delete from search where rowid in (values", after: ")" };

pub(super) const UPSERT_ORGANISATIONS: Statement = Statement {
    before: "insert into organisations (organisation, id, name, doc) values",
    after: " on conflict (organisation) do update set name = excluded.name, doc = excluded.doc",
};

pub(super) const INSERT_SERVICE_KEYS: Statement = Statement {
    before: "insert into service_keys (service_key, id, organisation, doc) values",
    after: "",
};

pub(super) const REVOKE_SERVICE_KEYS: Statement = Statement {
    before: "update service_keys set doc = json_set(doc, '$.revoked_at', v.column2) from (values",
    after: ") as v where service_keys.id = v.column1",
};

pub(super) const INSERT_SESSIONS: Statement =
    Statement { before: "insert into sessions (session, id, account, doc) values", after: "" };

pub(super) const DELETE_SESSIONS: Statement =
    Statement { before: "delete from sessions where id in (values", after: ")" };

pub(super) const INSERT_DOCUMENTS: Statement = Statement {
    before: "insert into documents (document, id, organisation, doc) values",
    after: "",
};

// What was fetched twice was fetched when it was the first time.
pub(super) const FETCH_DOCUMENTS: Statement = Statement {
    before: "update documents
        set doc = json_set(doc, '$.downloaded_at', coalesce(doc ->> '$.downloaded_at', v.column2)) from (values",
    after: ") as v where documents.id = v.column1",
};

pub(super) const DELETE_DOCUMENTS: Statement =
    Statement { before: "delete from documents where id in (values", after: ")" };

pub(super) const INSERT_MAILS: Statement = Statement {
    before: "insert into mails (mail, id, organisation, state, kind, doc) values",
    after: "",
};

pub(super) const UPDATE_MAILS: Statement = Statement {
    before: "update mails set state = v.column2, doc = json_set(doc, '$.state', v.column2, '$.changed_at', v.column3,
        '$.attempts', coalesce(v.column4, doc ->> '$.attempts'), '$.next_at', v.column5,
        '$.reply', iif(v.column6, v.column7, doc ->> '$.reply'),
        '$.reason', v.column8) from (values",
    after: ") as v where mails.id = v.column1",
};

pub(super) const INSERT_MESSAGES: Statement =
    Statement { before: "insert into messages (message, id, organisation, doc) values", after: "" };

// However many came at a time, the newest 20 for the same people stay.
pub(super) const TRIM_MESSAGES: Statement = Statement {
    before: "with told as (values",
    after: ") delete from messages where message in (
        select m.message from (select distinct column1 as organisation from told) t
          cross join messages m on m.organisation is t.organisation
          where (select count(*) from messages newer
            where newer.organisation is m.organisation and newer.message > m.message) >= 20)",
};

pub(super) const UPSERT_SERVICES: Statement =
    Statement { before: "insert or replace into services (service, name) values", after: "" };
