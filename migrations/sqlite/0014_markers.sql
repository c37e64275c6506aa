-- Places in a recording that somebody should listen to. Nothing is written over: what is taken back
-- stays with who did it; the text can be erased. Same tables and columns as in ../postgres.
create table markers (
    id blob primary key,
    call_id blob not null,
    -- Where, in milliseconds of the recording.
    at_ms integer not null,
    text text,
    author text not null,
    set_at integer not null,
    removed_by text,
    removed_at integer
) strict;

create index markers_by_call on markers (call_id, at_ms);

create trigger markers_are_not_changed before update on markers
when new.id <> old.id or new.call_id <> old.call_id or new.at_ms <> old.at_ms
    or new.author <> old.author or new.set_at <> old.set_at
    or (new.text is not null and new.text is not old.text)
    or (old.removed_at is not null
        and (new.removed_at is not old.removed_at or new.removed_by is not old.removed_by))
begin
    select raise(abort, 'markers are not written over');
end;

create trigger markers_are_not_forgotten before delete on markers
begin
    select raise(abort, 'markers are not written over');
end;
