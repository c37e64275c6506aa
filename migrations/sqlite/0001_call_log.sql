-- The log of calls. `call_events` is the truth and is only ever appended to; all other tables
-- but `parties` are projections of it. Times are microseconds since 1970 in UTC, durations are
-- in the unit of their name. Same tables and columns as in ../postgres.

create table parties (
    id blob primary key,
    number text not null,
    e164 text,
    name text
) strict;

create table call_events (
    seq integer primary key autoincrement,
    id blob not null unique,
    call_id blob not null,
    at integer not null,
    offset_us integer not null,
    kind text not null,
    data text
) strict;

create index call_events_by_call on call_events (call_id, seq);

create trigger call_events_are_not_changed before update on call_events
begin
    select raise(abort, 'call_events is append-only');
end;

create trigger call_events_are_not_deleted before delete on call_events
begin
    select raise(abort, 'call_events is append-only');
end;

create table calls (
    id blob primary key,
    arrived_at integer not null,
    direction text not null,
    origin text not null,
    caller blob,
    dialled text not null,
    line text,
    trunk text,
    outcome text,
    status integer,
    profile text,
    ringback text,
    caller_ring_ms integer,
    rings integer,
    grade text,
    late_answer integer not null,
    answered_by text,
    answered_at integer,
    talk_ms integer,
    queue_ms integer,
    hangup_party text,
    agent_first integer not null,
    ended_at integer,
    purpose_version integer,
    purpose text,
    -- The whole projection but the purposes, which another process may set during the call.
    record text not null
) strict;

create index calls_by_arrival on calls (arrived_at, id);
create index calls_by_line on calls (line, arrived_at);
create index calls_by_outcome on calls (outcome, arrived_at);
create index calls_by_grade on calls (grade, arrived_at);
create index calls_by_purpose on calls (purpose, arrived_at);
create index calls_going_on on calls (arrived_at) where ended_at is null;

create table attempts (
    call_id blob not null references calls (id),
    n integer not null,
    agent text not null,
    offered_at integer not null,
    ringing_at integer,
    agent_ring_ms integer,
    result text,
    status integer,
    ended_at integer,
    primary key (call_id, n)
) strict;

create index attempts_by_agent on attempts (agent, offered_at);

create table transfers (
    call_id blob not null references calls (id),
    n integer not null,
    kind text not null,
    by_agent text not null,
    target_agent text,
    target_party blob,
    requested_at integer not null,
    result text,
    ended_at integer,
    primary key (call_id, n)
) strict;

create table purposes (
    call_id blob not null references calls (id),
    version integer not null,
    code text not null,
    author text not null,
    reason text,
    at integer not null,
    primary key (call_id, version)
) strict;

create table recordings (
    call_id blob primary key references calls (id),
    path text,
    sha256 text,
    size_bytes integer,
    duration_ms integer,
    gaps text,
    failure text
) strict;
