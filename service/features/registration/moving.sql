-- Events in which move_up has more to do.
-- $1 most: bigint
-- rows: event_id uuid
select event_id from tally where moving limit $1
