-- Moves up registrations from the waiting list. Gives their number.
-- $1 event_id: uuid
-- rows: moved integer
select move_up($1) as moved
