-- What agents did when, and in what order queues rang them: appended only. The last row of each
-- agent and of each queue is what a restart goes on from. Times are microseconds since 1970 in UTC.
-- Same tables and columns as in ../sqlite.

create table agent_events (
    seq bigint generated always as identity primary key,
    id uuid not null unique,
    at bigint not null,
    agent text not null,
    -- offline, unreachable, ready, busy, break, ringing, talking, wrap_up
    state text not null,
    since bigint not null,
    reason text,
    call_id uuid,
    -- agent, user, system
    actor_kind text not null,
    actor text not null,
    answered_today bigint not null,
    -- JSON: what the agent has said
    standing text not null
);

create index agent_events_by_agent on agent_events (agent, seq);
create index agent_events_by_time on agent_events (at);

create trigger agent_events_are_not_changed before update or delete or truncate on agent_events
    for each statement execute function refuse_change();

create table hunting_orders (
    seq bigint generated always as identity primary key,
    id uuid not null unique,
    at bigint not null,
    queue text not null,
    actor_kind text not null,
    actor text not null,
    -- JSON: extensions, the first to be rung first
    agents text not null
);

create index hunting_orders_by_queue on hunting_orders (queue, seq);

create trigger hunting_orders_are_not_changed before update or delete or truncate on hunting_orders
    for each statement execute function refuse_change();
