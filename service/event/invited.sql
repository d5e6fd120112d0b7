-- An invitation with what became of it.
-- $1 event_id: uuid
-- $2 invitation_id: uuid
-- state: invitee_state = not_sent | sending | no_answer | bounced | said_no | registered | cancelled |
--   came | withdrawn
-- rows: name text, email text, language text, ticket_type text, state text, good_for integer,
--   left_over integer, has_registration boolean, is_withdrawn boolean, has_kept_place boolean, word text
select (invitation).name, (invitation).email, (invitation).language, (invitation).ticket_type, state,
       (invitation).good_for, left_over, registration_id is not null as has_registration,
       (invitation).withdrawn_at is not null as is_withdrawn, kept > 0 as has_kept_place,
       (invitation).word
  from invitations_of($1, $2) as line
  join tally on tally.event_id = $1
