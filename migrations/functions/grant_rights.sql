-- Gives the service's role the rights that its statements need. `einlass migrate` calls it last. The
-- role reads and adds everywhere, changes what may change, and deletes only where a statement does.
-- It owns nothing, so it cannot change the schema, a trigger or a function.
create function grant_rights(service_role text) returns void language plpgsql as $$
declare
  everything text := format('all tables in schema %I', current_schema());
begin
  execute format('revoke all on %s from %I', everything, service_role);
  execute format('grant usage on schema %I to %I', current_schema(), service_role);
  execute format('grant select, insert, update on %s to %I', everything, service_role);
  execute format('revoke update on audit_entry, event_version from %I', service_role);
  execute format('grant update (before, after) on audit_entry to %I', service_role);
  execute format('revoke insert, update on schema_migration, schema_function from %I', service_role);
  execute format('grant delete on attendee_changed, attendee_search, bulk_action, device, event_picture, import, import_line,
    invitation, mailing, mailing_recipient, membership, message, note, recovery_code, session, sign_in_link,
    sign_in_mail, team_invitation, ticket_type to %I', service_role);
end $$;
