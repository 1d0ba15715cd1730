//! The statements that write: each has one `?`, a JSON array of rows.

pub(super) const INSERT_ACCOUNTS: &str = "
    insert into accounts (account, id, rank, status, member_type, locked, administrator, operator, services,
        display_name, username, first_name, last_name, email, job, location, doc)
    select value ->> 'account', unhex(value ->> 'id'), value ->> 'rank', value ->> 'status',
        value ->> 'member_type', value ->> 'locked', value ->> 'administrator', value ->> 'operator',
        value ->> 'services', value ->> 'display_name', value ->> 'username', value ->> 'first_name',
        value ->> 'last_name', value ->> 'email', value ->> 'job', value ->> 'location', value ->> 'doc'
    from json_each(?)";

pub(super) const UPDATE_ACCOUNTS: &str = "
    update accounts set services = value ->> 'services', doc = value ->> 'doc'
    from json_each(?) as changed where accounts.account = changed.value ->> 'account'";

// Only where they changed: each of these columns is in an index, and every index costs a page of the disk.
pub(super) const UPDATE_ACCOUNT_STATES: &str = "
    update accounts set rank = value ->> 'rank', status = value ->> 'status',
        member_type = value ->> 'member_type', locked = value ->> 'locked',
        administrator = value ->> 'administrator', operator = value ->> 'operator'
    from json_each(?) as changed where accounts.account = changed.value ->> 'account'";

pub(super) const UPDATE_ACCOUNT_TEXTS: &str = "
    update accounts set display_name = value ->> 'display_name', username = value ->> 'username',
        first_name = value ->> 'first_name', last_name = value ->> 'last_name', email = value ->> 'email',
        job = value ->> 'job', location = value ->> 'location'
    from json_each(?) as changed where accounts.account = changed.value ->> 'account'";

pub(super) const INSERT_MEMBERS: &str = "
    insert into members (account, organisation, rank, status, member_type, locked, administrator, services,
        display_name, username, first_name, last_name, email, job, location, doc)
    select value ->> 'account', value ->> 'organisation', value ->> 'rank', value ->> 'status',
        value ->> 'member_type', value ->> 'locked', value ->> 'administrator', value ->> 'services',
        value ->> 'display_name', value ->> 'username', value ->> 'first_name', value ->> 'last_name',
        value ->> 'email', value ->> 'job', value ->> 'location', value ->> 'doc'
    from json_each(?)";

pub(super) const UPDATE_MEMBERS: &str = "
    update members set services = value ->> 'services', doc = value ->> 'doc'
    from json_each(?) as changed
    where members.account = changed.value ->> 'account'
      and members.organisation = changed.value ->> 'organisation'";

pub(super) const UPDATE_MEMBER_STATES: &str = "
    update members set rank = value ->> 'rank', status = value ->> 'status',
        member_type = value ->> 'member_type', locked = value ->> 'locked',
        administrator = value ->> 'administrator'
    from json_each(?) as changed
    where members.account = changed.value ->> 'account'
      and members.organisation = changed.value ->> 'organisation'";

pub(super) const UPDATE_MEMBER_TEXTS: &str = "
    update members set display_name = value ->> 'display_name', username = value ->> 'username',
        first_name = value ->> 'first_name', last_name = value ->> 'last_name', email = value ->> 'email',
        job = value ->> 'job', location = value ->> 'location'
    from json_each(?) as changed
    where members.account = changed.value ->> 'account'
      and members.organisation = changed.value ->> 'organisation'";

pub(super) const INDEX_TEXTS: &str = "
    insert or replace into search (rowid, display_name, username, first_name, last_name, email, job, location)
    select value ->> 'account', value ->> 'display_name', value ->> 'username', value ->> 'first_name',
        value ->> 'last_name', value ->> 'email', value ->> 'job', value ->> 'location'
    from json_each(?)";

pub(super) const UPSERT_ORGANISATIONS: &str = "
    insert into organisations (organisation, id, name, doc)
    select value ->> 'organisation', unhex(value ->> 'id'), value ->> 'name', value ->> 'doc'
    from json_each(?) where true
    on conflict (organisation) do update set name = excluded.name, doc = excluded.doc";

pub(super) const INSERT_SERVICE_KEYS: &str = "
    insert into service_keys (service_key, id, organisation, doc)
    select value ->> 'key', unhex(value ->> 'id'), value ->> 'parent', value ->> 'doc' from json_each(?)";

pub(super) const REVOKE_SERVICE_KEYS: &str = "
    update service_keys set doc = json_set(doc, '$.revoked_at', value ->> 'at')
    from json_each(?) as revoked where service_keys.id = unhex(revoked.value ->> 'id')";

pub(super) const INSERT_SESSIONS: &str = "
    insert into sessions (session, id, account, doc)
    select value ->> 'key', unhex(value ->> 'id'), value ->> 'parent', value ->> 'doc' from json_each(?)";

pub(super) const DELETE_SESSIONS: &str = "
    delete from sessions where id in (select unhex(value) from json_each(?))";

pub(super) const UPSERT_SERVICES: &str = "
    insert or replace into services (service, name)
    select value ->> 'service', value ->> 'name' from json_each(?)";
