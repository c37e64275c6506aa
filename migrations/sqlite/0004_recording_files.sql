-- What became of each recording's files after its call, and who had to do with them. No projection
-- of the log: a rebuild leaves all of it as it is. Same tables and columns as in ../postgres.

create table recording_files (
    call_id blob primary key,
    path text not null,
    line text,
    arrived_at integer not null,
    sha256 text not null,
    size_bytes integer not null,
    -- local, missing, damaged, remote (the copy only), deleting, deleted
    state text not null,
    verified_at integer,
    copied_at integer,
    copy_tries integer not null,
    copy_due_at integer not null,
    copy_error text
) strict;

create index recording_files_by_verification on recording_files (verified_at)
    where state in ('local', 'missing', 'damaged');
create index recording_files_by_line on recording_files (line, arrived_at);
create index recording_files_to_copy on recording_files (copy_due_at)
    where copied_at is null;
create index recording_files_at_fault on recording_files (state)
    where state in ('missing', 'damaged', 'deleting');

-- A recording is held while it has a hold that nobody has released.
create table recording_holds (
    id blob primary key,
    call_id blob not null references recording_files (call_id),
    held_by text not null,
    held_at integer not null,
    reason text not null,
    released_by text,
    released_at integer,
    release_reason text
) strict;

create index recording_holds_that_stand on recording_holds (call_id) where released_at is null;

-- Who did what, written before it is done.
create table audit (
    seq integer primary key autoincrement,
    id blob not null unique,
    at integer not null,
    actor text not null,
    action text not null,
    call_id blob,
    purpose text not null,
    detail text
) strict;

create index audit_by_call on audit (call_id, seq);

create trigger audit_is_not_changed before update on audit
begin
    select raise(abort, 'audit is append-only');
end;

create trigger audit_is_not_deleted before delete on audit
begin
    select raise(abort, 'audit is append-only');
end;

create trigger recording_files_are_not_forgotten before delete on recording_files
begin
    select raise(abort, 'recording_files keeps its rows');
end;

create trigger recording_holds_are_not_forgotten before delete on recording_holds
begin
    select raise(abort, 'recording_holds keeps its rows');
end;

create trigger held_recordings_are_not_deleted before update of state on recording_files
when new.state in ('deleting', 'deleted') and exists (
    select 1 from recording_holds where call_id = new.call_id and released_at is null
)
begin
    select raise(abort, 'the recording is held');
end;

insert into recording_files (call_id, path, line, arrived_at, sha256, size_bytes, state,
    copy_tries, copy_due_at)
select recordings.call_id, recordings.path, calls.line, calls.arrived_at, recordings.sha256,
    recordings.size_bytes, 'local', 0, 0
from recordings join calls on calls.id = recordings.call_id
where recordings.path is not null;

create trigger recordings_have_files after insert on recordings when new.path is not null
begin
    insert into recording_files (call_id, path, line, arrived_at, sha256, size_bytes, state,
        copy_tries, copy_due_at)
    select new.call_id, new.path, calls.line, calls.arrived_at, new.sha256, new.size_bytes,
        'local', 0, 0
    from calls where calls.id = new.call_id
    on conflict (call_id) do nothing;
end;

create trigger recordings_get_files after update of path on recordings when new.path is not null
begin
    insert into recording_files (call_id, path, line, arrived_at, sha256, size_bytes, state,
        copy_tries, copy_due_at)
    select new.call_id, new.path, calls.line, calls.arrived_at, new.sha256, new.size_bytes,
        'local', 0, 0
    from calls where calls.id = new.call_id
    on conflict (call_id) do nothing;
end;
