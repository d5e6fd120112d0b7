-- Counts the messages of an event that somebody should look at, each up to $2.
-- $1 event_id: uuid
-- $2 most: bigint
-- rows: failed bigint, bounced bigint, held bigint
select (select count(*) from (select from message where event_id = $1 and state = 'failed' limit $2) as one)
         as failed,
       (select count(*) from (select from message where event_id = $1 and state = 'bounced' limit $2) as one)
         as bounced,
       (select count(*) from (select from message where event_id = $1 and state = 'held' limit $2) as one)
         as held
