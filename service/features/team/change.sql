-- Gives a member another role, or removes the member.
-- $1 organiser_id: uuid[]
-- $2 event_id: uuid[] or null
-- $3 membership_id: uuid
-- $4 becomes: role or null
-- $5 actor: text
-- row own: $1 to $2
-- outcome: member_outcome = changed (also when nothing did) | removed | last_owner | not_found
-- rows: outcome text
select change_member($1, $2, $3, $4, $5) as outcome
