-- What second factors and unfinished sign-ins know: shared secrets, public keys, hashes of codes; each sealed under the
-- key of its person. What has a moment of expiry is dropped after it. Times are microseconds since 1970.
create table secret (
    id         blob primary key,
    kind       text not null,
    account    blob not null,
    sealed     blob not null,
    expires_at integer
) strict, without rowid;

-- Erasing a person deletes their secrets.
create index secret_by_account on secret (account);
create index secret_by_expiry on secret (expires_at) where expires_at is not null;
