-- Lists revoked tickets behind a number, in the order in which they were revoked. A number that the
-- event has not reached, as after a restore of the database, counts as 0.
-- $1 event_id: uuid
-- $2 since: integer
-- $3 most: bigint
-- state: revoked_state = replaced | cancelled
-- rows: number integer, ticket_id uuid, state text
select number, ticket_id, state
  from tally join revoked_ticket using (event_id)
 where event_id = $1 and number > case when $2 > tally.revoked then 0 else $2 end
 order by number
 limit $3
