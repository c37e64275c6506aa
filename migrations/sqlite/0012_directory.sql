-- Who is who: more of customers, the house's directory and what each department answers for, and
-- messages for colleagues. Same tables and columns as in ../postgres.

alter table customers add column kind text;
alter table customers add column organisation text;
alter table customers add column address text;
alter table customers add column note text;
-- Why the customer has this level (R224).
alter table customers add column level_reason text;
-- The customer that this one turned out to be: it is in no list any more.
alter table customers add column merged_into blob references customers (id);

create index customers_by_merger on customers (merged_into) where merged_into is not null;

-- What the house keeps by name and version. Some of `kind`: entry (somebody to be reached), matter
-- (who answers for it). `data` is JSON; null once it is removed.
create table register (
    id blob primary key,
    kind text not null,
    version integer not null,
    changed_at integer not null,
    data text
) strict;

create index register_by_kind on register (kind, id);

create table register_versions (
    id blob not null references register (id),
    version integer not null,
    at integer not null,
    author text not null,
    reason text,
    data text,
    primary key (id, version)
) strict;

create trigger register_versions_are_not_changed before update on register_versions
begin
    select raise(abort, 'register_versions is append-only');
end;

create trigger register_versions_are_not_deleted before delete on register_versions
begin
    select raise(abort, 'register_versions is append-only');
end;

-- Whose task it is until somebody else has taken it on: an agent's extension.
alter table tasks add column assigned_to text;
-- When somebody was told that it is late.
alter table tasks add column late_told_at integer;

create index tasks_by_assignment on tasks (assigned_to, opened_at) where state <> 'done';

-- Messages for somebody who could not be reached (R183), and callers who wanted to leave none. A
-- message is a task of the same id, of the kind `relay`. Who left it and what it says can be erased.
create table messages (
    id blob primary key,
    call_id blob,
    taken_at integer not null,
    taken_by text not null,
    -- An agent's extension, or an entry of the register, by name.
    for_agent text,
    for_entry blob,
    for_name text not null,
    from_name text,
    number text,
    text text,
    -- normal, urgent
    urgency text not null,
    refused integer not null,
    delivered_at integer,
    read_at integer,
    read_by text,
    -- When somebody was told that nobody has read it.
    unread_told_at integer
) strict;

create index messages_unread on messages (taken_at) where read_at is null;
create index messages_by_call on messages (call_id);
create index messages_by_agent on messages (for_agent, taken_at);

-- Whose it was to be, of a step that says so.
alter table task_log add column assigned_to text;
