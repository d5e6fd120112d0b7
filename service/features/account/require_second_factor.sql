-- An owner of an organiser requires a second factor of everybody who works for it, or does so no
-- more. Forgets everybody concerned in all workers. No row: the account is no owner.
-- $1 account_id: uuid
-- $2 organiser_id: uuid
-- $3 required: boolean
-- rows: told text
with changed as (
  update organiser set requires_second_factor = $3
    from (select organiser_id, requires_second_factor as was from organiser
           where organiser_id = $2 for update) as former
   where organiser.organiser_id = former.organiser_id
     and exists (select from membership
                  where membership.organiser_id = $2 and account_id = $1 and role = 'owner'
                    and event_id is null)
  returning organiser.organiser_id, was
), noted as (
  insert into audit_entry (organiser_id, subject_id, actor, action, before, after)
  select organiser_id, organiser_id, 'account ' || $1::uuid, 'organiser.second_factor',
         jsonb_build_object('required', was), jsonb_build_object('required', $3::boolean)
    from changed where was <> $3
)
select max(pg_notify('einlass', 'caller ' || account_id)::text) as told
  from changed join membership using (organiser_id)
having count(*) > 0
