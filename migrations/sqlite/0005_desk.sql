-- What agents did when, and in what order queues rang them: appended only. The last row of each
-- agent and of each queue is what a restart goes on from. Times are microseconds since 1970 in UTC.
-- Same tables and columns as in ../postgres.

create table agent_events (
    seq integer primary key autoincrement,
    id blob not null unique,
    at integer not null,
    agent text not null,
    -- offline, unreachable, ready, busy, break, ringing, talking, wrap_up
    state text not null,
    since integer not null,
    reason text,
    call_id blob,
    -- agent, user, system
    actor_kind text not null,
    actor text not null,
    answered_today integer not null,
    -- JSON: what the agent has said
    standing text not null
) strict;

create index agent_events_by_agent on agent_events (agent, seq);
create index agent_events_by_time on agent_events (at);

create trigger agent_events_are_not_changed before update on agent_events
begin
    select raise(abort, 'agent_events is append-only');
end;

create trigger agent_events_are_not_deleted before delete on agent_events
begin
    select raise(abort, 'agent_events is append-only');
end;

create table hunting_orders (
    seq integer primary key autoincrement,
    id blob not null unique,
    at integer not null,
    queue text not null,
    actor_kind text not null,
    actor text not null,
    -- JSON: extensions, the first to be rung first
    agents text not null
) strict;

create index hunting_orders_by_queue on hunting_orders (queue, seq);

create trigger hunting_orders_are_not_changed before update on hunting_orders
begin
    select raise(abort, 'hunting_orders is append-only');
end;

create trigger hunting_orders_are_not_deleted before delete on hunting_orders
begin
    select raise(abort, 'hunting_orders is append-only');
end;
