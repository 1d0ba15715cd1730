-- Who and what there is now.
--
-- `doc` is the row as the program reads it, in JSON; the other columns are what lists are filtered and sorted by.
-- Keys are the position of the first event about the thing, and of an organisation its number: equal in every rebuild,
-- and in the order of creation.
-- Texts are folded: without case and accents; an absent one is empty.

create table organisations (
  organisation integer primary key, -- 1, 2, 3, …: a row of the search begins with it
  id           blob not null unique,
  name         text not null,
  doc          text not null
);

create table accounts (
  account       integer primary key,
  id            blob    not null unique,
  rank          integer not null, -- 0: listed; 1: deleted, listed last; 2: not listed
  status        integer not null,
  member_type   integer not null, -- the greatest over all memberships; 0 without any
  locked        integer not null,
  administrator integer not null,
  sent          integer not null, -- when the last thing that activates it was sent, in microseconds since 1970; 0: never
  activated     integer not null, -- when it was activated; 0: never
  operator      integer not null,
  services      text    not null, -- keys of the services that are switched on, each between spaces
  display_name  text    not null,
  username      text    not null,
  first_name    text    not null,
  last_name     text    not null,
  email         text    not null,
  job           text    not null,
  location      text    not null,
  doc           text    not null
);

-- The same columns once more per membership, so that the list of an organisation walks one index.
create table members (
  account       integer not null references accounts,
  organisation  integer not null references organisations,
  rank          integer not null, -- 0: listed; 1: ended with its account, listed last; 2: ended
  status        integer not null,
  member_type   integer not null,
  locked        integer not null,
  administrator integer not null,
  sent          integer not null,
  activated     integer not null,
  services      text    not null,
  display_name  text    not null,
  username      text    not null,
  first_name    text    not null,
  last_name     text    not null,
  email         text    not null,
  job           text    not null,
  location      text    not null,
  doc           text    not null,
  primary key (account, organisation)
) without rowid;

-- For whom a service is switched on where. What can be read off `services` too, the other way round.
create table uses (
  service      text    not null,
  organisation integer not null references organisations,
  account      integer not null references accounts,
  primary key (service, organisation, account)
) without rowid;

create table service_keys (
  service_key  integer primary key,
  id           blob    not null unique,
  organisation integer not null references organisations,
  doc          text    not null
);

create table sessions (
  session integer primary key,
  id      blob    not null unique,
  account integer not null references accounts,
  doc     text    not null
);

-- Letters that wait to be printed. What they say is in the vault.
create table documents (
  document     integer primary key,
  id           blob not null unique,
  organisation integer not null references organisations,
  doc          text not null
);

-- What they say is in the vault, until they are sent.
create table mails (
  mail         integer primary key,
  id           blob not null unique,
  -- In whose name it is; null: in that of the installation.
  organisation integer references organisations,
  state        text not null,
  kind         text not null,
  doc          text not null
);

-- What those who are signed in are told. Of each organisation the newest 20 are kept.
create table messages (
  message      integer primary key,
  id           blob not null unique,
  -- Whom it is for; null: for everybody in the installation.
  organisation integer references organisations,
  doc          text not null
);

-- Also while all is read again: each message has the older ones looked for.
create index messages_by_organisation on messages (organisation);

create table services (
  service text primary key,
  name    text not null
) without rowid;

-- Finds what has three or more letters in the middle of a text. It keeps no text of its own.
--
-- A row per membership, whose number is the organisation << 40 | the account: what is looked for in an organisation is
-- looked for nowhere else. An account that never was a member of any has one row, of organisation 0.
create virtual table search using fts5 (
  display_name, username, first_name, last_name, email, job, location,
  content = '', contentless_delete = 1, tokenize = 'trigram case_sensitive 1'
);
