-- What became of each recording's files after its call, and who had to do with them. No projection
-- of the log: a rebuild leaves all of it as it is. Same tables and columns as in ../sqlite.

create table recording_files (
    call_id uuid primary key,
    path text not null,
    line text,
    arrived_at bigint not null,
    sha256 text not null,
    size_bytes bigint not null,
    -- local, missing, damaged, remote (the copy only), deleting, deleted
    state text not null,
    verified_at bigint,
    copied_at bigint,
    copy_tries bigint not null,
    copy_due_at bigint not null,
    copy_error text
);

create index recording_files_by_verification on recording_files (verified_at nulls first)
    where state in ('local', 'missing', 'damaged');
create index recording_files_by_line on recording_files (line, arrived_at);
create index recording_files_to_copy on recording_files (copy_due_at)
    where copied_at is null;
create index recording_files_at_fault on recording_files (state)
    where state in ('missing', 'damaged', 'deleting');

-- A recording is held while it has a hold that nobody has released.
create table recording_holds (
    id uuid primary key,
    call_id uuid not null references recording_files (call_id),
    held_by text not null,
    held_at bigint not null,
    reason text not null,
    released_by text,
    released_at bigint,
    release_reason text
);

create index recording_holds_that_stand on recording_holds (call_id) where released_at is null;

-- Who did what, written before it is done.
create table audit (
    seq bigint generated always as identity primary key,
    id uuid not null unique,
    at bigint not null,
    actor text not null,
    action text not null,
    call_id uuid,
    purpose text not null,
    detail text
);

create index audit_by_call on audit (call_id, seq);

create trigger audit_is_not_changed before update or delete or truncate on audit
    for each statement execute function refuse_change();

create trigger recording_files_are_not_forgotten before delete or truncate on recording_files
    for each statement execute function refuse_change();

create trigger recording_holds_are_not_forgotten before delete or truncate on recording_holds
    for each statement execute function refuse_change();

create function refuse_while_held() returns trigger language plpgsql as $$
begin
    if exists (
        select 1 from recording_holds where call_id = new.call_id and released_at is null
    ) then
        raise exception 'the recording is held';
    end if;
    return new;
end
$$;

create trigger held_recordings_are_not_deleted before update of state on recording_files
    for each row when (new.state in ('deleting', 'deleted'))
    execute function refuse_while_held();

insert into recording_files (call_id, path, line, arrived_at, sha256, size_bytes, state,
    copy_tries, copy_due_at)
select recordings.call_id, recordings.path, calls.line, calls.arrived_at, recordings.sha256,
    recordings.size_bytes, 'local', 0, 0
from recordings join calls on calls.id = recordings.call_id
where recordings.path is not null;

create function note_recording_file() returns trigger language plpgsql as $$
begin
    insert into recording_files (call_id, path, line, arrived_at, sha256, size_bytes, state,
        copy_tries, copy_due_at)
    select new.call_id, new.path, calls.line, calls.arrived_at, new.sha256, new.size_bytes,
        'local', 0, 0
    from calls where calls.id = new.call_id
    on conflict (call_id) do nothing;
    return null;
end
$$;

create trigger recordings_have_files after insert or update of path on recordings
    for each row when (new.path is not null)
    execute function note_recording_file();
