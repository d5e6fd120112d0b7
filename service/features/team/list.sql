-- The members of the organisers that the caller owns, or of their events.
-- $1 organiser_id: uuid[]
-- $2 event_id: uuid[] or null
-- $3 language: text
-- Only this one:
-- $4 membership_id: uuid or null
-- row own: $1 to $2
-- rows: organiser text, organiser_name text, requires_second_factor boolean, membership_id uuid,
--   account_id uuid, email text, role role, event text, title text, has_second_factor boolean
select organiser.slug as organiser, organiser.name as organiser_name, requires_second_factor,
       membership_id, account_id, email, role, event.slug as event,
       text_in(definition -> 'title', $3) as title, totp_secret is not null as has_second_factor
  from organiser
  join membership using (organiser_id)
  join account using (account_id)
  left join event on event.event_id = membership.event_id
  left join event_version on event_version.event_id = event.event_id
                         and event_version.version = event.version
 where organiser.organiser_id = any ($1)
   and owns($1, $2, organiser.organiser_id, membership.event_id)
   and ($4::uuid is null or membership_id = $4)
 order by organiser.name, organiser.slug, event.starts_at desc nulls first, role, email_key
