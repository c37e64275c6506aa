-- The few calls that go on, among all that ever were: whoever watches the floor reads them again and
-- again.

create index calls_running on calls (arrived_at, id) where outcome is null;
