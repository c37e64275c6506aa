-- Places in a recording that somebody should listen to. Nothing is written over: what is taken back
-- stays with who did it; the text can be erased. Same tables and columns as in ../sqlite.
create table markers (
    id uuid primary key,
    call_id uuid not null,
    -- Where, in milliseconds of the recording.
    at_ms bigint not null,
    text text,
    author text not null,
    set_at bigint not null,
    removed_by text,
    removed_at bigint
);

create index markers_by_call on markers (call_id, at_ms);

create function refuse_marker_change() returns trigger language plpgsql as $$
begin
    if new.id <> old.id or new.call_id <> old.call_id or new.at_ms <> old.at_ms
        or new.author <> old.author or new.set_at <> old.set_at
        or (new.text is not null and new.text is distinct from old.text)
        or (old.removed_at is not null
            and (new.removed_at is distinct from old.removed_at
                or new.removed_by is distinct from old.removed_by))
    then
        raise exception 'markers are not written over';
    end if;
    return new;
end
$$;

create trigger markers_are_not_changed before update on markers
    for each row execute function refuse_marker_change();

create function refuse_marker_loss() returns trigger language plpgsql as $$
begin
    raise exception 'markers are not written over';
end
$$;

create trigger markers_are_not_forgotten before delete on markers
    for each statement execute function refuse_marker_loss();
