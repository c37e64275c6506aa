-- What becomes of a contact. Same tables, columns and indices as in ../sqlite.

-- Whom an agent called outside: a customer's contacts are calls of both directions (R223).
alter table calls add column callee uuid;
update calls set callee = (record->>'callee')::uuid where record->>'callee' is not null;
create index calls_by_callee on calls (callee, arrived_at) where callee is not null;

-- How the caller's matter is dealt with (R117): the word, and all that was said, as JSON.
alter table calls add column handling text;
alter table calls add column handled text;

drop index calls_listed;
create index calls_listed on calls (arrived_at, id, line, direction, outcome, grade, purpose,
    answered_by, hangup_party, agent_first, late_answer, overrun, withheld, anonymous, closed_at,
    write_up_long, origin, caller, talk_long, passed_on_often, emergency, handling);

-- What has to be known higher up at once (R120). The text may hold personal data and can be erased.
create table incidents (
    id uuid primary key,
    kind text not null,
    call_id uuid,
    text text,
    reported_at bigint not null,
    reported_by text not null,
    recipient text not null,
    escalated_at bigint not null,
    acknowledged_at bigint,
    acknowledged_by text
);

create index incidents_by_report on incidents (reported_at, id);
create index incidents_by_call on incidents (call_id) where call_id is not null;

create table incident_steps (
    incident_id uuid not null references incidents (id),
    n bigint not null,
    at bigint not null,
    actor text not null,
    action text not null,
    recipient text,
    remark text,
    primary key (incident_id, n)
);

-- Records that were sent to a department of the register (R092), and how long after the call (R109).
create table record_relays (
    id uuid primary key,
    call_id uuid not null,
    entry uuid not null,
    entry_name text not null,
    sent_at bigint not null,
    sent_by text not null,
    remark text,
    after_ms bigint not null,
    delivered_at bigint,
    read_at bigint,
    read_by text
);

create index record_relays_by_sending on record_relays (sent_at, id);
create index record_relays_by_call on record_relays (call_id);
create index record_relays_by_entry on record_relays (entry, sent_at);

-- What was said of calls, by what was said: whose matter is to be passed on (R109).
create index dispositions_by_code on dispositions (code, at);

-- Reports to those who answer for the hotline (R110): of a topic that many callers ring about, or of a
-- call that somebody calls major. `calls` is a list of ids, as JSON.
create table topic_reports (
    id uuid primary key,
    topic text not null,
    cause text not null,
    at bigint not null,
    author text not null,
    reason text,
    counted_from bigint not null,
    calls_counted bigint not null,
    calls text not null,
    major_call uuid unique
);

create index topic_reports_by_topic on topic_reports (topic, at);

-- Customers who are asked later how it was (R219), so many of each agent's, drawn by a seed.
create table campaigns (
    id uuid primary key,
    name text not null,
    line text,
    from_at bigint not null,
    to_at bigint not null,
    per_agent bigint not null,
    seed bigint not null,
    -- The highest score that there is.
    best bigint not null,
    created_at bigint not null,
    created_by text not null
);

create table campaign_calls (
    campaign_id uuid not null references campaigns (id),
    n bigint not null,
    call_id uuid not null,
    agent text not null,
    -- answered, refused, not_reached
    result text,
    score bigint,
    answered_at bigint,
    asked_by text,
    primary key (campaign_id, n)
);

-- Contacts that were no calls (R021): visits, letters, chats. The text can be erased.
create table other_contacts (
    id uuid primary key,
    channel text not null,
    at bigint not null,
    line text not null,
    purpose text not null,
    customer_id uuid,
    text text,
    registered_at bigint not null,
    registered_by text not null
);

create index other_contacts_by_time on other_contacts (at, id);
create index other_contacts_by_customer on other_contacts (customer_id, at) where customer_id is not null;
