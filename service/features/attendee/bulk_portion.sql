-- Goes on with a bulk action for a short time, after bulk_lock. Gives how many of its people are left.
-- $1 event_id: uuid
-- $2 bulk_id: uuid
-- $3 most: integer
-- $4 most_ms: integer
-- rows: count integer
select bulk_go_on($1, $2, $3, $4) as count
