-- Moves up those on the waiting list who fit now; gives how many registrations did.
-- $1 event_id: uuid
-- rows: moved integer
select move_up($1) as moved
