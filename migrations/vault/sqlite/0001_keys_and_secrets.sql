-- What must be able to disappear. Everything here is found by ids or keyed hashes, never by content.

-- The installation's pepper, wrapped by the master key. One row.
create table pepper (
    id      integer primary key check (id = 1),
    wrapped blob not null
) strict;

-- One key per person, wrapped by the master key. A row without a key is a fence:
-- the person was erased, and "no key" never means "make a new one".
create table person_key (
    person  blob primary key,
    version integer not null,
    wrapped blob
) strict, without rowid;

-- Password hashes, by the id that an event names.
create table credential (
    id      blob primary key,
    account blob not null,
    hash    text not null
) strict, without rowid;

-- Sessions, service keys and one-time tokens, by keyed hash. Times are microseconds since 1970.
create table token (
    id           blob primary key,
    kind         text not null,
    account      blob,
    hash         blob not null,
    created_at   integer not null,
    last_used_at integer not null,
    expires_at   integer
) strict, without rowid;

create unique index token_by_hash on token (hash);
create index token_by_account on token (account) where account is not null;
create index token_by_expiry on token (expires_at) where expires_at is not null;
