-- Gives an invitation the link of the letter that is being sent. No row: it was taken back or accepted.
-- $1 invitation_id: uuid
-- $2 hash: bytea
-- $3 hours: integer
-- rows: invitation_id uuid
update team_invitation
   set hash = $2, expires_at = now() + make_interval(hours => $3)
 where invitation_id = $1 and is_mailed
returning invitation_id
