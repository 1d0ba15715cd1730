-- What happened, found by whom it concerns.
--
-- Events are kept as sealed as they are in the log and opened when they are read: who is erased there is erased here.

create table history (
  position     integer primary key,
  stream       text    not null,
  version      integer not null,
  id           blob    not null,
  at           integer not null, -- microseconds since 1970
  kind         text    not null, -- as stored, with its version
  name         text    not null, -- the same without version
  actor        blob    not null, -- one byte for the kind of actor, and its id where it has one
  organisation blob,             -- which organisation it concerns, if any
  data         text    not null,
  cause        text    not null
);

create table subjects (
  subject  blob    not null, -- an account or an organisation; what happens to an account concerns its organisations too
  position integer not null references history,
  primary key (subject, position)
) without rowid;

-- Which organisations are concerned by what happens to an account. A row stays when the membership ends.
create table memberships (
  account      blob not null,
  organisation blob not null,
  ended_by     blob, -- the request that ended it; null while it lasts, and for ever where the account ended with it
  primary key (account, organisation)
) without rowid;

-- Which event gave a field its value, so that the value before a change is found where it was set.
create table settings (
  entity   blob    not null, -- an account, an organisation, or an organisation and its member
  field    text    not null, -- `*` where the event set all of them
  position integer not null references history,
  primary key (entity, field, position)
) without rowid;

-- Between which positions the events of an hour are: by the clock they are almost, but not quite, in order.
create table hours (
  hour     integer primary key, -- since 1970
  earliest integer not null,
  latest   integer not null
);
