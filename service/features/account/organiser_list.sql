-- The organisers that an account owns, and whether they require a second factor.
-- $1 account_id: uuid
-- rows: organiser_id uuid, name text, requires_second_factor boolean
select organiser_id, name, requires_second_factor
  from membership join organiser using (organiser_id)
 where account_id = $1 and role = 'owner' and event_id is null
 order by name
