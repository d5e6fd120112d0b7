-- Lists a page of the messages of an event, newest first. $4 and $5 are the last message of the page
-- before. $2, $3 and $7 to $9 are filters, and every pattern must match. Patterns are folded and
-- escaped. Times are local to $10.
--
-- Only one of the three branches runs: each reads an index in its order until the page is full.
-- $1 event_id: uuid
-- $2 state: message_state or null
-- $3 registration_id: uuid or null
-- $4 before: timestamp with time zone or null
-- $5 before_message: uuid or null
-- $6 most: bigint
-- $7 kind: text or null
-- $8 pattern: text[]
-- $9 message_id: uuid or null
-- $10 timezone: text
-- row pattern: $8
-- kind: message_kind = confirmed | waitlisted | promoted | pending | approved | declined |
--   unverified | expired | changed | cancelled | place_cancelled | handed_on | handed_over |
--   reminder | event_changed | event_cancelled | event_revived | resent | already_registered |
--   mailing | mailing_test
-- rows: registration_id uuid, message_id uuid, attendee_id uuid, kind text, state message_state,
-- rows: recipient text, tries integer, code integer, words text,
-- rows: created_at timestamp with time zone, due_at timestamp with time zone,
-- rows: sent_at timestamp with time zone, created_local text, due_local text, sent_local text,
-- rows: person_id uuid, person text
with page as (
  (select message.* from message
    where $3::uuid is null
      and ($2::message_state is null or $2 not in ('held', 'failed', 'bounced', 'obsolete'))
      and event_id = $1 and ($2 is null or state = $2) and ($7::text is null or kind = $7)
      and ($4::timestamptz is null or (created_at, message_id) < ($4, $5::uuid))
      and (cardinality($8::text[]) = 0 or is_about($1, registration_id, attendee_id, $8))
    order by created_at desc, message_id desc
    limit $6)
  union all
  (select message.* from message
    where $3::uuid is null and $2::message_state in ('held', 'failed', 'bounced', 'obsolete')
      and event_id = $1 and state = $2 and state in ('held', 'failed', 'bounced', 'obsolete')
      and ($7::text is null or kind = $7)
      and ($4::timestamptz is null or (created_at, message_id) < ($4, $5::uuid))
      and (cardinality($8::text[]) = 0 or is_about($1, registration_id, attendee_id, $8))
    order by created_at desc, message_id desc
    limit $6)
  union all
  (select message.* from message
    where event_id = $1 and registration_id = $3 and ($9::uuid is null or message_id = $9)
      and ($2::message_state is null or state = $2) and ($7::text is null or kind = $7)
      and ($4::timestamptz is null or (created_at, message_id) < ($4, $5::uuid))
    order by created_at desc, message_id desc
    limit $6)
)
select page.registration_id, message_id, page.attendee_id, kind, page.state,
       coalesce(recipient, attendee.email, registration.email) as recipient, tries, code, words,
       page.created_at, due_at, sent_at, local_minute(page.created_at, $10) as created_local,
       local_minute(due_at, $10) as due_local, local_minute(sent_at, $10) as sent_local,
       person.attendee_id as person_id, person.name as person
  from page
  join registration using (event_id, registration_id)
  left join attendee on attendee.event_id = page.event_id and attendee.attendee_id = page.attendee_id
  left join lateral (
    select attendee_id, name from attendee as one
     where one.event_id = page.event_id and one.registration_id = page.registration_id
       and (page.attendee_id is null or one.attendee_id = page.attendee_id)
     order by position
     limit 1) as person on true
 order by page.created_at desc, message_id desc
 limit $6
