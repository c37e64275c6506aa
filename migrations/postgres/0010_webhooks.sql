-- What other programs are told, and how far that has come. Same tables and columns as in
-- ../sqlite.

-- Up to where the log has been read for them: one row, or none while nobody is to be told.
create table webhook_cursor (
    id bigint primary key,
    seq bigint not null
);

-- What is to be told and stands nowhere in the log; a row goes when it has become deliveries.
create table webhook_outbox (
    id uuid primary key,
    at bigint not null,
    kind text not null,
    call_id uuid,
    data jsonb not null
);

create index webhook_outbox_by_time on webhook_outbox (at, id);

-- One message to one program. `body` is what is sent (personal data): it is erased with the caller.
create table webhook_deliveries (
    id uuid primary key,
    endpoint text not null,
    kind text not null,
    event_id uuid not null,
    call_id uuid,
    body text,
    created_at bigint not null,
    -- waiting, delivered, failed
    state text not null,
    due_at bigint not null,
    tries bigint not null,
    status bigint,
    error text,
    ended_at bigint,
    unique (endpoint, event_id)
);

create index webhook_deliveries_waiting on webhook_deliveries (endpoint, due_at)
    where state = 'waiting';
create index webhook_deliveries_by_time on webhook_deliveries (created_at, id);
create index webhook_deliveries_by_call on webhook_deliveries (call_id);
