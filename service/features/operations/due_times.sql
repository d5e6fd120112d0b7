-- Gives work its turn that would wait too long, because the clock was set back. Returns how many rows.
-- rows: count bigint
select mend_due_times() as count
