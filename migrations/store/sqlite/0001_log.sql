-- The log: append only, in one order without gaps. Nothing here is ever updated or deleted.
create table events (
    position integer primary key,  -- 1 for the first
    stream   text    not null,     -- for instance account-0190…
    version  integer not null,     -- place in the stream, 1 for the first
    id       blob    not null,     -- UUID, 16 bytes
    at       integer not null,     -- microseconds since 1970, UTC; never an order
    kind     text    not null,     -- stored name of the event
    data     text    not null,     -- JSON, byte for byte as it was coded
    cause    text    not null,     -- JSON: who, why, by which request
    unique (stream, version)
) strict;

-- Names that only one owner can have.
create table claims (
    kind  text not null,
    hash  blob not null,           -- keyed hash of the normalised name
    owner blob not null,           -- UUID, 16 bytes
    primary key (kind, hash)
) strict, without rowid;
