-- Erasing a person deletes their password hashes.
create index credential_by_account on credential (account);
