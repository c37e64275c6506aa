-- What other programs are told, and how far that has come. Same tables and columns as in
-- ../postgres.

-- Up to where the log has been read for them: one row, or none while nobody is to be told.
create table webhook_cursor (
    id integer primary key,
    seq integer not null
) strict;

-- What is to be told and stands nowhere in the log; a row goes when it has become deliveries.
create table webhook_outbox (
    id blob primary key,
    at integer not null,
    kind text not null,
    call_id blob,
    data text not null
) strict;

create index webhook_outbox_by_time on webhook_outbox (at, id);

-- One message to one program. `body` is what is sent (personal data): it is erased with the caller.
create table webhook_deliveries (
    id blob primary key,
    endpoint text not null,
    kind text not null,
    event_id blob not null,
    call_id blob,
    body text,
    created_at integer not null,
    -- waiting, delivered, failed
    state text not null,
    due_at integer not null,
    tries integer not null,
    status integer,
    error text,
    ended_at integer,
    unique (endpoint, event_id)
) strict;

create index webhook_deliveries_waiting on webhook_deliveries (endpoint, due_at)
    where state = 'waiting';
create index webhook_deliveries_by_time on webhook_deliveries (created_at, id);
create index webhook_deliveries_by_call on webhook_deliveries (call_id);
