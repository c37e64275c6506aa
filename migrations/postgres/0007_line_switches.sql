-- Each turn of a line's emergency switch: who, when, to what and why. The last one of a line counts,
-- also after a restart. Same tables and columns as in ../sqlite.

create table line_switches (
    seq bigint generated always as identity primary key,
    line text not null,
    -- announcement, number; null: served by its agents again
    kind text,
    target text,
    switched_by text not null,
    switched_at bigint not null,
    reason text
);

create index line_switches_by_line on line_switches (line, seq);
