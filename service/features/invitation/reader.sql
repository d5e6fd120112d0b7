-- Who reads the mail of an invitation.
-- $1 event_id: uuid
-- $2 invitation_id: uuid
-- rows: name text, email text, language text, good_for integer, kept_until text
select name, email, language, good_for,
       (select kept_until_day(until, timezone) from kept_places
         where kept_places.event_id = $1 and not ended and until > now() and most is null) as kept_until
  from invitation join event using (event_id)
 where event_id = $1 and invitation_id = $2
