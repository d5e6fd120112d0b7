-- Keeps places for the invited until the end of a day, or no more (null), after lock_tally.
-- $1 event_id: uuid
-- $2 most: integer or null
-- $3 day: text or null
-- $4 actor: text
-- outcome: keep_outcome = kept | ended | past (the day is over)
-- rows: outcome text
select keep_places($1, $2, $3, $4) as outcome
