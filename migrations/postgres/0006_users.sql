-- Who may use the API: people, their sessions, and programs that work for them. Secrets are kept as
-- hashes only. Same tables and columns as in ../sqlite.

create table users (
    name text primary key,
    -- argon2id, as a PHC string
    password text not null,
    -- words with a space between
    roles text not null,
    -- the agent whose phone is this person's
    extension text,
    disabled boolean not null,
    created_at bigint not null,
    password_at bigint not null
);

create table sessions (
    id uuid primary key,
    -- SHA-256 of what the cookie holds
    secret text not null unique,
    user_name text not null references users (name),
    data text not null,
    source text,
    user_agent text,
    created_at bigint not null,
    seen_at bigint not null
);

create index sessions_by_user on sessions (user_name, created_at);

create table api_tokens (
    id uuid primary key,
    -- SHA-256 of the token
    secret text not null unique,
    user_name text not null references users (name),
    label text not null,
    scopes text not null,
    created_at bigint not null,
    expires_at bigint not null,
    used_at bigint,
    revoked_at bigint
);

create index api_tokens_by_user on api_tokens (user_name, created_at);

-- What came of commands, so that one that is sent again is not carried out again.
create table idempotency (
    user_name text not null,
    idempotency_key text not null,
    -- SHA-256 of method, path and body
    request text not null,
    -- null while it is being carried out
    status bigint,
    body text,
    at bigint not null,
    primary key (user_name, idempotency_key)
);

create index idempotency_by_age on idempotency (at);
