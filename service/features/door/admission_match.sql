-- Reads somebody who was let in without a ticket, and whether they may be this attendee: one that was
-- erased or is not there is null.
-- $1 event_id: uuid
-- $2 nonce: uuid
-- $3 attendee_id: uuid
-- rows: state admission_state, door text, reason text, admitted_at timestamp with time zone,
--   attendee_id uuid
select noted_admission.state, door, reason, admitted_at, known.attendee_id
  from noted_admission
  left join lateral (
    select attendee.attendee_id
      from attendee join registration using (event_id, registration_id)
     where attendee.event_id = $1 and attendee.attendee_id = $3 and erased_at is null) as known on true
 where event_id = $1 and nonce = $2
