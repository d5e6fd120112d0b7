-- Notes that a device let somebody in without a ticket and without network. Safe to send again with the
-- same nonce. The audit log gets no name: nobody could erase it there.
-- $1 event_id: uuid
-- $2 nonce: uuid
-- $3 door: text
-- $4 device_id: uuid
-- $5 name: text
-- $6 search: text
-- $7 reason: text
-- $8 admitted_at: timestamp with time zone
-- $9 most: bigint
-- $10 actor: text
-- outcome: admission_note_outcome = noted (also when it was) | too_many
-- rows: outcome text
with room as (
  select count(*) < $9 as is_free
    from (select from noted_admission where event_id = $1 and state = 'open' limit $9) as open
), added as (
  insert into noted_admission (event_id, nonce, door, device_id, name, search, reason, admitted_at)
  select $1, $2, $3, $4, $5, $6, $7, $8 from room where is_free
  on conflict do nothing
  returning event_id
), logged as (
  insert into audit_entry (organiser_id, event_id, subject_id, actor, action, detail)
  select organiser_id, event_id, $2, $10, 'admission.note', jsonb_build_object('door', $3::text)
    from added join event using (event_id)
)
select case when is_free or exists (select from noted_admission where event_id = $1 and nonce = $2)
            then 'noted' else 'too_many' end as outcome
  from room
