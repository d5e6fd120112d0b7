-- Notes what became of somebody who was let in without a ticket and without network.
-- $1 event_id: uuid
-- $2 nonce: uuid
-- $3 state: admission_state
-- $4 attendee_id: uuid or null
-- $5 actor: text
-- outcome: admission_settle_outcome = settled (also when it was, in this way) | not_found | already
-- rows: outcome text
with known as (
  select * from noted_admission where event_id = $1 and nonce = $2 for update
), settled as (
  update noted_admission
     set state = $3, attendee_id = $4, settled_at = now(), settled_by = $5
    from known
   where noted_admission.event_id = $1 and noted_admission.nonce = $2 and known.state = 'open'
  returning noted_admission.event_id, noted_admission.nonce
), logged as (
  insert into audit_entry (organiser_id, event_id, registration_id, attendee_id, subject_id, actor,
                           action)
  select organiser_id, event_id,
         (select registration_id from attendee where attendee.event_id = $1 and attendee_id = $4),
         $4, nonce, $5,
         case $3 when 'matched' then 'admission.match'
                 when 'walk_in' then 'admission.walk_in'
                 else 'admission.dismiss' end
    from settled join event using (event_id)
)
select case when known.nonce is null then 'not_found'
            when known.state = 'open' or (known.state, known.attendee_id) is not distinct from ($3, $4)
              then 'settled'
            else 'already' end as outcome
  from (select) as one left join known on true
