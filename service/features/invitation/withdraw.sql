-- Takes an invitation back, after lock_tally.
-- $1 event_id: uuid
-- $2 invitation_id: uuid
-- $3 actor: text
-- rows: is_known boolean
select withdraw_invitation($1, $2, $3) as is_known
