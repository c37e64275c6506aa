-- The record of a call as people keep it, and what lists of calls are narrowed by. Same columns and
-- indices as in ../sqlite.

-- A stage took longer than the line allows.
alter table calls add column overrun boolean not null default false;
-- The caller withholds the number.
alter table calls add column withheld boolean not null default false;
update calls set withheld = true where (record->'circumstances'->>'withheld')::boolean;

-- These are said by people, perhaps from another process: they stand beside the record, not in it.
alter table calls add column anonymous boolean not null default false;
alter table calls add column closed_at bigint;
alter table calls add column closed_by text;
alter table calls add column write_up_ms bigint;
alter table calls add column write_up_long boolean not null default false;

-- Why a note was changed after the record was closed. It goes when the text goes.
alter table notes add column reason text;

create or replace function refuse_note_change() returns trigger language plpgsql as $$
begin
    if new.call_id <> old.call_id or new.version <> old.version or new.at <> old.at
        or new.author <> old.author or new.text is not null or new.fields is not null
        or new.reason is not null then
        raise exception 'notes are not written over';
    end if;
    return new;
end
$$;

-- Everything that lists are narrowed by, so that only the rows of the page itself are read.
create index calls_listed on calls (arrived_at, id, line, direction, outcome, grade, purpose,
    answered_by, hangup_party, agent_first, late_answer, overrun, withheld, anonymous, closed_at,
    write_up_long, origin, caller);
drop index calls_by_arrival;

create index calls_by_caller on calls (caller, arrived_at);
create index calls_by_talk on calls (talk_ms, id) where talk_ms is not null;
create index calls_by_ring on calls (caller_ring_ms, id) where caller_ring_ms is not null;
create index calls_by_queue on calls (queue_ms, id) where queue_ms is not null;
create index attempts_of_agent on attempts (agent, call_id);
create index transfers_by_agent on transfers (by_agent, call_id);
create index transfers_to_agent on transfers (target_agent, call_id);
create index parties_by_number on parties (number);
create index parties_by_e164 on parties (e164);
