-- Events with kept places: all, or those whose time is over.
-- $1 all_of_them: boolean
-- $2 most: bigint
-- rows: event_id uuid
select event_id from kept_places where not ended and ($1 or until <= now()) limit $2
