-- How many registrations tell_all() would write to.
-- $1 event_id: uuid
-- rows: told bigint
select count(*) as told
  from registration
 where event_id = $1 and email <> '' and status <> 'cancelled'
