-- The log of calls. `call_events` is the truth and is only ever appended to; all other tables
-- but `parties` are projections of it. Times are microseconds since 1970 in UTC, durations are
-- in the unit of their name. Same tables and columns as in ../sqlite.

create table parties (
    id uuid primary key,
    number text not null,
    e164 text,
    name text
);

create table call_events (
    seq bigint generated always as identity primary key,
    id uuid not null unique,
    call_id uuid not null,
    at bigint not null,
    offset_us bigint not null,
    kind text not null,
    data jsonb
);

create index call_events_by_call on call_events (call_id, seq);

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only', tg_table_name;
end
$$;

create trigger call_events_are_not_changed before update or delete or truncate on call_events
    for each statement execute function refuse_change();

create table calls (
    id uuid primary key,
    arrived_at bigint not null,
    direction text not null,
    origin text not null,
    caller uuid,
    dialled text not null,
    line text,
    trunk text,
    outcome text,
    status bigint,
    profile text,
    ringback text,
    caller_ring_ms bigint,
    rings bigint,
    grade text,
    late_answer boolean not null,
    answered_by text,
    answered_at bigint,
    talk_ms bigint,
    queue_ms bigint,
    hangup_party text,
    agent_first boolean not null,
    ended_at bigint,
    purpose_version bigint,
    purpose text,
    -- The whole projection but the purposes, which another process may set during the call.
    record jsonb not null
);

create index calls_by_arrival on calls (arrived_at, id);
create index calls_by_line on calls (line, arrived_at);
create index calls_by_outcome on calls (outcome, arrived_at);
create index calls_by_grade on calls (grade, arrived_at);
create index calls_by_purpose on calls (purpose, arrived_at);
create index calls_going_on on calls (arrived_at) where ended_at is null;

create table attempts (
    call_id uuid not null references calls (id),
    n bigint not null,
    agent text not null,
    offered_at bigint not null,
    ringing_at bigint,
    agent_ring_ms bigint,
    result text,
    status bigint,
    ended_at bigint,
    primary key (call_id, n)
);

create index attempts_by_agent on attempts (agent, offered_at);

create table transfers (
    call_id uuid not null references calls (id),
    n bigint not null,
    kind text not null,
    by_agent text not null,
    target_agent text,
    target_party uuid,
    requested_at bigint not null,
    result text,
    ended_at bigint,
    primary key (call_id, n)
);

create table purposes (
    call_id uuid not null references calls (id),
    version bigint not null,
    code text not null,
    author text not null,
    reason text,
    at bigint not null,
    primary key (call_id, version)
);

create table recordings (
    call_id uuid primary key references calls (id),
    path text,
    sha256 text,
    size_bytes bigint,
    duration_ms bigint,
    gaps jsonb,
    failure text
);
