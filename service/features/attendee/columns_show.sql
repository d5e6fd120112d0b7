-- The columns that an account has chosen for the list of an event.
-- $1 event_id: uuid
-- $2 account_id: uuid
-- rows: columns text
select columns from list_columns where event_id = $1 and account_id = $2
