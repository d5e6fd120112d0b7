-- Dates the sign-ups of the demo back to the six weeks before it, more of them each week, between 8 and
-- 20 o'clock. No API can: a sign-up is of now. Run by deploy/demo with psql -v event=SLUG.
create temporary table earlier as
  select registration_id, day + interval '8 hours' + (at - day) / 2 as at
    from (select registration_id,
                 now() - (1 + 40 * (1 - power(registration.number::numeric / max(registration.number) over (), 0.6)))
                       * interval '1 day' as at
            from registration
            join event using (event_id)
           where slug = :'event') as evenly,
         date_trunc('day', at) as day;

update registration
   set created_at = at,
       consents = (select jsonb_agg(one || jsonb_build_object('given_at', at)) from jsonb_array_elements(consents) as one)
  from earlier
 where earlier.registration_id = registration.registration_id;

update message
   set created_at = at
  from earlier
 where earlier.registration_id = message.registration_id;

update ticket
   set issued_at = at
  from attendee
  join earlier using (registration_id)
 where attendee.attendee_id = ticket.attendee_id;
