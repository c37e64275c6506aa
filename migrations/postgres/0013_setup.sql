-- What is set up while the service runs, in the place of what the file says. Same tables and columns
-- as in ../sqlite.

-- Every version of every section; rows are only ever added. `seq` counts all of them: the largest is
-- the revision of the whole.
create table setup_versions (
    seq bigint primary key,
    -- line, queue, agent, calendar, outbound
    kind text not null,
    name text not null,
    version bigint not null,
    -- The section; null takes it out. Passwords stand there as what a server has to keep of them.
    document jsonb,
    author text not null,
    at bigint not null,
    reason text not null,
    unique (kind, name, version)
);
