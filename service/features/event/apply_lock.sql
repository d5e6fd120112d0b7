-- Takes the row that decides about an event's places before its file is compared with them.
-- $1 slug: text
select from tally where event_id = (select event_id from event where slug = $1) for no key update
