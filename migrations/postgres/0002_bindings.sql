-- Where phones are registered, so that the first call after a restart rings them. Each row is as
-- the registrar last knew it; an agent's rows are replaced together.
-- Same tables and columns as in ../sqlite.

create table bindings (
    agent text not null,
    contact text not null,
    path text not null,
    transport text not null,
    local text not null,
    peer text not null,
    behind_nat boolean not null,
    call_id text not null,
    cseq bigint not null,
    instance text,
    user_agent text,
    registered_at bigint not null,
    expires_at bigint not null,
    reachable boolean not null,
    primary key (agent, contact)
);
