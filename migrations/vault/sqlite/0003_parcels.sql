-- What mails say until they are delivered: fields and secrets, encrypted under the master key, by the id of the mail.
-- A parcel without a moment to send it belongs to a mail that the log doesn't know yet, or that was given up.
-- Times are microseconds since 1970.
create table parcel (
    id         blob primary key,
    account    blob not null,
    content    blob not null,
    expires_at integer not null,
    due_at     integer
) strict, without rowid;

-- The outbox: what is to be sent next.
create index parcel_by_due on parcel (due_at, id) where due_at is not null;
create index parcel_by_expiry on parcel (expires_at);
-- Erasing a person deletes what was to be told to them.
create index parcel_by_account on parcel (account);
