-- In every file of a projection: one row that tells how far the rows beside it are.
create table generation (
  position integer not null, -- everything up to here is in the rows
  layout   text    not null, -- what the tables looked like to the release that wrote them
  ready    integer not null  -- 0 while the file is being filled: after a crash it is thrown away
);
insert into generation (position, layout, ready) values (0, '', 0);
