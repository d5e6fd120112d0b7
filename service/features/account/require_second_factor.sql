-- An owner of an organiser requires a second factor of everybody who works for it, or does so no
-- more. Forgets everybody concerned in all workers. No row: the account is no owner.
-- $1 account_id: uuid
-- $2 organiser_id: uuid
-- $3 required: boolean
-- outcome: rule_outcome = changed (also when nothing did) |
--   wants_second_factor (the owner does not meet the rule)
-- rows: outcome text, told text
with asked as (
  select organiser_id, requires_second_factor as was,
         case when requires_second_factor and totp_secret is null then 'wants_second_factor'
              else 'changed' end as outcome
    from membership join organiser using (organiser_id) join account using (account_id)
   where organiser_id = $2 and account_id = $1 and role = 'owner' and event_id is null
     for no key update of organiser
), changed as (
  update organiser set requires_second_factor = $3
    from asked
   where organiser.organiser_id = asked.organiser_id and outcome = 'changed'
  returning organiser.organiser_id, was
), noted as (
  insert into audit_entry (organiser_id, subject_id, actor, action, before, after)
  select organiser_id, organiser_id, 'account ' || $1::uuid, 'organiser.second_factor',
         jsonb_build_object('required', was), jsonb_build_object('required', $3::boolean)
    from changed where was <> $3
)
select outcome,
       (select max(pg_notify('einlass', 'caller ' || account_id)::text)
          from changed join membership using (organiser_id)) as told
  from asked
