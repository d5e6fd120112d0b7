-- A page of the invitations of an event, by name, and how many each state has. Every word must be in
-- the name or the address; words are folded. Times are local to $7. There is one row without an invitation if the
-- page is empty.
-- $1 event_id: uuid
-- $2 state: text or null
-- $3 word: text[]
-- $4 invitation_id: uuid or null
-- $5 first: bigint
-- $6 most: bigint
-- $7 timezone: text
-- row searched: $3
-- state: invitee_state = not_sent | sending | no_answer | bounced | said_no | registered | cancelled |
--   came | withdrawn
-- rows: counts text, found bigint, invitation_id uuid, name text, email text, language text,
--   ticket_type text, good_for integer, state text, registrations integer, attendee_id uuid,
--   added_local text, added_by text, invited_at timestamp with time zone, invited_local text,
--   invited_by text, mails integer, last_mail_local text,
--   mail_state message_state, code integer, words text, declined_local text, word text,
--   may_be_reminded boolean
with line as materialized (
  select * from invitations_of($1, $4)
), matching as (
  select * from line
   where ($2::text is null or state = $2 or $2 = 'no_answer' and state = 'sending')
     and not exists (select from unnest($3::text[]) as word where strpos((invitation).search, word) = 0)
), page as (
  select * from matching
   order by coalesce(nullif((invitation).name, ''), (invitation).email), (invitation).invitation_id
  offset $5 limit $6
)
select (select coalesce(json_object_agg(state, count), '{}')
          from (select state, count(*) as count from line group by state) as by_state)::text as counts,
       (select count(*) from matching) as found,
       (invitation).invitation_id, (invitation).name, (invitation).email, (invitation).language,
       (invitation).ticket_type, (invitation).good_for, state, registrations,
       coalesce(page.attendee_id, (
         select attendee.attendee_id from attendee
          where attendee.event_id = $1 and attendee.registration_id = page.registration_id
          order by position limit 1)) as attendee_id,
       local_minute((invitation).created_at, $7) as added_local,
       actor_name(organiser_id, $1, (invitation).actor) as added_by, invited_at,
       local_minute(invited_at, $7) as invited_local,
       actor_name(organiser_id, $1, invited_by) as invited_by, mails,
       local_minute(last_mail_at, $7) as last_mail_local, mail_state, code, words,
       local_minute((invitation).declined_at, $7) as declined_local, (invitation).word,
       coalesce(state = 'no_answer' and mail_state = 'sent'
                and last_mail_at < now() - interval '24 hours', false) as may_be_reminded
  from event left join page on true
 where event.event_id = $1
 order by coalesce(nullif((invitation).name, ''), (invitation).email), (invitation).invitation_id
