-- The time by the clock of the database.
-- rows: now timestamp with time zone
select clock_timestamp() as now
