-- What makes requests repeatable; forgotten some time after.
create table receipts (
    key         blob    not null primary key,  -- hash of who asked and their key
    fingerprint blob    not null,              -- hash of what was asked
    subject     blob,                          -- UUID of what the request made or changed
    position    integer not null,              -- where its events end
    at          integer not null               -- microseconds since 1970, UTC
) strict, without rowid;

create index receipts_by_age on receipts (at);
