-- A page of the recipients of a mailing in one state, in the order of registration: waiting, sent, failed,
-- held, not_needed, left_out (cancelled meanwhile) or not_sent.
-- $1 event_id: uuid
-- $2 mailing_id: uuid
-- $3 kind: text
-- The page starts behind this recipient:
-- $4 after: integer
-- $5 after_address: text
-- $6 most: bigint
-- rows: number integer, address text, attendee_id uuid, name text, recipient text,
-- rows: message_id uuid, registration_id uuid, state message_state, code integer, words text
with page as materialized (
  select recipient.*, message.state, code, words
    from mailing_recipient as recipient
    left join message on message.event_id = $1
                     and message.registration_id = recipient.registration_id
                     and message.message_id = recipient.message_id
   where recipient.event_id = $1 and recipient.mailing_id = $2
     and (recipient.number, recipient.address) > ($4, $5)
     and case $3 when 'waiting' then message.state in ('queued', 'sending')
                 when 'not_sent' then message.message_id is null and not left_out
                 when 'left_out' then left_out
                 when 'failed' then message.state in ('failed', 'bounced')
                 when 'not_needed' then message.state = 'obsolete'
                 else message.state::text = $3 end
   order by recipient.number, recipient.address
   limit $6
)
select page.number, address, person.attendee_id, person.name,
       coalesce(reader.email, registration.email) as recipient, message_id, page.registration_id, state,
       code, words
  from page
  join registration on registration.event_id = $1
                   and registration.registration_id = page.registration_id
  left join attendee as reader on reader.event_id = $1 and reader.attendee_id = page.attendee_id
  left join lateral (
    select attendee_id, name from attendee as one
     where one.event_id = $1 and one.registration_id = page.registration_id
       and (page.attendee_id is null or one.attendee_id = page.attendee_id)
     order by position
     limit 1) as person on true
 order by page.number, address
