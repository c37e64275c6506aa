-- What comes after a call: its outcome, notes, tasks, and the customer. Same tables and columns as
-- in ../postgres.

-- What came of the caller's matter: a projection of the log, as `purposes` is.
create table dispositions (
    call_id blob not null references calls (id),
    version integer not null,
    code text not null,
    author text not null,
    reason text,
    at integer not null,
    primary key (call_id, version)
) strict;

-- Calls that nobody has wrapped up are looked for by these.
create index calls_by_agent on calls (answered_by, ended_at);
create index calls_by_end on calls (ended_at);

-- What a line's codes were, and since when. `kind` is purpose or outcome.
create table code_trees (
    line text not null,
    kind text not null,
    since integer not null,
    version text not null,
    codes text not null,
    primary key (line, kind, since)
) strict;

-- What people have written down about a call. Nothing is written over; a version can be erased,
-- which leaves its author and time.
create table notes (
    call_id blob not null,
    version integer not null,
    at integer not null,
    author text not null,
    text text,
    fields text,
    primary key (call_id, version)
) strict;

create trigger notes_are_not_changed before update on notes
when new.call_id <> old.call_id or new.version <> old.version or new.at <> old.at
    or new.author <> old.author or new.text is not null or new.fields is not null
begin
    select raise(abort, 'notes are not written over');
end;

create trigger notes_are_not_forgotten before delete on notes
begin
    select raise(abort, 'notes are not written over');
end;

-- What is to be done after a call. `number` is what tells callers apart (personal data): it goes
-- when the task is done. Some of `kind`: call_back, message.
create table tasks (
    id blob primary key,
    kind text not null,
    state text not null,
    reason text not null,
    line text,
    party blob,
    number text,
    opened_at integer not null,
    due_at integer,
    claimed_by text,
    claimed_at integer,
    tries integer not null,
    tried_at integer,
    done_by text,
    done_at integer,
    result text
) strict;

-- A number has one call back that is not done, and no more.
create unique index tasks_one_a_number on tasks (number) where state <> 'done' and kind = 'call_back';
create index tasks_by_opening on tasks (opened_at, id);
create index tasks_by_state on tasks (state, opened_at, id);
create index tasks_by_claim on tasks (claimed_by, opened_at) where state = 'claimed';
create index tasks_due on tasks (due_at) where state <> 'done';

-- The calls that a task is about.
create table task_calls (
    call_id blob not null,
    kind text not null,
    task_id blob not null references tasks (id),
    at integer not null,
    reason text not null,
    -- Where in the call's recording, of a message.
    start_ms integer,
    length_ms integer,
    primary key (call_id, kind)
) strict;

create index task_calls_by_task on task_calls (task_id, at);

-- What was done about a task, by whom. `remark` may hold personal data and can be erased.
create table task_log (
    task_id blob not null references tasks (id),
    n integer not null,
    at integer not null,
    actor text not null,
    action text not null,
    result text,
    remark text,
    primary key (task_id, n)
) strict;

-- Customers whom we know by name. What was changed stands in customer_versions, who did it in
-- audit; erasing a customer leaves neither name nor number.
create table customers (
    id blob primary key,
    version integer not null,
    name text not null,
    form text,
    level text,
    created_at integer not null,
    changed_at integer not null
) strict;

create index customers_by_name on customers (name, id);

create table customer_numbers (
    number text primary key,
    customer_id blob not null references customers (id),
    n integer not null,
    as_given text not null,
    label text
) strict;

create index customer_numbers_by_customer on customer_numbers (customer_id, n);

create table customer_versions (
    customer_id blob not null references customers (id),
    version integer not null,
    at integer not null,
    author text not null,
    data text not null,
    primary key (customer_id, version)
) strict;
