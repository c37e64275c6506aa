-- Where phones are registered, so that the first call after a restart rings them. Each row is as
-- the registrar last knew it; an agent's rows are replaced together.
-- Same tables and columns as in ../postgres.

create table bindings (
    agent text not null,
    contact text not null,
    path text not null,
    transport text not null,
    local text not null,
    peer text not null,
    behind_nat integer not null,
    call_id text not null,
    cseq integer not null,
    instance text,
    user_agent text,
    registered_at integer not null,
    expires_at integer not null,
    reachable integer not null,
    primary key (agent, contact)
) strict;
