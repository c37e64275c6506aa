-- A caller may be passed on to the agents of another line: a department. Same columns as in
-- ../postgres.

alter table transfers add column target_line text;
