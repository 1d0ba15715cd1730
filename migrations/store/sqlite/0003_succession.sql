-- An event comes right after the one before it in its stream. What a writer expects of a stream is so checked where
-- it is written, and need not be looked up before.
create trigger events_succeed before insert on events
when new.version > 1
    and not exists (select 1 from events where stream = new.stream and version = new.version - 1)
begin
    select raise(abort, 'the event before it is not there');
end;
