-- Keeps the columns that an account has chosen for the list of an event.
-- $1 event_id: uuid
-- $2 account_id: uuid
-- $3 columns: text
insert into list_columns (event_id, account_id, columns)
select $1, account_id, $3 from account where account_id = $2
on conflict (event_id, account_id) do update set columns = excluded.columns
