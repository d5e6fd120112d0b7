-- Notes that somebody opened a link that was mailed to the registration's address, and sends what
-- waited for that. It locks the tally of the event.
-- $1 event_id: uuid
-- $2 registration_id: uuid
-- rows: opened boolean
select open_registration($1, $2) as opened
