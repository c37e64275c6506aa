-- Each audit row carries a hash over itself and the row before it, so that a row that was changed or
-- taken out behind the service's back is found. Rows from before this have none. Same columns in both.

alter table audit add column chain text;
