-- Makes the draft of a bulk action for some attendees, or for all whom a filter matches
-- (functions/attendee_search.sql). A change of a registration concerns its other attendees, too:
-- they are added.
-- $1 event_id: uuid
-- $2 bulk_id: uuid
-- $3 verb: bulk_verb
-- $4 actor: text
-- $5 attendee_id: uuid[]
-- $6 filter: jsonb or null
-- row attendee: $5
-- rows: count bigint
with chosen as (
  select attendee_id, registration_id
    from attendee
   where event_id = $1 and attendee_id = any ($5)
  union
  select attendee.attendee_id, registration_id
    from attendee_page($1, $6, 'oldest', null, 2147483647, false) as listed
    join attendee on attendee.event_id = $1 and attendee.attendee_id = listed.attendee_id
   where $6::jsonb is not null
), concerned as (
  select attendee_id, registration_id from chosen
  union
  select attendee.attendee_id, registration_id
    from attendee
   where registration_id in (select registration_id from chosen)
     and $3::bulk_verb in ('approve', 'decline', 'move_up') and status <> 'cancelled'
), ordered as materialized (
  select attendee_id, registration_id,
         row_number() over (order by number, position, attendee_id) as ordinal
    from concerned
    join attendee using (attendee_id, registration_id)
    join registration using (event_id, registration_id)
   where event_id = $1
), bulk as (
  insert into bulk_action (event_id, bulk_id, verb, actor, total)
  select $1, $2, $3, $4, count(*) from ordered
), item as (
  insert into bulk_item (event_id, bulk_id, ordinal, attendee_id, registration_id)
  select $1, $2, ordinal, attendee_id, registration_id from ordered
)
select count(*) as count from ordered
