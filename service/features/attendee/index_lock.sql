-- Before index.sql, in a statement of its own (functions/attendee_search.sql).
-- $1 event_id: uuid
-- rows: locked void
select lock_attendee_search($1) as locked
