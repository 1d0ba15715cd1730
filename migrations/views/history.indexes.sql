create index history_by_actor on history (actor, position);
create index history_by_name  on history (name, position);
