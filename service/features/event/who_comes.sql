-- Whom the event's page may show among those who come: people who have a place and agreed to the
-- consent in this version, the newest first, and the number of all people with a place. Only the
-- person who registered agreed, not those registered along.
-- $1 event_id: uuid
-- $2 consent: text
-- $3 version: integer
-- $4 most: bigint
-- rows: ids text, confirmed integer
with agreed as (
  select registration_id
    from registration
   where event_id = $1 and status = 'confirmed' and exists (
     select from jsonb_array_elements(consents) as list (agreed)
      where agreed ->> 'slug' = $2::text and agreed -> 'version' = to_jsonb($3::integer)
        and agreed ->> 'withdrawn_at' is null)
   order by number desc
   limit $4
)
select coalesce(jsonb_agg(attendee_id), '[]')::text as ids,
       (select confirmed from tally where event_id = $1) as confirmed
  from agreed
  join attendee using (registration_id)
 where event_id = $1 and position = 1
