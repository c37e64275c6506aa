-- What lists of calls are narrowed by: who talked for long, was passed on too often, or was put through
-- in an emergency. Same columns and indices as in ../sqlite.

-- They talked for longer than the line allows.
alter table calls add column talk_long boolean not null default false;
update calls set talk_long = true where (record->'desk'->'overruns') @> '[{"stage": "talk"}]';
-- The caller was passed on more often than the line has it.
alter table calls add column passed_on_often boolean not null default false;
-- The caller was put through to an emergency contact.
alter table calls add column emergency boolean not null default false;

drop index calls_listed;
create index calls_listed on calls (arrived_at, id, line, direction, outcome, grade, purpose,
    answered_by, hangup_party, agent_first, late_answer, overrun, withheld, anonymous, closed_at,
    write_up_long, origin, caller, talk_long, passed_on_often, emergency);
