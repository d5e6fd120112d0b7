-- Moves up registrations from the waiting list. Gives their number, and is repeated while tally.moving
-- says that there is more to do.
-- $1 event_id: uuid
-- rows: moved integer
select move_up($1) as moved
