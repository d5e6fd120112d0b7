-- Gives or withdraws a consent of a registration, after lock_tally. The history stays: each entry
-- of registration.consents has its text's version, the time it was given, and the time it was
-- withdrawn. Agreement counts for the text that the event has now. The audit log gets an entry.
-- $1 event_id: uuid
-- $2 registration_id: uuid
-- $3 consent: text
-- $4 version: integer
-- $5 given: boolean
-- $6 actor: text
-- outcome: change_outcome = changed (also when nothing did) | consent_outdated (not this version) |
--   history_full | erased | not_found
-- rows: outcome text
with found as (
  select registration.event_id, organiser_id, consents, erased_at,
         (select (offered ->> 'version')::integer
            from event_version, jsonb_array_elements(definition -> 'consents') as offered
           where event_version.event_id = $1 and event_version.version = event.version
             and offered ->> 'slug' = $3::text) as newest,
         exists (select from jsonb_array_elements(consents) as agreed
                  where agreed ->> 'slug' = $3 and agreed ->> 'withdrawn_at' is null
                    and (not $5::boolean or agreed -> 'version' = to_jsonb($4::integer))) as is_given
    from registration join event using (event_id)
   where registration.event_id = $1 and registration_id = $2
), decided as (
  select *,
         case when erased_at is not null then 'erased'
              when $5 and newest is distinct from $4 then 'consent_outdated'
              when is_given = $5 then 'changed'
              when $5 and jsonb_array_length(consents) >= 100 then 'history_full'
              else 'changed' end as outcome
    from found
), differs as (
  select * from decided where outcome = 'changed' and is_given <> $5
), written as (
  update registration
     set consents =
           case when $5 then
             registration.consents || jsonb_build_array(jsonb_build_object(
               'slug', $3::text, 'version', $4::integer, 'given_at', utc_text(now())))
           else (
             select jsonb_agg(
                      case when agreed ->> 'slug' = $3 and agreed ->> 'withdrawn_at' is null
                        then agreed || jsonb_build_object('withdrawn_at', utc_text(now()))
                        else agreed end order by place)
               from jsonb_array_elements(registration.consents) with ordinality
                 as list (agreed, place)) end,
         changed_at = now(), version = registration.version + 1
    from differs
   where registration.event_id = $1 and registration_id = $2
), logged as (
  insert into audit_entry (organiser_id, event_id, registration_id, actor, action, before, after,
                           detail)
  select organiser_id, event_id, $2, $6, 'registration.consent',
         jsonb_build_object('consents.' || $3, not $5::boolean),
         jsonb_build_object('consents.' || $3, $5::boolean),
         jsonb_build_object('version', $4::integer)
    from differs
)
select coalesce((select outcome from decided), 'not_found') as outcome
