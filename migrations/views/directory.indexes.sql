-- One index per order of a list; each ends with the account, which makes the order total.

create index organisations_by_name on organisations (name);

create index accounts_by_creation     on accounts (rank);
create index accounts_by_display_name on accounts (rank, display_name);
create index accounts_by_username     on accounts (rank, username);
create index accounts_by_first_name   on accounts (rank, first_name);
create index accounts_by_last_name    on accounts (rank, last_name);
create index accounts_by_email        on accounts (rank, email);
create index accounts_by_job          on accounts (rank, job);
create index accounts_by_location     on accounts (rank, location);
create index accounts_by_member_type  on accounts (rank, member_type);
create index accounts_by_status       on accounts (rank, status);
create index accounts_by_sent         on accounts (rank, sent);
create index accounts_by_activated    on accounts (rank, activated);
create index accounts_that_operate    on accounts (account) where operator = 1;

create index members_by_creation     on members (organisation, rank, account);
create index members_by_display_name on members (organisation, rank, display_name, account);
create index members_by_username     on members (organisation, rank, username, account);
create index members_by_first_name   on members (organisation, rank, first_name, account);
create index members_by_last_name    on members (organisation, rank, last_name, account);
create index members_by_email        on members (organisation, rank, email, account);
create index members_by_job          on members (organisation, rank, job, account);
create index members_by_location     on members (organisation, rank, location, account);
create index members_by_member_type  on members (organisation, rank, member_type, account);
create index members_by_status       on members (organisation, rank, status, account);
create index members_by_sent         on members (organisation, rank, sent, account);
create index members_by_activated    on members (organisation, rank, activated, account);

create index accounts_that_are_locked on accounts (rank) where locked = 1;
create index members_that_are_locked  on members (organisation, rank) where locked = 1;

create index service_keys_by_organisation on service_keys (organisation);
create index mails_by_organisation        on mails (organisation);
-- Of one state and one kind they come in their order; pages of several are merged.
create index mails_by_state               on mails (state, kind);
create index mails_of_organisation_by_state on mails (organisation, state, kind);
create index documents_by_organisation    on documents (organisation);
create index sessions_by_account          on sessions (account);

insert into search (rowid, display_name, username, first_name, last_name, email, job, location)
  select m.organisation << 40 | m.account,
    m.display_name, m.username, m.first_name, m.last_name, m.email, m.job, m.location
  from members m cross join accounts a on a.account = m.account
  where a.rank < 2
  union all
  select a.account, a.display_name, a.username, a.first_name, a.last_name, a.email, a.job, a.location
  from accounts a
  where a.rank < 2 and not exists (select 1 from members m where m.account = a.account)
  order by 1;

insert into uses (service, organisation, account)
  select key.value, m.organisation, m.account
  from members m, json_each('["' || replace(trim(m.services), ' ', '","') || '"]') key
  where m.services <> ''
  order by 1, 2, 3;
