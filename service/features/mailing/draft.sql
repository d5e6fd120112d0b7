-- Makes the draft of a mailing for whom a filter matches, or for the attendees that are given.
-- $1 event_id: uuid
-- $2 mailing_id: uuid
-- $3 actor: text
-- $4 filter: jsonb or null
-- $5 query: text
-- $6 texts: jsonb
-- $7 attendee_id: uuid[]
-- row attendee: $7
with made as (
  insert into mailing (event_id, mailing_id, actor, filter, query, texts, chosen)
  values ($1, $2, $3, $4, $5, $6, case when $4::jsonb is null then $7::uuid[] end)
)
insert into audit_entry (organiser_id, event_id, subject_id, actor, action)
select organiser_id, event_id, $2, $3, 'mailing.make' from event where event_id = $1
